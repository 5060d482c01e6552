//! What a sandbox can be told at its start.
use jiff::civil::Date;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a sandbox is started. The default listens on a free port of 127.0.0.1, without TLS.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; must be a loopback address.
    pub listen: SocketAddr,
    /// Serve https with a certificate of an authority made at the start.
    pub tls: bool,
    /// Where to write the authority's certificate (PEM); a file in a temporary folder when `None`.
    pub ca_out: Option<PathBuf>,
    /// Every answer of the API is given this much later.
    pub latency: Duration,
    /// How long the receiver of a webhook may take to answer.
    pub webhook_timeout: Duration,
    /// The waits before each repetition of a webhook that was not answered with 200.
    pub webhook_retries: Vec<Duration>,
    /// How long after a call of the API its change of webhooks, of the license's switch for them, or of a bot's
    /// status begins to govern deliveries; on the platform up to two minutes. What the API tells changes at once.
    pub propagation_delay: Duration,
    /// What every answer of the APIs tells of their version's end; `None` is a stable version.
    pub stage: Option<Stage>,
    /// Where the platform's documentation leaves a choice.
    pub switches: Switches,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: false,
            ca_out: None,
            latency: Duration::ZERO,
            webhook_timeout: Duration::from_secs(10),
            webhook_retries: [5, 15, 30].map(Duration::from_secs).to_vec(),
            propagation_delay: Duration::ZERO,
            stage: None,
            switches: Switches::default(),
        }
    }
}

/// A version that nears its end; its answers carry a header with the day on which this stage is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// `Legacy: YYYY-MM-DD`: only what is critical is mended.
    Legacy(Date),
    /// `Deprecation: YYYY-MM-DD`: the version is about to be removed.
    Deprecated(Date),
}

/// Choices that the platform's documentation leaves open; the default is the likelier one.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent question that is asked alone")]
pub struct Switches {
    /// The first events of a thread are told by `incoming_event` too, not only inside `incoming_chat`.
    pub initial_events_twice: bool,
    /// A success without a payload is answered with 202 and an empty body instead of 200 and `{}`.
    pub accepted_202_empty: bool,
    /// A second agent with visibility `all` may join.
    pub many_public_agents: bool,
    /// A new bot token ends the older ones of the same bot.
    pub newest_bot_token_only: bool,
    /// How adding somebody who is inside is refused.
    pub adding_present_user: AddingPresentUser,
    /// Deliveries have no `additional_data` at all when none was asked for.
    pub no_empty_additional_data: bool,
}

/// The three ways in which the platform was seen to refuse to add a user who is in the chat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AddingPresentUser {
    /// 400 `validation`.
    #[default]
    Validation,
    /// 409 `already_exists`.
    AlreadyExists,
    /// 422 `validation`.
    Unprocessable,
}
