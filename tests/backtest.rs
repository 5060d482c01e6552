//! `chimein backtest`: the real binary, over the sandbox's archives and over files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use chimein::sandbox::{Call, CallEffect, Entry, Fault, Options, Sandbox, WIDGET_CLIENT_ID};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const RULES: &str = r#"
[[rules]]
name = "lunch"
keywords = ["pizza"]
reply = "Pizza is on the way!"
priority = 5

[[rules]]
name = "late"
keywords = ["where is", "still waiting"]
reply = "Look at the map."

[[rules]]
name = "never"
keywords = ["zeppelin"]
reply = "We do not fly."
"#;
/// Lunch says something else, late is a shadow, never is gone, greetings are new.
const OTHER_RULES: &str = r#"
[[rules]]
name = "lunch"
keywords = ["pizza"]
reply = "It is in the oven."

[[rules]]
name = "late"
keywords = ["where is", "still waiting"]
reply = "Look at the map."
mode = "shadow"

[[rules]]
name = "greeting"
keywords = ["hello"]
reply = "Hello!"
"#;
/// No wait is longer: a test that hangs fails.
const WATCHDOG: Duration = Duration::from_secs(90);

/// A sandbox with people in it, and a folder in which commands are run.
struct Place {
    sandbox: Sandbox,
    http: reqwest::Client,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("rules.toml", RULES), ("other.toml", OTHER_RULES)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { sandbox: Sandbox::start(Options::default()).await.unwrap(), http, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Calls a face; an agent by a personal access token unless there is a bearer.
    async fn call(&self, path: &str, bearer: Option<&str>, body: Value) -> Value {
        let at = self.sandbox.addresses();
        let request = self.http.post(format!("{}{path}", at.api_url)).json(&body);
        let request = match bearer {
            Some(token) => request.bearer_auth(token),
            None => request.basic_auth(&at.account_id, Some(&at.personal_access_token)),
        };
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn agent(&self, action: &str, body: Value) -> Value {
        self.call(&format!("/v3.6/agent/action/{action}"), None, body).await
    }

    /// A customer's chat with these messages, closed afterwards.
    async fn closed_chat(&self, words: &[&str]) -> String {
        let chat = self.open_chat(words).await;
        self.agent("deactivate_chat", json!({ "id": chat, "ignore_requester_presence": true })).await;
        chat
    }

    async fn open_chat(&self, words: &[&str]) -> String {
        let organization = self.sandbox.addresses().organization_id.clone();
        let grant = json!({
            "grant_type": "cookie", "client_id": WIDGET_CLIENT_ID, "response_type": "token",
            "organization_id": organization, "redirect_uri": "https://shop.example.com",
        });
        let url = format!("{}/v2/customer/token", self.sandbox.addresses().accounts_url);
        let token: Value = self.http.post(url).json(&grant).send().await.unwrap().json().await.unwrap();
        let events: Vec<Value> =
            words.iter().map(|text| json!({ "type": "message", "text": text })).collect();
        let path = format!("/v3.6/customer/action/start_chat?organization_id={organization}");
        let body = json!({ "chat": { "thread": { "events": events } } });
        let chat = self.call(&path, token["access_token"].as_str(), body).await;
        chat["chat_id"].as_str().unwrap().to_owned()
    }

    fn command(&self, words: &[&str]) -> Command {
        let at = self.sandbox.addresses();
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimein"));
        command.arg("backtest").args(words).env_clear().current_dir(self.folder.path());
        command.env("CHIMEIN__LIVECHAT__API_URL", &at.api_url);
        command.env("CHIMEIN__RULES__PATH", self.path("rules.toml"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same with the personal access token.
    fn person(&self, words: &[&str]) -> Command {
        let at = self.sandbox.addresses();
        let mut command = self.command(words);
        command.env("CHIMEIN__LIVECHAT__ACCOUNT_ID", &at.account_id);
        command.env("CHIMEIN__LIVECHAT__PERSONAL_ACCESS_TOKEN", &at.personal_access_token);
        command
    }

    /// Calls that came since the journal was cleared: action and status.
    fn calls(&self) -> Vec<(String, Option<u16>)> {
        let entries = self.sandbox.journal().entries();
        entries.iter().filter_map(Entry::call).map(|call| (call.action.clone(), call.status)).collect()
    }

    async fn met(&self, what: &str, look: impl Fn(&[&Call]) -> bool) {
        let look = |entries: &[Entry]| {
            look(&entries.iter().filter_map(Entry::call).collect::<Vec<_>>()).then_some(())
        };
        tokio::time::timeout(WATCHDOG, self.sandbox.journal().wait_for(look)).await.expect(what);
    }
}

/// Exit code, standard output, standard error.
async fn ended(mut command: Command) -> (Option<i32>, String, String) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn json_of(command: Command) -> Value {
    let (code, out, err) = ended(command).await;
    assert_eq!(code, Some(0), "{out}{err}");
    serde_json::from_str(&out).unwrap()
}

/// A rule's part of the report.
fn rule<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap()
}

/// Messages of customers, of agents, of others; two of them in one chat, and one chat that is open.
async fn with_a_history() -> Place {
    let place = Place::new().await;
    let first = place.closed_chat(&["Where is my PIZZA, Mr. Wintergarten?", "still waiting", "pizza!"]).await;
    place.closed_chat(&["hello", "I like soup"]).await;
    place.open_chat(&["pizza, hello"]).await;
    // Its second thread: an agent says the keyword, which no rule listens to.
    let resumed = place.agent("resume_chat", json!({ "chat": { "id": first } })).await;
    assert!(resumed["thread_id"].is_string());
    let event = json!({ "type": "message", "text": "the pizza is in the oven" });
    place.agent("send_event", json!({ "chat_id": first, "event": event })).await;
    place.sandbox.journal().clear();
    place
}

#[tokio::test]
async fn the_archives_are_read_and_nothing_else_is_called() {
    let place = with_a_history().await;
    let (code, out, err) = ended(place.person(&["--page-size", "1"])).await;
    assert_eq!((code, &*err), (Some(0), ""), "{out}");
    for part in [
        "6 messages of customers and 1 of agents in 4 threads",
        "lunch         3   50.00 %        2",
        "late          1   16.67 %        1",
        "Nothing to say: never",
        "No rule fits 2 messages of customers (33.33 %).",
        "`lunch` goes before `late`",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    for words in ["PIZZA", "Wintergarten", "soup", "oven"] {
        assert!(!out.contains(words), "{words} is in\n{out}");
    }
    let calls = place.calls();
    assert!(
        calls.len() >= 4 && calls.iter().all(|call| *call == ("list_archives".to_owned(), Some(200))),
        "{calls:?}"
    );
    let (_, out, _) = ended(place.person(&["--show-text"])).await;
    assert!(out.contains("Where is my »PIZZA«, Mr. Wintergarten?") && !out.contains("soup"), "{out}");
    let old = json_of(place.person(&["--json", "--since", "9d", "--until", "1d"])).await;
    assert_eq!(old["messages"]["customers"], 0);
}

#[tokio::test]
async fn the_report_in_json_holds_the_same_and_no_text_unless_it_is_asked_for() {
    let place = with_a_history().await;
    let report = json_of(place.person(&["--json", "--examples", "2", "--against", "other.toml"])).await;
    assert_eq!(report["complete"], true);
    assert_eq!(report["source"], "archives");
    assert_eq!(report["silent"], json!({ "no_rule_fits": 2 }));
    assert_eq!((&report["unmatched"], &report["threads"]), (&json!(2), &json!(4)));
    let lunch = rule(&report, "lunch");
    assert_eq!((&lunch["messages"], &lunch["threads"], &lunch["share"]), (&json!(3), &json!(2), &json!(0.5)));
    assert_eq!(lunch["examples"].as_array().unwrap().len(), 2);
    assert!(lunch["examples"][0]["event"].is_string() && lunch["examples"][0]["texts"].is_null());
    assert_eq!(rule(&report, "never")["messages"], 0);
    let pair = &report["collisions"]["pairs"][0];
    assert_eq!(
        (&pair["speaks"], &pair["outranked"], &pair["messages"]),
        (&json!("lunch"), &json!("late"), &json!(1))
    );
    let changes: Vec<_> = report["changes"]["pairs"].as_array().unwrap().iter().collect();
    let of = |before: Value, after: Value| {
        let found = changes.iter().find(|pair| pair["before"] == before && pair["after"] == after);
        found.map(|pair| pair["messages"].clone())
    };
    // The other rules are those in force: what they do comes first.
    assert_eq!(of(json!("late (shadow)"), json!("late")), Some(json!(1)), "{changes:?}");
    assert_eq!(of(json!("greeting"), Value::Null), Some(json!(1)), "{changes:?}");
    assert_eq!(of(json!("lunch"), json!("lunch (says something else)")), Some(json!(3)), "{changes:?}");
    assert_eq!(report["changes"]["messages"], 5);
    let (_, out, _) = ended(place.person(&["--against", "other.toml"])).await;
    assert!(out.contains("`greeting` → silence") && !out.contains("hello"), "{out}");
    let same = json_of(place.person(&["--json", "--against", "rules.toml"])).await;
    assert_eq!(same["changes"], json!({ "messages": 0, "pairs": [], "pairs_left_out": 0 }));
}

#[tokio::test]
async fn what_is_interrupted_goes_on_with_the_same_totals_after_a_429_too() {
    let place = Place::new().await;
    for number in 0..26 {
        place.closed_chat(&["pizza", &format!("soup {number}"), "where is it"]).await;
    }
    let whole = json_of(place.person(&["--json", "--page-size", "2"])).await;
    assert_eq!(rule(&whole, "lunch")["messages"], 26);
    place.sandbox.journal().clear();
    // Ten pages come at once, the others one in three seconds: time to break the next ones.
    let words = ["--json", "--page-size", "2", "--resume", "place.json"];
    let mut slow = place.person(&[&words[..], &["--per-minute", "20"]].concat());
    let child = slow.spawn().unwrap();
    place.met("ten pages", |calls| calls.len() >= 10).await;
    let busy =
        CallEffect::Status { code: 429, kind: Some("too_many_requests".to_owned()), retry_after: Some(1) };
    place.sandbox.faults().add(Fault::call("list_archives", busy));
    place.sandbox.faults().add(Fault::call("list_archives", CallEffect::HangBefore));
    place.met("two faults", |calls| calls.iter().filter(|call| call.fault.is_some()).count() == 2).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("too many requests")
            && err.contains("interrupted")
            && err.contains("--resume place.json"),
        "{err}"
    );
    let part: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(part["complete"], false);
    let kept = std::fs::read_to_string(place.path("place.json")).unwrap();
    assert!(!kept.contains("pizza") && !kept.contains("soup"), "{kept}");
    let (code, _, err) = ended(place.person(&[&words[..], &["--rules", "other.toml"]].concat())).await;
    assert!(code == Some(2) && err.contains("other rules"), "{err}");
    place.sandbox.journal().clear();
    let resumed = json_of(place.person(&words)).await;
    assert!(place.calls().len() < 8, "it began anew: {:?}", place.calls());
    for key in ["complete", "messages", "threads", "rules", "collisions", "silent"] {
        assert_eq!(resumed[key], whole[key], "{key}");
    }
    assert!(!place.path("place.json").exists(), "there is nothing to go on with");
}

#[tokio::test]
async fn the_bot_reads_the_archives_of_its_groups_and_its_own_words_are_left_out() {
    let place = with_a_history().await;
    let client = place.sandbox.addresses().client_id.clone();
    let groups = json!([{ "id": 0, "priority": "supervisor" }]);
    let form = json!({ "name": "Pizza Bot", "owner_client_id": client, "groups": groups });
    let bot = place.call("/v3.6/configuration/action/create_bot", None, form).await;
    let (id, secret) = (bot["id"].as_str().unwrap(), bot["secret"].as_str().unwrap());
    let organization = place.sandbox.addresses().organization_id.clone();
    let wanted =
        json!({ "bot_id": id, "client_id": client, "bot_secret": secret, "organization_id": organization });
    let token = place.call("/v3.6/configuration/action/issue_bot_token", None, wanted).await;
    let chat = place.open_chat(&["anybody there?"]).await;
    let join = json!({ "chat_id": chat, "user_id": id, "user_type": "agent", "visibility": "agents", "ignore_requester_presence": true });
    let event = json!({ "type": "message", "text": "pizza", "visibility": "agents" });
    for (action, body) in
        [("add_user_to_chat", join), ("send_event", json!({ "chat_id": chat, "event": event }))]
    {
        place.call(&format!("/v3.6/agent/action/{action}"), token["token"].as_str(), body).await;
    }
    place.sandbox.journal().clear();
    let mut command = place.command(&["--json"]);
    command.env("CHIMEIN__BOT__ID", id).env("CHIMEIN__BOT__SECRET", secret);
    command
        .env("CHIMEIN__LIVECHAT__CLIENT_ID", &client)
        .env("CHIMEIN__LIVECHAT__ORGANIZATION_ID", organization);
    let report = json_of(command).await;
    assert_eq!((&report["messages"]["own"], &report["messages"]["bots"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&report["messages"]["customers"], &rule(&report, "lunch")["messages"]),
        (&json!(7), &json!(3))
    );
    let actions: Vec<String> = place.calls().into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["issue_bot_token", "list_archives"]);
}

#[tokio::test]
async fn a_file_of_messages_is_read_and_its_bad_lines_are_told_by_their_numbers() {
    let place = with_a_history().await;
    let archive = place.agent("list_archives", json!({ "limit": 100 })).await;
    let chat = archive["chats"].as_array().unwrap().iter().find(|chat| {
        chat["thread"]["events"].as_array().unwrap().iter().any(|event| event["text"] == "still waiting")
    });
    let long = format!("{{\"author\":\"customer\",\"text\":\"{}\"}}", "pizza ".repeat(1_000));
    let lines = [
        r#"{"text":"Pizza? \u001b[2J","author":"customer","chat":"C","thread":"T","event":"E1","at":"2026-11-01T10:00:00Z"}"#,
        r#"{"text":"Pizza, please","author":"customer","chat":"C","thread":"T","event":"E2"}"#,
        r#"{"text":"pizza","author":"bot"}"#,
        "",
        "this line is a secret",
        r#"{"text":"pizza","author":"a secret"}"#,
        r#"{"text":["a secret"],"author":"customer"}"#,
        r#"{"text":"pizza","author":"customer","at":"a secret"}"#,
        &long,
        &chat.unwrap().to_string(),
        r#"{"text":"pizza","author":"customer","at":"2020-01-01T00:00:00Z"}"#,
    ];
    std::fs::write(place.path("messages.jsonl"), lines.join("\n")).unwrap();
    place.sandbox.journal().clear();
    let words = ["--from-file", "messages.jsonl", "--since", "2026-10-01T00:00:00Z", "--show-text"];
    let run = |words: &[&str]| {
        let mut command = place.command(words);
        command.env("CHIMEIN__LIVECHAT__MAX_RESPONSE", "5KB");
        command
    };
    let (code, out, err) = ended(run(&words)).await;
    assert_eq!(code, Some(0), "{err}");
    for number in [5, 6, 7, 8, 9] {
        assert!(err.contains(&format!("line {number} is left out")), "{err}");
    }
    assert!(!err.contains("secret") && !out.contains('\u{1b}'), "{err}{out}");
    assert!(
        out.contains("»Pizza«?") && out.contains("event E1, thread T, chat C, 2026-11-01T10:00:00Z"),
        "{out}"
    );
    let report = json_of(run(&[&words[..], &["--json"]].concat())).await;
    assert_eq!(report["source"], json!({ "file": "messages.jsonl" }));
    assert_eq!(report["bad_lines"], 5);
    let written = &report["messages"];
    assert_eq!(
        (&written["customers"], &written["bots"], &written["outside"]),
        (&json!(5), &json!(1), &json!(1))
    );
    assert_eq!(
        (&rule(&report, "lunch")["messages"], &rule(&report, "lunch")["threads"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(place.calls(), [], "a file needs no platform");
}

#[tokio::test]
async fn as_much_of_a_text_is_read_as_the_bot_reads() {
    let place = Place::new().await;
    std::fs::write(place.path("messages.jsonl"), r#"{"text":"At last a pizza","author":"customer"}"#)
        .unwrap();
    for (max_text, messages) in [("15B", 1), ("14B", 0)] {
        let mut command = place.command(&["--from-file", "messages.jsonl", "--json"]);
        command.env("CHIMEIN__RULES__MAX_TEXT", max_text);
        assert_eq!(rule(&json_of(command).await, "lunch")["messages"], messages, "{max_text}");
    }
}

#[tokio::test]
async fn what_is_missing_or_refused_is_said() {
    let place = Place::new().await;
    std::fs::write(place.path("kept.json"), "{}").unwrap();
    let token = ["CHIMEIN__LIVECHAT__PERSONAL_ACCESS_TOKEN", "hunter2"];
    let account = ["CHIMEIN__LIVECHAT__ACCOUNT_ID", "somebody"];
    for (words, environment, code, said) in [
        (&[][..], &[][..], 2, "livechat.personal_access_token and livechat.account_id, or the bot: bot.id"),
        (&[], &[token], 2, "livechat.account_id is not set"),
        (&[], &[account], 2, "livechat.personal_access_token is not set"),
        (&[], &[token, account], 1, "the token was refused"),
        (&["--resume", "kept.json"], &[token, account], 2, "was not written by --resume"),
        (&["--resume", "nowhere/kept.json"], &[token, account], 2, "cannot be written"),
        (&["--rules", "missing.toml"], &[], 2, "missing.toml"),
        (&["--against", "missing.toml"], &[], 2, "missing.toml"),
        (&["--from-file", "missing.jsonl"], &[], 2, "missing.jsonl cannot be read"),
        (&["--from-file", "x", "--resume", "y"], &[], 2, "cannot be used with"),
        (&["--since", "soon"], &[], 2, "how long ago"),
    ] {
        let mut command = place.command(words);
        command.envs(environment.iter().map(|[name, value]| (name, value)));
        let (given, out, err) = ended(command).await;
        assert_eq!(given, Some(code), "{words:?}: {out}{err}");
        assert!(err.contains(said) && !err.contains("hunter2"), "{words:?}: {err}");
    }
}
