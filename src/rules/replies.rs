//! What a rule says: one of its texts, the same one whenever the same message is answered.

use sha2::{Digest, Sha256};

/// The texts of a rule; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replies {
    /// Each with the sum of its weight and of those before it.
    texts: Vec<(String, u64)>,
}

impl Replies {
    /// Texts and their weights, 1 at least.
    pub(super) fn new(texts: impl IntoIterator<Item = (String, u64)>) -> Self {
        let mut sum = 0;
        let texts = texts.into_iter().map(|(text, weight)| {
            sum += weight;
            (text, sum)
        });
        Self { texts: texts.collect() }
    }

    /// The texts in the order of the file.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(text, _)| text.as_str())
    }

    /// One of the texts, by chance that is drawn from the message's id: a webhook that comes twice gets the same text.
    pub fn pick(&self, event: &str) -> &str {
        let sum = self.texts.last().map_or(1, |(_, sum)| *sum).max(1);
        let drawn = match Sha256::digest(event).first_chunk::<8>() {
            Some(bytes) if self.texts.len() > 1 => u64::from_be_bytes(*bytes) % sum,
            _ => 0,
        };
        self.texts.iter().find(|(_, upto)| drawn < *upto).map_or("", |(text, _)| text)
    }
}
