//! Soaks the bot: 200 webhooks a second, one in ten fits a rule, while everything around it fails at random.
//!
//! `just soak` builds the binary and runs this. The sandbox runs in this process, the bot is the real binary and is killed
//! now and then. In the end faults are lifted, the bot may settle, and every chat is looked at: a reply that is doubled or
//! missing, or a bot left inside, makes the exit code 1. The same seed draws the same faults; time and threads do the rest.
#![expect(clippy::print_stdout, reason = "the counts are the output of this program")]

mod bot;
mod people;
mod platform;
mod trouble;
mod verdict;

use anyhow::{Context, bail};
use bot::Bot;
use people::Written;
use platform::Platform;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use verdict::Verdict;

/// After the faults are lifted everything must be good within this time.
const SETTLE: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Memory is compared when the last process lived at least so long after its first minute.
const MINUTE: Duration = Duration::from_secs(60);

struct Options {
    binary: PathBuf,
    lasts: Duration,
    seed: u64,
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            binary: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/release/chimein")),
            lasts: Duration::from_secs(600),
            seed: fastrand::u64(..),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--binary" => options.binary = std::path::absolute(value()?)?,
                "--minutes" => options.lasts = Duration::from_secs_f64(60.0 * value()?.parse::<f64>()?),
                "--seed" => options.seed = value()?.parse()?,
                "--bench" => {} // cargo says so
                _ => bail!("unknown word {word}; known: --binary --minutes --seed"),
            }
        }
        Ok(options)
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::read(std::env::args().skip(1))?;
    if !options.binary.is_file() {
        bail!("{} is not there; `cargo build --release` makes it", options.binary.display());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(soak(&options))
}

async fn soak(options: &Options) -> anyhow::Result<ExitCode> {
    println!("soak: seed {}, {} s", options.seed, options.lasts.as_secs());
    let platform = Arc::new(Platform::start().await?);
    let mut bot = Bot::prepare(&options.binary, &platform)?;
    platform.tell(&bot.door()).await?;
    bot.start().await?;
    let (written, stop, writers) =
        (Arc::new(Written::default()), CancellationToken::new(), TaskTracker::new());
    for number in 0..people::WRITERS {
        let (platform, written) = (Arc::clone(&platform), Arc::clone(&written));
        let seed = options.seed.wrapping_add(number);
        writers.spawn(people::write(platform, written, seed, stop.clone()));
    }
    let begin = Instant::now();
    let memory = trouble::make(&platform, &mut bot, options.seed, options.lasts).await?;
    stop.cancel();
    writers.close();
    writers.wait().await;
    let took = begin.elapsed();
    println!("the faults are lifted");
    platform.sandbox.faults().clear();
    let verdict = settle(&platform, &mut bot, &written).await?;
    let at_end = bot.memory()?;
    report(&written, took, &verdict, memory, at_end);
    let has_grown = memory.is_some_and(|memory| at_end > memory * 1.2);
    let is_good = verdict.is_good() && !has_grown;
    if !is_good {
        println!("soak: the outbox and the log are kept in {}", bot.keep().display());
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn settle(platform: &Platform, bot: &mut Bot, written: &Written) -> anyhow::Result<Verdict> {
    let begin = Instant::now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let verdict = verdict::look(platform, bot, written).await?;
        println!("after {} s: {verdict}", begin.elapsed().as_secs());
        if verdict.is_good() || begin.elapsed() > SETTLE {
            return Ok(verdict);
        }
    }
}

fn report(written: &Written, took: Duration, verdict: &Verdict, memory: Option<f64>, at_end: f64) {
    let messages = written.messages();
    let rate = f64::from(u32::try_from(messages).unwrap_or(u32::MAX)) / took.as_secs_f64();
    println!("messages {messages} ({rate:.0}/s)");
    println!("{verdict}");
    let earlier = memory.map_or("too short a run to compare".to_owned(), |memory| {
        format!("{memory:.1} MiB a minute after the last start")
    });
    println!("memory {at_end:.1} MiB at the end ({earlier})");
}
