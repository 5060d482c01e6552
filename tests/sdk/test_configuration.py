"""The Configuration API: what the developer sets up, read back by other calls and by other people."""

from sandbox import ok, refusal

AGENTS = {"agnes@example.com": "normal", "oscar@example.com": "normal"}


def test_a_bot_is_made_changed_and_deleted(sandbox, configuration, agent):
    owner = sandbox.at["client_id"]
    schedule = {
        "timezone": "Europe/Warsaw",
        "schedule": [{"day": "monday", "enabled": True, "start": "09:00", "end": "17:00"}]}
    made = ok(configuration.create_bot(
        name="Robin", avatar="https://example.com/robin.png", max_chats_count=10,
        default_group_priority="first", job_title="Waiter", groups=[{"id": 0, "priority": "supervisor"}],
        work_scheduler=schedule, owner_client_id=owner))
    bot_id = made["id"]
    assert (len(bot_id), len(made["secret"])) == (32, 32)
    bot = {
        "id": bot_id, "name": "Robin", "avatar_path": "https://example.com/robin.png", "max_chats_count": 10,
        "default_group_priority": "first", "groups": [{"id": 0, "priority": "supervisor"}],
        "owner_client_id": owner}
    assert ok(configuration.get_bot(id=bot_id)) == bot
    fields = ["job_title", "work_scheduler", "timezone"]
    assert ok(configuration.get_bot(id=bot_id, fields=fields)) == {
        **bot, "job_title": "Waiter", "work_scheduler": schedule, "timezone": "Europe/Warsaw"}
    row = {"id": bot_id, "name": "Robin", "avatar_path": "https://example.com/robin.png"}
    assert ok(configuration.list_bots()) == [row]
    assert ok(configuration.list_bots(all=True, fields=["max_chats_count"])) == [
        {**row, "max_chats_count": 10}]
    assert ok(agent.list_routing_statuses())[-1] == {"agent_id": bot_id, "status": "offline"}

    ok(configuration.update_bot(id=bot_id, name="Robyn", groups=[{"id": 1, "priority": "last"}]))
    changed = ok(configuration.get_bot(id=bot_id))
    assert (changed["name"], changed["groups"]) == ("Robyn", [{"id": 1, "priority": "last"}])
    assert changed["max_chats_count"] == 10, "what was not sent stays"

    ok(configuration.delete_bot(id=bot_id))
    assert ok(configuration.list_bots(all=True)) == []


def test_a_bots_token_opens_the_agent_api_and_outlives_its_secret(sandbox, configuration):
    owner, organization = sandbox.at["client_id"], sandbox.at["organization_id"]
    bot = ok(configuration.create_bot(name="Robin", owner_client_id=owner))
    ids = {"bot_id": bot["id"], "client_id": owner, "organization_id": organization}
    token = ok(configuration.issue_bot_token(**ids, bot_secret=bot["secret"]))["token"]
    client = sandbox.agent(f"Bearer {token}")
    assert ok(client.list_chats())["chats_summary"] == []

    secret = ok(configuration.reset_bot_secret(id=bot["id"], owner_client_id=owner))["secret"]
    assert refusal(configuration.issue_bot_token(**ids, bot_secret=bot["secret"])) == (401, "authentication")
    assert ok(configuration.issue_bot_token(**ids, bot_secret=secret))["token"]
    assert ok(client.list_chats())["chats_summary"] == [], "a bot's token cannot be revoked"
    ok(configuration.delete_bot(id=bot["id"]))


def test_bots_are_made_changed_and_deleted_in_batches(sandbox, configuration):
    owner = sandbox.at["client_id"]
    made = ok(configuration.batch_create_bots(requests=[
        {"name": "First", "owner_client_id": owner}, {"owner_client_id": owner},
        {"name": "Third", "owner_client_id": owner}]))["responses"]
    assert made[1]["error"]["type"] == "validation", "one mistake does not hinder the others"
    ids = [made[0]["id"], made[2]["id"]]
    assert {row["id"] for row in ok(configuration.list_bots())} == set(ids)
    ok(configuration.batch_update_bots(requests=[{"id": ids[0], "name": "Second"}]))
    assert ok(configuration.get_bot(id=ids[0]))["name"] == "Second"
    deleted = ok(configuration.batch_delete_bots(requests=[{"id": bot_id} for bot_id in ids]))
    assert deleted == {"responses": [{}, {}]}
    assert ok(configuration.list_bots()) == []


def test_a_template_makes_a_bot_of_the_same_id(sandbox, configuration):
    owner = sandbox.at["client_id"]
    template = ok(configuration.create_bot_template(
        name="Everywhere", owner_client_id=owner, affect_existing_installations=True))
    assert ok(configuration.list_bot_templates(owner_client_id=owner)) == [
        {"id": template["id"], "name": "Everywhere"}]
    assert ok(configuration.get_bot(id=template["id"]))["name"] == "Everywhere"
    assert sandbox.bot_token(template)
    ok(configuration.delete_bot_template(
        id=template["id"], owner_client_id=owner, affect_existing_installations=True))
    assert ok(configuration.list_bot_templates(owner_client_id=owner)) == []
    assert refusal(configuration.get_bot(id=template["id"])) == (404, "not_found")


