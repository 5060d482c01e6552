//! The brake of each organization: how many visits begin in a minute, and a breaker that opens in a storm.
//!
//! Promises: one organization's storm slows no other; what must wait is told its turn, one after the other; an open
//! breaker lets nothing begin, says so once, and closes by itself.

use super::settings::Settings;
use crate::livechat::OrganizationId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);
/// How many organizations are remembered; beyond it, those that may begin at once are forgotten.
const MAX_ORGANIZATIONS: usize = 10_000;

/// How fast an organization goes. `full_at` is when a whole minute's visits may begin at once again.
struct Pace {
    full_at: Instant,
    /// The turn of the last visit that was told to wait.
    last_turn: Instant,
    open_until: Instant,
}

/// The brake.
pub(super) struct Brake {
    interval: Duration,
    longest_turn: Duration,
    pause: Duration,
    paces: Mutex<HashMap<OrganizationId, Pace>>,
}

impl Brake {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            interval: MINUTE / settings.per_minute.max(1),
            longest_turn: settings.breaker_after.unsigned_abs(),
            pause: settings.breaker_pause.unsigned_abs(),
            paces: Mutex::default(),
        }
    }

    /// Whether a visit may begin now; if not, in how long it has its turn.
    pub(super) fn begin(&self, organization: &OrganizationId) -> Result<(), Duration> {
        let now = Instant::now();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= MAX_ORGANIZATIONS {
            paces.retain(|_, pace| pace.full_at.max(pace.open_until).max(pace.last_turn) > now);
        }
        let fresh = || Pace { full_at: now, last_turn: now, open_until: now };
        let pace = paces.entry(organization.clone()).or_insert_with(fresh);
        let full_at = pace.full_at.max(now) + self.interval;
        if pace.open_until <= now && full_at <= now + MINUTE {
            pace.full_at = full_at;
            return Ok(());
        }
        pace.last_turn = pace.last_turn.max(pace.open_until).max(now) + self.interval;
        if pace.open_until <= now && pace.last_turn > now + self.longest_turn {
            pace.open_until = now + self.pause;
            tracing::error!(organization.id = %organization, wait_ms = self.pause.as_millis(),
                "the breaker opens: more visits want to begin than visits.per_minute allows; a storm, or a loop?");
        }
        Err(pace.last_turn.max(pace.open_until).saturating_duration_since(now))
    }

    /// In how many organizations nothing begins at the moment.
    pub(super) fn open(&self) -> usize {
        let now = Instant::now();
        let paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.values().filter(|pace| pace.open_until > now).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn brake(per_minute: u32) -> (Brake, OrganizationId) {
        let settings = Settings {
            concurrency: 1,
            deadline: SignedDuration::from_secs(30),
            max_attempts: 8,
            per_minute,
            per_thread: 20,
            breaker_after: SignedDuration::from_secs(60),
            breaker_pause: SignedDuration::from_secs(30),
        };
        (Brake::new(&settings), OrganizationId::new("o"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_minutes_visits_begin_at_once_and_the_next_ones_in_turn() {
        let (brake, organization) = brake(6);
        (0..6).for_each(|_| assert_eq!(brake.begin(&organization), Ok(())));
        assert_eq!(brake.begin(&organization), Err(Duration::from_secs(10)));
        assert_eq!(brake.begin(&organization), Err(Duration::from_secs(20)));
        assert_eq!(brake.begin(&OrganizationId::new("another")), Ok(()), "another organization's visit");
        for _ in 0..2 {
            tokio::time::advance(Duration::from_secs(10)).await;
            assert_eq!(brake.begin(&organization), Ok(()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_breaker_opens_in_a_storm_lets_nothing_begin_and_closes_by_itself() {
        let (brake, organization) = brake(6);
        let waits: Vec<_> = (0..12).filter_map(|_| brake.begin(&organization).err()).collect();
        assert_eq!((waits.last(), brake.open()), (Some(&Duration::from_secs(60)), 0));
        assert_eq!(brake.begin(&organization), Err(Duration::from_secs(70)));
        assert_eq!(brake.open(), 1);
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(brake.begin(&organization).is_err(), "nothing begins, though two visits' time has passed");
        assert_eq!(brake.begin(&OrganizationId::new("another")), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(brake.open(), 0);
        (0..3).for_each(|_| assert_eq!(brake.begin(&organization), Ok(())));
        assert!(brake.begin(&organization).is_err());
    }
}
