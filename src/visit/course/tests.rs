//! Courses that the model found to be wrong once.

use super::*;
use crate::outbox::NewVisit;
use crate::outbox::tests::{LEASE, Place, visit};
use serde_json::json;

fn terms() -> Terms {
    Terms {
        bot: UserId::new("bot"),
        own_prefix: "chimein-",
        max_age: SignedDuration::from_mins(10),
        max_attempts: 8,
    }
}

/// An open chat with these users.
fn chat(users: serde_json::Value) -> Option<Chat> {
    let chat = json!({ "id": "c", "thread": { "id": "t", "active": true }, "users": users });
    Some(serde_json::from_value(chat).unwrap())
}

#[tokio::test(start_paused = true)]
async fn who_is_brought_in_for_agents_right_before_the_join_whispers_nothing_that_is_only_for_all() {
    let outbox = Place::new().open().unwrap();
    let now = outbox.clock().now().as_millisecond();
    let visit = NewVisit { is_public: true, is_never_whispered: true, written_ms: now, ..visit("c", "1") };
    outbox.put(vec![visit], 20).await.unwrap();
    let terms = terms();
    let mut course = Course::new(&terms, outbox.claim(1, LEASE).await.unwrap().visits);

    let Ask::Call(look) = course.next(now) else { panic!("a look") };
    assert!(course.hear(look, Ok(chat(json!([])))).unwrap().is_none());
    let Ask::Call(join) = course.next(now) else { panic!("a join") };
    assert!(matches!(join, Call::Join { visibility: Visibility::All, .. }));
    course.begin(&join, now).unwrap();
    let (kind, message) = ("validation".to_owned(), String::new());
    let look = course.hear(join, Err(Error::Refused { status: 422, kind, message })).unwrap().unwrap();
    let hidden = json!([{ "id": "bot", "type": "agent", "present": true, "visibility": "agents" }]);
    assert!(course.hear(look, Ok(chat(hidden))).unwrap().is_none());

    let Ask::Write(changes) = course.next(now) else { panic!("it is a guest: that is written") };
    assert!(matches!(changes[..], [(_, Change::Stand(Standing::Guest))]));
    course.written(&[true]).unwrap();
    assert!(matches!(course.next(now), Ask::Nothing));
    let over = course.over(now);
    let [(_, Change::End { outcome, .. })] = &over[..] else { panic!("{over:?}") };
    assert_eq!(outcome, "occupied");
}
