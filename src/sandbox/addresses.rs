//! Where a running sandbox is and what opens its doors: the first line of `chimein sandbox --json`.
use serde::Serialize;
use std::path::PathBuf;

/// The client id of the chat window on the customer's side; customers' tokens are asked for with it.
pub const WIDGET_CLIENT_ID: &str = "5a4d10c0ffee4c0d8a11ada0aa5c7001";

/// Addresses and credentials. They are for a platform that lives on this desk, so nothing in them is secret.
#[derive(Debug, Clone, Serialize)]
pub struct Addresses {
    /// Base of the Agent Chat and Configuration APIs, without a slash at the end.
    pub api_url: String,
    /// Base of the accounts service.
    pub accounts_url: String,
    /// Base of the Customer Chat API.
    pub customer_url: String,
    /// The websocket of the Agent Chat RTM API.
    pub rtm_url: String,
    /// The page with both windows.
    pub desk_url: String,
    /// The tenant.
    pub organization_id: String,
    /// The tenant's number in older generations of the API.
    pub license_id: u64,
    /// The developer's app: owner of bots and webhooks.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The account that the personal access token belongs to.
    pub account_id: String,
    /// A personal access token with every scope of an administrator.
    pub personal_access_token: String,
    /// A human agent, logged in and accepting chats.
    pub agent_id: String,
    /// The agent's OAuth token, made by another app than the developer's.
    pub agent_token: String,
    /// The authority's certificate when the sandbox speaks TLS.
    pub ca: Option<PathBuf>,
}
