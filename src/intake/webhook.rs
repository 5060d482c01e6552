//! The webhook door: HTTP in, an answer out.
//!
//! Answers: 200 accepted, ignored, duplicate or silent · 400 · 401 · 413 · 415 · 503 with
//! `Retry-After`. Bodies are small JSON and never an inner error text.

use super::counts;
use super::door::{Answer, Door};
use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use std::convert::Infallible;
use std::sync::Arc;
use tower::{Service, service_fn};

/// After how many seconds a refused sender should come again: LiveChat gives up after about a
/// minute and three tries (reference, 5.2), so this must be short.
const COME_AGAIN_SECS: u64 = 5;

/// How much of a body that is too large is read for politeness.
const MAX_DISCARDED: usize = 16 << 20;

struct Webhook {
    door: Arc<Door>,
    path: String,
    max_body: usize,
}

/// The webhook door at `path`, and `others` everywhere else.
///
/// It stands before the router, because to find a route and to box its bodies costs as much as to decide.
pub fn service(
    door: Arc<Door>,
    path: String,
    max_body: usize,
    others: Router,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send {
    counts::show();
    let webhook = Arc::new(Webhook { door, path, max_body });
    service_fn(move |request: Request<Incoming>| {
        let (webhook, mut others) = (Arc::clone(&webhook), others.clone());
        async move {
            if request.uri().path() == webhook.path {
                Ok(hear(&webhook, request).await)
            } else {
                // Boxed, as the rarer and larger one.
                Box::pin(others.call(request)).await
            }
        }
    })
}

async fn hear(webhook: &Webhook, request: Request<Incoming>) -> Response {
    if request.method() != Method::POST {
        let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    if !is_json(request.headers()) {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json");
    }
    let body = match read(request.into_body(), webhook.max_body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    match webhook.door.take(&body).await {
        Answer::Accepted => answer(StatusCode::OK, "accepted"),
        Answer::Ignored => answer(StatusCode::OK, "ignored"),
        Answer::Duplicate => answer(StatusCode::OK, "duplicate"),
        Answer::Silent => answer(StatusCode::OK, "silent"),
        Answer::NotAWebhook => answer(StatusCode::BAD_REQUEST, "not_a_webhook"),
        Answer::WrongSecret => {
            tracing::warn!("a webhook with a wrong secret");
            answer(StatusCode::UNAUTHORIZED, "wrong_secret")
        }
        Answer::NotWritten => {
            let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, "not_written");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(COME_AGAIN_SECS));
            response
        }
    }
}

async fn read(mut body: Incoming, max: usize) -> Result<Bytes, Response> {
    let too_large = || refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    let broken = || refuse(StatusCode::BAD_REQUEST, "broken_body");
    if body.size_hint().lower() > max as u64 {
        Box::pin(discard(body)).await;
        return Err(too_large());
    }
    // Nearly every body comes in one piece, and that is not copied.
    let piece = match body.frame().await {
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        Some(Err(_)) => return Err(broken()),
        None => Bytes::new(),
    };
    let Some(left) = max.checked_sub(piece.len()) else { return Err(too_large()) };
    if body.is_end_stream() {
        return Ok(piece);
    }
    match Limited::new(body, left).collect().await {
        Ok(rest) => Ok(Bytes::from([piece, rest.to_bytes()].concat())),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(broken()),
    }
}

/// Throws a body away, so that its sender gets to read the answer instead of a reset; to a limit.
async fn discard(mut body: Incoming) {
    let mut left = MAX_DISCARDED;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        if length > left {
            return;
        }
        left -= length;
    }
}

/// A sender that names no content type is taken at its word; one that names another is not.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let media_type = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    media_type.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// An answer to a body that was not looked at.
fn refuse(status: StatusCode, word: &'static str) -> Response {
    counts::refused(word);
    answer(status, word)
}

fn answer(status: StatusCode, word: &'static str) -> Response {
    let body = match word {
        // What nearly every webhook is answered costs no formatting.
        "silent" => Bytes::from_static(br#"{"status":"silent"}"#),
        "ignored" => Bytes::from_static(br#"{"status":"ignored"}"#),
        "accepted" => Bytes::from_static(br#"{"status":"accepted"}"#),
        other => Bytes::from(format!(r#"{{"status":"{other}"}}"#)),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
