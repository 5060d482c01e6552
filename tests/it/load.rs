//! Many chats at once, and a polite end in the middle of them.

use super::bench::{Bench, Customer, REPLY, Setup};
use serde_json::json;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// So many customers start a chat at the same time; gives the chats.
pub(super) async fn crowd(bench: &mut Bench, number: usize) -> Vec<String> {
    bench.heard("where is my pizza");
    let crowd = TaskTracker::new();
    let arrivals: Vec<_> = (0..number)
        .map(|_| {
            let (http, addresses) = (bench.http().clone(), bench.sandbox.addresses().clone());
            crowd.spawn(async move {
                let mut customer = Customer::arrive(&http, &addresses).await;
                customer.starts(json!([{ "type": "message", "text": "where is my pizza" }])).await;
                customer.chat
            })
        })
        .collect();
    let mut chats = Vec::new();
    for arrival in arrivals {
        chats.push(arrival.await.expect("a customer arrived"));
    }
    chats
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_chats_at_once_get_one_reply_each() {
    let mut bench = Bench::with(Setup::default().setting("LOG__LEVEL", "info")).await;
    let chats = crowd(&mut bench, 1_000).await;
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_end_under_load_loses_nothing_that_was_acknowledged() {
    let mut setup = Setup::default().setting("VISITS__CONCURRENCY", "4");
    setup.options.latency = Duration::from_millis(20);
    let mut bench = Bench::with(setup).await;
    let chats = crowd(&mut bench, 100).await;
    bench.ended_any(5).await;
    bench.stop().await;
    bench.launch().await;
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}
