"""The whole story: the SDK is the customer, the agent and the developer; the bot serves."""

from sandbox import ok

VISIT = ["add_user_to_chat", "send_event", "remove_user_from_chat"]


def whispers(agent, chat_id: str) -> list[dict]:
    """What the agents see from the bot."""
    events = ok(agent.get_chat(chat_id=chat_id))["thread"]["events"]
    return [event for event in events if event.get("text") == "Pizza is on the way!"]


def test_the_developer_sees_the_bot_and_its_webhooks(bot, sandbox, configuration, agent):
    owner = sandbox.at["client_id"]
    assert {"id": bot.id, "name": "Pizza Bot"} in ok(configuration.list_bots())
    shown = ok(configuration.get_bot(id=bot.id, fields=["groups"]))
    assert (shown["owner_client_id"], shown["groups"]) == (owner, [{"id": 0, "priority": "supervisor"}])
    statuses = {row["agent_id"]: row["status"] for row in ok(agent.list_routing_statuses())}
    assert statuses[bot.id] == "not_accepting_chats"
    webhooks = ok(configuration.list_webhooks(owner_client_id=owner))
    assert [(webhook["id"], webhook["action"], webhook["url"], webhook["type"]) for webhook in webhooks] == [
        (bot.webhook_ids[0], "incoming_chat", bot.webhook_url, "bot"),
        (bot.webhook_ids[1], "incoming_event", bot.webhook_url, "bot"),
    ]
    assert not any("secret_key" in webhook for webhook in webhooks)


def test_the_bot_whispers_when_a_chat_begins_with_the_keyword(bot, sandbox, agent, customer):
    chat_id = customer.start_chat("Hey! Where is my PIZZA?")["chat_id"]
    assert bot.wait_for_visit(chat_id)["outcome"] == "said"

    chat = ok(agent.get_chat(chat_id=chat_id))
    [reply] = whispers(agent, chat_id)
    assert (reply["type"], reply["visibility"], reply["author_id"]) == ("message", "agents", bot.id)
    assert reply["custom_id"].startswith("chimein-")
    users = {user["id"]: user for user in chat["users"]}
    assert users[bot.id]["present"] is False, "the bot has left"
    assert users[sandbox.at["agent_id"]]["present"] is True, "a person has the chat"
    assert sandbox.calls(bot.id, chat_id) == VISIT

    seen = ok(customer.client.get_chat(chat_id=chat_id))
    assert customer.texts(chat_id) == ["Hey! Where is my PIZZA?"]
    assert "Pizza Bot" not in [user.get("name") for user in seen["users"]]


def test_the_bot_whispers_when_the_keyword_comes_later(bot, sandbox, agent, customer):
    chat_id = customer.start_chat("Hello")["chat_id"]
    customer.say(chat_id, "I would like a pizza!")
    assert bot.wait_for_visit(chat_id)["outcome"] == "said"
    assert len(whispers(agent, chat_id)) == 1
    assert sandbox.calls(bot.id, chat_id) == VISIT
    assert customer.texts(chat_id) == ["Hello", "I would like a pizza!"]


def test_the_bot_whispers_in_a_chat_that_is_resumed(bot, agent, customer):
    chat_id = customer.start_chat("Hello")["chat_id"]
    ok(customer.client.deactivate_chat(id=chat_id))
    events = [{"type": "message", "text": "pizza?"}]
    resumed = ok(customer.client.resume_chat(chat={"id": chat_id, "thread": {"events": events}}))
    visit = bot.wait_for_visit(chat_id)
    assert (visit["thread.id"], visit["outcome"]) == (resumed["thread_id"], "said")
    assert len(whispers(agent, chat_id)) == 1


def test_the_bot_says_nothing_without_the_keyword(bot, sandbox, agent, customer):
    chat_id = customer.start_chat("Hello")["chat_id"]
    customer.say(chat_id, "Where are my pizzas, in PizzaHut?")
    # The bot decides before it answers the webhook, so from here on it is silence.
    sandbox.wait_for_delivery("incoming_chat", chat_id, bot.webhook_url)
    sandbox.wait_for_delivery("incoming_event", chat_id, bot.webhook_url)
    assert sandbox.calls(bot.id, chat_id) == []
    assert bot.id not in [user["id"] for user in ok(agent.get_chat(chat_id=chat_id))["users"]]


def test_the_bot_says_nothing_to_an_agent_who_says_the_keyword(bot, sandbox, agent, customer):
    chat_id = customer.start_chat("Hello")["chat_id"]
    ok(agent.send_event(chat_id=chat_id, event={"type": "message", "text": "pizza"}))
    sandbox.wait_for_delivery("incoming_event", chat_id, bot.webhook_url)
    assert sandbox.calls(bot.id, chat_id) == []


def test_the_bot_hears_nothing_while_it_is_offline(bot, sandbox, agent, customer):
    ok(agent.set_routing_status(agent_id=bot.id, status="offline"))
    chat_id = customer.start_chat("pizza")["chat_id"]
    ok(agent.set_routing_status(agent_id=bot.id, status="not_accepting_chats"))
    deliveries = [entry["delivery"] for entry in sandbox.journal() if "delivery" in entry]
    assert [delivery["outcome"] for delivery in deliveries if delivery["chat_id"] == chat_id] == ["gated"]
    assert sandbox.calls(bot.id, chat_id) == []
