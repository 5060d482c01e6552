//! Answers as HTTP responses.
use crate::sandbox::ids;
use crate::sandbox::options::Stage;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::server::Reset;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::Response;
use serde_json::Value;

/// What a gateway in front of the platform would show.
const GATEWAY_PAGE: &str = "<html><body><h1>Bad gateway</h1></body></html>";

/// An answer before it is written.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// `None` is an empty body.
    pub(super) body: Option<Value>,
}

impl Answer {
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, headers: HeaderMap::new(), body: Some(body) }
    }

    /// An action's result; `accepted` answers what has no payload with 202 and nothing.
    pub(super) fn of(result: Result<Value, Refusal>, accepted: bool) -> Self {
        match result {
            Ok(body) if accepted && body.as_object().is_some_and(serde_json::Map::is_empty) => {
                Self { status: StatusCode::ACCEPTED, headers: HeaderMap::new(), body: None }
            }
            Ok(body) => Self::new(StatusCode::OK, body),
            Err(refusal) => Self::new(refusal.status(), refusal.body()),
        }
    }

    /// The error's type for the journal, in each of the shapes that errors have.
    pub(super) fn error_type(&self) -> Option<String> {
        if self.status.is_success() {
            return None;
        }
        let body = self.body.as_ref()?;
        let error = body.get("error");
        let name =
            error.and_then(|error| error.get("type")).or(error).or_else(|| body.get("oauth_exception"));
        name.and_then(Value::as_str).map(str::to_owned)
    }

    /// The response.
    pub(super) fn response(self) -> Response {
        let text = self.body.map(|body| body.to_string()).unwrap_or_default();
        let mut response = json_response(self.status, text);
        response.headers_mut().extend(self.headers);
        response
    }

    /// The response with its JSON cut in half.
    pub(super) fn truncated(self) -> Response {
        let mut bytes = self.body.map(|body| body.to_string()).unwrap_or_default().into_bytes();
        bytes.truncate(bytes.len() / 2);
        json_response(StatusCode::OK, bytes)
    }
}

fn json_response(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = plain(status, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
}

/// A page of something in between.
pub(super) fn html(status: StatusCode) -> Response {
    let mut response = plain(status, GATEWAY_PAGE);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// Not an answer at all: the connection is reset.
pub(super) fn reset() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Reset);
    response
}

/// Gives a response the id that the platform's support asks for.
pub(super) async fn with_debug_id(mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::from_str(&ids::hex()) {
        response.headers_mut().insert("x-debug-id", id);
    }
    response
}

/// Gives a response the header of a version that nears its end.
pub(super) async fn with_stage(State(stage): State<Option<Stage>>, mut response: Response) -> Response {
    let header = stage.map(|stage| match stage {
        Stage::Legacy(day) => ("legacy", day),
        Stage::Deprecated(day) => ("deprecation", day),
    });
    if let Some((name, day)) = header
        && let Ok(day) = HeaderValue::from_str(&day.to_string())
    {
        response.headers_mut().insert(name, day);
    }
    response
}
