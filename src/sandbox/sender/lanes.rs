//! The order of deliveries: one lane for each chat.
//!
//! The next batch of a lane starts when every first try of the batch before is over, or when
//! [`PATIENCE`] is: a receiver that hangs delays its chat only a little.
use super::courier::{Courier, Job};
use super::target::is_loopback;
use crate::sandbox::faults::{Faults, WebhookEffect};
use crate::sandbox::journal::{Delivery, Journal, Outcome};
use crate::sandbox::locks::hold;
use crate::sandbox::options::Options;
use crate::sandbox::world::{Batch, Parcel, Verdict};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a lane waits for the receivers of a batch before it goes on.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a delivery that was asked to come late waits for another to come first.
const HELD: Duration = Duration::from_secs(2);
/// Batches that wait in all lanes together; more are dropped and the journal says so.
const QUEUE: usize = 100_000;

/// Takes batches and sees to their delivery. Clones are the same sender.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    courier: Courier,
    journal: Journal,
    faults: Faults,
    lanes: Mutex<Lanes>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Lanes {
    waiting: HashMap<Option<String>, VecDeque<Vec<Job>>>,
    queued: usize,
    /// Jobs that shall come after the next delivery.
    held: Vec<Job>,
}

impl Sender {
    pub(crate) fn new(
        options: &Options,
        journal: Journal,
        faults: Faults,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        let courier = Courier::new(options, journal.clone())?;
        let lanes = Mutex::new(Lanes::default());
        Ok(Self { inner: Arc::new(Inner { courier, journal, faults, lanes, tasks, stop }) })
    }

    /// Puts a batch at the end of its lane.
    pub(crate) fn enqueue(&self, batch: Batch) {
        let jobs: Vec<Job> = batch.parcels.into_iter().flat_map(|parcel| self.jobs(parcel)).collect();
        if jobs.is_empty() {
            return;
        }
        self.push(batch.chat_id.clone(), jobs);
        let held = std::mem::take(&mut hold(&self.inner.lanes).held);
        if !held.is_empty() {
            self.push(batch.chat_id, held);
        }
    }

    /// The jobs of a parcel after the faults; none when it does not leave now.
    fn jobs(&self, parcel: Parcel) -> Vec<Job> {
        let mut job = Job { delivery: delivery_of(&parcel), body: Bytes::new() };
        if parcel.verdict == Verdict::Gated {
            return self.stays(job, Outcome::Gated);
        }
        if !is_loopback(&parcel.url) {
            return self.stays(job, Outcome::NotLoopback);
        }
        let effect = self.inner.faults.take_webhook(&parcel.action);
        job.delivery.fault = effect.as_ref().map(WebhookEffect::name);
        job.body = Bytes::from(changed(parcel.body, effect.as_ref()).to_string());
        match effect {
            Some(WebhookEffect::Drop) => self.stays(job, Outcome::Dropped),
            Some(WebhookEffect::Duplicate(more)) => {
                vec![job; usize::try_from(more).unwrap_or(1).saturating_add(1)]
            }
            Some(WebhookEffect::Delay(delay)) => {
                self.later(delay, move |sender| sender.push(job.delivery.chat_id.clone(), vec![job]));
                Vec::new()
            }
            Some(WebhookEffect::Reorder) => {
                hold(&self.inner.lanes).held.push(job);
                self.later(HELD, |sender| {
                    let held = std::mem::take(&mut hold(&sender.inner.lanes).held);
                    if !held.is_empty() {
                        sender.push(None, held);
                    }
                });
                Vec::new()
            }
            Some(
                WebhookEffect::WrongSecret
                | WebhookEffect::UnknownFields
                | WebhookEffect::UnknownAction
                | WebhookEffect::NoAdditionalData,
            )
            | None => vec![job],
        }
    }

    fn stays(&self, job: Job, outcome: Outcome) -> Vec<Job> {
        self.inner.journal.delivering(Delivery { attempt: 0, outcome, ..job.delivery });
        Vec::new()
    }

    fn later(&self, delay: Duration, then: impl FnOnce(&Self) + Send + 'static) {
        let sender = self.clone();
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = sender.inner.stop.cancelled() => {}
                () = tokio::time::sleep(delay) => then(&sender),
            }
        });
    }

    fn push(&self, lane: Option<String>, jobs: Vec<Job>) {
        let mut lanes = hold(&self.inner.lanes);
        if lanes.queued >= QUEUE {
            drop(lanes);
            for job in jobs {
                self.stays(job, Outcome::QueueFull);
            }
            return;
        }
        lanes.queued += 1;
        let idle = !lanes.waiting.contains_key(&lane);
        lanes.waiting.entry(lane.clone()).or_default().push_back(jobs);
        drop(lanes);
        if idle {
            let sender = self.clone();
            self.inner.tasks.spawn(async move { sender.drive(lane).await });
        }
    }

    /// Empties a lane, batch after batch, and removes it.
    async fn drive(self, lane: Option<String>) {
        while let Some(jobs) = self.next(&lane) {
            let firsts: Vec<oneshot::Receiver<()>> = jobs.into_iter().map(|job| self.carry(job)).collect();
            let answered = async {
                for first in firsts {
                    // An error means that the delivery was cancelled: it is over too.
                    drop(first.await);
                }
            };
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                () = answered => {}
                () = tokio::time::sleep(PATIENCE) => {}
            }
        }
    }

    fn next(&self, lane: &Option<String>) -> Option<Vec<Job>> {
        let mut lanes = hold(&self.inner.lanes);
        let jobs = lanes.waiting.get_mut(lane).and_then(VecDeque::pop_front);
        match jobs {
            Some(_) => lanes.queued -= 1,
            None => drop(lanes.waiting.remove(lane)),
        }
        jobs
    }

    fn carry(&self, job: Job) -> oneshot::Receiver<()> {
        let (done, first) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = inner.stop.cancelled() => {}
                () = inner.courier.carry(job, done) => {}
            }
        });
        first
    }
}

fn delivery_of(parcel: &Parcel) -> Delivery {
    Delivery {
        webhook_id: parcel.webhook_id.clone(),
        action: parcel.action.clone(),
        chat_id: parcel.chat_id.clone(),
        url: parcel.url.clone(),
        attempt: 0,
        outcome: Outcome::Pending,
        fault: None,
        took_us: None,
    }
}

/// The body as a fault spoils it.
fn changed(mut body: Value, effect: Option<&WebhookEffect>) -> Value {
    let Some(fields) = body.as_object_mut() else { return body };
    match effect {
        Some(WebhookEffect::WrongSecret) => {
            fields.insert("secret_key".to_owned(), json!("not the secret"));
        }
        Some(WebhookEffect::UnknownAction) => {
            fields.insert("action".to_owned(), json!("pizza_delivered"));
        }
        Some(WebhookEffect::NoAdditionalData) => {
            fields.remove("additional_data");
        }
        Some(WebhookEffect::UnknownFields) => {
            fields.insert("delivered_by".to_owned(), json!({"bicycle": true}));
            if let Some(payload) = fields.get_mut("payload").and_then(Value::as_object_mut) {
                payload.insert("mood".to_owned(), json!("hungry"));
            }
        }
        Some(
            WebhookEffect::Duplicate(_)
            | WebhookEffect::Delay(_)
            | WebhookEffect::Reorder
            | WebhookEffect::Drop,
        )
        | None => {}
    }
    body
}
