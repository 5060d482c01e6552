//! Which span of time is looked at.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A time, or how long ago; with the words, by which a later run is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    pub(super) word: String,
    meant: Meant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    At(Timestamp),
    Ago(SignedDuration),
}

/// From when until when; open where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

/// Reads a time as it is typed.
pub(super) fn when(word: &str) -> Result<When, String> {
    let meant = match word.parse() {
        Ok(at) => Meant::At(at),
        Err(_) => {
            let ago =
                word.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
            let ago = ago.ok().filter(|ago| !ago.is_negative());
            let ago = ago.ok_or("it is a time (2026-11-22T10:00:00Z) or how long ago (12h, 30d)")?;
            Meant::Ago(ago)
        }
    };
    Ok(When { word: word.to_owned(), meant })
}

impl When {
    /// The time, counted back from now.
    pub(super) fn before(&self, now: Timestamp) -> Timestamp {
        match self.meant {
            Meant::At(at) => at,
            Meant::Ago(ago) => now.saturating_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

impl Window {
    pub(super) fn of(since: Option<&When>, until: Option<&When>, now: Timestamp) -> Self {
        Self { from: since.map(|when| when.before(now)), to: until.map(|when| when.before(now)) }
    }

    /// Whether something was written in it; what does not say when it was counts.
    pub(super) fn holds(&self, at: Option<Timestamp>) -> bool {
        let Some(at) = at else { return true };
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_or_how_long_ago_is_understood_and_nothing_else() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for (word, expected) in [
            ("30d", Some("2026-10-23T10:00:00Z")),
            ("12h", Some("2026-11-21T22:00:00Z")),
            ("2026-01-02T03:04:05Z", Some("2026-01-02T03:04:05Z")),
            ("yesterday", None),
            ("-3d", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(when(word).ok().map(|when| when.before(now)), expected, "{word}");
        }
    }

    #[test]
    fn a_window_holds_its_edges_and_what_says_no_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let window = Window { from: Some(at(10)), to: Some(at(20)) };
        for (second, held) in [(9, false), (10, true), (20, true), (21, false)] {
            assert_eq!(window.holds(Some(at(second))), held, "{second}");
        }
        assert!(window.holds(None) && Window::default().holds(Some(at(1))));
    }
}
