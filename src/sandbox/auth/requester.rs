//! The user behind a call.
use super::scopes::covers;
use crate::sandbox::refusal::{Kind as Error, Refusal};

/// What kind of user calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A human agent.
    Agent,
    /// A bot with its own token.
    Bot,
    /// A customer.
    Customer,
    /// No token, where none is needed.
    Nobody,
}

/// The user behind a call, the app whose token it is, and what the token allows.
#[derive(Debug, Clone)]
pub(crate) struct Requester {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// The agent's account; bots and customers have none.
    pub(crate) account_id: Option<String>,
    /// The app; a personal access token has none.
    pub(crate) client_id: Option<String>,
    pub(crate) scopes: &'static [&'static str],
}

impl Requester {
    /// Nobody: for the actions that need no token.
    pub(crate) fn nobody() -> Self {
        let id = "anonymous".to_owned();
        Self { id, kind: Kind::Nobody, account_id: None, client_id: None, scopes: &[] }
    }

    /// Whether the token covers the scope.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| covers(granted, scope))
    }

    /// Refuses unless the token covers one of the scopes.
    pub(crate) fn needs(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if any_of.iter().any(|scope| self.has(scope)) {
            return Ok(());
        }
        Err(Refusal::new(Error::Authorization, format!("Missing scope: {}", any_of.join(" or "))))
    }

    /// The client id that a Configuration call acts for: the one in the request, else the token's.
    pub(crate) fn owner(&self, sent: Option<&str>) -> Result<String, Refusal> {
        sent.map(str::to_owned)
            .or_else(|| self.client_id.clone())
            .ok_or_else(|| Refusal::validation("`owner_client_id` is required"))
    }
}
