//! The platform is down for five minutes: nobody's reply is given up, and each is said once afterwards.

use super::bench::{Desk, PIZZA, REPLY, fault};
use chimein::sandbox::{CallEffect, Fault};
use std::time::Duration;

/// How long the platform is down.
const OUTAGE: Duration = Duration::from_secs(300);
/// No visit takes longer after the end of an outage.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the platform does for five minutes; `None`: it takes no connection.
async fn survives(outage: Option<CallEffect>) {
    for is_inside in [false, true] {
        survives_an_outage(outage.clone(), is_inside).await;
    }
}

async fn survives_an_outage(outage: Option<CallEffect>, is_inside: bool) {
    let desk = Desk::with(PIZZA, &[]).await;
    if is_inside {
        desk.sandbox.faults().add(Fault::call("send_event", CallEffect::ResetBefore).always());
    } else {
        begins(&desk, outage.as_ref());
    }
    let chat = desk.customer_says("pizza").await;
    if is_inside {
        desk.passes(PATIENCE, desk.has_met_a_fault("send_event")).await.expect("it came to speak");
        begins(&desk, outage.as_ref());
    }
    desk.passes(OUTAGE, std::future::pending::<()>()).await;
    assert_eq!(desk.done_and_buried(), (0, 0), "nothing is given up");
    desk.sandbox.faults().clear();
    desk.wire.set_up(true);
    desk.passes(PATIENCE, desk.has_done(1)).await.expect("the visit is done");
    assert_eq!(desk.done_and_buried(), (1, 0));
    assert_eq!(desk.said(&chat).await, [REPLY]);
    desk.finish().await;
}

fn begins(desk: &Desk, outage: Option<&CallEffect>) {
    match outage {
        // Of the bot's calls only: its own face is the customer's.
        Some(effect) => {
            for action in
                ["list_chats", "get_chat", "add_user_to_chat", "send_event", "remove_user_from_chat"]
            {
                let fault = fault(action, effect.clone());
                desk.sandbox.faults().add(fault.always());
            }
        }
        None => desk.wire.set_up(false),
    }
}

#[tokio::test]
async fn five_minutes_of_service_unavailable() {
    let kind = Some("service_unavailable".to_owned());
    survives(Some(CallEffect::Status { code: 503, kind, retry_after: None })).await;
}

#[tokio::test]
async fn five_minutes_of_pages_instead_of_answers() {
    survives(Some(CallEffect::Status { code: 502, kind: None, retry_after: None })).await;
}

#[tokio::test]
async fn five_minutes_of_hanging() {
    survives(Some(CallEffect::HangBefore)).await;
}

#[tokio::test]
async fn five_minutes_of_resets() {
    survives(Some(CallEffect::ResetBefore)).await;
}

#[tokio::test]
async fn five_minutes_without_connections() {
    survives(None).await;
}