def test_a_webhook_is_registered_listed_and_unregistered(sandbox, configuration):
    owner = sandbox.at["client_id"]
    registration = {
        "action": "incoming_event", "url": "http://127.0.0.1:9/webhooks", "type": "bot",
        "owner_client_id": owner, "description": "Customers' messages",
        "additional_data": ["chat_properties", "chat_presence_user_ids"],
        "filters": {"author_type": "customer", "chat_presence": {"my_bots": True}}}
    webhook_id = ok(configuration.register_webhook(**registration, secret_key="a key"))["id"]
    assert ok(configuration.list_webhooks(owner_client_id=owner)) == [{"id": webhook_id, **registration}]
    for _ in range(2):
        ok(configuration.register_webhook(**registration, secret_key="a key"))
    fourth = configuration.register_webhook(**registration, secret_key="a key")
    assert refusal(fourth) == (422, "limit_reached")
    for webhook in ok(configuration.list_webhooks(owner_client_id=owner)):
        ok(configuration.unregister_webhook(id=webhook["id"], owner_client_id=owner))
    assert ok(configuration.list_webhooks(owner_client_id=owner)) == []


def test_the_names_of_webhooks_are_told_to_everybody(configuration):
    names = {row["action"]: row for row in ok(configuration.list_webhook_names(version="3.6"))}
    assert len(names) == 38
    assert "author_type" in names["incoming_event"]["filters"]
    assert names["incoming_chat"]["additional_data"] == ["chat_properties", "chat_presence_user_ids"]
    assert names["tag_created"] == {"action": "tag_created", "filters": ["source_type"]}


def test_the_licenses_webhooks_are_switched_off_and_on(sandbox, configuration):
    owner = {"owner_client_id": sandbox.at["client_id"]}
    url = "http://127.0.0.1:9/nobody"
    webhook = ok(configuration.register_webhook(
        **owner, action="incoming_chat", url=url, secret_key="a key", type="license"))
    ok(configuration.disable_license_webhooks(**owner))
    assert ok(configuration.get_license_webhooks_state(**owner)) == {"license_webhooks_enabled": False}
    chat_id = sandbox.customer().start_chat("Hello")["chat_id"]
    [delivery] = [entry["delivery"] for entry in sandbox.journal() if "delivery" in entry]
    assert (delivery["chat_id"], delivery["outcome"]) == (chat_id, "gated")
    ok(configuration.enable_license_webhooks(**owner))
    assert ok(configuration.get_license_webhooks_state(**owner)) == {"license_webhooks_enabled": True}
    ok(configuration.unregister_webhook(id=webhook["id"], **owner))


def test_a_group_is_made_changed_and_deleted(configuration, agent):
    oscar = {"oscar@example.com": "first"}
    group_id = ok(configuration.create_group(name="Bakers", language_code="pl", agent_priorities=oscar))["id"]
    fields = ["agent_priorities", "routing_status"]
    group = {"id": group_id, "name": "Bakers", "language_code": "pl"}
    full = {**group, "agent_priorities": oscar, "routing_status": "offline"}
    assert ok(configuration.get_group(id=group_id, fields=fields)) == full
    assert ok(configuration.list_groups(fields=fields))[-1] == full
    assert ok(configuration.list_groups())[-1] == group
    members = ok(agent.list_routing_statuses(filters={"group_ids": [group_id]}))
    assert [row["agent_id"] for row in members] == ["oscar@example.com"]

    ok(configuration.update_group(id=group_id, name="Cooks", agent_priorities=AGENTS))
    assert ok(configuration.get_group(id=group_id, fields=fields)) == {
        **group, "name": "Cooks", "agent_priorities": AGENTS, "routing_status": "accepting_chats"}
    ok(configuration.delete_group(id=group_id))
    assert [row["id"] for row in ok(configuration.list_groups())] == [0, 1]


def test_a_tag_is_made_moved_and_deleted(sandbox, configuration, agent):
    ok(configuration.create_tag(name="Crust", group_ids=[0]))
    tags = {tag["name"]: tag for tag in ok(configuration.list_tags())}
    assert (tags["Crust"]["group_ids"], tags["Crust"]["author_id"]) == ([0], sandbox.at["agent_id"])
    same = configuration.create_tag(name="crust", group_ids=[0])
    assert refusal(same) == (409, "already_exists"), "names are compared without their case"

    started = sandbox.customer().start_chat("Hello")
    chat = {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}
    ok(configuration.update_tag(name="Crust", group_ids=[1]))
    assert [tag["name"] for tag in ok(configuration.list_tags(filters={"group_ids": [1]}))] == ["Crust"]
    assert refusal(agent.tag_thread(**chat, tag="Crust")) == (403, "missing_access")
    ok(configuration.update_tag(name="Crust", group_ids=[0, 1]))
    ok(agent.tag_thread(**chat, tag="Crust"))
    ok(configuration.delete_tag(name="Crust"))
    assert "Crust" not in [tag["name"] for tag in ok(configuration.list_tags())]


def test_the_people_of_the_license_are_listed(sandbox, configuration):
    agnes = {
        "id": sandbox.at["agent_id"], "account_id": sandbox.at["account_id"], "name": "Agnes",
        "role": "administrator", "login_status": "accepting chats"}
    assert ok(configuration.get_agent(id=agnes["id"])) == agnes
    assert ok(configuration.get_agent(id=agnes["id"], fields=["job_title"])) == {
        **agnes, "job_title": "Support Agent"}
    assert [row["id"] for row in ok(configuration.list_agents())] == list(AGENTS)
    assert ok(configuration.list_agents(filters={"group_ids": [0]})) == [agnes]
