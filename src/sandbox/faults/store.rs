//! The failures that are waiting to be played.
use super::fault::{CallEffect, Fault, Times, WebhookEffect};
use crate::sandbox::{journal::Face, locks::hold};
use std::sync::{Arc, Mutex};

/// How many faults can wait; more are refused by dropping the oldest.
const FAULTS: usize = 1_000;

/// The faults of a sandbox. Clones are the same store. The first fault that fits is played.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    faults: Vec<(u64, Fault)>,
    last: u64,
}

impl Faults {
    /// Adds a fault behind the others and gives its number.
    pub fn add(&self, fault: Fault) -> u64 {
        let mut held = hold(&self.held);
        held.last += 1;
        let id = held.last;
        if held.faults.len() >= FAULTS {
            held.faults.remove(0);
        }
        held.faults.push((id, fault));
        id
    }

    /// Forgets all faults; what hangs already goes on hanging.
    pub fn clear(&self) {
        hold(&self.held).faults.clear();
    }

    /// The faults that wait, with their numbers.
    #[must_use]
    pub fn list(&self) -> Vec<(u64, Fault)> {
        hold(&self.held).faults.clone()
    }

    /// Takes the effect to play on a call. `named` is the region that the caller sent.
    pub(crate) fn take_call(&self, on: Face, called: &str, named: Option<&str>) -> Option<CallEffect> {
        self.take(|fault| match fault {
            Fault::Call { action, face, times, effect } => {
                let fits = (action == called || action == "*") && face.is_none_or(|face| face == on);
                let right =
                    matches!(effect, CallEffect::Misdirected { region } if Some(region.as_str()) == named);
                (fits && !right).then(|| (effect.clone(), times))
            }
            Fault::Webhook { .. } => None,
        })
    }

    /// Takes the effect to play on a delivery.
    pub(crate) fn take_webhook(&self, told: &str) -> Option<WebhookEffect> {
        self.take(|fault| match fault {
            Fault::Webhook { action, times, effect } => action
                .as_ref()
                .is_none_or(|action| action == told || action == "*")
                .then(|| (effect.clone(), times)),
            Fault::Call { .. } => None,
        })
    }

    fn take<T>(&self, fits: impl Fn(&mut Fault) -> Option<(T, &mut Times)>) -> Option<T> {
        let mut held = hold(&self.held);
        let mut found = None;
        for (place, (_, fault)) in held.faults.iter_mut().enumerate() {
            if let Some((effect, times)) = fits(fault) {
                let over = match times {
                    Times::Always => false,
                    Times::Count(left) => {
                        *left = left.saturating_sub(1);
                        *left == 0
                    }
                };
                found = Some((place, over, effect));
                break;
            }
        }
        let (place, over, effect) = found?;
        if over {
            held.faults.remove(place);
        }
        Some(effect)
    }
}
