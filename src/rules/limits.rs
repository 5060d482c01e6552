//! How much a rules file and a message may hold.
//!
//! Far above what a person writes, low enough that no file and no message can make the bot slow or large.

/// Bytes of one rules file: 16 MiB, room for 100,000 keywords with their replies.
pub(super) const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Rules over all files.
pub(super) const MAX_RULES: usize = 50_000;

/// Keywords over all rules.
pub(super) const MAX_KEYWORDS: usize = 250_000;

/// Characters of one keyword.
pub(super) const MAX_KEYWORD_CHARS: usize = 200;

/// Characters of a rule's name; it stands in every log line of its visits.
pub(super) const MAX_NAME_CHARS: usize = 100;

/// Bytes of a reply: the platform's limit for the text of one message.
pub(super) const MAX_REPLY_BYTES: usize = 16_384;

/// Texts of one rule's reply.
pub(super) const MAX_REPLIES: usize = 100;

/// The weight of a text among the others of its reply.
pub(super) const MAX_WEIGHT: i64 = 1_000;

/// Bytes of a message's text that are looked at where no setting says otherwise: the platform's own limit.
pub(super) const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Places remembered of one rule in one message while it is not known whether it fits.
pub(super) const MAX_GATHERED: usize = 20_000;

/// Places reported for one rule in one message; more would help nobody.
pub(super) const MAX_FOUND: usize = 100;
