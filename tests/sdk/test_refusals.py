"""One wrong call of each method that the sandbox has: refused with the documented type, and no more."""

import pytest
from sandbox import Customer, refusal

NOBODY = "b7eff798-f8df-4364-8059-649c35c9ed0c"
STRANGER = "asXdesldiAJSq9padj"
NOWHERE = {"chat_id": "PJ0MRSHTDG"}
NO_THREAD = {**NOWHERE, "thread_id": "K600PKZON8"}
NO_EVENT = {**NO_THREAD, "event_id": "K600PKZON8_1"}
WORDS = {"type": "message", "text": "Hello"}
PROPERTIES, NAMES = {"test": {"int_property": 7}}, {"test": ["int_property"]}
PRESSED = {"id": "yes", "toggled": True}
NOT_FOUND, INVALID, FORBIDDEN = (404, "not_found"), (400, "validation"), (403, "authorization")

AGENT = {
    "add_user_to_chat": (
        NOT_FOUND, {**NOWHERE, "user_id": NOBODY, "user_type": "agent", "visibility": "agents"}),
    "deactivate_chat": (NOT_FOUND, {"id": "PJ0MRSHTDG"}),
    "delete_chat_properties": (NOT_FOUND, {"id": "PJ0MRSHTDG", "properties": NAMES}),
    "delete_event_properties": (NOT_FOUND, {**NO_EVENT, "properties": NAMES}),
    "delete_thread_properties": (NOT_FOUND, {**NO_THREAD, "properties": NAMES}),
    "follow_chat": (NOT_FOUND, {"id": "PJ0MRSHTDG"}),
    "get_chat": (NOT_FOUND, NOWHERE),
    "get_customer": (NOT_FOUND, {"id": NOBODY}),
    "list_agents_for_transfer": (NOT_FOUND, NOWHERE),
    "list_archives": (INVALID, {"filters": {"from": "yesterday"}}),
    "list_chats": (INVALID, {"limit": 101}),
    "list_routing_statuses": (INVALID, {"filters": {"group_ids": "all"}}),
    "list_threads": (NOT_FOUND, NOWHERE),
    "mark_events_as_seen": (NOT_FOUND, {**NOWHERE, "seen_up_to": "2030-01-02T03:04:05.000000Z"}),
    "remove_user_from_chat": (NOT_FOUND, {**NOWHERE, "user_id": NOBODY, "user_type": "agent"}),
    "resume_chat": (NOT_FOUND, {"chat": {"id": "PJ0MRSHTDG"}}),
    "send_event": (NOT_FOUND, {**NOWHERE, "event": WORDS}),
    "send_rich_message_postback": (NOT_FOUND, {**NO_EVENT, "postback": PRESSED}),
    "send_typing_indicator": (NOT_FOUND, {**NOWHERE, "is_typing": True}),
    "set_routing_status": (INVALID, {"status": "having lunch"}),
    "start_chat": (NOT_FOUND, {"chat": {"users": [{"id": NOBODY, "type": "customer"}]}}),
    "tag_thread": (NOT_FOUND, {**NO_THREAD, "tag": "sales"}),
    "transfer_chat": (NOT_FOUND, {"id": "PJ0MRSHTDG"}),
    "unfollow_chat": (NOT_FOUND, {"id": "PJ0MRSHTDG"}),
    "untag_thread": (NOT_FOUND, {**NO_THREAD, "tag": "sales"}),
    "update_chat_properties": (NOT_FOUND, {"id": "PJ0MRSHTDG", "properties": PROPERTIES}),
    "update_customer": (NOT_FOUND, {"id": NOBODY, "name": "Nobody"}),
    "update_event_properties": (NOT_FOUND, {**NO_EVENT, "properties": PROPERTIES}),
    "update_thread_properties": (NOT_FOUND, {**NO_THREAD, "properties": PROPERTIES}),
}

