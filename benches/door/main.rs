//! Measures the door: webhooks per second against a bare handler, time to the reply, start and memory.
//!
//! `just bench` builds the release binary and runs this. The server of each run has CPU 0 to itself, the load comes from
//! CPU 1, the variants take turns in every round, and what is reported is the median of the rounds' ratios.
//! Only loopback is used; every run is bounded in time; only processes started here are ended.
#![expect(clippy::print_stdout, reason = "the figures are the output of this program")]

mod hook;
mod latency;
mod load;
mod platform;
mod process;
mod report;
mod throughput;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use report::Report;

/// What the command line asks for.
pub(crate) struct Options {
    /// The release binary of the bot.
    binary: PathBuf,
    rounds: usize,
    /// How long one measured run lasts.
    run: Duration,
    /// How many connections send at once.
    connections: u64,
    json: bool,
    /// Measure the bare handler against itself: shows the noise, and needs no binary.
    calibrate: bool,
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            binary: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/release/chimein")),
            rounds: 5,
            run: Duration::from_secs(4),
            connections: 512,
            json: false,
            calibrate: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--binary" => options.binary = value()?.into(),
                "--rounds" => options.rounds = value()?.parse()?,
                "--seconds" => options.run = Duration::from_secs_f64(value()?.parse()?),
                "--connections" => options.connections = value()?.parse()?,
                "--json" => options.json = true,
                "--calibrate" => options.calibrate = true,
                "--bench" => {} // cargo says so
                _ => bail!(
                    "unknown word {word}; known: --binary --rounds --seconds --connections --json --calibrate"
                ),
            }
        }
        Ok(options)
    }
}

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == process::BARE).is_some() {
        return process::serve_bare(words);
    }
    let options = Options::read(words)?;
    let machine = report::Machine::read();
    process::pin_self()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(measure(&options, machine))?;
    if options.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.table());
    }
    Ok(())
}

async fn measure(options: &Options, machine: report::Machine) -> anyhow::Result<Report> {
    let mut report = Report::new(machine);
    if options.calibrate {
        return throughput::calibrate(options, &mut report).await.map(|()| report);
    }
    if !options.binary.is_file() {
        bail!("{} is not there; `cargo build --release` makes it", options.binary.display());
    }
    throughput::measure(options, &mut report).await?;
    latency::measure(options, &mut report).await?;
    process::measure_start(options, &mut report).await?;
    Ok(report)
}
