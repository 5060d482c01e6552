//! The `[livechat]` and `[bot]` settings.

use bytesize::ByteSize;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Deserialize;
use std::path::PathBuf;

/// `[livechat]`: where the platform is, and who calls it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Base URL of the Agent Chat and Configuration APIs.
    pub api_url: String,
    /// Base URL of the accounts service.
    pub accounts_url: String,
    /// API version, without the `v`.
    pub api_version: String,
    /// The app (OAuth client) that owns the bot and its webhooks.
    pub client_id: String,
    /// The tenant whose chats are answered.
    pub organization_id: String,
    /// The `X-Region` sent with every call; empty sends none until the platform names one.
    pub region: String,
    /// For `backtest`; for `setup` and `doctor` (not built yet).
    pub personal_access_token: SecretString,
    /// The account of the personal access token.
    pub account_id: String,
    /// PEM file of the authorities to trust instead of the system's; empty uses the system's.
    pub ca_file: PathBuf,
    /// Time to open a connection.
    pub connect_timeout: SignedDuration,
    /// Time for a whole call, answer included; then its outcome is unknown.
    pub request_timeout: SignedDuration,
    /// The largest answer that is read.
    pub max_response: ByteSize,
}

/// `[bot]`: who speaks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotSettings {
    /// The bot's id (32 hex).
    pub id: String,
    /// The bot's secret, exchanged for bot tokens.
    pub secret: SecretString,
    /// Display name, for `setup` (not built yet) and `demo`.
    pub name: String,
    /// The groups that the bot belongs to.
    pub groups: Vec<u32>,
    /// Whether the bot comes from a template (not built yet).
    pub template: bool,
}
