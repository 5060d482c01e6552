//! The worker: claims visits, makes stays of them, puts back what could not be finished.
//!
//! Promises: one stay at a time in a chat, `concurrency` chats at once; a stay that takes longer
//! than `deadline`, or panics, is put back; one whose lease ended changes nothing more; a visit is told of
//! once its end is on disk; when told to stop it claims nothing more and lets the running stays finish.

use super::brake::Brake;
use super::course::{Call, Halt, Terms, outcome_label};
use super::inside::Inside;
use super::settings::Settings;
use super::stay::{Means, Stay, late, lease};
use crate::livechat::{Bot, Gates, OrganizationId};
use crate::outbox::{Change, Ending, Hold, Outbox, PRUNE_BATCH, Visit};
use crate::telemetry::metrics::{self, Limit};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the claimer rests at most: by then it sees leases that ended, old rows, and what people did by hand.
const REST: Duration = Duration::from_secs(5);
/// How often old visits are deleted.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long it rests at least when what is due belongs to chats that are being visited.
const SHORT_REST: Duration = Duration::from_millis(200);

/// The worker.
pub struct Worker {
    means: Means,
    organization: OrganizationId,
    slots: Arc<Semaphore>,
    brake: Brake,
    finished: Notify,
    stays: TaskTracker,
}

