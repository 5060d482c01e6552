//! What surrounds the calls: addresses, headers, limits, TLS.
use super::bench::{As, Bench, client};
use chimein::sandbox::{Error, Options, Sandbox};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let options = Options { listen: address.parse().unwrap(), ..Options::default() };
        let error = Sandbox::start(options).await.unwrap_err();
        assert!(matches!(error, Error::NotLoopback(_)));
        assert!(error.to_string().contains("loopback"), "{error}");
    }
}

#[tokio::test]
async fn the_addresses_have_exactly_the_promised_keys() {
    let bench = Bench::start().await;
    let addresses = serde_json::to_value(bench.at()).unwrap();
    let keys: Vec<&String> = addresses.as_object().unwrap().keys().collect();
    let promised = [
        "account_id",
        "accounts_url",
        "agent_id",
        "agent_token",
        "api_url",
        "ca",
        "client_id",
        "client_secret",
        "customer_url",
        "desk_url",
        "license_id",
        "organization_id",
        "personal_access_token",
        "rtm_url",
    ];
    assert_eq!(keys, promised);
}

#[tokio::test]
async fn every_answer_has_a_debug_id() {
    let bench = Bench::start().await;
    for path in ["/", "/nowhere", "/sandbox/journal", "/v2/info", "/v3.6/agent/action/list_chats"] {
        let url = format!("{}{path}", bench.at().api_url);
        let response = bench.http.get(url).send().await.unwrap();
        assert_eq!(response.headers()["x-debug-id"].len(), 32, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_proper_call_gets_a_documented_error() {
    let bench = Bench::start().await;
    let rows = [
        ("/v3.5/agent/action/list_chats", (400, "unsupported_version")),
        ("/v9/configuration/action/list_bots", (400, "unsupported_version")),
        ("/v3.6/agent/action/order_pizza", (404, "not_found")),
        ("/v3.6/customer/action/list_chats", (401, "authentication")),
        ("/nowhere", (404, "not_found")),
    ];
    for (path, expected) in rows {
        assert_eq!(bench.post(&As::Agent, path, &json!({})).await.refusal(), expected, "{path}");
    }
    let (_, customer) = bench.new_customer().await;
    let path = "/v3.6/customer/action/list_chats?organization_id=another";
    assert_eq!(bench.post(&customer, path, &json!({})).await.refusal(), (404, "license_not_found"));
    let get =
        bench.http.get(format!("{}/v3.6/agent/action/list_chats", bench.at().api_url)).send().await.unwrap();
    assert_eq!(get.status(), 405);
}

#[tokio::test]
async fn a_body_that_is_not_an_object_of_json_or_too_large_is_refused() {
    let bench = Bench::start().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024));
    let rows = [
        (String::new(), 400, "validation"),
        ("[]".to_owned(), 400, "validation"),
        ("{".to_owned(), 400, "validation"),
        (deep, 400, "validation"),
        (huge, 413, "entity_too_large"),
    ];
    for (body, status, kind) in rows {
        let url = format!("{}/v3.6/agent/action/list_chats", bench.at().api_url);
        let response =
            bench.http.post(url).bearer_auth(&bench.at().agent_token).body(body).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.json::<Value>().await.unwrap()["error"]["type"], json!(kind));
    }
}

#[tokio::test]
async fn pages_of_other_names_do_not_reach_the_sandbox() {
    let bench = Bench::start().await;
    let reset = format!("{}/sandbox/reset", bench.at().api_url);
    let evil = bench.http.post(&reset).header("Host", "evil.example.com").send().await.unwrap();
    assert_eq!(evil.status(), 403);
    let evil = bench.http.post(&reset).header("Origin", "https://evil.example.com").send().await.unwrap();
    assert_eq!(evil.status(), 403);
    let own = bench.http.post(&reset).header("Origin", "http://localhost:1234").send().await.unwrap();
    assert_eq!(own.status(), 200);
}

#[tokio::test]
async fn answers_are_late_by_the_latency() {
    let latency = Duration::from_millis(50);
    let bench = Bench::with(Options { latency, ..Options::default() }).await;
    bench.agent(&As::Agent, "list_chats", json!({})).await.ok();
    let entries = bench.sandbox.journal().entries();
    assert!(entries[0].call().unwrap().took_us.unwrap() >= 50_000);
}

#[tokio::test]
async fn https_is_served_with_a_certificate_of_the_written_authority() {
    let folder = tempfile::tempdir().unwrap();
    let ca_out = folder.path().join("ca.pem");
    let options = Options { tls: true, ca_out: Some(ca_out.clone()), ..Options::default() };
    let mut bench = Bench::with(options).await;
    assert_eq!(bench.at().ca.as_ref(), Some(&ca_out));
    assert!(bench.at().api_url.starts_with("https://localhost:") && bench.at().rtm_url.starts_with("wss://"));
    let authority = reqwest::Certificate::from_pem(&std::fs::read(&ca_out).unwrap()).unwrap();
    bench.http = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    bench.agent(&As::Agent, "list_chats", json!({})).await.ok();
    let by_number = bench.at().api_url.replace("localhost", "127.0.0.1");
    assert_eq!(bench.http.get(by_number).send().await.unwrap().status(), 200);
    let stranger = client();
    assert!(stranger.get(&bench.at().api_url).send().await.is_err(), "others do not trust the authority");
    bench.sandbox.stop().await;
}

#[tokio::test]
async fn stopping_closes_the_door_and_ends_what_hangs() {
    let bench = Bench::start().await;
    let url = bench.at().api_url.clone();
    let stream = bench.http.get(format!("{url}/sandbox/journal/stream")).send().await.unwrap();
    bench.sandbox.stop().await;
    assert!(stream.bytes().await.is_err());
    assert!(bench.http.get(url).send().await.is_err());
}
