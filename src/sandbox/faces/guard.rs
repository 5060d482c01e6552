//! Only names of this machine are answered, so that no web page elsewhere can reach the sandbox through a
//! browser by pointing a name of its own at 127.0.0.1.
use super::answer::Answer;
use crate::sandbox::refusal::{Kind, Refusal};
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::Response;
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
    let host = header(HOST).is_none_or(is_local);
    let path = request.uri().path();
    let changes = path.starts_with("/sandbox/") || path.starts_with("/desk/");
    let page = || header(ORIGIN).map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
    host && (!changes || page().is_none_or(is_local))
}

/// Whether `host` or `host:port` is this machine.
fn is_local(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (authority, expected) in [
            ("localhost", true),
            ("localhost:80", true),
            ("127.0.0.1:8080", true),
            ("[::1]:1", true),
            ("[::1]", true),
            ("evil.example.com", false),
            ("localhost.example.com:80", false),
            ("127.0.0.1.example.com", false),
            ("192.0.2.1:80", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(is_local(authority), expected, "{authority}");
        }
    }
}
