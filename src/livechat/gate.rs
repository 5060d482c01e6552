//! The gate of each organization: closed while the platform wants fewer calls, or refuses the bot.
//!
//! A closed gate stops every visit of its organization before the next call, and the sweep with it; no attempt is counted.
//! When it opens again, the organization is called at half the pace, and then slowly faster.
//! Calls that nobody answers close no gate, because one sick chat is enough for them; they are counted here, so that an outage
//! can be told from a visit that fails.

use super::errors::{Advice, Error};
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
/// From so many calls in a row without an answer on the platform counts as down; fewer are a hiccup.
const DOWN: u32 = 3;

struct Gate {
    until: Instant,
    closings: u32,
}

/// The gates.
#[derive(Default)]
pub struct Gates {
    gates: Mutex<HashMap<OrganizationId, Gate>>,
    paces: Mutex<HashMap<OrganizationId, Pace>>,
    /// Calls in a row without an answer; those that are answered have no entry.
    unanswered: Mutex<HashMap<OrganizationId, u32>>,
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

    /// Takes the organization's turn for a call and waits for it: not at all, unless it was asked for fewer calls lately.
    pub async fn turn(&self, organization: &OrganizationId) {
        // Whoever waits without end is never refused.
        self.turn_within(organization, Duration::MAX).await.ok();
    }

    /// Takes a turn as [`Gates::turn`] does, if it comes within `patience`.
    ///
    /// # Errors
    /// How long it would have to wait, at once; no turn is taken then.
    pub async fn turn_within(
        &self,
        organization: &OrganizationId,
        patience: Duration,
    ) -> Result<(), Duration> {
        let wait = self.pace_of(organization, |pace| pace.turn(patience))?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Passes on how a call went, and takes note of whether it was answered: with an error, too, but not with one that
    /// leaves its outcome in doubt.
    ///
    /// # Errors
    /// The call's own.
    pub fn heard<T>(&self, organization: &OrganizationId, result: Result<T, Error>) -> Result<T, Error> {
        match &result {
            Err(error) if error.advice() == Advice::LookFirst => self.unanswered(organization),
            // It went nowhere, and so it says nothing.
            Err(Error::Unavailable { .. }) => {}
            Ok(_) | Err(_) => self.answered(organization),
        }
        result
    }

    /// A call was not answered, or not in time.
    pub fn unanswered(&self, organization: &OrganizationId) {
        let mut unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        if unanswered.len() >= MAX_GATES && !unanswered.contains_key(organization) {
            return;
        }
        let calls = unanswered.entry(organization.clone()).or_insert(0);
        *calls = calls.saturating_add(1);
        if *calls == DOWN {
            tracing::warn!(organization.id = %organization, "LiveChat answers no call: visits wait, and no attempt is counted");
        }
    }

    fn answered(&self, organization: &OrganizationId) {
        let mut unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        if unanswered.remove(organization).is_some_and(|calls| calls >= DOWN) {
            tracing::info!(organization.id = %organization, "LiveChat answers again");
        }
    }

    /// While the platform is down: how many calls in a row were not answered.
    pub fn down(&self, organization: &OrganizationId) -> Option<u32> {
        let unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        unanswered.get(organization).copied().filter(|calls| *calls >= DOWN)
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
    #[test]
    fn the_platform_is_down_from_the_third_call_on_that_nobody_answers() {
        let (gates, organization) = (Gates::default(), OrganizationId::new("o"));
        let hear = |result: Result<(), Error>| {
            drop(gates.heard(&organization, result));
            gates.down(&organization)
        };
        let doubt = || Err(Error::Unknown { status: None, cause: "timed out".to_owned() });
        let page = || Err(Error::Unreadable { status: 200, path: String::new() });
        let refusal = || Err(Error::Gone { status: 404, kind: "not_found".to_owned() });
        let unreached = || Err(Error::Unavailable { cause: "cannot connect" });
        assert_eq!([hear(doubt()), hear(page()), hear(doubt())], [None, None, Some(3)]);
        assert_eq!([hear(unreached()), hear(doubt())], [Some(3), Some(4)]);
        assert_eq!(gates.down(&OrganizationId::new("another")), None);
        for answer in [Ok(()), refusal()] {
            assert_eq!([hear(answer), hear(doubt()), hear(doubt())], [None, None, None]);
        }
    }
}
