//! The bot, wired: two doors, the worker, and how they stop.
//!
//! Promises: nothing is served before the outbox is open; on stop the doors close first, running
//! requests are answered, running stays end, and what was acknowledged is on disk.

mod reload;
mod scrape;

use crate::accept::{self, Limits};
use crate::config::Config;
use crate::health::{self, Health};
use crate::intake::{self, Door, FullThreads, OWN_PREFIX, Reported, SecretKeys, Sweep};
use crate::livechat::{Api, Bot, BotTokens, Gates, OrganizationId, UserId};
use crate::outbox::{Clock, Outbox};
use crate::rules::{InForce, Rules};
use crate::telemetry::metrics;
use crate::visit::Worker;
use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use reload::Reloads;
use scrape::Scrape;
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often a token is looked at; it is renewed long before it ends.
const TOKEN_LOOK: Duration = Duration::from_secs(300);
/// The first pause after a token could not be got.
const TOKEN_RETRY: Duration = Duration::from_secs(5);

/// A bot that serves.
pub struct Serving {
    /// The public door.
    pub public: SocketAddr,
    /// The private door.
    pub admin: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Serving {
    /// Stops: doors first, then the visits that run; returns when all have ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// Starts the bot.
///
/// # Errors
/// When the outbox, an address or the client cannot be opened; the text says which and why.
pub async fn start(config: &Config, rules: Rules) -> anyhow::Result<Serving> {
    let page = metrics::start();
    metrics::know_rules(rules.version(), rules.iter().map(|rule| rule.name.as_str()));
    let clock = Clock::start();
    let outbox = Outbox::open(&config.outbox, clock.clone()).context("cannot open the outbox")?;
    let api = Arc::new(Api::new(&config.livechat).context("cannot make the LiveChat client")?);
    let tokens = Arc::new(BotTokens::new(
        Arc::clone(&api),
        config.livechat.client_id.clone(),
        UserId::new(config.bot.id.clone()),
        config.bot.secret.clone(),
    ));
    let rules = Arc::new(InForce::new(rules));
    let reloads = Reloads::start(&config.rules, Arc::clone(&rules)).context("cannot listen to SIGHUP")?;
    let door = door(config, Arc::clone(&rules), outbox.clone());
    let public = listen(config.server.listen, "server.listen").await?;
    let admin = listen(config.admin.listen, "admin.listen").await?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let serving = Serving {
        public: public.local_addr()?,
        admin: admin.local_addr()?,
        stop: stop.clone(),
        tasks: tasks.clone(),
    };
    let limits = Limits {
        header_timeout: config.server.header_timeout.unsigned_abs(),
        request_timeout: config.server.request_timeout.unsigned_abs(),
        max_connections: config.server.max_connections,
    };
    let organization = OrganizationId::new(config.livechat.organization_id.clone());
    let bot = Bot::new(Arc::clone(&api), Arc::clone(&tokens));
    tasks.spawn(keep_token(bot, organization.clone(), stop.clone()));
    let visits = config.visits.clone();
    // Both wait at the same gates: what one is told, the other heeds.
    let gates = Arc::new(Gates::default());
    let sweeper = Bot::new(Arc::clone(&api), Arc::clone(&tokens));
    let sweep = Sweep::new(Arc::clone(&door), sweeper, Arc::clone(&gates), config.sweep.clone());
    tasks.spawn(sweep.run(stop.clone()));
    tasks.spawn(reloads.run(stop.clone()));
    let bot = Bot::new(api, Arc::clone(&tokens));
    let worker =
        Worker::new(organization, bot, gates, outbox.clone(), visits, config.sweep.max_age, OWN_PREFIX);
    let health = Health::new(outbox, Arc::clone(&tokens), Arc::clone(&worker), rules);
    let max_body = usize::try_from(config.server.max_body.as_u64()).unwrap_or(usize::MAX);
    let others = health::router(Arc::clone(&health)).fallback(nothing_here);
    let webhooks = intake::service(door, config.server.webhook_path.clone(), max_body, others);
    tasks.spawn(accept::run(public, webhooks, limits, stop.clone()));
    let scrape = Scrape {
        page: page.clone(),
        settings: config.outbox.clone(),
        clock,
        tokens,
        worker: Arc::clone(&worker),
    };
    tasks.spawn(accept::run(admin, private_routes(config, health, scrape), limits, stop.clone()));
    let keep = stop.clone();
    tasks.spawn(async move { keep.run_until_cancelled(scrape::keep(page)).await });
    tasks.spawn(worker.run(stop));
    tasks.close();
    Ok(serving)
}

/// Says in one line that the linter warns of the rules.
pub fn tell_warnings(warnings: usize) {
    if warnings > 0 {
        tracing::warn!(warnings, "the linter warns of the rules; `chimein check` tells them");
    }
}

fn door(config: &Config, rules: Arc<InForce>, outbox: Outbox) -> Arc<Door> {
    Arc::new(Door {
        organization: config.livechat.organization_id.clone(),
        bot: config.bot.id.clone(),
        keys: SecretKeys::new(&config.webhooks),
        rules,
        outbox,
        max_age: config.sweep.max_age,
        per_thread: config.visits.per_thread,
        reported: Reported::default(),
        full: FullThreads::default(),
    })
}

async fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} ({setting})"))
}

/// The routes of the private door; with a token, only for those who show it.
fn private_routes(config: &Config, health: Arc<Health>, scrape: Scrape) -> Router {
    let routes = health::router(health).merge(scrape::router(scrape)).fallback(nothing_here);
    if config.admin.token.expose_secret().is_empty() {
        return routes;
    }
    let keys = Arc::new(SecretKeys::of(&config.admin.token));
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let keys = Arc::clone(&keys);
        async move { if is_allowed(&keys, &request) { next.run(request).await } else { unauthorized() } }
    }))
}

fn is_allowed(keys: &SecretKeys, request: &Request) -> bool {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|token| keys.accept(token))
}

fn unauthorized() -> Response {
    json(StatusCode::UNAUTHORIZED, "unauthorized")
}

async fn nothing_here() -> Response {
    json(StatusCode::NOT_FOUND, "not_found")
}

fn json(status: StatusCode, word: &str) -> Response {
    (status, axum::Json(serde_json::json!({ "status": word }))).into_response()
}

/// Has a fresh token ready, so that a visit never waits for one.
async fn keep_token(bot: Bot, organization: OrganizationId, stop: CancellationToken) {
    let keep = async {
        let mut retry = TOKEN_RETRY;
        loop {
            let pause = match bot.warm_up(&organization).await {
                Ok(()) => TOKEN_LOOK,
                Err(error) => {
                    tracing::warn!(reason = error.reason(), retry_ms = retry.as_millis(), "no bot token");
                    retry
                }
            };
            retry = if pause == TOKEN_LOOK { TOKEN_RETRY } else { (retry * 2).min(TOKEN_LOOK) };
            tokio::time::sleep(pause).await;
        }
    };
    stop.run_until_cancelled(keep).await;
}
