//! How long after a webhook the reply is posted, on a platform that takes 20 ms for every call.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::Options;
use crate::hook::{self, FITS, Hook};
use crate::load::Line;
use crate::platform::{Call, DELAY, Platform};
use crate::process::Server;
use crate::report::{Report, at_percent, median};

const VISITS: u64 = 200;
/// Before the measured ones: the first fetches the bot's token.
const WARM_UP: u64 = 5;
const VISIT_WITHIN: Duration = Duration::from_secs(10);

/// Sends webhooks one after another, each when the visit before it is over.
pub(crate) async fn measure(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let mut platform = Platform::start().await?;
    let server = Server::bot(&options.binary, platform.address).await?;
    let mut line = Line::open(server.address).await?;
    let mut hook = Hook::new(server.address, FITS, hook::now());
    let mut arrived = Vec::new();
    let mut answered = Vec::new();
    let mut platform_took = Vec::new();
    for number in 1..=WARM_UP + VISITS {
        let sent = Instant::now();
        let status = line.ask(hook.number(number)).await?;
        if status != 200 {
            bail!("the door answered {status}");
        }
        let chat = hook::chat(number);
        let visit = tokio::time::timeout(VISIT_WITHIN, until_left(&mut platform, &chat));
        let reply = visit.await.context("a visit did not end")??;
        if number > WARM_UP {
            let since = |moment: Instant| moment.duration_since(sent).as_secs_f64() * 1e3;
            arrived.push(since(reply.arrived));
            answered.push(since(reply.answered));
            platform_took.push(reply.answered.duration_since(reply.arrived).as_secs_f64() * 1e3);
        }
    }
    let goal = 2.0 * DELAY.as_secs_f64() * 1e3 + 10.0;
    report.add("webhook sent → reply posted (answered), median", median(&answered), "ms", Some(("<=", goal)));
    report.add("webhook sent → reply posted (answered), p99", at_percent(&answered, 99), "ms", None);
    report.add("webhook sent → reply arrives at the platform, median", median(&arrived), "ms", None);
    report.add("webhook sent → reply arrives at the platform, p99", at_percent(&arrived, 99), "ms", None);
    report.add("one call on this platform, median", median(&platform_took), "ms", None);
    Ok(())
}

/// Waits until the bot has left the chat; gives the reply that it sent on the way.
async fn until_left(platform: &mut Platform, chat: &str) -> anyhow::Result<Call> {
    let mut reply = None;
    loop {
        let call = platform.calls.recv().await.context("the platform closed")?;
        if call.chat != chat {
            continue;
        }
        match call.action.as_str() {
            "send_event" => reply = Some(call),
            "remove_user_from_chat" => return reply.context("the bot left without a reply"),
            _ => {}
        }
    }
}
