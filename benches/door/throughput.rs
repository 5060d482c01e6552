//! Webhooks per second: the bare handler, the bot when nothing fits, the bot when every webhook becomes a visit.

use anyhow::Context;

use crate::hook::{FITS, FITS_NOT};
use crate::load::{self, Seen};
use crate::platform::Platform;
use crate::process::Server;
use crate::report::{Report, median};
use crate::{Options, hook};

/// One run of one variant.
struct Run {
    seen: Seen,
    /// The server's share of its CPU; well below 1 the load was the limit, not the server.
    busy: f64,
}

impl Run {
    /// CPU microseconds that the server spent on one webhook.
    fn cost(&self) -> f64 {
        self.busy / self.seen.per_second * 1e6
    }
}

/// The share of its CPU that the bare server must have had, for its figure to be its own.
const UNDISTURBED: f64 = 0.9;

async fn run(server: &Server, text: &str, options: &Options) -> anyhow::Result<Run> {
    let mut edges = Vec::new();
    let seen =
        load::send(server.address, text, (options.connections, options.run), || edges.push(server.cpu()))
            .await?;
    let used = edges.last().zip(edges.first()).map(|(end, begin)| end - begin).context("no edges")?;
    Ok(Run { seen, busy: used / options.run.as_secs_f64() })
}

/// All rounds; a server lives for one run, so that no run inherits another's memory or outbox.
pub(crate) async fn measure(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    // Its bot token is refused, so visits are written down and wait; what is measured is the door.
    let platform = Platform::refusing().await?;
    let mut bare = Vec::new();
    let mut silent = Vec::new();
    let mut visits = Vec::new();
    for _ in 0..options.rounds {
        bare.push(run(&Server::bare().await?, FITS_NOT, options).await?);
        silent.push(run(&Server::bot(&options.binary, platform.address).await?, FITS_NOT, options).await?);
        visits.push(run(&Server::bot(&options.binary, platform.address).await?, FITS, options).await?);
    }
    doubt(report, &bare);
    tell(report, "bare handler", &bare);
    tell(report, "bot, nothing fits", &silent);
    tell(report, "bot, every webhook a visit on disk", &visits);
    compare(report, "nothing fits / bare", (&silent, &bare), Some((">=", 0.85)));
    compare(report, "every one a visit / bare", (&visits, &bare), Some((">=", 0.30)));
    Ok(())
}

/// The bare handler against itself.
pub(crate) async fn calibrate(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let mut one = Vec::new();
    let mut other = Vec::new();
    for _ in 0..options.rounds {
        one.push(run(&Server::bare().await?, FITS_NOT, options).await?);
        other.push(run(&Server::bare().await?, FITS, options).await?);
    }
    doubt(report, &one);
    tell(report, "bare handler", &one);
    tell(report, "bare handler again", &other);
    compare(report, "again / bare", (&other, &one), None);
    report.note(format!(
        "a request has {} bytes",
        hook::Hook::new(([127, 0, 0, 1], 8080).into(), FITS, hook::now()).number(0).len()
    ));
    Ok(())
}

/// A bare server that did not have its CPU to itself makes every ratio to it look better than it is.
fn doubt(report: &mut Report, bare: &[Run]) {
    let busy = median(&bare.iter().map(|run| run.busy).collect::<Vec<_>>());
    if busy < UNDISTURBED {
        report.note(format!(
            "**Not valid**: the bare server had {:.0} % of its CPU, so the load or another program was the limit. \
            Of the ratios only those by CPU per webhook mean something.",
            busy * 100.0
        ));
    }
}

fn tell(report: &mut Report, name: &str, runs: &[Run]) {
    let middle = |figure: fn(&Run) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
    report.add(format!("{name}: webhooks"), middle(|run| run.seen.per_second), "/s", None);
    report.add(format!("{name}: median answer"), middle(|run| run.seen.p50.as_secs_f64() * 1e3), "ms", None);
    report.add(format!("{name}: p99 answer"), middle(|run| run.seen.p99.as_secs_f64() * 1e3), "ms", None);
    report.add(format!("{name}: server's CPU share"), middle(|run| run.busy), "", None);
    report.add(format!("{name}: CPU per webhook"), middle(Run::cost), "µs", None);
}

fn compare(
    report: &mut Report,
    name: &str,
    (ours, base): (&[Run], &[Run]),
    goal: Option<(&'static str, f64)>,
) {
    let ratios = |figure: fn(&Run) -> f64| {
        ours.iter().zip(base).map(|(a, b)| figure(a) / figure(b)).collect::<Vec<_>>()
    };
    report.add(name, median(&ratios(|run| run.seen.per_second)), "", goal);
    let cost = ratios(Run::cost).iter().map(|ratio| 1.0 / ratio).collect::<Vec<_>>();
    report.add(format!("{name}, by the server's CPU per webhook"), median(&cost), "", None);
}
