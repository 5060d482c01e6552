//! How an action is found and run, in the platform's order of checks.
//!
//! Version, then token, then JSON, then what the action itself checks: fields, scope, existence, access,
//! presence, state of the chat, limits.
use super::{agent, configuration, customer};
use crate::sandbox::auth::{Presented, Requester};
use crate::sandbox::fields::Fields;
use crate::sandbox::journal::Face;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::shared::Shared;
use crate::sandbox::world::World;
use jiff::Timestamp;
use serde_json::Value;

/// The version of the API that the sandbox plays.
const VERSION: &str = "v3.6";

/// One call inside the world.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) by: &'a Requester,
    pub(crate) body: Fields<'a>,
    pub(crate) now: Timestamp,
}

/// What an action does.
pub(crate) type Run = fn(&mut Call<'_>) -> Result<Value, Refusal>;

/// What there is under an action's name.
pub(crate) enum Found {
    /// An action of a requester.
    Run(Run),
    /// An action that needs no token.
    Open(Run),
    /// The platform has it, the sandbox has not.
    NotBuilt,
    /// Nobody has it.
    Unknown,
}

/// A call as it came.
pub(crate) struct Asked<'a> {
    pub(crate) face: Face,
    pub(crate) version: &'a str,
    pub(crate) action: &'a str,
    pub(crate) presented: Option<&'a Presented>,
    /// The tenant in the query; only the Customer API has it.
    pub(crate) organization_id: Option<&'a str>,
    pub(crate) body: Option<&'a Value>,
}

/// What is under a name in one of the APIs.
pub(crate) fn find(face: Face, action: &str) -> Found {
    match face {
        Face::Agent => agent::find(action),
        Face::Configuration => configuration::find(action),
        Face::Customer => customer::find(action),
        Face::Accounts => Found::Unknown,
    }
}

/// Runs an action.
pub(crate) fn perform(shared: &Shared, asked: &Asked<'_>) -> Result<Value, Refusal> {
    if asked.version != VERSION {
        return Err(Refusal::of(Error::UnsupportedVersion));
    }
    let (run, by) = match find(asked.face, asked.action) {
        Found::Unknown => return Err(Refusal::not_found("Action")),
        Found::NotBuilt => return Err(Refusal::not_built(asked.action)),
        Found::Open(run) => (run, Requester::nobody()),
        Found::Run(run) => (run, shared.identify(asked.face, asked.presented)?),
    };
    if asked.face == Face::Customer {
        let organization = asked.organization_id;
        let organization =
            organization.ok_or_else(|| Refusal::validation("`organization_id` is required"))?;
        if organization != shared.addresses.organization_id {
            return Err(Refusal::of(Error::LicenseNotFound));
        }
    }
    let body = asked.body.and_then(Value::as_object).ok_or_else(|| Refusal::of(Error::Validation))?;
    shared.act(|world, now| run(&mut Call { world, by: &by, body: Fields::new(body), now }))
}