OF_STRANGER = {"owner_client_id": STRANGER}
CONFIGURATION = {
    "batch_create_bots": (INVALID, {}),
    "batch_delete_bots": (INVALID, {}),
    "batch_update_bots": (INVALID, {}),
    "create_bot": (INVALID, {"name": "A personal access token has no client id"}),
    "create_bot_template": (FORBIDDEN, {"name": "Robin", **OF_STRANGER}),
    "create_group": (INVALID, {"name": "x" * 181, "agent_priorities": {}}),
    "create_tag": ((404, "group_not_found"), {"name": "crust", "group_ids": [77]}),
    "delete_bot": (NOT_FOUND, {"id": "5c9871d5372c824cbf22d860a707a578"}),
    "delete_bot_template": (FORBIDDEN, {"id": "5c9871d5372c824cbf22d860a707a578", **OF_STRANGER}),
    "delete_group": (NOT_FOUND, {"id": 77}),
    "delete_tag": (NOT_FOUND, {"name": "crust"}),
    "disable_license_webhooks": (FORBIDDEN, OF_STRANGER),
    "enable_license_webhooks": (FORBIDDEN, OF_STRANGER),
    "get_agent": (NOT_FOUND, {"id": "nobody@example.com"}),
    "get_bot": (NOT_FOUND, {"id": "5c9871d5372c824cbf22d860a707a578"}),
    "get_group": (NOT_FOUND, {"id": 77}),
    "get_license_webhooks_state": (FORBIDDEN, OF_STRANGER),
    "issue_bot_token": (INVALID, {"bot_id": "5c9871d5372c824cbf22d860a707a578"}),
    "list_agents": (INVALID, {"filters": {"group_ids": "all"}}),
    "list_bot_templates": (INVALID, {}),
    "list_bots": (INVALID, {"fields": ["favourite_colour"]}),
    "list_groups": (INVALID, {"fields": ["favourite_colour"]}),
    "list_tags": (INVALID, {"filters": {}}),
    "list_webhook_names": (INVALID, {"version": 3.6}),
    "list_webhooks": (FORBIDDEN, OF_STRANGER),
    "register_webhook": (INVALID, {
        "action": "pizza_delivered", "url": "http://127.0.0.1:9/", "secret_key": "a key", "type": "bot",
        **OF_STRANGER}),
    "reset_bot_secret": (FORBIDDEN, {"id": "5c9871d5372c824cbf22d860a707a578", **OF_STRANGER}),
    "unregister_webhook": (FORBIDDEN, {"id": "pqi8oasdjahuakndw9nsad9na", **OF_STRANGER}),
    "update_bot": (NOT_FOUND, {"id": "5c9871d5372c824cbf22d860a707a578", "name": "Robin"}),
    "update_group": (NOT_FOUND, {"id": 77, "name": "Cooks"}),
    "update_tag": (NOT_FOUND, {"name": "crust", "group_ids": [0]}),
}

CUSTOMER = {
    "deactivate_chat": (NOT_FOUND, {"id": "PJ0MRSHTDG"}),
    "get_chat": (NOT_FOUND, NOWHERE),
    "list_chats": (INVALID, {"limit": 26}),
    "list_threads": (NOT_FOUND, NOWHERE),
    "mark_events_as_seen": (NOT_FOUND, {**NOWHERE, "seen_up_to": "2030-01-02T03:04:05.000000Z"}),
    "resume_chat": (NOT_FOUND, {"chat": {"id": "PJ0MRSHTDG"}}),
    "send_event": (NOT_FOUND, {**NOWHERE, "event": WORDS}),
    "send_rich_message_postback": (NOT_FOUND, {**NO_EVENT, "postback": PRESSED}),
    "send_sneak_peek": (NOT_FOUND, {**NOWHERE, "sneak_peek_text": "I would lik"}),
    "start_chat": ((404, "group_not_found"), {"chat": {"access": {"group_ids": [77]}}}),
    "update_customer": (INVALID, {}),
}

WRONG = {"agent": AGENT, "configuration": CONFIGURATION, "customer": CUSTOMER}


@pytest.fixture
def faces(sandbox, agent, configuration, customer) -> dict:
    return {"agent": agent, "configuration": configuration, "customer": customer.client}


@pytest.mark.parametrize("face, method", [(face, method) for face in WRONG for method in WRONG[face]])
def test_a_wrong_call_is_refused(face, method, faces):
    expected, arguments = WRONG[face][method]
    # Some of these arguments are not what the SDK's method takes: `payload` is sent as it is.
    assert refusal(getattr(faces[face], method)(payload=arguments)) == expected


@pytest.fixture
def chat(customer: Customer) -> dict:
    started = customer.start_chat("Hello")
    return {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}


