//! Visits looked at and mended by hand, on a real file that a bot has open.

use super::*;
use crate::outbox::tests::{LEASE, Place, postpone, visit};
use crate::outbox::{Change, Depth, Ending, Filter, NewVisit, Outbox, Standing, View, Visit};

const HOUR_MS: i64 = 3_600_000;

fn done() -> Change {
    Change::End { ending: Ending::Done, outcome: "said".to_owned() }
}

/// A visit of chat "c" that was given up.
async fn bury_one(outbox: &Outbox) -> Visit {
    outbox.put(vec![NewVisit { written_ms: HOUR_MS, ..visit("c", "1") }], 20).await.unwrap();
    let claimed = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    outbox.change(vec![(claimed.hold, postpone(0, false))]).await.unwrap();
    let claimed = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    let end = Change::End { ending: Ending::Buried, outcome: "gave_up_after_x".to_owned() };
    outbox.change(vec![(claimed.hold, end)]).await.unwrap();
    claimed
}

#[tokio::test]
async fn a_buried_visit_is_replayed_once_with_its_key_and_as_one_that_must_be_looked_for() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let buried = bury_one(&outbox).await;
    let mut hand = ByHand::open(&place.settings()).unwrap();
    let now = outbox.clock().now().as_millisecond();
    assert_eq!(hand.replay(buried.hold.id, now, 0, false).unwrap(), Replay::Waits);
    assert_eq!(hand.replay(buried.hold.id, now, 0, false).unwrap(), Replay::IsOpen);
    let again = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    assert_eq!((again.key, again.attempts, &again.said), (buried.key, 0, &Said::NotYet));
    assert!(!again.is_fresh && again.standing.is_none() && again.bot_inside.is_none(), "{again:?}");
    assert_eq!(again.written_ms, HOUR_MS);
    outbox.change(vec![(again.hold, done())]).await.unwrap();
    assert_eq!(hand.replay(buried.hold.id, now, 0, true).unwrap(), Replay::IsDone);
    assert_eq!(hand.replay(buried.hold.id + 1, now, 0, false).unwrap(), Replay::IsGone);
    assert_eq!(place.depth(), Depth { done: 1, ..Depth::default() });
}

#[tokio::test]
async fn a_message_that_is_too_old_is_replayed_only_by_force() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let buried = bury_one(&outbox).await;
    let mut hand = ByHand::open(&place.settings()).unwrap();
    let now = outbox.clock().now().as_millisecond();
    assert_eq!(hand.replay(buried.hold.id, now, HOUR_MS + 1, false).unwrap(), Replay::TooOld);
    assert_eq!(place.depth().buried, 1);
    assert_eq!(hand.replay(buried.hold.id, now, HOUR_MS + 1, true).unwrap(), Replay::Waits);
    assert_eq!(outbox.claim(1, LEASE).await.unwrap().visits[0].written_ms, now);
}

#[tokio::test(start_paused = true)]
async fn a_visit_is_buried_by_hand_only_when_the_bot_cannot_be_left_behind() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("a", "1")], 20).await.unwrap();
    let held = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    let tried = held.hold.id;
    let mut hand = ByHand::open(&place.settings()).unwrap();
    let now = || outbox.clock().now().as_millisecond();
    assert_eq!(hand.bury(tried, "", now()).unwrap(), Burial::IsHeld);
    outbox.change(vec![(held.hold, postpone(0, false))]).await.unwrap();
    assert_eq!(hand.bury(tried, "", now()).unwrap(), Burial::IsSaid);
    let (standing, said) = (Some(Standing::Ours), Said::NotYet);
    let unsaid = Change::Postpone { due_ms: i64::MAX, counts: true, untouched: false, standing, said };
    let held = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    outbox.change(vec![(held.hold, unsaid)]).await.unwrap();
    assert_eq!(hand.bury(tried, "a typo", now()).unwrap(), Burial::BuriedAfterLeaving);
    let left = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    assert_eq!(left.said, Said::WillNot("by_hand: a typo".to_owned()));
    assert_eq!(left.standing, standing);
    outbox.put(vec![visit("b", "1")], 20).await.unwrap();
    let view = View::open(&place.settings()).unwrap();
    let never_tried =
        view.list(&Filter { chat: Some("b".to_owned()), ..Filter::default() }, 9).unwrap()[0].id;
    assert_eq!(hand.bury(never_tried, "", now()).unwrap(), Burial::Buried);
    assert_eq!(hand.bury(never_tried, "", now()).unwrap(), Burial::IsBuried);
    assert!(outbox.claim(1, LEASE).await.unwrap().visits.is_empty());
}

#[tokio::test]
async fn visits_are_listed_and_found_while_the_outbox_is_open() {
    let place = Place::new();
    let missing = View::open(&place.settings()).err().unwrap();
    assert!(matches!(missing, Error::Missing { .. }), "{missing}");
    let outbox = place.open().unwrap();
    let pasta = NewVisit { rule: "pasta".to_owned(), organization: "p".to_owned(), ..visit("d", "1") };
    outbox.put(vec![visit("c", "1"), visit("c", "2"), pasta], 20).await.unwrap();
    let view = View::open(&place.settings()).unwrap();
    let events = |filter: &Filter, limit| {
        let listed = view.list(filter, limit).unwrap();
        listed.into_iter().map(|record| record.chat + &record.event).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(events(&all, 9), ["d1", "c2", "c1"]);
    assert_eq!(events(&all, 1), ["d1"]);
    for (filter, listed) in [
        (Filter { rule: Some("pasta".to_owned()), ..all.clone() }, &["d1"][..]),
        (Filter { organization: Some("o".to_owned()), ..all.clone() }, &["c2", "c1"]),
        (Filter { chat: Some("c".to_owned()), states: vec![State::Waiting], ..all.clone() }, &["c2", "c1"]),
        (Filter { states: vec![State::Done, State::Buried], ..all.clone() }, &[]),
        (Filter { since_ms: Some(i64::MAX), ..all.clone() }, &[]),
    ] {
        assert_eq!(events(&filter, 9), listed, "{filter:?}");
    }
    let key = view.list(&all, 1).unwrap()[0].key.to_string();
    assert_eq!(view.find(key.split_at(6).0).unwrap().len(), 1);
    assert_eq!(view.find("").unwrap().len(), 2, "two are enough to say that there is more than one");
    assert!(view.find("zz").unwrap().is_empty());
}

#[tokio::test]
async fn a_person_and_the_bot_write_at_the_same_time_and_neither_fails() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put((0..100).map(|chat| visit(&chat.to_string(), "0")).collect(), 20).await.unwrap();
    let waiting = View::open(&place.settings()).unwrap().list(&Filter::default(), 100).unwrap();
    let settings = place.settings();
    let hand = std::thread::spawn(move || {
        let mut hand = ByHand::open(&settings).unwrap();
        waiting.iter().all(|visit| hand.bury(visit.id, "", 1).unwrap() == Burial::Buried)
    });
    for number in 0..200 {
        outbox.put(vec![visit("e", &number.to_string())], 1_000).await.unwrap();
    }
    assert!(hand.join().unwrap());
    assert_eq!(place.depth().buried, 100);
    assert_eq!(place.depth().waiting, 200);
}
