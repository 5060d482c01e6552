//! The gate of each organization: closed while the platform wants fewer calls, or refuses the bot.
//!
//! A closed gate stops every visit of its organization before the next call, and the sweep with it; no attempt is counted.
//! When it opens again, the organization is called at half the pace, and then slowly faster.

use super::ids::OrganizationId;
use super::pace::Pace;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many closed gates are remembered; beyond it, gates that have opened are forgotten.
const MAX_GATES: usize = 10_000;
/// The first closing when the platform does not say how long. Ours: a second bothers nobody.
const FIRST: Duration = Duration::from_secs(1);
/// The longest closing when the platform does not say how long.
const LONGEST: Duration = Duration::from_secs(60);

struct Gate {
    until: Instant,
    closings: u32,
}

/// The gates.
#[derive(Default)]
pub struct Gates {
    gates: Mutex<HashMap<OrganizationId, Gate>>,
    paces: Mutex<HashMap<OrganizationId, Pace>>,
}

impl Gates {
    /// Closes the gate for as long as told, else for longer each time that it is closed in a row.
    /// Says for how long it is closed now.
    pub fn close(&self, organization: &OrganizationId, told: Option<Duration>) -> Duration {
        let now = Instant::now();
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() >= MAX_GATES {
            gates.retain(|_, gate| gate.until > now);
        }
        let gate = gates.entry(organization.clone()).or_insert(Gate { until: now, closings: 0 });
        if gate.until <= now {
            let grown = FIRST.saturating_mul(2u32.saturating_pow(gate.closings.min(16))).min(LONGEST);
            gate.closings += 1;
            gate.until = now + told.unwrap_or(grown);
            self.pace_of(organization, Pace::slow_down);
        } else if let Some(told) = told {
            gate.until = gate.until.max(now + told);
        }
        gate.until.saturating_duration_since(now)
    }

    /// Forgets earlier closings: the platform takes calls again.
    pub fn open(&self, organization: &OrganizationId) {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).remove(organization);
    }

    /// Takes the organization's turn for a call: at once, unless it was asked for fewer calls lately.
    pub async fn turn(&self, organization: &OrganizationId) {
        let wait = self.pace_of(organization, Pace::turn);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    fn pace_of<T>(&self, organization: &OrganizationId, act: impl FnOnce(&mut Pace) -> T) -> T {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= MAX_GATES {
            paces.retain(|_, pace| !pace.is_forgettable());
        }
        act(paces.entry(organization.clone()).or_insert_with(Pace::new))
    }

    /// For how long the gate is still closed.
    pub fn closed(&self, organization: &OrganizationId) -> Option<Duration> {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let left = gates.get(organization)?.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_429_slows_its_own_organization_and_no_other() {
        let (gates, slow, other) = (Gates::default(), OrganizationId::new("o"), OrganizationId::new("p"));
        gates.close(&slow, Some(Duration::from_secs(1)));
        let begin = Instant::now();
        for _ in 0..100 {
            gates.turn(&other).await;
        }
        assert_eq!((begin.elapsed(), gates.closed(&other)), (Duration::ZERO, None));
        for _ in 0..10 {
            gates.turn(&slow).await;
        }
        assert!(begin.elapsed() >= Duration::from_secs(2), "{:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_closes_for_longer_each_time_until_it_is_opened() {
        let (gates, organization) = (Gates::default(), OrganizationId::new("o"));
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(gates.close(&organization, None), Duration::from_secs(seconds));
            assert_eq!(gates.closed(&organization), Some(Duration::from_secs(seconds)));
            tokio::time::advance(Duration::from_secs(seconds)).await;
            assert_eq!(gates.closed(&organization), None);
        }
        gates.open(&organization);
        assert_eq!(gates.close(&organization, None), Duration::from_secs(1));
        assert_eq!(gates.close(&organization, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(gates.closed(&OrganizationId::new("another")), None);
    }
}
