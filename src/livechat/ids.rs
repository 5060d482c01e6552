//! The platform's identifiers as types, so that a chat cannot be taken for a thread.
//!
//! All of them are opaque: nothing but `author_by_shape` in `push` looks inside.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as the platform wrote it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as the platform wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// The tenant (`organization_id`).
    OrganizationId,
    /// A chat: the permanent container between one customer and the license.
    ChatId,
    /// A thread: one conversation episode inside a chat.
    ThreadId,
    /// An event: an entry of a thread.
    EventId,
    /// A user: an agent (e-mail address), a bot (32 hex) or a customer (UUID).
    UserId,
    /// A registered webhook.
    WebhookId,
}
