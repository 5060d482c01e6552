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
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id.contains('@') {
        AuthorKind::Agent
    } else if id.len() == 32 && hex(id) {
        AuthorKind::Bot
    } else if id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && id.split('-').all(hex) {
        AuthorKind::Customer
    } else {
        AuthorKind::Unknown
    }
}
