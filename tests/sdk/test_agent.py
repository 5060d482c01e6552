"""The Agent Chat API: what an agent does, read back by somebody else."""

import pytest
from sandbox import Customer, ok

OSCAR = "oscar@example.com"
QUESTION = {
    "type": "rich_message", "template_id": "quick_replies",
    "elements": [{"title": "Thin?", "buttons": [{"text": "Yes", "postback_id": "yes", "user_ids": []}]}],
}


@pytest.fixture(scope="module")
def bot(sandbox, configuration, agent):
    """A bot that is told what to do by the tests: the SDK's agent client with a bot token."""
    made = ok(configuration.create_bot(
        name="Robin", owner_client_id=sandbox.at["client_id"], groups=[{"id": 0, "priority": "supervisor"}]))
    client = sandbox.agent(sandbox.bot_token(made))
    ok(client.set_routing_status(status="not_accepting_chats", agent_id=made["id"]))
    client.id = made["id"]
    return client


@pytest.fixture
def chat(customer) -> dict:
    """The ids of a customer's chat, as most calls want them."""
    started = customer.start_chat("Hello")
    return {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}


def users(client, chat: dict) -> dict[str, dict]:
    return {user["id"]: user for user in ok(client.get_chat(chat_id=chat["chat_id"]))["users"]}


def thread(client, chat: dict) -> dict:
    return ok(client.get_chat(**chat))["thread"]


def test_an_agents_oauth_token_is_taken_too(sandbox, chat):
    agent = sandbox.agent(f"Bearer {sandbox.at['agent_token']}")
    assert thread(agent, chat)["events"][0]["text"] == "Hello"


def test_a_chat_looks_the_same_to_everybody_who_may_see_it(agent, bot, customer, chat):
    seen, seen_by_bot = thread(agent, chat), thread(bot, chat)
    assert (seen["id"], seen["active"]) == (chat["thread_id"], True)
    assert seen == seen_by_bot
    [event] = seen["events"]
    assert (event["text"], event["author_id"], event["visibility"]) == ("Hello", customer.id, "all")
    assert "visibility" not in customer.events(chat["chat_id"])[0], "customers know no visibility"


def test_an_agent_starts_a_chat_with_a_customer(sandbox, agent, customer):
    started = ok(agent.start_chat(
        chat={"users": [{"id": customer.id, "type": "customer"}],
              "properties": {"test": {"string_property": "called"}},
              "thread": {"events": [{"type": "message", "text": "Hello there"}]}},
        active=True, continuous=True))
    assert len(started["event_ids"]) == 1
    chat = ok(customer.client.get_chat(chat_id=started["chat_id"]))
    assert chat["thread"]["id"] == started["thread_id"]
    assert [event["text"] for event in chat["thread"]["events"]] == ["Hello there"]
    assert chat["properties"]["test"] == {"string_property": "called"}
    assert chat["properties"]["routing"]["continuous"] is True


def test_a_chat_is_closed_and_resumed(agent, customer, chat):
    ok(agent.deactivate_chat(id=chat["chat_id"]))
    closed = ok(customer.client.get_chat(chat_id=chat["chat_id"]))["thread"]
    assert (closed["id"], closed["active"]) == (chat["thread_id"], False)
    assert closed["events"][-1]["system_message_type"] == "manual_archived_agent"

    events = [{"type": "message", "text": "One more thing"}]
    resumed = ok(agent.resume_chat(chat={"id": chat["chat_id"], "thread": {"events": events}}))
    opened = ok(customer.client.get_chat(chat_id=chat["chat_id"]))["thread"]
    assert (opened["id"], opened["active"]) == (resumed["thread_id"], True)
    assert opened["previous_thread_id"] == chat["thread_id"]
    assert [event["id"] for event in opened["events"]] == resumed["event_ids"]

    threads = ok(agent.list_threads(chat_id=chat["chat_id"], sort_order="asc", limit=2))
    assert [thread["id"] for thread in threads["threads"]] == [chat["thread_id"], resumed["thread_id"]]
    assert threads["found_threads"] == 2
    archives = ok(agent.list_archives(filters={"chat_ids": [chat["chat_id"]]}, limit=1))
    assert [found["thread"]["id"] for found in archives["chats"]] == [resumed["thread_id"]], "the newest is first"
    archives = ok(agent.list_archives(page_id=archives["next_page_id"]))
    assert [found["thread"]["id"] for found in archives["chats"]] == [chat["thread_id"]]
    page = ok(agent.list_threads(chat_id=chat["chat_id"], limit=1))
    assert [thread["id"] for thread in page["threads"]] == [resumed["thread_id"]]
    page = ok(agent.list_threads(chat_id=chat["chat_id"], page_id=page["next_page_id"]))
    assert [thread["id"] for thread in page["threads"]] == [chat["thread_id"]]


