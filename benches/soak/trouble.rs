//! What goes wrong: faults of calls and of webhooks without end, and a bot that is killed in the first half.

use crate::bot::Bot;
use crate::platform::Platform;
use chimein::sandbox::{CallEffect, Face, Fault, Times, WebhookEffect};
use fastrand::Rng;
use std::time::{Duration, Instant};

const ACTIONS: [&str; 5] =
    ["add_user_to_chat", "send_event", "remove_user_from_chat", "get_chat", "list_chats"];
/// No more faults are added while so many wait to be met.
const WAITING: usize = 20;

/// Makes trouble for so long; gives the bot's memory a minute after its last start, when it lived twice as long.
pub(crate) async fn make(
    platform: &Platform,
    bot: &mut Bot,
    seed: u64,
    lasts: Duration,
) -> anyhow::Result<Option<f64>> {
    let mut rng = Rng::with_seed(seed);
    let begin = Instant::now();
    let mut started = begin;
    let mut kill_at = begin + Duration::from_secs(rng.u64(5..40));
    let (mut memory, mut faulted, mut kills) = (None, 0, 0);
    while begin.elapsed() < lasts {
        tokio::time::sleep(Duration::from_millis(rng.u64(50..1_000))).await;
        let faults = platform.sandbox.faults();
        if faults.list().len() < WAITING {
            faulted += 1;
            faults.add(if rng.bool() { of_a_call(&mut rng) } else { of_a_webhook(&mut rng) });
        }
        if begin.elapsed() < lasts / 2 && Instant::now() >= kill_at {
            bot.kill()?;
            kills += 1;
            tokio::time::sleep(Duration::from_millis(rng.u64(..5_000))).await;
            bot.start().await?;
            started = Instant::now();
            kill_at = started + Duration::from_secs(rng.u64(5..40));
        }
        if memory.is_none() && begin.elapsed() >= lasts / 2 && started.elapsed() >= crate::MINUTE {
            memory = Some(bot.memory()?);
        }
    }
    println!("faults {faulted}, kills {kills}");
    Ok(memory.filter(|_| started.elapsed() >= crate::MINUTE * 2))
}

fn of_a_call(rng: &mut Rng) -> Fault {
    let refused =
        |code, kind: &str, retry_after| CallEffect::Status { code, kind: Some(kind.to_owned()), retry_after };
    let effect = match rng.u8(..10) {
        0 => refused(429, "too_many_requests", Some(1)),
        1 => refused(429, "too_many_requests", None),
        2 => refused(500, "internal", None),
        3 => refused(503, "service_unavailable", None),
        4 => CallEffect::HangBefore,
        5 => CallEffect::HangAfter,
        6 => CallEffect::ResetBefore,
        7 => CallEffect::ResetAfter,
        8 => CallEffect::Truncated,
        _ => CallEffect::RevokedToken,
    };
    let action = ACTIONS.get(rng.usize(..ACTIONS.len())).copied().unwrap_or("*");
    // The administrator of this program calls the same API, but only when the faults are lifted.
    let (face, times) = (Some(Face::Agent), Times::Count(rng.u32(1..4)));
    Fault::Call { action: action.to_owned(), face, times, effect }
}

fn of_a_webhook(rng: &mut Rng) -> Fault {
    let effect = match rng.u8(..4) {
        0 => WebhookEffect::Duplicate(rng.u32(1..4)),
        1 => WebhookEffect::Delay(Duration::from_millis(rng.u64(..3_000))),
        2 => WebhookEffect::Reorder,
        _ => WebhookEffect::Drop,
    };
    Fault::Webhook { action: None, times: Times::Count(rng.u32(1..10)), effect }
}
