//! Only names of this machine are answered, so that no web page elsewhere can reach the sandbox through a
//! browser by pointing a name of its own at 127.0.0.1.
use super::answer::Answer;
use crate::sandbox::refusal::{Kind, Refusal};
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::Response;
use reqwest::Url;
use std::net::IpAddr;

/// Refuses requests for, or from pages of, other names.
pub(super) async fn only_this_machine(request: Request, next: Next) -> Response {
    if is_welcome(&request) {
        return next.run(request).await;
    }
    Answer::of(
        Err(Refusal::new(Kind::NotAllowed, "The sandbox answers to names of this machine only")),
        false,
    )
    .response()
}

fn is_welcome(request: &Request) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(HOST).is_none_or(|host| is_local(&format!("http://{host}/")));
    let path = request.uri().path();
    let changes = path.starts_with("/sandbox/") || path.starts_with("/desk/");
    host && (!changes || header(ORIGIN).is_none_or(is_local))
}

fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
