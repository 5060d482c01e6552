//! The way of a call: into the journal, through the faults, into the world, and out again.
use super::answer::{Answer, html, reset};
use crate::sandbox::auth::{Presented, presented};
use crate::sandbox::faults::CallEffect;
use crate::sandbox::journal::{Call, CallState, Face, Ticket, masked};
use crate::sandbox::refusal::{Kind as Error, Refusal, documented, error_body};
use crate::sandbox::shared::Shared;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The largest body of a request.
const BODY: usize = 1024 * 1024;
/// How long a request's body may take.
const BODY_TIME: Duration = Duration::from_secs(15);

/// A call that has been read.
pub(super) struct Arrival {
    pub(super) face: Face,
    pub(super) action: String,
    pub(super) headers: HeaderMap,
    pub(super) query: HashMap<String, String>,
    pub(super) presented: Option<Presented>,
    /// `None` when it is not JSON.
    pub(super) body: Option<Value>,
}

impl Arrival {
    /// Reads a request to its end.
    pub(super) async fn read(face: Face, action: String, request: Request) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let refuse = |refusal: Refusal| Answer::of(Err(refusal), false).response();
        let body = read_body(body).await.map_err(refuse)?;
        let query = head.uri.query().unwrap_or_default();
        let query = reqwest::Url::parse(&format!("http://localhost/?{query}"));
        Ok(Self {
            face,
            action,
            query: query.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default(),
            presented: presented(&head.headers),
            headers: head.headers,
            body: serde_json::from_slice(&body).ok(),
        })
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn call(&self, shared: &Shared) -> Call {
        let body = self.body.as_ref();
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let chat_id = text(body.and_then(|body| body.get("chat_id")))
            .or_else(|| text(body.and_then(|body| body.pointer("/chat/id"))))
            .or_else(|| {
                self.action.ends_with("_chat").then(|| text(body.and_then(|body| body.get("id")))).flatten()
            });
        let requester = shared.identify(self.face, self.presented.as_ref());
        Call {
            face: self.face,
            action: self.action.clone(),
            requester: requester.map_or_else(|_| "anonymous".to_owned(), |requester| requester.id),
            chat_id,
            request: Arc::new(body.cloned().map_or(Value::Null, masked)),
            state: CallState::Pending,
            status: None,
            error_type: None,
            fault: None,
            took_us: None,
        }
    }
}

async fn read_body(body: Body) -> Result<bytes::Bytes, Refusal> {
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, BODY)).await {
        Err(_) => Err(Refusal::of(Error::RequestTimeout)),
        Ok(read) => read.map_err(|_| Refusal::of(Error::EntityTooLarge)),
    }
}

/// Takes a call from its arrival to its answer; `perform` is what it does.
pub(super) async fn pass(
    shared: &Shared,
    arrival: &Arrival,
    perform: impl FnOnce(&Shared, &Arrival) -> Answer + Send,
) -> Response {
    let ticket = shared.journal.arrived(arrival.call(shared));
    let effect = shared.faults.take_call(arrival.face, &arrival.action, arrival.header("x-region"));
    if let Some(effect) = &effect {
        ticket.fault(effect.name());
        if let Some(response) = before(shared, arrival, effect).await {
            return close(ticket, response);
        }
    }
    if !shared.options.latency.is_zero() {
        tokio::time::sleep(shared.options.latency).await;
    }
    let answer = perform(shared, arrival);
    let error_type = answer.error_type();
    match effect {
        Some(CallEffect::HangAfter) => close(ticket, hang(shared).await),
        Some(CallEffect::ResetAfter) => close(ticket, reset()),
        Some(CallEffect::Truncated) => close(ticket, answer.truncated()),
        Some(CallEffect::Html) => close(ticket, html(StatusCode::OK)),
        Some(
            CallEffect::Status { .. }
            | CallEffect::HangBefore
            | CallEffect::ResetBefore
            | CallEffect::Misdirected { .. }
            | CallEffect::RevokedToken,
        )
        | None => {
            ticket.answered(answer.status.as_u16(), error_type);
            answer.response()
        }
    }
}

/// Faults that come before anything happens.
async fn before(shared: &Shared, arrival: &Arrival, effect: &CallEffect) -> Option<Response> {
    match effect {
        CallEffect::Status { code, kind, retry_after } => Some(refused(*code, kind.as_deref(), *retry_after)),
        CallEffect::HangBefore => Some(hang(shared).await),
        CallEffect::ResetBefore => Some(reset()),
        CallEffect::Misdirected { region } => {
            let refusal = Refusal::of(Error::MisdirectedRequest).with_data(json!({ "region": region }));
            Some(Answer::of(Err(refusal), false).response())
        }
        CallEffect::RevokedToken => {
            if let Some(presented) = &arrival.presented {
                shared.of(Some(presented)).act(|world, _| world.tokens.revoke(presented.token()));
            }
            None
        }
        CallEffect::HangAfter | CallEffect::ResetAfter | CallEffect::Truncated | CallEffect::Html => None,
    }
}

fn refused(code: u16, kind: Option<&str>, retry_after: Option<u32>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match kind {
        None => html(status),
        Some(kind) => Answer::new(status, error_body(kind, documented(kind).1, None)).response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Waits until the caller has gone or the sandbox stops.
async fn hang(shared: &Shared) -> Response {
    shared.stop.cancelled().await;
    reset()
}

fn close(ticket: Ticket, response: Response) -> Response {
    if response.extensions().get::<crate::sandbox::server::Reset>().is_some() {
        ticket.reset();
    } else {
        ticket.answered(response.status().as_u16(), None);
    }
    response
}