def test_chats_are_listed_by_filters_and_pages(sandbox, agent):
    chats = [sandbox.customer().start_chat("Hello")["chat_id"] for _ in range(3)]
    for chat_id in chats:
        ok(agent.update_chat_properties(id=chat_id, properties={"test": {"string_property": "listed"}}))
    ok(agent.deactivate_chat(id=chats[0]))
    filters = {"properties": {"test": {"string_property": {"values": ["listed"]}}}}
    found, page = [], ok(agent.list_chats(filters=filters, sort_order="asc", limit=2))
    assert page["found_chats"] == 3
    while page:
        found += [chat["id"] for chat in page["chats_summary"]]
        page = ok(agent.list_chats(page_id=page["next_page_id"])) if "next_page_id" in page else None
    assert found == chats
    active = ok(agent.list_chats(filters={**filters, "active": True}))["chats_summary"]
    assert [chat["id"] for chat in active] == [chats[2], chats[1]], "the newest is first"
    summary = active[0]["last_event_per_type"]["message"]["event"]
    assert summary["text"] == "Hello"


def test_following_a_chat_shows_in_it_until_it_ends(agent, chat):
    ok(agent.follow_chat(id=chat["chat_id"]))
    assert ok(agent.get_chat(chat_id=chat["chat_id"]))["is_followed"] is True
    ok(agent.unfollow_chat(id=chat["chat_id"]))
    assert ok(agent.get_chat(chat_id=chat["chat_id"]))["is_followed"] is False


def test_a_chat_is_transferred(sandbox, agent, bot, customer, chat):
    candidates = ok(agent.list_agents_for_transfer(chat_id=chat["chat_id"]))
    assert [row["agent_id"] for row in candidates] == [bot.id], "Agnes is inside and Oscar is offline"
    ok(agent.transfer_chat(
        id=chat["chat_id"], target={"type": "group", "ids": [1]}, ignore_agents_availability=True))
    seen = ok(customer.client.get_chat(chat_id=chat["chat_id"]))
    assert seen["access"] == {"group_ids": [1]}
    assert seen["thread"]["events"][-1]["system_message_type"] == "chat_transferred"


def test_a_bot_joins_whispers_and_leaves(agent, bot, customer, chat):
    ids = {"chat_id": chat["chat_id"], "user_id": bot.id, "user_type": "agent"}
    ok(bot.add_user_to_chat(**ids, visibility="agents", ignore_requester_presence=True))
    joined = users(agent, chat)[bot.id]
    assert (joined["present"], joined["visibility"], joined["type"]) == (True, "agents", "agent")
    event_id = ok(bot.send_event(chat_id=chat["chat_id"], event={
        "type": "message", "text": "Psst", "visibility": "agents", "custom_id": "psst-1"}))["event_id"]
    ok(bot.remove_user_from_chat(**ids))
    assert users(agent, chat)[bot.id]["present"] is False
    events = {event["id"]: event for event in thread(agent, chat)["events"]}
    whisper = events[event_id]
    assert (whisper["author_id"], whisper["custom_id"], whisper["visibility"]) == (bot.id, "psst-1", "agents")
    assert customer.texts(chat["chat_id"]) == ["Hello"]


def test_an_agent_adds_and_removes_another_one(agent, chat):
    ids = {"chat_id": chat["chat_id"], "user_id": OSCAR, "user_type": "agent"}
    ok(agent.add_user_to_chat(**ids, visibility="agents"))
    assert users(agent, chat)[OSCAR]["present"] is True
    ok(agent.remove_user_from_chat(**ids))
    assert users(agent, chat)[OSCAR]["present"] is False


@pytest.mark.parametrize("event", [
    {"type": "message", "text": "Good morning"},
    QUESTION,
    {"type": "file", "url": "https://cdn.livechat-files.com/api/file/menu.pdf"},
    {"type": "custom", "content": {"oven": {"degrees": 300}}},
    {"type": "system_message", "system_message_type": "oven", "text": "The oven is hot"},
], ids=lambda event: event["type"])
def test_every_type_of_event_reaches_the_customer(event, agent, customer, chat):
    event_id = ok(agent.send_event(chat_id=chat["chat_id"], event=event))["event_id"]
    last = customer.events(chat["chat_id"])[-1]
    assert last["id"] == event_id
    assert event.items() <= last.items()


