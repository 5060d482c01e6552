//! Customers who write without end: each two messages a second, 40 to a chat, then another one comes.

use crate::platform::{Platform, text};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// So many write at the same time: 200 messages a second.
pub(crate) const WRITERS: u64 = 100;
const PAUSE: Duration = Duration::from_millis(500);
const MESSAGES: usize = 40;
/// Two texts: the first fits the rule, the second fits none.
pub(crate) const FITS: &str = "Hello, can I still order a pizza today?";
const FITS_NOT: &str = "Hello, can I still order a salad today?";

/// What was written: how many messages, and in which chats.
#[derive(Default)]
pub(crate) struct Written {
    messages: AtomicUsize,
    chats: Mutex<Vec<String>>,
}

impl Written {
    pub(crate) fn messages(&self) -> usize {
        self.messages.load(Ordering::Relaxed)
    }

    pub(crate) fn chats(&self) -> Vec<String> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes until told to stop; a customer whose call fails goes, and another one comes.
pub(crate) async fn write(
    platform: Arc<Platform>,
    written: Arc<Written>,
    seed: u64,
    stop: CancellationToken,
) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while !stop.is_cancelled() {
        if let Err(error) = one_customer(&platform, &written, &mut rng, &mut ticks, &stop).await {
            println!("soak: a customer went away: {error:#}");
            ticks.tick().await;
        }
    }
}

async fn one_customer(
    platform: &Platform,
    written: &Written,
    rng: &mut fastrand::Rng,
    ticks: &mut Interval,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let token = platform.customer().await?;
    let start = json!({ "chat": { "thread": { "events": [] } } });
    let chat = text(&platform.customers_call(&token, "start_chat", start).await?, "/chat_id")?;
    written.chats.lock().unwrap_or_else(PoisonError::into_inner).push(chat.clone());
    for _ in 0..MESSAGES {
        ticks.tick().await;
        if stop.is_cancelled() {
            break;
        }
        let words = if rng.u8(..10) == 0 { FITS } else { FITS_NOT };
        let body = json!({ "chat_id": chat, "event": { "type": "message", "text": words } });
        platform.customers_call(&token, "send_event", body).await?;
        written.messages.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
