//! Which error an answer becomes, row by row.

use super::*;

fn read(status: u16, body: &str) -> Error {
    Error::from_answer(status, Some(Duration::from_secs(3)), body.as_bytes())
}

fn kind(name: &str) -> String {
    format!(r#"{{"error":{{"type":"{name}","message":"m"}}}}"#)
}

#[test]
fn the_type_decides_before_the_status() {
    for (status, name, advice) in [
        (200, "authentication", Advice::SlowDown(None)),
        (500, "chat_inactive", Advice::Never),
        (400, "too_many_requests", Advice::SlowDown(Some(Duration::from_secs(3)))),
        (400, "internal", Advice::LookFirst),
        (504, "request_timeout", Advice::LookFirst),
        (422, "limit_reached", Advice::Never),
        (503, "a_type_of_next_year", Advice::LookFirst),
        (418, "a_type_of_next_year", Advice::Never),
    ] {
        assert_eq!(read(status, &kind(name)).advice(), advice, "{status} {name}");
    }
}

#[test]
fn without_a_readable_body_the_status_decides_and_is_kept() {
    for body in ["", "<html>Bad gateway</html>", "{}", r#"{"error":"text"}"#, "null"] {
        assert!(matches!(read(502, body), Error::Unknown { status: Some(502), .. }), "{body}");
        assert!(matches!(read(401, body), Error::NotAllowed { status: 401 }), "{body}");
        assert!(matches!(read(429, body), Error::Slow { status: 429, wait: Some(_) }), "{body}");
        assert!(matches!(read(418, body), Error::Refused { status: 418, .. }), "{body}");
    }
}

#[test]
fn a_wrong_region_names_the_right_one() {
    let body = r#"{"error":{"type":"misdirected_request","message":"Wrong region","data":{"region":"fra"}}}"#;
    assert!(matches!(read(421, body), Error::WrongRegion { region, status: 421 } if region == "fra"));
    assert!(matches!(read(421, &kind("misdirected_request")), Error::Refused { .. }));
}

#[test]
fn not_in_the_chat_is_told_from_no_right_to_it() {
    let body = r#"{"error":{"type":"authorization","message":"Requester is not user of the chat"}}"#;
    assert!(matches!(read(403, body), Error::NotInChat { status: 403 }));
    assert!(matches!(read(403, &kind("authorization")), Error::Gone { .. }));
}
