//! Two bots answer each other for a minute: what ends it, and that nothing else would.

use super::bench::{Desk, PIZZA, REPLY};
use axum::Json;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const MINUTE: Duration = Duration::from_secs(60);

/// A bot that answers every word of somebody else with the word that chimein listens for.
#[derive(Clone)]
struct Robot {
    /// Who it is to the platform: a bot, or a program with an agent's account.
    id: String,
    authorization: String,
    api: String,
    http: reqwest::Client,
    answered: Arc<AtomicUsize>,
}

impl Robot {
    /// Serves its webhooks and hears what chimein hears, until the guard is dropped.
    async fn begins(self, desk: &Desk) -> DropGuard {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let routes = axum::Router::new().route("/hook", post(hears)).with_state(self);
        let (stop, tasks) = (CancellationToken::new(), tokio_util::task::TaskTracker::new());
        let token = stop.clone();
        tasks.spawn(
            async move { token.run_until_cancelled(axum::serve(listener, routes).into_future()).await },
        );
        desk.tells(&url, &["incoming_event"]).await;
        stop.drop_guard()
    }

    async fn call(&self, action: &str, body: Value) {
        let url = format!("{}/v3.6/agent/action/{action}", self.api);
        let request = self.http.post(url).header("authorization", &self.authorization).json(&body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{action}: {}", answer.text().await.unwrap());
    }
}

async fn hears(State(robot): State<Robot>, Json(push): Json<Value>) {
    let event = &push["payload"]["event"];
    if event["type"] != "message" || event["author_id"] == robot.id {
        return;
    }
    robot.answered.fetch_add(1, Ordering::Relaxed);
    let chat = push["payload"]["chat_id"].clone();
    if !robot.id.contains('@') {
        let join = json!({ "chat_id": chat, "user_id": robot.id, "user_type": "agent", "visibility": "agents",
            "ignore_requester_presence": true });
        robot.call("add_user_to_chat", join).await;
    }
    let words = json!({ "type": "message", "text": "did you say pizza?", "visibility": "agents" });
    robot.call("send_event", json!({ "chat_id": chat, "event": words })).await;
}

fn anyones() -> String {
    format!("{PIZZA}from = \"anyone\"\n")
}

fn robot(desk: &Desk, id: &str, token: &str) -> Robot {
    Robot {
        id: id.to_owned(),
        authorization: format!("Bearer {token}"),
        api: desk.sandbox.addresses().api_url.clone(),
        http: reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
        answered: Arc::default(),
    }
}

/// A program with an agent's account: to every guard of chimein's it is a person.
fn behind_an_agents_account(desk: &Desk) -> Robot {
    let addresses = desk.sandbox.addresses();
    robot(desk, &addresses.agent_id, &addresses.agent_token)
}

#[tokio::test]
async fn a_bot_that_answers_every_reply_is_not_answered() {
    let desk = Desk::with(&anyones(), &[]).await;
    let (id, token) = desk.another_bot().await;
    let robot = robot(&desk, &id, &token);
    let _hears = robot.clone().begins(&desk).await;
    let chat = desk.customer_says("pizza").await;
    desk.passes(MINUTE, std::future::pending::<()>()).await;
    assert_eq!(robot.answered.load(Ordering::Relaxed), 1);
    assert_eq!(desk.said(&chat).await, [REPLY]);
    desk.finish().await;
}

#[tokio::test]
async fn a_loop_with_a_bot_that_passes_for_an_agent_ends_at_the_threads_cap() {
    // Nothing but the cap ends it: with a higher one it goes on for longer.
    for cap in [5, 30] {
        let desk = Desk::with(&anyones(), &[("VISITS__PER_THREAD", &cap.to_string())]).await;
        let robot = behind_an_agents_account(&desk);
        let _hears = robot.clone().begins(&desk).await;
        let chat = desk.customer_says("pizza").await;
        desk.passes(10 * MINUTE, desk.has_done(cap)).await.expect("it goes on until then");
        desk.passes(MINUTE, std::future::pending::<()>()).await;
        assert_eq!(desk.done_and_buried(), (cap, 0));
        assert_eq!(desk.said(&chat).await.len(), robot.answered.load(Ordering::Relaxed));
        desk.finish().await;
    }
}

#[tokio::test]
async fn a_loop_that_no_cap_ends_goes_on_at_the_pace_of_per_minute() {
    const PER_MINUTE: u64 = 6;
    let settings = [("VISITS__PER_THREAD", "100000"), ("VISITS__PER_MINUTE", "6")];
    let desk = Desk::with(&anyones(), &settings).await;
    let hears = behind_an_agents_account(&desk).begins(&desk).await;
    let chat = desk.customer_says("pizza").await;
    desk.passes(MINUTE, std::future::pending::<()>()).await;
    let (replies, _) = desk.done_and_buried();
    // As many as may begin at once, and as many as have their turn in a minute.
    assert!((PER_MINUTE + 1..=2 * PER_MINUTE).contains(&replies), "{replies}");
    drop(hears);
    desk.passes(MINUTE, std::future::pending::<()>()).await;
    assert!(desk.said(&chat).await.iter().all(|words| words == REPLY));
    desk.finish().await;
}
