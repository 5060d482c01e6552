"""What the sandbox sends is what the SDK's webhook parser takes."""

import pytest
from livechat.webhooks import v36
from livechat.webhooks.parser import parse_webhook
from receiver import Receiver
from sandbox import ok

SECRET_KEY = "the key of another receiver"
CHAT_ACTIONS = [
    "incoming_chat", "incoming_event", "incoming_rich_message_postback", "chat_deactivated",
    "chat_access_updated", "chat_transferred", "user_added_to_chat", "user_removed_from_chat",
    "chat_properties_updated", "chat_properties_deleted", "thread_properties_updated",
    "thread_properties_deleted", "event_properties_updated", "event_properties_deleted",
    "thread_tagged", "thread_untagged", "events_marked_as_seen", "customer_session_fields_updated",
]
ACCOUNT_ACTIONS = [
    "bot_created", "bot_updated", "bot_deleted", "group_created", "group_updated", "group_deleted",
    "tag_created", "tag_updated", "tag_deleted",
]


@pytest.fixture(scope="module")
def receiver(sandbox, configuration):
    with Receiver.open() as receiver:
        for action in [*CHAT_ACTIONS, *ACCOUNT_ACTIONS, "routing_status_set"]:
            wants = ["chat_properties", "chat_presence_user_ids"] if action in CHAT_ACTIONS else None
            ok(configuration.register_webhook(
                action=action, url=receiver.url, secret_key=SECRET_KEY, type="license",
                owner_client_id=sandbox.at["client_id"], additional_data=wants))
        yield receiver


@pytest.fixture(scope="module")
def busy_chat(sandbox, agent, receiver) -> dict:
    """A chat in which everything happened that the webhooks tell of."""
    customer = sandbox.customer()
    started = customer.start_chat("Hello")
    chat_id, thread_id = started["chat_id"], started["thread_id"]
    ids = {"chat_id": chat_id, "thread_id": thread_id}
    event_id = customer.say(chat_id, "Anybody there?")
    properties, names = {"test": {"int_property": 7}}, {"test": ["int_property"]}
    ok(agent.update_chat_properties(id=chat_id, properties=properties))
    ok(agent.delete_chat_properties(id=chat_id, properties=names))
    ok(agent.update_thread_properties(**ids, properties=properties))
    ok(agent.delete_thread_properties(**ids, properties=names))
    ok(agent.update_event_properties(**ids, event_id=event_id, properties=properties))
    ok(agent.delete_event_properties(**ids, event_id=event_id, properties=names))
    ok(agent.tag_thread(**ids, tag="sales"))
    ok(agent.untag_thread(**ids, tag="sales"))
    ok(agent.mark_events_as_seen(chat_id=chat_id, seen_up_to="2030-01-01T00:00:00.000000Z"))
    ok(customer.client.update_customer(session_fields=[{"size": "XL"}]))
    question_id = ok(agent.send_event(chat_id=chat_id, event={
        "type": "rich_message", "template_id": "quick_replies",
        "elements": [{"title": "Thin?", "buttons": [{"text": "Yes", "postback_id": "yes", "user_ids": []}]}],
    }))["event_id"]
    ok(customer.client.send_rich_message_postback(
        **ids, event_id=question_id, postback={"id": "yes", "toggled": True}))
    user = {"chat_id": chat_id, "user_id": "oscar@example.com", "user_type": "agent"}
    ok(agent.transfer_chat(
        id=chat_id, target={"type": "group", "ids": [1]}, ignore_agents_availability=True))
    ok(agent.add_user_to_chat(**user, visibility="agents", ignore_requester_presence=True))
    ok(agent.remove_user_from_chat(**user, ignore_requester_presence=True))
    ok(customer.client.deactivate_chat(id=chat_id))
    return {**ids, "event_id": event_id, "question_id": question_id, "customer_id": customer.id}


def of_chat(receiver, action: str, chat_id: str) -> dict:
    """The first webhook of that action that names the chat, wherever the action puts its id."""
    def fits(body: dict) -> bool:
        payload = body["payload"]
        named = [payload.get("chat_id"), payload.get("chat", {}).get("id"),
                 payload.get("active_chat", {}).get("chat_id"), payload.get("id")]
        return body["action"] == action and chat_id in named

    return receiver.wait_for(fits)


