//! Which action is where.
use super::{agents, batch, bots, groups, tags, templates, webhooks};
use crate::sandbox::faces::action::{Found, Run};

const ACTIONS: &[(&str, Run)] = &[
    ("batch_create_bots", batch::create),
    ("batch_delete_bots", batch::delete),
    ("batch_update_bots", batch::update),
    ("create_bot", bots::create),
    ("create_bot_template", templates::create),
    ("create_group", groups::create),
    ("create_tag", tags::create),
    ("delete_bot", bots::delete),
    ("delete_bot_template", templates::delete),
    ("delete_group", groups::delete),
    ("delete_tag", tags::delete),
    ("disable_license_webhooks", webhooks::disable),
    ("enable_license_webhooks", webhooks::enable),
    ("get_agent", agents::get),
    ("get_bot", bots::get),
    ("get_group", groups::get),
    ("get_license_webhooks_state", webhooks::state),
    ("list_agents", agents::list),
    ("list_bot_templates", templates::list),
    ("list_bots", bots::list),
    ("list_groups", groups::list),
    ("list_tags", tags::list),
    ("list_webhooks", webhooks::list),
    ("register_webhook", webhooks::register),
    ("reset_bot_secret", bots::reset_secret),
    ("unregister_webhook", webhooks::unregister),
    ("update_bot", bots::update),
    ("update_group", groups::update),
    ("update_tag", tags::update),
];

/// Actions that need no token.
const OPEN: &[(&str, Run)] =
    &[("issue_bot_token", bots::issue_token), ("list_webhook_names", webhooks::names)];

const NOT_BUILT: &[&str] = &[
    "add_auto_access",
    "approve_agent",
    "batch_approve_agents",
    "batch_create_agents",
    "batch_delete_agents",
    "batch_suspend_agents",
    "batch_unsuspend_agents",
    "batch_update_agents",
    "check_product_limits_for_plan",
    "create_agent",
    "create_greeting",
    "delete_agent",
    "delete_auto_access",
    "delete_greeting",
    "delete_group_properties",
    "delete_license_properties",
    "get_company_details",
    "get_greeting",
    "get_product_source",
    "list_auto_accesses",
    "list_channels",
    "list_customer_bans",
    "list_greetings",
    "list_groups_properties",
    "list_license_properties",
    "list_properties",
    "publish_property",
    "reactivate_email",
    "register_property",
    "request_agent_unsuspension",
    "reset_bot_template_secret",
    "suspend_agent",
    "unban_customer",
    "unregister_property",
    "unsuspend_agent",
    "update_agent",
    "update_auto_access",
    "update_bot_template",
    "update_company_details",
    "update_greeting",
    "update_group_properties",
    "update_license_properties",
];

/// What is under a name.
pub(in crate::sandbox::faces) fn find(action: &str) -> Found {
    let in_table =
        |table: &[(&str, Run)]| table.iter().find(|(name, _)| *name == action).map(|(_, run)| *run);
    if NOT_BUILT.contains(&action) {
        return Found::NotBuilt;
    }
    let open = in_table(OPEN).map(Found::Open);
    open.or_else(|| in_table(ACTIONS).map(Found::Run)).unwrap_or(Found::Unknown)
}
