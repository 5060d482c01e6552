//! What the types cannot tell: ranges, what is not built yet, and what belongs together.

use super::sources::Sources;
use super::{Config, Mistake};
use jiff::SignedDuration;
use secrecy::ExposeSecret;

/// The shortest pause between two sweeps: each asks the platform for all active chats.
const SHORTEST_SWEEP: SignedDuration = SignedDuration::from_secs(1);

/// Checks the settings together.
pub(super) fn check(config: &Config, sources: &mut Sources) {
    durations(config, sources);
    counts(config, sources);
    not_built(config, sources);
    let url = &config.livechat.api_url;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        sources.refuse(
            "livechat.api_url",
            "`livechat.api_url` must begin with https:// (or http:// for a sandbox)",
        );
    }
    if !config.server.webhook_path.starts_with('/') || config.server.webhook_path.contains(['{', '*', '?']) {
        sources.refuse(
            "server.webhook_path",
            "`server.webhook_path` must be a plain path such as /webhooks/livechat",
        );
    }
    if !config.admin.listen.ip().is_loopback() && config.admin.token.expose_secret().is_empty() {
        sources.refuse("admin.listen", "`admin.listen` is not a loopback address: set `admin.token` too");
    }
    if !config.log.has_a_level() {
        sources.refuse("log.level", "`log.level` is not a level (error, warn, info, debug, trace)");
    }
}

fn durations(config: &Config, sources: &mut Sources) {
    for (key, duration) in [
        ("server.header_timeout", config.server.header_timeout),
        ("server.request_timeout", config.server.request_timeout),
        ("server.stop_timeout", config.server.stop_timeout),
        ("livechat.connect_timeout", config.livechat.connect_timeout),
        ("livechat.request_timeout", config.livechat.request_timeout),
        ("sweep.max_age", config.sweep.max_age),
        ("visits.deadline", config.visits.deadline),
        ("outbox.keep_done", config.outbox.keep_done),
        ("outbox.keep_buried", config.outbox.keep_buried),
    ] {
        if duration <= SignedDuration::ZERO {
            sources.refuse(key, format!("`{key}` must be longer than nothing"));
        }
    }
    let interval = config.sweep.interval;
    if interval.is_negative() || (!interval.is_zero() && interval < SHORTEST_SWEEP) {
        sources.refuse("sweep.interval", "`sweep.interval` must be at least 1s, or 0s for no sweep");
    }
    if config.outbox.keep_done < config.sweep.max_age {
        let message =
            "`outbox.keep_done` must not be shorter than `sweep.max_age`: a message would be answered twice";
        sources.refuse("outbox.keep_done", message);
    }
}

fn counts(config: &Config, sources: &mut Sources) {
    for (key, is_zero) in [
        ("server.max_body", config.server.max_body.as_u64() == 0),
        ("server.max_connections", config.server.max_connections == 0),
        ("livechat.max_response", config.livechat.max_response.as_u64() == 0),
        ("sweep.max_chats", config.sweep.max_chats == 0),
        ("sweep.per_minute", config.sweep.per_minute == 0),
        ("visits.concurrency", config.visits.concurrency == 0),
        ("visits.max_attempts", config.visits.max_attempts == 0),
        ("visits.per_minute", config.visits.per_minute == 0),
        ("visits.per_thread", config.visits.per_thread == 0),
        ("rules.max_text", config.rules.max_text.as_u64() == 0),
        ("outbox.max_queue", config.outbox.max_queue == 0),
        ("outbox.max_batch", config.outbox.max_batch == 0),
    ] {
        if is_zero {
            sources.refuse(key, format!("`{key}` must be at least 1"));
        }
    }
}

fn not_built(config: &Config, sources: &mut Sources) {
    match config.listen.mode.as_str() {
        "webhook" => {}
        "rtm" | "both" => {
            sources.refuse("listen.mode", "`listen.mode`: rtm is not built yet; use \"webhook\"");
        }
        _ => sources.refuse("listen.mode", "`listen.mode` must be \"webhook\" (\"rtm\" is not built yet)"),
    }
    if config.bot.template {
        sources.refuse("bot.template", "`bot.template`: template bots are not built yet");
    }
    if !config.otel.endpoint.is_empty() {
        sources.refuse("otel.endpoint", "`otel.endpoint`: traces are not built yet");
    }
    if config.outbox.url.starts_with("postgres") {
        sources.refuse("outbox.url", "`outbox.url`: Postgres is not built yet; use \"sqlite://PATH\"");
    } else if !config.outbox.url.starts_with("sqlite://") {
        sources.refuse("outbox.url", "`outbox.url` must be \"sqlite://PATH\"");
    }
}

/// What `serve` cannot do without.
pub(super) fn missing_for_serve(config: &Config) -> Vec<Mistake> {
    let needed = [
        ("livechat.client_id", config.livechat.client_id.is_empty()),
        ("livechat.organization_id", config.livechat.organization_id.is_empty()),
        ("bot.id", config.bot.id.is_empty()),
        ("bot.secret", config.bot.secret.expose_secret().is_empty()),
        ("webhooks.secret_key", config.webhooks.secret_key.expose_secret().is_empty()),
    ];
    let missing = needed.iter().filter(|(_, is_missing)| *is_missing);
    missing
        .map(|(key, _)| Mistake {
            file: "settings".to_owned(),
            line: None,
            column: None,
            message: format!("`{key}` is not set"),
            suggestion: Some(format!("CHIMEIN__{}", key.to_uppercase().replace('.', "__"))),
        })
        .collect()
}
