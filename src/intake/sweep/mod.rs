//! The sweep: the look for what webhooks did not tell, and for a bot that was left behind.
//!
//! Promises: a chat is read when something was written in it since the last look, and then once; what is found goes
//! through the same decision and the same admission as a webhook, so nothing is answered twice; its calls come
//! one after the other, wait at the organization's gate behind its visits, and keep to a pace of their own; it
//! remembers no more chats than `max_chats`, and no words.

mod listing;
mod reading;
mod strays;

use super::door::Door;
use super::settings::SweepSettings;
use crate::livechat::{Bot, Error, Gates, OrganizationId};
use crate::outbox;
use crate::telemetry::metrics::{self, Finding};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use listing::{News, Seen};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error as ThisError;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How much longer than visits the sweep waits at a gate that was closed.
const HEAD_START: Duration = Duration::from_secs(1);
/// How often a call is made that the platform answers with "too many requests".
const MAX_TRIES: u32 = 3;
/// After so many chats in a row that cannot be read the sweep ends: the platform is not well.
const MAX_FAILURES: u32 = 3;
/// How many calls may come at once after a rest.
const BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Why a sweep cannot go on.
#[derive(Debug, ThisError)]
enum Trouble {
    /// A call failed.
    #[error("LiveChat: {0}")]
    LiveChat(#[from] Error),
    /// Nothing could be written down or looked up.
    #[error("the outbox: {0}")]
    Outbox(#[from] outbox::Error),
}

/// What is remembered of an active chat.
#[derive(Default)]
struct Known {
    /// The newest that had been written at the last look.
    mark: String,
    /// When the newest message of the last look was written.
    up_to: Option<Timestamp>,
    /// The last visit of the chat, when the bot was found inside as a guest after it.
    guest_after: Option<i64>,
}

/// What a sweep did, in numbers.
#[derive(Default)]
struct Tally {
    chats: usize,
    reads: usize,
    answered: usize,
    too_old: usize,
    left_behind: usize,
    unread: usize,
}

/// The sweep of one organization's chats.
pub struct Sweep {
    door: Arc<Door>,
    bot: Bot,
    gates: Arc<Gates>,
    organization: OrganizationId,
    settings: SweepSettings,
    pace: DefaultDirectRateLimiter,
    known: HashMap<String, Known>,
}

impl Sweep {
    /// A sweep for the door's organization; it waits at the gates that the visits wait at.
    pub fn new(door: Arc<Door>, bot: Bot, gates: Arc<Gates>, settings: SweepSettings) -> Self {
        let per_minute = NonZeroU32::new(settings.per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            organization: OrganizationId::new(door.organization.clone()),
            door,
            bot,
            gates,
            settings,
            pace: RateLimiter::direct(Quota::per_minute(per_minute).allow_burst(BURST)),
            known: HashMap::new(),
        }
    }

    /// Sweeps at once and then every `interval`, until told to stop; not at all when that is nothing.
    ///
    /// # Cancel safety
    /// When dropped in the middle, what was found is in the outbox or is found again by the next process.
    pub async fn run(mut self, stop: CancellationToken) {
        let interval = self.settings.interval.unsigned_abs();
        if interval.is_zero() {
            tracing::warn!("sweep.interval is 0s: what webhooks do not tell is not looked for");
            return;
        }
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let sweeps = async {
            loop {
                ticks.tick().await;
                self.sweep().await;
            }
        };
        stop.run_until_cancelled(sweeps).await;
    }

    async fn sweep(&mut self) {
        let began = self.door.outbox.clock().now();
        let mut tally = Tally::default();
        let outcome = self.go_round(began, &mut tally).await;
        self.report(began, &tally, outcome);
    }

    async fn go_round(&mut self, began: Timestamp, tally: &mut Tally) -> Result<(), Trouble> {
        // A page that fails does not keep the chats of the pages before it waiting.
        let (seen, listed) = self.list(tally).await;
        let mut failures = 0;
        for chat in &seen {
            match self.look_at(chat, began, tally).await {
                Ok(()) => failures = 0,
                Err(trouble) => {
                    tally.unread += 1;
                    failures += 1;
                    if failures >= MAX_FAILURES {
                        return Err(trouble);
                    }
                    tracing::debug!(chat.id = chat.id, %trouble, "a chat cannot be looked at; it is tried again");
                }
            }
        }
        self.forget(&seen, listed.is_ok());
        listed
    }

    async fn look_at(&mut self, chat: &Seen, began: Timestamp, tally: &mut Tally) -> Result<(), Trouble> {
        if chat.is_bot_inside {
            self.take_out_the_stray(chat, began, tally).await?;
        }
        match &chat.news {
            News::Nothing => {}
            News::TooOld(events) => {
                tally.too_old += self.never_admitted(&chat.id, events).await?;
                self.remember(chat, chat.written_at);
            }
            News::Young => {
                let up_to = self.read(chat, tally).await?;
                self.remember(chat, up_to);
            }
        }
        Ok(())
    }

    /// How many of a chat's messages the outbox never heard of.
    async fn never_admitted(&self, chat: &str, events: &[String]) -> Result<usize, Trouble> {
        if events.is_empty() {
            return Ok(0);
        }
        let known = self.door.outbox.known(&self.door.organization, chat, events.to_vec()).await?;
        Ok(events.len().saturating_sub(known))
    }

    fn remember(&mut self, chat: &Seen, up_to: Option<Timestamp>) {
        let known = self.known.entry(chat.id.clone()).or_default();
        known.mark.clone_from(&chat.mark);
        known.up_to = known.up_to.max(up_to);
    }

    /// Chats that are not active any more are forgotten; after half a list, only when there are too many.
    fn forget(&mut self, seen: &[Seen], is_whole: bool) {
        if is_whole || self.known.len() > self.settings.max_chats {
            let active: HashSet<&str> = seen.iter().map(|chat| chat.id.as_str()).collect();
            self.known.retain(|chat, _| active.contains(chat.as_str()));
        }
    }

    /// Makes a call when it is its turn; when told to slow down, waits and makes it again.
    async fn call<T, F>(&self, make: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut tries = 0;
        loop {
            self.wait_for_a_turn().await;
            tries += 1;
            match self.gates.heard(&self.organization, make().await) {
                Err(error @ Error::Slow { wait, .. }) => {
                    let wait = self.gates.close(&self.organization, wait);
                    if tries >= MAX_TRIES {
                        return Err(error);
                    }
                    let (reason, wait_ms) = (error.reason(), wait.as_millis());
                    tracing::warn!(organization.id = %self.organization, reason, wait_ms, "the sweep waits");
                }
                other => return other,
            }
        }
    }

    async fn wait_for_a_turn(&self) {
        self.pace.until_ready().await;
        while let Some(wait) = self.gates.closed(&self.organization) {
            tokio::time::sleep(wait + HEAD_START).await;
        }
        self.gates.turn(&self.organization).await;
    }

    /// The line of a sweep; at `debug` when it found nothing.
    fn report(&self, began: Timestamp, tally: &Tally, outcome: Result<(), Trouble>) {
        let took_ms = self.door.outbox.clock().now().duration_since(began).as_millis();
        let Tally { chats, reads, answered, too_old, left_behind, unread } = *tally;
        for (finding, number) in
            [(Finding::Missed, answered), (Finding::TooOld, too_old), (Finding::LeftBehind, left_behind)]
        {
            metrics::found(finding, number as u64);
        }
        let is_news = answered + too_old + left_behind + unread > 0;
        if let Err(trouble) = outcome {
            tracing::warn!(organization.id = %self.organization, %trouble, "the sweep failed; the next one tries again");
        }
        if is_news {
            tracing::info!(
                organization.id = %self.organization, chats, reads, answered, too_old, left_behind, unread, took_ms,
                "swept"
            );
        } else {
            tracing::debug!(
                organization.id = %self.organization, chats, reads, answered, too_old, left_behind, unread, took_ms,
                "swept"
            );
        }
    }
}
