//! The accounts service: customers' tokens, and what a token is.
use super::answer::Answer;
use super::door::{Arrival, pass};
use crate::sandbox::addresses::WIDGET_CLIENT_ID;
use crate::sandbox::auth::{CUSTOMER_TOKEN_SECONDS, Kind, Presented, Requester, Token};
use crate::sandbox::clock;
use crate::sandbox::journal::Face;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::World;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header::SET_COOKIE};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a browser stays the same customer, in seconds: two years.
const COOKIE_AGE: u32 = 63_072_000;

/// The service's routes.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/v2/customer/token", post(customer_token))
        .route("/v2/info", get(token_facts))
        .route("/v2/token", post(not_built).delete(revoke))
        .with_state(Arc::clone(shared))
}

type Its = State<Arc<Shared>>;

async fn customer_token(State(shared): Its, request: Request) -> Response {
    enter(&shared, "customer_token", request, |shared, arrival| {
        let body = arrival.body.as_ref();
        let field = |key: &str| body.and_then(|body| body.get(key)).and_then(Value::as_str);
        match field("grant_type") {
            Some("cookie") => by_cookie(shared, arrival, &field),
            Some("agent_token") => by_agent(shared, arrival, &field),
            _ => customer_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type is not known"),
        }
    })
    .await
}

async fn enter(
    shared: &Shared,
    action: &str,
    request: Request,
    perform: impl FnOnce(&Shared, &Arrival) -> Answer + Send,
) -> Response {
    match Arrival::read(Face::Accounts, action.to_owned(), request).await {
        Ok(arrival) => pass(shared, &arrival, perform).await,
        Err(refused) => refused,
    }
}

/// The grant of a browser: its cookies make it the same customer again.
fn by_cookie<'a>(shared: &Shared, arrival: &Arrival, field: &impl Fn(&str) -> Option<&'a str>) -> Answer {
    let Some(shared) = field("organization_id").and_then(|id| shared.named(id)) else {
        return customer_error(
            StatusCode::UNAUTHORIZED,
            "invalid_request",
            "organization_id is missing or unknown",
        );
    };
    if let Some(refused) = bad_request(shared, field) {
        return refused;
    }
    let client_id = field("client_id").unwrap_or(WIDGET_CLIENT_ID);
    let (id, secret) = (cookie(arrival, "__lc_cid"), cookie(arrival, "__lc_cst"));
    let (body, id, secret) = shared.act(|world, now| {
        let known = id
            .and_then(|id| world.customers.get(id))
            .filter(|customer| Some(customer.cookie.as_str()) == secret);
        let (id, secret) = match known {
            Some(customer) => (customer.id.clone(), customer.cookie.clone()),
            None => world.new_customer(now),
        };
        (issue(world, &id, client_id, now), id, secret)
    });
    let mut answer = Answer::new(StatusCode::OK, body);
    for (name, value) in [("__lc_cid", id), ("__lc_cst", secret)] {
        let text =
            format!("{name}={value}; Path=/v2/customer/token; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Lax");
        if let Ok(text) = HeaderValue::from_str(&text) {
            answer.headers.append(SET_COOKIE, text);
        }
    }
    answer
}

/// The grant of a back end: an agent's token with `customers:own`.
fn by_agent<'a>(shared: &Shared, arrival: &Arrival, field: &impl Fn(&str) -> Option<&'a str>) -> Answer {
    // Personal access tokens are not taken here.
    let bearer = arrival.presented.as_ref().filter(|presented| matches!(presented, Presented::Bearer(_)));
    let Ok(agent) = shared.identify(Face::Accounts, bearer) else {
        return customer_error(StatusCode::UNAUTHORIZED, "unauthorized", "the agent's token is not valid");
    };
    let shared = shared.of(bearer);
    if !agent.has("customers:own") {
        return customer_error(StatusCode::FORBIDDEN, "invalid_scope", "the token lacks customers:own");
    }
    if let Some(refused) = bad_request(shared, field) {
        return refused;
    }
    let client_id = field("client_id").unwrap_or(WIDGET_CLIENT_ID);
    let issued = shared.act(|world, now| {
        let id = match field("entity_id") {
            Some(id) => world.customers.contains_key(id).then(|| id.to_owned())?,
            None => world.new_customer(now).0,
        };
        Some(issue(world, &id, client_id, now))
    });
    let Some(mut body) = issued else {
        return customer_error(StatusCode::NOT_FOUND, "resource_not_found", "entity_id is not known");
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert("client_id".to_owned(), json!(client_id));
    }
    Answer::new(StatusCode::OK, body)
}