def test_a_pressed_button_shows_who_pressed_it(sandbox, agent, customer, chat):
    event_id = ok(agent.send_event(chat_id=chat["chat_id"], event=QUESTION))["event_id"]
    ok(agent.send_rich_message_postback(
        **chat, event_id=event_id, postback={"id": "yes", "toggled": True}))
    button = customer.events(chat["chat_id"])[-1]["elements"][0]["buttons"][0]
    assert button["user_ids"] == [sandbox.at["agent_id"]]


def test_properties_of_chats_threads_and_events_are_merged_and_deleted(agent, customer, chat):
    places = [
        ({"id": chat["chat_id"]}, agent.update_chat_properties, agent.delete_chat_properties,
         lambda seen: seen["properties"]),
        (chat, agent.update_thread_properties, agent.delete_thread_properties,
         lambda seen: seen["thread"]["properties"]),
        ({**chat, "event_id": f"{chat['thread_id']}_1"},
         agent.update_event_properties, agent.delete_event_properties,
         lambda seen: seen["thread"]["events"][0]["properties"]),
    ]
    for ids, update, delete, place in places:
        def seen() -> dict:
            return place(ok(customer.client.get_chat(chat_id=chat["chat_id"]))).get("test", {})

        ok(update(**ids, properties={"test": {"int_property": 7}}))
        ok(update(**ids, properties={"test": {"bool_property": True}}))
        assert seen() == {"int_property": 7, "bool_property": True}
        ok(delete(**ids, properties={"test": ["int_property"]}))
        assert seen() == {"bool_property": True}


def test_a_thread_is_tagged_and_untagged(agent, bot, chat):
    ok(agent.tag_thread(**chat, tag="sales"))
    assert thread(bot, chat)["tags"] == ["sales"]
    ok(agent.untag_thread(**chat, tag="sales"))
    assert "tags" not in thread(bot, chat)


def test_agents_and_customers_change_the_same_profile(agent, bot, customer: Customer, chat):
    ok(agent.update_customer(
        id=customer.id, name="Thomas", email="thomas@example.com", avatar="https://example.com/t.png",
        session_fields=[{"size": "XL"}, {"cheese": "extra"}]))
    profile = {
        "name": "Thomas", "email": "thomas@example.com", "avatar": "https://example.com/t.png",
        "session_fields": [{"size": "XL"}, {"cheese": "extra"}]}
    assert profile.items() <= ok(customer.client.get_customer()).items()
    seen = ok(bot.get_customer(id=customer.id))
    assert profile.items() <= seen.items()
    assert seen["chat_ids"] == [chat["chat_id"]]
    assert ok(agent.get_customer(id=customer.id)) == seen


def test_routing_statuses_are_set_and_listed(sandbox, agent, bot):
    ok(agent.set_routing_status(status="not_accepting_chats"))
    ok(agent.set_routing_status(status="accepting_chats", agent_id=bot.id))
    assert {row["agent_id"]: row["status"] for row in ok(agent.list_routing_statuses())} == {
        sandbox.at["agent_id"]: "not_accepting_chats", OSCAR: "offline", bot.id: "accepting_chats"}
    ok(agent.set_routing_status(status="accepting_chats"))
    ok(bot.set_routing_status(status="not_accepting_chats", agent_id=bot.id))
    of_sales = ok(agent.list_routing_statuses(filters={"group_ids": [1]}))
    assert {row["agent_id"] for row in of_sales} == {sandbox.at["agent_id"], OSCAR}


def test_what_was_seen_shows_in_the_chat(sandbox, agent, bot, chat):
    ok(agent.mark_events_as_seen(chat_id=chat["chat_id"], seen_up_to="2030-01-02T03:04:05.000000Z"))
    seen = users(bot, chat)[sandbox.at["agent_id"]]["events_seen_up_to"]
    assert seen == "2030-01-02T03:04:05.000000Z"


def test_typing_is_taken_from_somebody_inside(sandbox, agent, chat):
    ok(agent.send_typing_indicator(chat_id=chat["chat_id"], is_typing=True, visibility="agents"))
    assert sandbox.calls(sandbox.at["agent_id"], chat["chat_id"])[-1] == "send_typing_indicator"
