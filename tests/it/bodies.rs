//! Whatever is sent to the webhook door is answered, never with a 5xx, and harms nobody.

use super::bench::{Bench, KEY, REPLY, Setup};
use serde_json::{Value, json};
use std::path::PathBuf;
use tokio_util::task::TaskTracker;

const CUSTOMER: &str = "b7eff798-f8df-4364-8059-649c35c9ed0c";
/// Hears everything, so that what is odd goes as far as it can.
const ANYTHING: &str = "[[rules]]\nname = \"anything\"\nkeywords = [\"*\"]\nreply = \"Hm.\"\n";

/// The documented webhooks, with a key that is right and an organization that is ours.
fn documented(organization: &str) -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/livechat");
    let mut found = Vec::new();
    for (folder, start) in [(folder.join("webhooks"), ""), (folder.join("constructed"), "webhook_")] {
        for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() && name.starts_with(start) {
                let mut body: Value =
                    serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
                body["secret_key"] = json!(KEY);
                body["organization_id"] = json!(organization);
                found.push((name, body));
            }
        }
    }
    found
}

/// The places of a value, each as a JSON pointer; the keys of objects that hold people by id are fields too.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let step = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.push(step(key));
                places(value, &step(key), found);
            }
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                found.push(step(&number.to_string()));
                places(value, &step(&number.to_string()), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The body without the field at this place.
fn without(body: &Value, place: &str) -> Value {
    let mut body = body.clone();
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    match body.pointer_mut(parent).expect("a place") {
        Value::Object(fields) => drop(fields.remove(&key.replace("~1", "/").replace("~0", "~"))),
        Value::Array(items) => drop(items.remove(key.parse::<usize>().expect("a number"))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => unreachable!("it has fields"),
    }
    body
}

/// Every documented webhook with each field removed, and with each field of another type.
fn bent(organization: &str) -> Vec<(String, Value)> {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!("pizza \u{0} \u{feff}"),
        json!([]),
        json!([[null]]),
        json!({}),
        json!({ "": { "": "" } }),
    ];
    let mut bent = Vec::new();
    for (name, body) in documented(organization) {
        let mut found = Vec::new();
        places(&body, "", &mut found);
        for (number, place) in found.iter().enumerate() {
            bent.push((format!("{name} without {place}"), without(&body, place)));
            // Each field gets two of them, neighbours get others.
            for other in (0..2).map(|step| &others[(number * 2 + step) % others.len()]) {
                let mut body = body.clone();
                *body.pointer_mut(place).expect("a place") = other.clone();
                bent.push((format!("{name} with {other} at {place}"), body));
            }
        }
        bent.push((name, body));
    }
    bent
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_push_with_each_field_removed_or_of_another_type() {
    let setup = Setup::rules(ANYTHING)
        .setting("SWEEP__MAX_AGE", "480000h")
        .setting("OUTBOX__KEEP_DONE", "480001h")
        .setting("VISITS__PER_THREAD", "100000")
        .setting("SWEEP__INTERVAL", "0s")
        .setting("LOG__LEVEL", "info");
    let bench = Bench::with(setup).await;
    let bent = bent(&bench.sandbox.addresses().organization_id);
    assert!(bent.len() > 2_000, "{}", bent.len());
    let senders = TaskTracker::new();
    let door = format!("http://{}/webhooks/livechat", bench.front());
    let answers: Vec<_> = bent
        .chunks(bent.len().div_ceil(8))
        .map(|part| {
            let (http, door, part) = (bench.http().clone(), door.clone(), part.to_vec());
            senders.spawn(async move {
                let (mut accepted, mut heard) = (0, 0);
                for (name, body) in part {
                    let response = http.post(&door).json(&body).send().await;
                    let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
                    let status = response.status().as_u16();
                    assert!([200, 400, 401].contains(&status), "{name}: {status}");
                    let word = response.text().await.expect("text");
                    accepted += usize::from(word.contains("accepted"));
                    heard += usize::from(word.contains("accepted") || word.contains("duplicate"));
                }
                (accepted, heard)
            })
        })
        .collect();
    let (mut accepted, mut heard) = (0, 0);
    for answer in answers {
        let (more, also) = answer.await.expect("no sender panicked");
        (accepted, heard) = (accepted + more, heard + also);
    }
    assert!(accepted >= 5 && heard > 300, "bent messages are messages all the same: {accepted}, {heard}");
    // None of those chats exists.
    bench.ended_any(accepted).await;
    bench.finish().await;
}

#[tokio::test]
async fn every_character_of_the_planes_in_use_can_be_read() {
    let mut bench = Bench::start().await;
    let all: Vec<char> = ('\u{1}'..='\u{2ffff}').collect();
    for (number, some) in all.chunks(4_000).enumerate() {
        let text: String = some.iter().collect();
        let body = bench.message(CUSTOMER, "C", &format!("T_{number}"), &text);
        assert_eq!(bench.knock(&body).await, (200, "silent".to_owned()), "{:?}", some.first());
    }
    let chat = bench.says("still there? pizza!").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn odd_json_is_answered_and_harms_nobody() {
    let mut bench = Bench::start().await;
    let good = bench.message(CUSTOMER, "C", "T_1", "hello").to_string();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from} in {good}");
        good.replacen(from, to, 1)
    };
    for (name, body) in [
        ("a lone surrogate", swap("hello", "\\ud83d")),
        ("two surrogates the wrong way round", swap("hello", "\\udc00\\ud83d")),
        ("a NUL as an escape", swap("hello", "nu\\u0000l")),
        ("a lone surrogate in an id", swap("\"T_1\"", "\"T_\\udfff\"")),
        ("a number out of range", swap("\"hello\"", "1e999999")),
        ("a number of 10,000 digits", swap("\"hello\"", &"9".repeat(10_000))),
        ("a negative nothing", swap("\"hello\"", "-0")),
        ("a key twice", swap("\"text\":", "\"text\":\"other\",\"text\":")),
        ("a payload twice", swap("\"payload\":", "\"payload\":{},\"payload\":")),
        (
            "a secret twice, the wrong one first",
            swap("\"secret_key\":", "\"secret_key\":\"x\",\"secret_key\":"),
        ),
        ("a deep text", swap("\"hello\"", &deep("[", "]"))),
        ("a deep payload", swap("\"payload\":", &format!("\"x\":{},\"payload\":", deep("{\"a\":[", "]}")))),
        ("a deep key of presence", swap("[\"b7eff798", &format!("[{},\"b7eff798", deep("[", "]")))),
        ("text behind it", format!("{good} x")),
        ("two of them", format!("{good}{good}")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("not a number", swap("\"hello\"", "NaN")),
    ] {
        let (status, word) = bench.knock_with(body, "application/json").await;
        assert!([200, 400, 401].contains(&status), "{name}: {status} {word}");
    }
    let mut latin = good.clone().into_bytes();
    let place = good.find("hello").expect("it is there");
    latin[place] = 0xe9;
    assert_eq!(bench.knock_with(latin, "application/json").await.0, 400, "invalid UTF-8");
    for cut in (0..good.len()).step_by(7) {
        let (status, word) = bench.knock_with(good.as_bytes()[..cut].to_vec(), "application/json").await;
        assert_eq!(status, 400, "{cut} bytes of it: {word}");
    }
    let chat = bench.says("still there? pizza!").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
