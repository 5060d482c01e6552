//! `chimein backtest`: the rules on what was written before, in the archives or a file; speaks nowhere.
//!
//! Promises: of LiveChat it asks for the archives (and a bot's token) and for nothing else; it keeps counters and a few examples,
//! never the messages; what somebody wrote is shown and kept with `--show-text` only.
//!
//! Exit codes: 0 everything was read · 1 it was interrupted, or LiveChat did not answer · 2 settings, rules or the
//! command line are wrong.

mod archive;
mod lines;
mod progress;
mod report;
mod resume;
mod tally;
mod told;
mod trial;
mod window;

use super::complain;
use crate::config;
use crate::outbox::Clock;
use crate::rules::Rules;
use bytesize::ByteSize;
use report::{Report, Source};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use trial::Trial;
use window::{When, Window};

/// How far back the archives are read when nobody says.
const USUAL_SINCE: &str = "30d";

/// What `backtest` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// From when on: a time (2026-11-22T10:00:00Z), or how long ago (12h, 30d); of the archives 30d when nothing is said
    #[arg(long, value_name = "WHEN", value_parser = window::when)]
    since: Option<When>,
    /// Until when, in the same words; until now when nothing is said
    #[arg(long, value_name = "WHEN", value_parser = window::when)]
    until: Option<When>,
    /// The rules to try, in the place of `rules.path`: a file, or a folder of them
    #[arg(long, value_name = "PATH")]
    rules: Option<PathBuf>,
    /// Rules to compare with, for example those in force: tells which messages would be answered otherwise
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    /// Reads messages from this file, one JSON object a line, instead of the archives; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    from_file: Option<PathBuf>,
    /// Keeps in this file how far it came, and goes on from there
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Shows what was written in the examples, with »marks« around the keywords
    #[arg(long)]
    show_text: bool,
    /// How many examples for each rule at most
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    examples: u16,
    /// How many pages of the archives are asked for in a minute at most
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..))]
    per_minute: u32,
    /// How many threads are on each page of the archives
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    page_size: u32,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    /// A settings file; may be given several times, later ones win
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
}

/// How the reading ended.
enum Ending {
    /// Everything was read.
    Whole,
    /// It was not; the text says why, and how to go on.
    Broken(String),
    /// It did not begin: something that was asked for is wrong.
    Refused(String),
}

/// Tries the rules and tells on `out`; the exit code is as the module says.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    let config = config::load(&args.config);
    let path = super::rules_path(args.rules.as_deref(), &config);
    let config = match config {
        Ok(config) => config,
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| complain(&mistake.to_string()));
            return Ok(2);
        }
    };
    let load = |path: &Path| load(path, config.rules.max_text);
    let Some(rules) = load(&path) else { return Ok(2) };
    let against = match args.against.as_deref().map(load) {
        Some(None) => return Ok(2),
        against => against.flatten(),
    };
    let now = Clock::start().now();
    let mut window = Window::of(args.since.as_ref(), args.until.as_ref(), now);
    let mut trial = Trial::new(rules, against, usize::from(args.examples), args.show_text, &config.bot.id);
    let (ending, source) = match &args.from_file {
        Some(file) => {
            trial.window = window;
            let limit = usize::try_from(config.livechat.max_response.as_u64()).unwrap_or(usize::MAX);
            (lines::read(file, limit, &mut trial)?, Source::File(file.display().to_string()))
        }
        None => {
            if window.from.is_none() {
                let usual = window::when(USUAL_SINCE).map_err(anyhow::Error::msg)?;
                window.from = Some(usual.before(now));
            }
            trial.window = Window { to: window.to.or(Some(now)), ..window };
            let ending = super::block_on(archive::read(&config, args, &mut trial))?;
            (ending, Source::Archives)
        }
    };
    let whole = match ending {
        Ending::Whole => true,
        Ending::Broken(why) => {
            complain(&why);
            false
        }
        Ending::Refused(why) => {
            complain(&why);
            return Ok(2);
        }
    };
    let report = Report::of(&trial, source, whole);
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        told::tell(&report, out)?;
    }
    Ok(u8::from(!whole))
}

/// Rules without a mistake, which read as much of a text as those of the bot; the mistakes are told otherwise.
fn load(path: &Path, max_text: ByteSize) -> Option<Rules> {
    Rules::load(path)
        .map(|rules| rules.with_max_text(max_text))
        .map_err(|mistakes| {
            let text = mistakes.render(std::io::stderr().is_terminal());
            complain(&format!("the rules are wrong\n{text}"));
        })
        .ok()
}