@pytest.mark.parametrize("action", CHAT_ACTIONS)
def test_the_parser_takes_every_webhook_of_a_chat(action, receiver, busy_chat, sandbox):
    body = of_chat(receiver, action, busy_chat["chat_id"])
    webhook = parse_webhook(body, version="3.6")
    assert (webhook.action, webhook.secret_key) == (action, SECRET_KEY)
    assert webhook.organization_id == sandbox.at["organization_id"]
    assert set(webhook.additional_data) == {"chat_properties", "chat_presence_user_ids"}
    assert type(webhook.payload) is v36.action_to_data_class_mapping_v_36[action]


def parsed(receiver, action: str, busy_chat: dict):
    return parse_webhook(of_chat(receiver, action, busy_chat["chat_id"]), version="3.6").payload


def test_the_payloads_say_what_happened(receiver, busy_chat, sandbox):
    ids = {name: busy_chat[name] for name in ("chat_id", "thread_id")}

    def told(action: str) -> dict:
        return vars(parsed(receiver, action, busy_chat))

    chat = told("incoming_chat")["chat"]
    assert (chat["id"], chat["thread"]["id"]) == (ids["chat_id"], ids["thread_id"])
    assert [event["text"] for event in chat["thread"]["events"]] == ["Hello"]
    event = told("incoming_event")["event"]
    assert (event["id"], event["text"]) == (busy_chat["event_id"], "Anybody there?")
    assert event["author_id"] == busy_chat["customer_id"]
    assert told("chat_deactivated") == {**ids, "user_id": busy_chat["customer_id"]}
    assert told("chat_access_updated") == {"id": ids["chat_id"], "access": {"group_ids": [1]}}
    properties = {"test": {"int_property": 7}}
    assert told("chat_properties_updated") == {"chat_id": ids["chat_id"], "properties": properties}
    assert told("thread_properties_updated") == {**ids, "properties": properties}
    assert told("event_properties_deleted") == {
        **ids, "event_id": busy_chat["event_id"], "properties": {"test": ["int_property"]}}
    assert told("thread_tagged") == {**ids, "tag": "sales"}
    assert told("events_marked_as_seen") == {
        "user_id": sandbox.at["agent_id"], "chat_id": ids["chat_id"],
        "seen_up_to": "2030-01-01T00:00:00.000000Z"}
    assert told("customer_session_fields_updated") == {
        "id": busy_chat["customer_id"], "active_chat": ids, "session_fields": [{"size": "XL"}]}
    assert told("incoming_rich_message_postback") == {
        **ids, "user_id": busy_chat["customer_id"], "event_id": busy_chat["question_id"],
        "postback": {"id": "yes", "toggled": True}}
    transferred = told("chat_transferred")
    assert (transferred["reason"], transferred["transferred_to"]["group_ids"]) == ("manual", [1])
    assert told("user_added_to_chat")["reason"] == "manual"


def test_a_status_is_told_with_spaces(receiver, sandbox, agent):
    agent_id = sandbox.at["agent_id"]
    ok(agent.set_routing_status(status="not_accepting_chats"))
    ok(agent.set_routing_status(status="accepting_chats"))
    for status in ("not accepting chats", "accepting chats"):
        body = receiver.wait_for(lambda body: body["payload"].get("status") == status)
        payload = parse_webhook(body, version="3.6").payload
        assert payload == v36.RoutingStatusSet(agent_id=agent_id, status=status)


def test_the_parser_takes_webhooks_of_the_account_but_for_their_requester(
        receiver, sandbox, configuration):
    bot_id = ok(configuration.create_bot(
        name="Passing Bot", owner_client_id=sandbox.at["client_id"], avatar="https://example.com/bot.png",
        job_title="Passer-by"))["id"]
    ok(configuration.update_bot(id=bot_id, name="Renamed Bot", avatar="https://example.com/new.png"))
    ok(configuration.delete_bot(id=bot_id))
    group_id = ok(configuration.create_group(name="Bakers", agent_priorities={}))["id"]
    ok(configuration.update_group(id=group_id, name="Cooks"))
    ok(configuration.delete_group(id=group_id))
    ok(configuration.create_tag(name="crust", group_ids=[0]))
    ok(configuration.update_tag(name="crust", group_ids=[1]))
    ok(configuration.delete_tag(name="crust"))
    for action in ACCOUNT_ACTIONS:
        body = receiver.wait_for(lambda body: body["action"] == action)
        # The platform has told who did it since 3.6; version 0.4.2 of the SDK does not know that field.
        with pytest.raises(ValueError):
            parse_webhook(dict(body), version="3.6")
        requester = body.pop("requester")
        assert (requester["user_id"], requester["account_id"]) == (
            sandbox.at["agent_id"], sandbox.at["account_id"])
        payload = parse_webhook(body, version="3.6").payload
        assert type(payload) is v36.action_to_data_class_mapping_v_36[action]
