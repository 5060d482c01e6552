//! `chimein outbox replay` and `bury`: what is changed, and what is told of it.

use super::{Desk, select};
use crate::cli::complain;
use crate::outbox::{self, Burial, ByHand, Filter, Key, Record, State, View};
use serde::Serialize;

/// The longest reason: it stands in the log line of the visit.
const MAX_REASON_CHARS: usize = 200;
/// How many `--all` takes at once.
const MAX_ALL: u32 = 10_000;

/// What `replay` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// The visits' keys, or how they begin
    #[arg(value_name = "KEY", value_parser = select::key, conflicts_with = "all")]
    keys: Vec<String>,
    /// All buried visits, or those that the filters leave
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: select::Of,
    /// Answers also messages that are older than `sweep.max_age`
    #[arg(long)]
    force: bool,
}

/// What `bury` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Bury {
    /// The visit's key, or how it begins
    #[arg(value_parser = select::key)]
    key: String,
    /// Why, in your words; they stand in the outbox and in the log
    #[arg(long, value_name = "TEXT", value_parser = reason, default_value = "")]
    reason: String,
}

/// What became of one visit.
#[derive(Serialize)]
struct Told {
    key: String,
    chat: String,
    rule: String,
    changed: bool,
    /// A stable word.
    result: &'static str,
    #[serde(skip)]
    text: &'static str,
    #[serde(skip)]
    is_refused: bool,
}

fn reason(text: &str) -> Result<String, String> {
    if text.chars().count() > MAX_REASON_CHARS {
        return Err(format!("it has more than {MAX_REASON_CHARS} characters"));
    }
    if text.chars().any(char::is_control) {
        Err("it is one line of text".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Lets buried visits wait again.
pub(super) fn replay(desk: &mut Desk<'_>, args: &Replay) -> anyhow::Result<u8> {
    if !args.all && args.keys.is_empty() {
        complain("name visits by their keys, or give --all");
        return Ok(2);
    }
    if !args.all && args.of.is_a_choice() {
        complain("filters need --all: a key names its visit already");
        return Ok(2);
    }
    let view = View::open(&desk.config.outbox)?;
    let Some(meant) = meant(&view, desk, args)? else { return Ok(1) };
    let mut outbox = ByHand::open(&desk.config.outbox)?;
    let oldest = desk.now_ms.saturating_sub(i64::try_from(desk.config.sweep.max_age.as_millis())?);
    let mut told = Vec::new();
    for visit in meant {
        let (result, changed, text) = match outbox.replay(visit.id, desk.now_ms, oldest, args.force)? {
            outbox::Replay::Waits => ("waiting", true, "waits again"),
            outbox::Replay::IsOpen => ("open", false, "is not over: nothing was changed"),
            outbox::Replay::IsDone => ("done", false, "is done: nothing was changed"),
            outbox::Replay::TooOld => (
                "too_old",
                false,
                "was not replayed: its message is older than sweep.max_age and would get silence; --force answers it all the same",
            ),
            outbox::Replay::IsGone => ("gone", false, "is not there any more"),
        };
        told.push(Told {
            is_refused: result == "too_old" || result == "gone",
            ..Told::of(visit, result, changed, text)
        });
    }
    tell(desk, &told)
}

/// The visits that are meant; none when a key is wrong, and then nothing is done at all.
fn meant(view: &View, desk: &Desk<'_>, args: &Replay) -> anyhow::Result<Option<Vec<Record>>> {
    let filter = Filter { states: vec![State::Buried], ..args.of.filter(desk.now_ms) };
    if args.all {
        return Ok(Some(view.list(&filter, MAX_ALL)?));
    }
    let mut meant = Vec::new();
    for key in &args.keys {
        let Some(record) = select::one(view, key)? else { return Ok(None) };
        meant.push(record);
    }
    Ok(Some(meant))
}

/// Gives a visit up.
pub(super) fn bury(desk: &mut Desk<'_>, args: &Bury) -> anyhow::Result<u8> {
    let view = View::open(&desk.config.outbox)?;
    let Some(visit) = select::one(&view, &args.key)? else { return Ok(1) };
    let burial = ByHand::open(&desk.config.outbox)?.bury(visit.id, &args.reason, desk.now_ms)?;
    let (result, changed, text) = match burial {
        Burial::Buried => ("buried", true, "is buried"),
        Burial::BuriedAfterLeaving => {
            ("leaving", true, "says nothing more; it is buried once the bot is out of the chat for certain")
        }
        Burial::IsBuried => ("buried", false, "was buried before: nothing was changed"),
        Burial::IsDone => ("done", false, "is done: nothing was changed"),
        Burial::IsSaid => ("said", false, "was said, and the bot must leave yet: nothing was changed"),
        Burial::IsHeld => ("held", false, "is being worked on: nothing was changed; try again in a minute"),
        Burial::IsGone => ("gone", false, "is not there any more"),
    };
    let is_refused = !changed && burial != Burial::IsBuried;
    tell(desk, &[Told { is_refused, ..Told::of(visit, result, changed, text) }])
}

impl Told {
    fn of(visit: Record, result: &'static str, changed: bool, text: &'static str) -> Self {
        let Record { key, chat, rule, .. } = visit;
        Self { key: Key::to_string(&key), chat, rule, changed, result, text, is_refused: false }
    }
}

fn tell(desk: &mut Desk<'_>, told: &[Told]) -> anyhow::Result<u8> {
    if desk.is_json {
        serde_json::to_writer_pretty(&mut *desk.out, told)?;
        writeln!(desk.out)?;
    } else if told.is_empty() {
        writeln!(desk.out, "no visits")?;
    }
    for Told { key, text, is_refused, .. } in told.iter().filter(|_| !desk.is_json) {
        if *is_refused {
            complain(&format!("{key} {text}"));
        } else {
            writeln!(desk.out, "{key} {text}")?;
        }
    }
    Ok(u8::from(told.iter().any(|told| told.is_refused)))
}
