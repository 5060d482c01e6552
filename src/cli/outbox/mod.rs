//! `chimein outbox`: the visits looked at, replayed and buried by hand, while the bot runs or not.
//!
//! Exit codes: 0 done, or nothing had to be done · 1 it could not be done · 2 the settings or the command line are wrong.

mod mend;
mod select;
mod shown;

use super::complain;
use crate::config::{self, Config};
use crate::outbox::{Clock, Error, View};
use clap::Subcommand;
use select::Selection;
use shown::Shown;
use std::io::Write;
use std::path::PathBuf;

/// What `outbox` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// A settings file; may be given several times, later ones win
    #[arg(long, value_name = "FILE", global = true)]
    config: Vec<PathBuf>,
    /// Prints JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists visits, the latest first
    List {
        #[command(flatten)]
        selection: Selection,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Shows one visit
    Show {
        /// The visit's key, or how it begins
        #[arg(value_parser = select::key)]
        key: String,
    },
    /// Lets buried visits be tried again
    Replay(mend::Replay),
    /// Gives a visit up: it says nothing more, and is kept as buried
    Bury(mend::Bury),
}

/// What a command works with.
struct Desk<'a> {
    config: Config,
    now_ms: i64,
    is_json: bool,
    out: &'a mut dyn Write,
}

/// Does it; the exit code is as the module says.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    let config = match config::load(&args.config) {
        Ok(config) => config,
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| complain(&mistake.to_string()));
            return Ok(2);
        }
    };
    let now_ms = Clock::start().now().as_millisecond();
    let mut desk = Desk { config, now_ms, is_json: args.json, out };
    let done = match &args.what {
        What::List { selection, limit } => list(&mut desk, selection, *limit),
        What::Show { key } => show(&mut desk, key),
        What::Replay(replay) => mend::replay(&mut desk, replay),
        What::Bury(bury) => mend::bury(&mut desk, bury),
    };
    match done {
        // The settings ask for what is not there.
        Err(error) if matches!(error.downcast_ref(), Some(Error::Settings { .. })) => {
            complain(&error.to_string());
            Ok(2)
        }
        other => other,
    }
}

fn list(desk: &mut Desk<'_>, selection: &Selection, limit: u32) -> anyhow::Result<u8> {
    let view = View::open(&desk.config.outbox)?;
    // One more than is shown, to know whether there are more.
    let mut records = view.list(&selection.filter(desk.now_ms), limit.saturating_add(1))?;
    let is_cut = records.len() > usize::try_from(limit)?;
    records.truncate(usize::try_from(limit)?);
    let shown: Vec<Shown> = records.into_iter().map(Shown::from).collect();
    if desk.is_json {
        serde_json::to_writer_pretty(&mut *desk.out, &shown)?;
        writeln!(desk.out)?;
        return Ok(0);
    }
    if shown.is_empty() {
        writeln!(desk.out, "no visits")?;
        return Ok(0);
    }
    shown::table(&shown, desk.out)?;
    if is_cut {
        writeln!(desk.out, "… there are more: --limit shows them")?;
    }
    Ok(0)
}

fn show(desk: &mut Desk<'_>, key: &str) -> anyhow::Result<u8> {
    let view = View::open(&desk.config.outbox)?;
    let Some(record) = select::one(&view, key)? else { return Ok(1) };
    let shown = Shown::from(record);
    if desk.is_json {
        serde_json::to_writer_pretty(&mut *desk.out, &shown)?;
        writeln!(desk.out)?;
    } else {
        shown.tell(desk.out)?;
    }
    Ok(0)
}
