//! Who wrote it, told from the shape of the id where nothing better is at hand.
//!
//! An event's payload names its author but not the author's type (reference, 5.4). Agents are
//! e-mail addresses, bots 32 hex digits, customers UUIDs (reference, 1.5).

/// What an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorKind {
    /// The visitor who chats.
    Customer,
    /// A human agent.
    Agent,
    /// A machine agent, ours or another's.
    Bot,
    /// The shape tells nothing: the chat's list of users must be asked.
    Unknown,
}

/// What the id's shape tells.
pub fn author_by_shape(id: &str) -> AuthorKind {
    let id = id.as_bytes();
    match id.len() {
        32 if id.iter().all(u8::is_ascii_hexdigit) => AuthorKind::Bot,
        36 if is_uuid(id) => AuthorKind::Customer,
        _ if id.contains(&b'@') => AuthorKind::Agent,
        _ => AuthorKind::Unknown,
    }
}

/// 8, 4, 4, 4 and 12 hexadecimal digits, joined by dashes.
fn is_uuid(id: &[u8]) -> bool {
    id.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}