fn bad_request<'a>(shared: &Shared, field: &impl Fn(&str) -> Option<&'a str>) -> Option<Answer> {
    if field("response_type") != Some("token") {
        let text = "response_type must be token";
        return Some(customer_error(StatusCode::BAD_REQUEST, "unsupported_response_type", text));
    }
    let known = field("client_id").is_some_and(|id| shared.act(|world, _| world.clients.contains(id)));
    (!known).then(|| {
        customer_error(StatusCode::UNAUTHORIZED, "unauthorized_client", "client_id is missing or unknown")
    })
}

fn issue(world: &mut World, id: &str, client_id: &str, now: Timestamp) -> Value {
    let token = world.customer_token(id, client_id, now);
    json!({
        "access_token": token,
        "entity_id": id,
        "expires_in": CUSTOMER_TOKEN_SECONDS,
        "token_type": "Bearer",
        "organization_id": world.credentials.organization_id,
    })
}

fn cookie<'a>(arrival: &'a Arrival, name: &str) -> Option<&'a str> {
    let pairs = arrival.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
}

fn customer_error(status: StatusCode, kind: &str, text: &str) -> Answer {
    Answer::new(status, json!({"oauth_exception": kind, "exception_description": text}))
}

async fn token_facts(State(shared): Its, request: Request) -> Response {
    enter(&shared, "info", request, |shared, arrival| {
        let token = named_token(arrival).unwrap_or_default();
        let shared = shared.of_token(&token);
        let found = shared.act(|world, now| world.tokens.find(&token, now).cloned());
        let agents =
            |token: &Token| token.requester.kind == Kind::Agent && token.requester.client_id.is_some();
        match found.filter(agents) {
            Some(found) => Answer::new(StatusCode::OK, facts(shared, &token, &found)),
            None => {
                token_error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", "the token is not valid")
            }
        }
    })
    .await
}

fn facts(shared: &Shared, token: &str, found: &Token) -> Value {
    let Requester { account_id, client_id, scopes, .. } = &found.requester;
    let left = found.ends.map_or(CUSTOMER_TOKEN_SECONDS, |ends| ends.duration_since(clock::now()).as_secs());
    json!({
        "access_token": token,
        "account_id": account_id,
        "client_id": client_id,
        "expires_in": left,
        "organization_id": shared.addresses.organization_id,
        "scope": scopes.join(","),
        "token_type": "Bearer",
    })
}

async fn revoke(State(shared): Its, request: Request) -> Response {
    enter(&shared, "revoke_token", request, |shared, arrival| {
        let token = named_token(arrival).unwrap_or_default();
        if shared.of_token(&token).act(|world, _| world.tokens.revoke(&token)) {
            return Answer::new(StatusCode::OK, json!({}));
        }
        token_error(StatusCode::NOT_FOUND, "resource_not_found", "the token is not known")
    })
    .await
}

async fn not_built(State(shared): Its, request: Request) -> Response {
    enter(&shared, "token", request, |_, _| {
        token_error(StatusCode::NOT_IMPLEMENTED, "not_implemented", "OAuth is not built yet in the sandbox")
    })
    .await
}

/// The token in the header, or in the query as `code`.
fn named_token(arrival: &Arrival) -> Option<String> {
    let header = arrival.presented.as_ref().map(|presented| presented.token().to_owned());
    header.or_else(|| arrival.query.get("code").cloned())
}

fn token_error(status: StatusCode, kind: &str, text: &str) -> Answer {
    Answer::new(status, json!({"error": kind, "error_description": text}))
}
