//! New ids and secrets in the shapes that the platform uses.
use uuid::Uuid;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Ten upper-case letters and digits: chats and threads.
pub(crate) fn short() -> String {
    std::iter::repeat_with(|| fastrand::choice(LETTERS).map_or('A', |letter| char::from(*letter)))
        .take(10)
        .collect()
}

/// 32 lower-case hex digits: bots, client ids, secrets, webhooks.
pub(crate) fn hex() -> String {
    Uuid::new_v4().simple().to_string()
}

/// A UUID v4: customers, accounts, organizations.
pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}

/// An access token with the region in front, as OAuth tokens have it.
pub(crate) fn access_token(region: &str) -> String {
    format!("{region}:{}", hex())
}

/// A bot token: three parts like a JWT, but nothing can be read from it.
pub(crate) fn bot_token() -> String {
    format!("{}.{}.{}", hex(), hex(), hex())
}
