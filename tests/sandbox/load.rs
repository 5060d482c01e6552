//! Many chats at once.
use super::bench::{As, Bench, Receiver, message};
use chimein::sandbox::Options;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_chats_at_once_are_visited() {
    const CHATS: usize = 1_000;
    // A busy machine may be slow; a repetition would only be counted twice.
    let options = Options { webhook_timeout: Duration::from_secs(600), ..Options::default() };
    let bench = Arc::new(Bench::with(options).await);
    let bot = bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({"filters": {"author_type": "customer"}})).await;
    let mut visits = JoinSet::new();
    for _ in 0..CHATS {
        let (bench, bot) = (Arc::clone(&bench), bot.clone());
        visits.spawn(async move {
            let (customer, chat_id, _) = bench.new_chat("hello").await;
            bench.customer(&customer, "send_event", message(&chat_id, "pizza")).await.ok();
            bench.visit(&bot, &chat_id).await;
        });
    }
    while let Some(visit) = visits.join_next().await {
        visit.unwrap();
    }
    let heard = receiver.heard(CHATS).await;
    let mut chats: Vec<_> = heard.iter().map(|delivery| delivery["payload"]["chat_id"].to_string()).collect();
    chats.sort();
    chats.dedup();
    assert_eq!((heard.len(), chats.len()), (CHATS, CHATS));
    let page =
        bench.agent(&As::Agent, "list_chats", json!({"limit": 100, "filters": {"active": true}})).await.ok();
    assert_eq!((&page["found_chats"], page["chats_summary"].as_array().unwrap().len()), (&json!(CHATS), 100));
}
