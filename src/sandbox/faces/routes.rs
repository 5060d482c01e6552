//! All paths of the sandbox on one port.
use super::action::{Asked, Found, find, perform};
use super::answer::{Answer, with_debug_id};
use super::door::{Arrival, pass};
use super::{accounts, control, guard};
use crate::sandbox::desk;
use crate::sandbox::journal::Face;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::shared::Shared;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::any;
use std::sync::Arc;

type Its = State<Arc<Shared>>;

/// The whole sandbox.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/{version}/agent/action/{action}", any(agent))
        .route("/{version}/configuration/action/{action}", any(configuration))
        .route("/{version}/customer/action/{action}", any(customer))
        .route("/{version}/{api}/rtm/ws", any(rtm))
        .fallback(nothing)
        .with_state(Arc::clone(shared))
        .merge(accounts::router(shared))
        .merge(control::router(shared))
        .merge(desk::router(shared))
        .layer(from_fn(guard::only_this_machine))
        .layer(map_response(with_debug_id))
}

async fn agent(State(shared): Its, Path(path): Path<(String, String)>, request: Request) -> Response {
    call(&shared, Face::Agent, path, request).await
}

async fn configuration(State(shared): Its, Path(path): Path<(String, String)>, request: Request) -> Response {
    call(&shared, Face::Configuration, path, request).await
}

async fn customer(State(shared): Its, Path(path): Path<(String, String)>, request: Request) -> Response {
    call(&shared, Face::Customer, path, request).await
}

async fn call(
    shared: &Shared,
    face: Face,
    (version, action): (String, String),
    request: Request,
) -> Response {
    if request.method() != Method::POST {
        return refuse(match find(face, &action) {
            // Some actions are called with GET; the sandbox has none of them.
            Found::NotBuilt => Refusal::not_built(&action),
            Found::Run(_) | Found::Open(_) | Found::Unknown => {
                Refusal::validation("Actions are called with POST")
                    .with_status(StatusCode::METHOD_NOT_ALLOWED)
            }
        });
    }
    let arrival = match Arrival::read(face, action, request).await {
        Ok(arrival) => arrival,
        Err(refused) => return refused,
    };
    pass(shared, &arrival, |shared, arrival| {
        let asked = Asked {
            face,
            version: &version,
            action: &arrival.action,
            presented: arrival.presented.as_ref(),
            organization_id: arrival.query.get("organization_id").map(String::as_str),
            body: arrival.body.as_ref(),
        };
        Answer::of(perform(shared, &asked), shared.options.switches.accepted_202_empty)
    })
    .await
}

async fn rtm() -> Response {
    refuse(Refusal::not_built("rtm"))
}

async fn nothing() -> Response {
    refuse(Refusal::of(Error::NotFound))
}

fn refuse(refusal: Refusal) -> Response {
    Answer::of(Err(refusal), false).response()
}
