//! Who calls, and what the token lets them do.
mod credentials;
mod requester;
mod scopes;
mod tokens;

pub(crate) use credentials::{Presented, presented};
pub(crate) use requester::{Kind, Requester};
pub(crate) use scopes::{ADMINISTRATOR, BOT};
pub(crate) use tokens::{CUSTOMER_TOKEN_SECONDS, Token, Tokens};