@pytest.fixture(scope="module")
def bot(sandbox, configuration):
    """The SDK's agent client with the token of a bot in group 1."""
    made = configuration.create_bot(
        name="Robin", owner_client_id=sandbox.at["client_id"], groups=[{"id": 1, "priority": "supervisor"}])
    client = sandbox.agent(sandbox.bot_token(made.json()))
    client.id = made.json()["id"]
    return client


def test_a_bot_outside_the_chat_cannot_speak(bot, chat):
    assert refusal(bot.send_event(chat_id=chat["chat_id"], event=WORDS)) == FORBIDDEN


def test_a_bot_that_is_not_seen_cannot_speak_to_all(bot, chat):
    bot.add_user_to_chat(
        chat_id=chat["chat_id"], user_id=bot.id, user_type="agent", visibility="agents",
        ignore_requester_presence=True)
    assert refusal(bot.send_event(chat_id=chat["chat_id"], event=WORDS)) == FORBIDDEN
    assert bot.send_event(chat_id=chat["chat_id"], event={**WORDS, "visibility": "agents"}).status_code == 200


def test_a_bot_cannot_join_without_leave(bot, chat):
    joining = {"chat_id": chat["chat_id"], "user_id": bot.id, "user_type": "agent", "visibility": "agents"}
    assert refusal(bot.add_user_to_chat(**joining)) == FORBIDDEN


def test_a_second_public_agent_is_one_too_many(bot, chat):
    joining = {"chat_id": chat["chat_id"], "user_id": bot.id, "user_type": "agent", "visibility": "all"}
    refused = bot.add_user_to_chat(**joining, ignore_requester_presence=True)
    assert refusal(refused) == (422, "limit_reached")


def test_a_bot_cannot_touch_chats_of_other_groups(sandbox, configuration, agent, customer, bot):
    group_id = configuration.create_group(
        name="Bakers", agent_priorities={sandbox.at["agent_id"]: "normal"}).json()["id"]
    started = customer.client.start_chat(chat={"access": {"group_ids": [group_id]}}).json()
    assert refusal(bot.get_chat(chat_id=started["chat_id"])) == (403, "missing_access")


def test_a_bots_token_lacks_the_scope_to_list_statuses(bot):
    assert refusal(bot.list_routing_statuses()) == FORBIDDEN


def test_a_chat_that_is_closed_takes_no_words(agent, customer, chat):
    agent.deactivate_chat(id=chat["chat_id"])
    closed = (422, "chat_inactive")
    assert refusal(customer.client.send_event(chat_id=chat["chat_id"], event=WORDS)) == closed
    joining = {"user_id": "oscar@example.com", "user_type": "agent", "visibility": "agents"}
    refused = agent.add_user_to_chat(chat_id=chat["chat_id"], **joining, ignore_requester_presence=True)
    assert refusal(refused) == closed


def test_a_text_of_more_than_16_kb_is_too_long(agent, chat):
    event = {"type": "message", "text": "ż" * (8 * 1024)}
    assert agent.send_event(chat_id=chat["chat_id"], event=event).status_code == 200
    event["text"] += "!"
    assert refusal(agent.send_event(chat_id=chat["chat_id"], event=event)) == INVALID


def test_a_page_is_asked_for_by_its_id_alone(agent, sandbox):
    for _ in range(2):
        sandbox.customer().start_chat("Hello")
    page_id = agent.list_chats(limit=1).json()["next_page_id"]
    assert refusal(agent.list_chats(page_id=page_id, limit=1)) == INVALID


def test_a_customer_cannot_read_somebody_elses_chat(sandbox, chat):
    other = sandbox.customer().client
    assert refusal(other.get_chat(chat_id=chat["chat_id"])) == (403, "missing_access")


def test_every_token_opens_its_own_api_only(sandbox, bot, customer):
    unknown = (401, "authentication")
    agents_token = f"Bearer {sandbox.at['agent_token']}"
    customers_token = customer.client.get_headers()["authorization"]
    assert refusal(sandbox.customer_client(agents_token).get_customer()) == unknown
    assert refusal(sandbox.agent(customers_token).list_chats()) == unknown
    assert refusal(sandbox.agent("Bearer dal:nobody's").list_chats()) == unknown
    personal = sandbox.at["personal_access_token"]
    assert refusal(sandbox.agent(f"Bearer {personal}").list_chats()) == unknown, "it wants Basic"
