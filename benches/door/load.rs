//! The load: keep-alive connections that each send a webhook, read the whole answer, and send the next.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::hook::{self, Hook};

/// Before the measured part, so that connections stand and memory is warm.
const WARM_UP: Duration = Duration::from_millis(1500);
/// Numbers of one connection; no run gets so far.
const SHARE: u64 = 1_000_000;

/// What one run saw in its measured part.
pub(crate) struct Seen {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// One connection to the door.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends one request and reads its answer to the end; gives the status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await.context("cannot send")?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await.context("cannot read")? == 0 {
                bail!("the connection was closed");
            }
            if let Some(status) = whole(&self.buffer)? {
                return Ok(status);
            }
        }
    }
}

/// The status of an answer, once all of it is there.
fn whole(answer: &[u8]) -> anyhow::Result<Option<u16>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(answer.get(..end).unwrap_or_default())?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without content-length")?;
    let length = length.1.trim().parse::<usize>()?;
    if answer.len() < end + 4 + length {
        return Ok(None);
    }
    let status = head.split(' ').nth(1).context("an answer without a status")?;
    Ok(Some(status.parse()?))
}

/// Sends webhooks with the text for a warm-up and for `run`; any answer but 200 ends it with an error.
///
/// `at_edges` is called when the measured part begins and when it ends.
pub(crate) async fn send(
    address: SocketAddr,
    text: &str,
    (connections, run): (u64, Duration),
    mut at_edges: impl FnMut(),
) -> anyhow::Result<Seen> {
    // All stand before the first one sends: to open one among busy ones takes as long as a turn of them all.
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Line::open(address).await?);
    }
    let begin = Instant::now() + WARM_UP;
    let end = begin + run;
    let mut lines = JoinSet::new();
    for (line, share) in open.into_iter().zip(0..) {
        let hook = Hook::new(address, text, hook::now());
        lines.spawn(keep_sending(line, hook, share * SHARE, begin, end));
    }
    // Never asleep: to wake a sleeping sender costs the server, and the faster server would pay less of it.
    lines.spawn(async move {
        while Instant::now() < end {
            tokio::task::yield_now().await;
        }
        Ok(Vec::new())
    });
    tokio::time::sleep_until(begin.into()).await;
    at_edges();
    tokio::time::sleep_until(end.into()).await;
    at_edges();
    let mut took = Vec::new();
    while let Some(line) = lines.join_next().await {
        took.append(&mut line??);
    }
    took.sort_unstable();
    let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
    let count = f64::from(u32::try_from(took.len())?);
    Ok(Seen { per_second: count / run.as_secs_f64(), p50: at(50), p99: at(99) })
}

async fn keep_sending(
    mut line: Line,
    mut hook: Hook,
    first: u64,
    begin: Instant,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(1 << 14);
    for number in first..first + SHARE {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let status = line.ask(hook.number(number)).await?;
        if status != 200 {
            bail!("the door answered {status}");
        }
        if sent >= begin {
            took.push(sent.elapsed());
        }
    }
    Ok(took)
}