impl Worker {
    /// A worker that visits the chats of `organization` as `bot`.
    pub fn new(
        organization: OrganizationId,
        bot: Bot,
        gates: Arc<Gates>,
        outbox: Outbox,
        settings: Settings,
        max_age: SignedDuration,
        own_prefix: &'static str,
    ) -> Arc<Self> {
        let slots = Arc::new(Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        let brake = Brake::new(&settings);
        let terms = Terms { bot: bot.id().clone(), own_prefix, max_age, max_attempts: settings.max_attempts };
        let means = Means { bot, outbox, gates, inside: Inside::default(), settings, terms };
        Arc::new(Self {
            means,
            organization,
            slots,
            brake,
            finished: Notify::new(),
            stays: TaskTracker::new(),
        })
    }

    /// In how many chats the bot is for longer than `deadline` allows.
    pub fn present_too_long(&self) -> usize {
        self.means.inside.longer_than(self.means.settings.deadline.unsigned_abs())
    }

    /// In how many organizations the breaker is open.
    pub fn breakers_open(&self) -> usize {
        self.brake.open()
    }

    /// Visits until told to stop, then waits for the stays that run.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut pruned = Instant::now();
        while let Some(slot) = stop.run_until_cancelled(self.slots.clone().acquire_owned()).await {
            let Ok(slot) = slot else { break };
            // What waits does so undisturbed while no call can be made.
            if let Some(wait) = self.means.gates.closed(&self.organization) {
                if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                    break;
                }
                continue;
            }
            let rest = self.claim(slot).await;
            if !rest.is_zero() && pruned.elapsed() >= PRUNE_EVERY {
                let is_all = self.prune().await;
                // What is left of many is deleted soon, in batches that keep nobody waiting for long.
                pruned = if is_all { Instant::now() } else { pruned };
            }
            let woken = async {
                tokio::select! {
                    () = self.means.outbox.arrival() => {}
                    () = self.finished.notified() => {}
                    () = tokio::time::sleep(rest) => {}
                }
            };
            if !rest.is_zero() && stop.run_until_cancelled(woken).await.is_none() {
                break;
            }
        }
        self.stays.close();
        self.stays.wait().await;
    }

    /// Begins a stay in every chat that was claimed; says how long to rest.
    async fn claim(self: &Arc<Self>, slot: OwnedSemaphorePermit) -> Duration {
        let mut slots = vec![slot];
        slots.extend(std::iter::from_fn(|| self.slots.clone().try_acquire_owned().ok()));
        let claimed = match self.means.outbox.claim(slots.len(), lease(&self.means.settings)).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "cannot claim visits");
                return Duration::from_secs(1);
            }
        };
        metrics::leases_lost(claimed.leases_lost);
        let is_idle = claimed.visits.is_empty();
        let mut braked = Vec::new();
        for visits in by_chat(claimed.visits) {
            if let Some(wait) = self.brakes(&visits) {
                braked.extend(self.not_yet(&visits, wait));
                continue;
            }
            // There are at most as many chats as slots.
            let Some(slot) = slots.pop() else { break };
            let worker = Arc::clone(self);
            self.stays.spawn(async move {
                worker.visit(visits).await;
                drop(slot);
                worker.finished.notify_one();
            });
        }
        if !braked.is_empty() && self.means.outbox.change(braked).await.is_err() {
            tracing::warn!("visits that must wait could not be put back; they go on when their lease ends");
        }
        if !is_idle {
            return Duration::ZERO;
        }
        let now = self.means.outbox.clock().now().as_millisecond();
        let until_due = claimed
            .next_due_ms
            .map(|due| Duration::from_millis(due.saturating_sub(now).max(0).unsigned_abs()));
        until_due.map_or(REST, |wait| wait.clamp(SHORT_REST, REST))
    }

    /// How long a chat's visits must wait for their turn. Who was in the chat before is not held up: it may have to leave.
    fn brakes(&self, visits: &[Visit]) -> Option<Duration> {
        let first = visits.first().filter(|_| visits.iter().all(|visit| visit.is_fresh))?;
        self.brake.begin(&OrganizationId::new(first.organization.clone())).err()
    }

    /// Visits that were claimed before their turn go back as fresh as they were, and keep no slot.
    fn not_yet(&self, visits: &[Visit], wait: Duration) -> Vec<(Hold, Change)> {
        metrics::braked(Limit::PerMinute, visits.len() as u64);
        let now = self.means.outbox.clock().now().as_millisecond();
        let due_ms = now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        let put_back = |visit: &Visit| {
            let (standing, said) = (visit.standing, visit.said.clone());
            (visit.hold, Change::Postpone { due_ms, counts: false, untouched: true, standing, said })
        };
        visits.iter().map(put_back).collect()
    }

    /// Deletes old visits; says whether that was all for now.
    async fn prune(&self) -> bool {
        match self.means.outbox.prune().await {
            Ok(number) => number < PRUNE_BATCH,
            Err(error) => {
                tracing::warn!(%error, "old visits could not be deleted");
                true
            }
        }
    }

    async fn visit(&self, visits: Vec<Visit>) {
        let Some(mut stay) = Stay::new(&self.means, visits) else { return };
        let deadline = self.means.settings.deadline.unsigned_abs();
        match tokio::time::timeout(deadline, stay.run()).await {
            Ok(Ok(())) => {}
            Ok(Err(halt)) => self.stop(&mut stay, halt).await,
            Err(_) => {
                let halt = late(&self.means.gates, &stay.organization, stay.is_asking(), fastrand::f64());
                self.stop(&mut stay, halt).await;
            }
        }
        if stay.course.is_lost() {
            tracing::warn!(chat.id = %stay.chat, "a stay stops: its lease is over");
            return;
        }
        if !stay.course.may_be_inside() {
            self.means.inside.leave(&stay.organization, &stay.chat);
        }
        let now = self.means.outbox.clock().now().as_millisecond();
        self.change(stay.course.visits(), stay.course.over(now)).await;
    }

    /// The stay cannot go on now.
    async fn stop(&self, stay: &mut Stay<'_>, halt: Halt) {
        let wait = stay.course.stop(&halt, fastrand::f64());
        tracing::debug!(chat.id = %stay.chat, reason = halt.reason, wait_ms = wait.as_millis(), "a stay cannot go on now");
        if stay.course.leaves_first() {
            // What is left of the lease after this is for the write.
            let patience = self.means.settings.deadline.unsigned_abs() / 2;
            if !matches!(tokio::time::timeout(patience, stay.make(Call::Leave)).await, Ok(Ok(()))) {
                tracing::debug!(chat.id = %stay.chat, "cannot leave now; it is tried again");
            }
        }
    }

    /// Writes down what becomes of these visits, one change for each, and tells of those that have ended.
    async fn change(&self, visits: &[Visit], changes: Vec<(Hold, Change)>) {
        match self.means.outbox.change(changes.clone()).await {
            Ok(kept) => {
                for ((visit, (_, change)), is_kept) in visits.iter().zip(&changes).zip(kept) {
                    match change {
                        _ if !is_kept => {
                            tracing::warn!(visit.key = %visit.key, chat.id = visit.chat, "a visit was taken over: its lease is over");
                        }
                        Change::End { ending, outcome } => self.tell(visit, *ending, outcome),
                        Change::Postpone { .. } => {
                            tracing::debug!(visit.key = %visit.key, chat.id = visit.chat, "put back");
                        }
                        Change::Stand(_) => {}
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "visits could not be written down; they go on when their lease ends");
            }
        }
    }

    /// The one line of a visit that has ended, and its number.
    fn tell(&self, visit: &Visit, ending: Ending, outcome: &str) {
        let now = self.means.outbox.clock().now().as_millisecond();
        metrics::visit_ended(&visit.rule, outcome_label(outcome));
        tracing::info!(
            visit.key = %visit.key, organization.id = visit.organization, chat.id = visit.chat,
            thread.id = visit.thread, event.id = visit.event, rule.name = visit.rule,
            rules.version = visit.rules_version, outcome, buried = ending == Ending::Buried,
            attempts = visit.attempts + 1, took_ms = now - visit.admitted_ms,
            "visit ended: {outcome}"
        );
    }
}

/// Splits what was claimed into chats; the visits of a chat stand together.
fn by_chat(visits: Vec<Visit>) -> Vec<Vec<Visit>> {
    let mut chats: Vec<Vec<Visit>> = Vec::new();
    for visit in visits {
        match chats.last_mut() {
            Some(chat) if chat.first().is_some_and(|first| same_chat(first, &visit)) => chat.push(visit),
            _ => chats.push(vec![visit]),
        }
    }
    chats
}

fn same_chat(one: &Visit, other: &Visit) -> bool {
    one.chat == other.chat && one.organization == other.organization
}
