//! Messages from a file, one JSON object a line: a message in our words, or a chat as the archives tell it.
//!
//! A line that is neither is told with its number and counted. What is told of it never holds what stands in it.

use super::Ending;
use super::progress::Progress;
use super::trial::{Said, Trial};
use crate::rules::Author;
use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Bad lines that are told of one by one; the others are only counted.
const MAX_TOLD: u64 = 20;

/// Reads the file to its end; a line may hold `limit` bytes.
pub(super) fn read(path: &Path, limit: usize, trial: &mut Trial) -> anyhow::Result<Ending> {
    if path.as_os_str() == "-" {
        return read_from(BufReader::new(io::stdin().lock()), None, limit, trial);
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Ending::Refused(format!("{} cannot be read: {error}", path.display()))),
    };
    let size = file.metadata().ok().map(|about| about.len());
    read_from(BufReader::new(file), size, limit, trial)
}

fn read_from(
    mut file: impl BufRead,
    size: Option<u64>,
    limit: usize,
    trial: &mut Trial,
) -> anyhow::Result<Ending> {
    let mut progress = Progress::of("bytes", size);
    let (mut line, mut number, mut done) = (Vec::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        // One byte more than is allowed, to know that there is more.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = match file.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(Ending::Whole),
            Ok(bytes) => bytes,
            Err(error) => return Ok(Ending::Broken(format!("the file cannot be read on: {error}"))),
        };
        number += 1;
        let tried = if line.len() > limit && line.last() != Some(&b'\n') {
            bytes += skip_line(&mut file)?;
            Err(format!("it is longer than {limit} bytes (livechat.max_response)"))
        } else {
            try_line(&line, number == 1, trial)
        };
        if let Err(reason) = tried {
            trial.tally.bad_lines += 1;
            if trial.tally.bad_lines <= MAX_TOLD {
                progress.note(&format!("line {number} is left out: {reason}"));
            }
        }
        done += u64::try_from(bytes).unwrap_or(0);
        if size.is_some() {
            progress.reach(done);
        }
    }
}

/// Passes over the rest of a line; gives its length.
fn skip_line(file: &mut impl BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let part = file.fill_buf()?;
        let end = part.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(part.len(), |end| end + 1);
        let is_over = end.is_some() || part.is_empty();
        file.consume(length);
        skipped += length;
        if is_over {
            return Ok(skipped);
        }
    }
}

fn try_line(line: &[u8], is_first: bool, trial: &mut Trial) -> Result<(), String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    let text = if is_first { text.trim_start_matches('\u{feff}') } else { text }.trim();
    if text.is_empty() {
        return Ok(());
    }
    let value: Value = serde_json::from_str(text)
        // The parser's own words may hold a piece of the line.
        .map_err(|error| format!("it is not JSON from column {} on", error.column()))?;
    if value.get("thread").is_some_and(Value::is_object) {
        return trial.hear_chat(text).map_err(|_| "it is no chat of the archives".to_owned());
    }
    let said = |key: &str| match value.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(format!("`{key}` must be a string")),
    };
    let written = value.get("text").and_then(Value::as_str).ok_or("`text` must be a string")?;
    let author = match value.get("author").and_then(Value::as_str) {
        Some("customer") => Author::Customer,
        Some("agent") => Author::Agent,
        Some("bot") => Author::Bot,
        _ => return Err("`author` must be \"customer\", \"agent\" or \"bot\"".to_owned()),
    };
    let at = match said("at")? {
        "" => None,
        at => Some(at.parse::<Timestamp>().map_err(|_| "`at` must be a time such as 2026-11-22T10:00:00Z")?),
    };
    let texts = [Cow::Borrowed(written)];
    let (chat, thread, event) = (said("chat")?, said("thread")?, said("event")?);
    trial.hear(&Said { chat, thread, event, at, author, texts: &texts });
    Ok(())
}
