//! The comparison of a delivery's secret with ours, in constant time.
//!
//! LiveChat signs nothing: the key itself is in the body (reference, 5.2). Both sides are put
//! through HMAC-SHA256 under a key of this process first, so that neither length nor content of
//! ours can be told from the time that a comparison takes.

use super::settings::WebhookSettings;
use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The keys that are accepted.
pub struct SecretKeys {
    blank: Hmac<Sha256>,
    accepted: Vec<CtOutput<Hmac<Sha256>>>,
}

impl SecretKeys {
    /// Accepts the current key and, where there is one, the previous.
    pub fn new(settings: &WebhookSettings) -> Self {
        Self::from_keys(&[&settings.secret_key, &settings.previous_secret_key])
    }

    /// Accepts this key only.
    pub fn of(key: &SecretString) -> Self {
        Self::from_keys(&[key])
    }

    fn from_keys(keys: &[&SecretString]) -> Self {
        let mut process_key = [0u8; 64];
        let random = std::iter::repeat_with(uuid::Uuid::new_v4).flat_map(uuid::Uuid::into_bytes);
        process_key.iter_mut().zip(random).for_each(|(to, from)| *to = from);
        let blank = Hmac::new(&process_key.into());
        let accepted = keys
            .iter()
            .map(|key| key.expose_secret())
            .filter(|key| !key.is_empty())
            .map(|key| tag(&blank, key))
            .collect();
        Self { blank, accepted }
    }

    /// Whether `given` is one of the keys.
    pub fn accept(&self, given: &str) -> bool {
        let given = tag(&self.blank, given);
        // Every key is compared, whichever fits.
        self.accepted.iter().fold(false, |fits, key| fits | (*key == given))
    }
}

fn tag(blank: &Hmac<Sha256>, key: &str) -> CtOutput<Hmac<Sha256>> {
    blank.clone().chain_update(key).finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: &str, previous: &str) -> SecretKeys {
        SecretKeys::new(&WebhookSettings { secret_key: current.into(), previous_secret_key: previous.into() })
    }

    #[test]
    fn the_current_and_the_previous_key_are_accepted_and_nothing_else() {
        let both = keys("new", "old");
        assert!(both.accept("new") && both.accept("old"));
        for wrong in ["", "ne", "news", "NEW", "newold", "\u{0}"] {
            assert!(!both.accept(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_empty_key_is_never_accepted() {
        assert!(!keys("", "").accept(""));
        assert!(!keys("new", "").accept(""));
    }
}
