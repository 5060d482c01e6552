//! One delivery: its first try, and the repetitions when it was not answered with 200.
use crate::sandbox::journal::{Delivery, Journal, Outcome};
use crate::sandbox::options::Options;
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot};

/// Deliveries under way at the same time.
const IN_FLIGHT: usize = 256;
/// How long an idle connection to a receiver is kept.
const IDLE: Duration = Duration::from_secs(15);

/// A delivery that is ready to go.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) delivery: Delivery,
    pub(super) body: Bytes,
}

/// Carries deliveries.
#[derive(Debug)]
pub(super) struct Courier {
    client: reqwest::Client,
    journal: Journal,
    retries: Vec<Duration>,
    slots: Semaphore,
}

impl Courier {
    pub(super) fn new(options: &Options, journal: Journal) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(options.webhook_timeout)
            .pool_idle_timeout(IDLE)
            // Receivers are on this machine and make their own certificates; there is nothing to verify.
            .tls_danger_accept_invalid_certs(true)
            .user_agent("chimein-sandbox")
            .build()?;
        Ok(Self {
            client,
            journal,
            retries: options.webhook_retries.clone(),
            slots: Semaphore::new(IN_FLIGHT),
        })
    }

    /// Tries until the receiver answers 200 or no repetition is left. `first` hears when the first try is over.
    pub(super) async fn carry(&self, job: Job, first: oneshot::Sender<()>) {
        let mut delivered = self.attempt(&job, 1).await;
        // The lane may have lost its patience already.
        first.send(()).ok();
        for (attempt, wait) in (2..).zip(&self.retries) {
            if delivered {
                return;
            }
            tokio::time::sleep(*wait).await;
            delivered = self.attempt(&job, attempt).await;
        }
    }

    async fn attempt(&self, job: &Job, attempt: u32) -> bool {
        // The semaphore is never closed; without a slot there would be no try.
        let Ok(_slot) = self.slots.acquire().await else { return false };
        let delivery = Delivery { attempt, ..job.delivery.clone() };
        let seq = self.journal.delivering(delivery);
        let began = Instant::now();
        let sent = self
            .client
            .post(&job.delivery.url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(job.body.clone())
            .send()
            .await;
        let outcome = match sent {
            Ok(answer) => Outcome::Status(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Outcome::Timeout,
            Err(error) if error.is_connect() => Outcome::Refused,
            Err(_) => Outcome::Broken,
        };
        self.journal.delivered(seq, outcome, began.elapsed());
        outcome == Outcome::Status(200)
    }
}
