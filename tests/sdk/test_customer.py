"""The Customer Chat API and the customers' tokens, read back by the agent."""

import httpx
import pytest
from sandbox import WATCHDOG, ok


@pytest.fixture
def chat(customer) -> dict:
    started = customer.start_chat("Hello")
    return {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}


def last_event(agent, chat: dict) -> dict:
    return ok(agent.get_chat(chat_id=chat["chat_id"]))["thread"]["events"][-1]


def test_a_browser_stays_the_same_customer_by_its_cookies(sandbox):
    request = {
        "grant_type": "cookie", "client_id": sandbox.token_facts()["client_id"], "response_type": "token",
        "organization_id": sandbox.at["organization_id"], "redirect_uri": "https://shop.example.com"}
    with httpx.Client(verify=sandbox.trust, trust_env=False, timeout=WATCHDOG) as browser:
        url = f"{sandbox.at['accounts_url']}/v2/customer/token"
        first, second = (ok(browser.post(url, json=request)) for _ in range(2))
    assert first["entity_id"] == second["entity_id"]
    assert first["access_token"] != second["access_token"]
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 28800)
    customer = sandbox.customer_client(f"Bearer {second['access_token']}")
    assert ok(customer.get_customer())["id"] == first["entity_id"]


def test_a_customer_comes_back_by_the_agents_grant(sandbox, customer, chat):
    again = sandbox.customer(customer.id)
    assert again.id == customer.id
    assert again.texts(chat["chat_id"]) == ["Hello"]


def test_a_customer_starts_a_chat_and_a_person_gets_it(sandbox, agent, customer):
    started = ok(customer.client.start_chat(
        chat={"properties": {"test": {"string_property": "hungry"}},
              "thread": {"events": [{"type": "message", "text": "Hello", "custom_id": "mine-1"}],
                         "properties": {"test": {"int_property": 2}}}},
        active=True, continuous=True))
    chat = ok(agent.get_chat(chat_id=started["chat_id"]))
    assert chat["thread"]["id"] == started["thread_id"]
    assert [event["id"] for event in chat["thread"]["events"]] == started["event_ids"]
    assert chat["thread"]["events"][0]["custom_id"] == "mine-1"
    assert chat["properties"]["test"] == {"string_property": "hungry"}
    assert chat["thread"]["properties"]["test"] == {"int_property": 2}
    assert {user["id"] for user in chat["users"] if user["present"]} == {customer.id, sandbox.at["agent_id"]}


def test_customers_do_not_learn_who_the_agents_are(sandbox, customer, chat):
    [person] = [user for user in ok(customer.client.get_chat(**chat))["users"] if user["type"] == "agent"]
    assert (person["name"], person["present"]) == ("Agnes", True)
    assert len(person["id"]) == 32
    assert person["id"] != sandbox.at["agent_id"]
    assert "email" not in person


def test_a_customer_writes_into_the_chat(agent, customer, chat):
    event_id = ok(customer.client.send_event(
        chat_id=chat["chat_id"], event={"type": "message", "text": "Anybody there?"}))["event_id"]
    event = last_event(agent, chat)
    assert (event["id"], event["text"], event["author_id"]) == (event_id, "Anybody there?", customer.id)


def test_a_customer_closes_and_resumes_the_chat(agent, customer, chat):
    ok(customer.client.deactivate_chat(id=chat["chat_id"]))
    assert ok(agent.get_chat(chat_id=chat["chat_id"]))["thread"]["active"] is False
    assert last_event(agent, chat)["system_message_type"] == "manual_archived_customer"
    late = ok(customer.client.send_event(
        chat_id=chat["chat_id"], event={"type": "message", "text": "P.S."}, attach_to_last_thread=True))
    assert last_event(agent, chat)["id"] == late["event_id"]

    resumed = ok(customer.client.resume_chat(
        chat={"id": chat["chat_id"], "thread": {"events": [{"type": "message", "text": "Me again"}]}}))
    thread = ok(agent.get_chat(chat_id=chat["chat_id"]))["thread"]
    assert (thread["id"], thread["active"]) == (resumed["thread_id"], True)
    assert [event["text"] for event in thread["events"]] == ["Me again"]

    threads = ok(customer.client.list_threads(chat_id=chat["chat_id"], sort_order="asc"))["threads"]
    assert [thread["id"] for thread in threads] == [chat["thread_id"], resumed["thread_id"]]


def test_a_customer_lists_no_chats_but_their_own(sandbox, customer, chat):
    sandbox.customer().start_chat("Somebody else's")
    listed = ok(customer.client.list_chats(limit=25, sort_order="asc"))
    assert ([row["id"] for row in listed["chats_summary"]], listed["total_chats"]) == ([chat["chat_id"]], 1)
    [row] = listed["chats_summary"]
    assert (row["last_thread_id"], row["active"]) == (chat["thread_id"], True)
    assert row["last_event_per_type"]["message"]["event"]["text"] == "Hello"


def test_a_customer_presses_a_button(agent, customer, chat):
    buttons = [{"text": "Yes", "postback_id": "yes", "user_ids": []}]
    event_id = ok(agent.send_event(chat_id=chat["chat_id"], event={
        "type": "rich_message", "template_id": "cards", "elements": [{"title": "Thin?", "buttons": buttons}],
    }))["event_id"]
    postback = {"id": "yes", "toggled": True}
    ok(customer.client.send_rich_message_postback(**chat, event_id=event_id, postback=postback))
    assert last_event(agent, chat)["elements"][0]["buttons"][0]["user_ids"] == [customer.id]
    ok(customer.client.send_rich_message_postback(
        **chat, event_id=event_id, postback={**postback, "toggled": False}))
    assert last_event(agent, chat)["elements"][0]["buttons"][0]["user_ids"] == []


def test_a_customer_tells_about_themselves(agent, customer):
    profile = {
        "name": "Thomas", "email": "thomas@example.com", "phone_number": "+48123456789",
        "avatar": "https://example.com/t.png", "session_fields": [{"size": "XL"}]}
    ok(customer.client.update_customer(**profile))
    assert profile.items() <= ok(agent.get_customer(id=customer.id)).items()
    assert ok(customer.client.get_customer()) == {"id": customer.id, "type": "customer", **profile}


def test_what_a_customer_has_seen_shows_in_the_chat(agent, customer, chat):
    ok(customer.client.mark_events_as_seen(
        chat_id=chat["chat_id"], seen_up_to="2030-01-02T03:04:05.000000Z"))
    users = {user["id"]: user for user in ok(agent.get_chat(chat_id=chat["chat_id"]))["users"]}
    assert users[customer.id]["events_seen_up_to"] == "2030-01-02T03:04:05.000000Z"


def test_a_sneak_peek_is_taken_and_not_kept(sandbox, agent, customer, chat):
    ok(customer.client.send_sneak_peek(chat_id=chat["chat_id"], sneak_peek_text="I would lik"))
    assert sandbox.calls(customer.id, chat["chat_id"])[-1] == "send_sneak_peek"
    assert last_event(agent, chat)["text"] == "Hello"
