//! The settings: read once, from the compiled-in defaults, files and the environment.
//!
//! Promises: every mistake is told at once, with its place and a suggestion; a secret is never part
//! of a mistake; nothing else in the program reads the environment.

mod checks;
mod mistakes;
mod sources;

pub use mistakes::Mistake;

use crate::health::AdminSettings;
use crate::intake::{ListenSettings, ServerSettings, SweepSettings, WebhookSettings};
use crate::livechat::{BotSettings, Settings as LiveChatSettings};
use crate::outbox::Settings as OutboxSettings;
use crate::rules::Settings as RulesSettings;
use crate::telemetry::{OtelSettings, Settings as LogSettings};
use crate::visit::Settings as VisitSettings;
use serde::de::DeserializeOwned;
use sources::Sources;
use std::path::PathBuf;

/// The defaults, and the documentation of every setting.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");
/// The settings file that is read when none is named.
pub const USUAL_FILE: &str = "config/chimein.toml";

/// All settings, as meant.
#[derive(Clone)]
pub struct Config {
    /// `[server]`.
    pub server: ServerSettings,
    /// `[admin]`.
    pub admin: AdminSettings,
    /// `[livechat]`.
    pub livechat: LiveChatSettings,
    /// `[bot]`.
    pub bot: BotSettings,
    /// `[webhooks]`.
    pub webhooks: WebhookSettings,
    /// `[listen]`.
    pub listen: ListenSettings,
    /// `[sweep]`.
    pub sweep: SweepSettings,
    /// `[visits]`.
    pub visits: VisitSettings,
    /// `[outbox]`.
    pub outbox: OutboxSettings,
    /// `[rules]`.
    pub rules: RulesSettings,
    /// `[log]`.
    pub log: LogSettings,
    /// `[otel]`.
    pub otel: OtelSettings,
}

/// Reads the settings. Without `files`, `config/chimein.toml` is read where it exists.
///
/// # Errors
/// Every mistake there is.
pub fn load(files: &[PathBuf]) -> Result<Config, Vec<Mistake>> {
    load_from(files, environment())
}

/// Reads the settings from the defaults and `environment` alone.
///
/// # Errors
/// Every mistake there is.
pub fn load_without_files(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Vec<Mistake>> {
    read(Sources::read([], environment))
}

/// Reads the settings with `environment` in the place of the process's own.
///
/// # Errors
/// Every mistake there is.
pub fn load_from(
    files: &[PathBuf],
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Vec<Mistake>> {
    let usual = PathBuf::from(USUAL_FILE);
    let usual = (files.is_empty() && usual.exists()).then_some(usual);
    read(Sources::read(files.iter().chain(&usual).map(PathBuf::as_path), environment))
}

fn read(mut sources: Sources) -> Result<Config, Vec<Mistake>> {
    let mut config = Config {
        server: take(&mut sources, "server")?,
        admin: take(&mut sources, "admin")?,
        livechat: take(&mut sources, "livechat")?,
        bot: take(&mut sources, "bot")?,
        webhooks: take(&mut sources, "webhooks")?,
        listen: take(&mut sources, "listen")?,
        sweep: take(&mut sources, "sweep")?,
        visits: take(&mut sources, "visits")?,
        outbox: take(&mut sources, "outbox")?,
        rules: take(&mut sources, "rules")?,
        log: take(&mut sources, "log")?,
        otel: take(&mut sources, "otel")?,
    };
    checks::check(&config, &mut sources);
    resolve_paths(&mut config, &sources);
    sources.finish(config)
}

impl Config {
    /// What `serve` needs and is not set; `check` does without.
    pub fn missing_for_serve(&self) -> Vec<Mistake> {
        checks::missing_for_serve(self)
    }
}

fn resolve_paths(config: &mut Config, sources: &Sources) {
    config.rules.path = sources.resolve("rules.path", &config.rules.path);
    if !config.livechat.ca_file.as_os_str().is_empty() {
        config.livechat.ca_file = sources.resolve("livechat.ca_file", &config.livechat.ca_file);
    }
    if let Some(path) = config.outbox.url.strip_prefix("sqlite://") {
        config.outbox.url = format!("sqlite://{}", sources.resolve("outbox.url", path.as_ref()).display());
    }
}

/// A section whose mistakes were replaced by defaults, so that the others are found too.
fn take<T: DeserializeOwned>(sources: &mut Sources, section: &'static str) -> Result<T, Vec<Mistake>> {
    sources.section(section).ok_or_else(|| sources.mistakes())
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[cfg(test)]
mod tests;
