//! What business hours as written mean.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::form::Form;
use super::hours::{Hours, Span};
use super::mistakes::Notes;
use super::written::{Placed, WrittenHours};

/// Spans of one day.
const MAX_SPANS: usize = 24;

/// The business hours of one file; what is wrong with them goes to the notes.
pub(super) fn hours(
    file: usize,
    form: &Form,
    written: &Placed<WrittenHours>,
    notes: &mut Notes,
) -> Option<Hours> {
    let table = (file, &written.span(), "these business hours have");
    let written = written.get();
    let zone_name = form.needed(table, &written.timezone, "timezone = \"Europe/Warsaw\"", notes);
    let week = form.needed(table, &written.hours, "hours.monday = [\"09:00-17:00\"]", notes);
    let zone = zone_name.and_then(|name| zone(file, name, notes));
    let week = week?;
    let days = [
        &week.monday,
        &week.tuesday,
        &week.wednesday,
        &week.thursday,
        &week.friday,
        &week.saturday,
        &week.sunday,
    ];
    let week = days.map(|day| spans(file, day, notes));
    let closed: BTreeSet<Date> = written.closed.iter().filter_map(|day| date(file, day, notes)).collect();
    Some(Hours::new(zone?, week, closed))
}

fn zone(file: usize, name: &Placed<String>, notes: &mut Notes) -> Option<TimeZone> {
    let zone = TimeZone::get(name.get()).ok();
    if zone.is_none() {
        let suggestion = "it is a name of the IANA time zone database, such as \"Europe/Warsaw\" or \"UTC\"";
        let message = format!("there is no time zone \"{}\"", name.get().escape_debug());
        notes.add(file, name.span(), message, Some(suggestion.to_owned()));
    }
    zone
}

fn spans(file: usize, day: &[Placed<String>], notes: &mut Notes) -> Vec<Span> {
    if let Some(one) = day.get(MAX_SPANS) {
        notes.add(file, one.span(), format!("a day can have {MAX_SPANS} spans, and this has more"), None);
    }
    let span = |text: &Placed<String>| {
        let span = Span::read(text.get());
        if span.is_none() {
            let message = format!("\"{}\" is no span of time", text.get().escape_debug());
            notes.add(file, text.span(), message, Some("write it as \"09:00-17:30\"".to_owned()));
        }
        span
    };
    day.iter().filter_map(span).collect()
}

fn date(file: usize, text: &Placed<String>, notes: &mut Notes) -> Option<Date> {
    let date = text.get().parse().ok();
    if date.is_none() {
        let message = format!("\"{}\" is no date", text.get().escape_debug());
        notes.add(file, text.span(), message, Some("write it as \"2026-12-25\"".to_owned()));
    }
    date
}
