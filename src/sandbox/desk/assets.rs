//! The page's own files and the headers that keep everything else out.
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};

/// Scripts, styles, pictures, calls: this origin or none, and nothing inline.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// The look.
pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("desk.css"))
}

/// What moves.
pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("desk.js"))
}

/// The mark.
pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("desk.svg"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// Puts the headers on every answer of the desk.
pub(super) async fn sealed(mut response: Response) -> Response {
    let headers: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: forms would then come from an unknown origin, which the sandbox refuses.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
