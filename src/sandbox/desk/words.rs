//! How times, durations and long texts are written on the page.
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time of day on this machine, which is where the reader sits.
pub(super) fn time_of_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// The same to the millisecond.
pub(super) fn exact_time_of_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string()
}

/// Microseconds as a person reads them: `0.4 ms`, `12 ms`, `5.2 s`.
pub(super) fn duration(micros: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let millis = micros as f64 / 1_000.0;
    match micros {
        0..10_000 => format!("{millis:.1} ms"),
        10_000..1_000_000 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1_000.0),
    }
}

/// The first line of a text, cut to what fits in a line.
pub(super) fn excerpt(text: &str) -> String {
    const LETTERS: usize = 80;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LETTERS && text.lines().nth(1).is_none() {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LETTERS).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{duration, excerpt};

    #[test]
    fn durations_are_short() {
        for (micros, expected) in
            [(0, "0.0 ms"), (950, "0.9 ms"), (9_940, "9.9 ms"), (12_400, "12 ms"), (5_240_000, "5.2 s")]
        {
            assert_eq!(duration(micros), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(excerpt("short"), "short");
        assert_eq!(excerpt("one\ntwo"), "one…");
        assert_eq!(excerpt(&"ü".repeat(100)), format!("{}…", "ü".repeat(80)));
    }
}
