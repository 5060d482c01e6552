//! The `[server]`, `[webhooks]`, `[listen]` and `[sweep]` settings.

use bytesize::ByteSize;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Deserialize;
use std::net::SocketAddr;

/// `[server]`: the public door.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The address that the public door listens on.
    pub listen: SocketAddr,
    /// The door's address as LiveChat sees it, for `setup` (not built yet).
    pub public_url: String,
    /// The path of the webhook door.
    pub webhook_path: String,
    /// The largest webhook body.
    pub max_body: ByteSize,
    /// Time for a request's head, and for an idle connection to send the next one.
    pub header_timeout: SignedDuration,
    /// Time for a request's body and its answer; then the connection is closed.
    pub request_timeout: SignedDuration,
    /// How many connections, and so requests, are served at once; one more takes an idle one's place, else it waits.
    pub max_connections: usize,
    /// How long a stop waits for requests and visits that are under way.
    pub stop_timeout: SignedDuration,
}

/// `[webhooks]`: how deliveries prove that they come from LiveChat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The key that the webhooks were registered with.
    pub secret_key: SecretString,
    /// The key before it, still accepted while webhooks are replaced; empty accepts none.
    pub previous_secret_key: SecretString,
}

/// `[listen]`: how messages are heard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenSettings {
    /// `webhook`; `rtm` is not built yet.
    pub mode: String,
}

/// `[sweep]`: the look for what webhooks did not tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSettings {
    /// How often active chats are looked at; zero: never.
    pub interval: SignedDuration,
    /// A message older than this gets silence.
    pub max_age: SignedDuration,
    /// How many active chats are looked at, and remembered.
    pub max_chats: usize,
    /// How many calls sweeps make in a minute at most.
    pub per_minute: u32,
}
