//! Settings whose changes take effect later than they are made.
use jiff::Timestamp;
use std::collections::VecDeque;

/// A setting with the changes that are under way.
#[derive(Debug, Clone)]
pub(crate) struct Lagging<T> {
    /// What was in effect before all changes.
    before: T,
    /// What was set, and from when it is in effect; the oldest first.
    changes: VecDeque<(Timestamp, T)>,
}

impl<T: Copy> Lagging<T> {
    /// A setting that was always so.
    pub(crate) fn new(value: T) -> Self {
        Self { before: value, changes: VecDeque::new() }
    }

    /// Sets it, to take effect at `effective_from`; forgets what is in the past at `now`.
    pub(crate) fn set(&mut self, value: T, now: Timestamp, effective_from: Timestamp) {
        self.before = self.at(now);
        self.changes.retain(|(from, _)| *from > now);
        self.changes.push_back((effective_from, value));
    }

    /// What is in effect.
    pub(crate) fn at(&self, now: Timestamp) -> T {
        let past = self.changes.iter().rev().find(|(from, _)| *from <= now);
        past.map_or(self.before, |(_, value)| *value)
    }

    /// Whether no change is under way.
    pub(crate) fn settled(&self, now: Timestamp) -> bool {
        self.changes.back().is_none_or(|(from, _)| *from <= now)
    }

    /// What was set last, in effect or not.
    pub(crate) fn latest(&self) -> T {
        self.changes.back().map_or(self.before, |(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::Lagging;
    use jiff::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn each_change_takes_effect_at_its_own_time() {
        let mut setting = Lagging::new(0);
        setting.set(1, at(10), at(20));
        setting.set(2, at(15), at(25));
        assert_eq!(setting.latest(), 2);
        for (second, expected) in [(10, 0), (19, 0), (20, 1), (24, 1), (25, 2), (99, 2)] {
            assert_eq!(setting.at(at(second)), expected, "{second}");
        }
        setting.set(3, at(22), at(32));
        for (second, expected) in [(22, 1), (25, 2), (32, 3)] {
            assert_eq!(setting.at(at(second)), expected, "{second}");
        }
    }

    #[test]
    fn without_a_lag_a_change_is_in_effect_at_once() {
        let mut setting = Lagging::new(0);
        for value in 1..4 {
            setting.set(value, at(10), at(10));
            assert_eq!((setting.at(at(10)), setting.latest()), (value, value));
        }
    }
}
