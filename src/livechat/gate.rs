//! The gate of each organization: closed while the platform wants fewer calls, or refuses the bot.
//!
//! A closed gate stops every visit of its organization before the next call, and the sweep with it; no attempt is counted.

use super::ids::OrganizationId;
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
        } else if let Some(told) = told {
            gate.until = gate.until.max(now + told);
        }
        gate.until.saturating_duration_since(now)
    }

    /// Forgets earlier closings: the platform takes calls again.
    pub fn open(&self, organization: &OrganizationId) {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).remove(organization);
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
