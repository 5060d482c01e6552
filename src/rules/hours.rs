//! Business hours: whether somebody works at a moment, by the wall clock of one time zone.
//!
//! Daylight saving needs no rule of its own: what counts is what the clock on the wall shows.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// When the business is open.
#[derive(Debug)]
pub(super) struct Hours {
    zone: TimeZone,
    /// From Monday on.
    week: [Vec<Span>; 7],
    closed: BTreeSet<Date>,
}

/// From a time on, up to and without another; one that is not later is of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    from: Time,
    to: Time,
}

impl Span {
    /// Reads `"09:00-17:30"`; a day ends at `24:00`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–'])?;
        Some(Self { from: clock(from.trim())?, to: clock(to.trim())? })
    }

    fn is_overnight(self) -> bool {
        self.to <= self.from
    }
}

/// Reads `09:00`.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    match (digits(hour)?, digits(minute)?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

impl Hours {
    pub(super) fn new(zone: TimeZone, week: [Vec<Span>; 7], closed: BTreeSet<Date>) -> Self {
        Self { zone, week, closed }
    }

    /// Whether it is open then. What begins on a closed day does not begin; what began the evening before goes on.
    pub(super) fn are_open(&self, at: Timestamp) -> bool {
        let now = self.zone.to_datetime(at);
        let (today, time) = (now.date(), now.time());
        let began_today = self.spans(today).any(|span| {
            if span.is_overnight() { span.from <= time } else { (span.from..span.to).contains(&time) }
        });
        let of_yesterday = |date| self.spans(date).any(|span| span.is_overnight() && time < span.to);
        began_today || today.yesterday().is_ok_and(of_yesterday)
    }

    fn spans(&self, date: Date) -> impl Iterator<Item = Span> {
        let day = if self.closed.contains(&date) { None } else { self.week.get(place(date.weekday())) };
        day.into_iter().flatten().copied()
    }

    /// The time zone of their wall clock.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Reads a moment: RFC 3339, or without an offset the wall clock of this zone.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let with_offset = text.parse().ok();
    with_offset.or_else(|| zone.to_timestamp(text.parse::<DateTime>().ok()?).ok())
}

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}
