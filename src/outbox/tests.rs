//! What the outbox promises, on a real file.

use super::*;
use jiff::SignedDuration;
use std::time::Duration;

pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn settings(&self) -> Settings {
        let url = format!("sqlite://{}", self.folder.path().join("new/chimein.db").display());
        Settings {
            url,
            max_queue: 64,
            max_batch: 16,
            keep_done: SignedDuration::from_hours(24),
            keep_buried: SignedDuration::from_hours(720),
        }
    }

    pub(crate) fn open(&self) -> Result<Outbox, Error> {
        Outbox::open(&self.settings(), Clock::start())
    }

    pub(super) fn depth(&self) -> Depth {
        View::open(&self.settings()).unwrap().depth().unwrap()
    }

    /// What another connection sees, as after a crash.
    fn rows(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.folder.path().join("new/chimein.db")).unwrap();
        connection.query_row("SELECT count(*) FROM visits", [], |row| row.get(0)).unwrap()
    }
}

pub(crate) fn visit(chat: &str, event: &str) -> NewVisit {
    NewVisit {
        organization: "o".to_owned(),
        chat: chat.to_owned(),
        thread: "t".to_owned(),
        event: event.to_owned(),
        rule: "pizza".to_owned(),
        rules_version: "v".to_owned(),
        reply: "Pizza is on the way!".to_owned(),
        is_public: false,
        is_never_whispered: false,
        written_ms: 0,
        bot_inside: Some(false),
        check_author: None,
    }
}

pub(super) fn postpone(due_ms: i64, untouched: bool) -> Change {
    Change::Postpone { due_ms, counts: true, untouched, standing: Some(Standing::Ours), said: Said::Yes }
}

#[tokio::test]
async fn put_answers_after_the_visit_can_be_seen_by_others() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    assert_eq!(outbox.put(vec![visit("c", "1")], 20).await.unwrap(), [Admission::New]);
    assert_eq!(place.rows(), 1);
}

#[tokio::test]
async fn after_a_write_that_failed_the_file_is_opened_anew() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    // A connection's own table tells it from others.
    let mark = || outbox.run(|connection| connection.execute_batch("CREATE TEMP TABLE mark (n)"));
    mark().await.unwrap();
    assert!(mark().await.is_err(), "it is there already");
    mark().await.unwrap();
}

#[tokio::test]
async fn a_message_is_admitted_once_even_when_the_rules_changed_meanwhile() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let other_rule = NewVisit { rule: "pasta".to_owned(), ..visit("c", "1") };
    let all = vec![visit("c", "1"), visit("c", "1"), other_rule, visit("c", "2"), visit("d", "1")];
    use Admission::{Duplicate, New};
    assert_eq!(outbox.put(all, 20).await.unwrap(), [New, Duplicate, Duplicate, New, New]);
}

#[tokio::test]
async fn a_thread_has_a_cap() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let all = ["1", "2", "3"].map(|event| visit("c", event)).to_vec();
    assert_eq!(outbox.put(all, 2).await.unwrap(), [Admission::New, Admission::New, Admission::ThreadFull]);
    let another = NewVisit { thread: "u".to_owned(), ..visit("c", "4") };
    assert_eq!(outbox.put(vec![another], 2).await.unwrap(), [Admission::New]);
}

#[tokio::test]
async fn all_visits_of_a_chat_are_claimed_together_and_by_one_only() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1"), visit("d", "1"), visit("c", "2")], 20).await.unwrap();
    let claimed = outbox.claim(10, LEASE).await.unwrap().visits;
    assert_eq!(claimed.len(), 3);
    assert!(claimed.iter().all(|visit| visit.is_fresh && visit.standing == Some(Standing::Ours)));
    outbox.put(vec![visit("c", "3")], 20).await.unwrap();
    assert!(outbox.claim(10, LEASE).await.unwrap().visits.is_empty());
    let more = outbox.claim_more(&claimed[0], LEASE).await.unwrap();
    assert!(more.iter().all(|visit| visit.chat == claimed[0].chat));
    assert_eq!(place.depth().waiting, u64::from(claimed[0].chat != "c"));
}

#[tokio::test]
async fn a_claim_takes_no_more_chats_than_asked() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("a", "1"), visit("b", "1"), visit("c", "1")], 20).await.unwrap();
    assert_eq!(outbox.claim(2, LEASE).await.unwrap().visits.len(), 2);
    assert_eq!(outbox.claim(2, LEASE).await.unwrap().visits.len(), 1);
}

#[tokio::test]
async fn what_waits_in_a_chat_that_is_held_takes_nobodys_place() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("slow", "1")], 20).await.unwrap();
    outbox.claim(1, LEASE).await.unwrap();
    outbox.put(vec![visit("slow", "2"), visit("other", "1")], 20).await.unwrap();
    assert_eq!(outbox.claim(1, LEASE).await.unwrap().visits[0].chat, "other");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ended_is_claimed_again_and_not_as_fresh() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1")], 20).await.unwrap();
    assert!(outbox.claim(1, LEASE).await.unwrap().visits[0].is_fresh);
    tokio::time::advance(Duration::from_secs(59)).await;
    assert!(outbox.claim(1, LEASE).await.unwrap().visits.is_empty());
    tokio::time::advance(Duration::from_secs(2)).await;
    let claimed = outbox.claim(1, LEASE).await.unwrap();
    assert!(!claimed.visits[0].is_fresh);
    assert_eq!(claimed.leases_lost, 1);
}

#[tokio::test(start_paused = true)]
async fn who_lost_the_lease_changes_nothing_and_is_told() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let end = || Change::End { ending: Ending::Done, outcome: "said".to_owned() };
    outbox.put(vec![visit("c", "1")], 20).await.unwrap();
    let late = outbox.claim(1, LEASE).await.unwrap().visits[0].hold;
    // Over, but nobody else has it: the lease is only a promise to the others.
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(outbox.change(vec![(late, Change::Stand(Standing::Ours))]).await.unwrap(), [true]);
    let next = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    for change in [postpone(0, false), postpone(0, true), Change::Stand(Standing::Guest), end()] {
        assert_eq!(outbox.change(vec![(late, change)]).await.unwrap(), [false]);
    }
    assert_eq!(place.depth().held, 1, "the next holder has it as before");
    // What is lost does not take the rest of the changes with it.
    assert_eq!(outbox.change(vec![(late, end()), (next.hold, end())]).await.unwrap(), [false, true]);
    assert_eq!(outbox.change(vec![(next.hold, postpone(0, false))]).await.unwrap(), [false], "it is over");
    assert_eq!(place.depth(), Depth { done: 1, ..Depth::default() });
}

#[tokio::test(start_paused = true)]
async fn a_visit_that_a_person_took_is_not_changed_by_who_held_it() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1")], 20).await.unwrap();
    let held = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    tokio::time::advance(Duration::from_secs(61)).await;
    let now = outbox.clock().now().as_millisecond();
    let buried = ByHand::open(&place.settings()).unwrap().bury(held.hold.id, "", now).unwrap();
    assert_eq!(buried, Burial::BuriedAfterLeaving);
    assert_eq!(outbox.change(vec![(held.hold, postpone(0, false))]).await.unwrap(), [false]);
    let again = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    assert_eq!(again.said, Said::WillNot(BY_HAND.to_owned()));
}

#[tokio::test]
async fn what_a_dead_process_held_goes_on_where_it_stood() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1"), visit("d", "1")], 20).await.unwrap();
    let claimed = outbox.claim(10, LEASE).await.unwrap().visits;
    let of_d = claimed.iter().find(|visit| visit.chat == "d").unwrap().hold;
    outbox.change(vec![(of_d, postpone(i64::MAX, false))]).await.unwrap();
    // Another process finds the file as a kill leaves it: copied while the first one lives.
    let other = Place::new();
    std::fs::create_dir(other.folder.path().join("new")).unwrap();
    for name in ["chimein.db", "chimein.db-wal"] {
        let (from, to) = (place.folder.path().join("new"), other.folder.path().join("new"));
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let outbox = other.open().unwrap();
    let again = outbox.claim(10, LEASE).await.unwrap().visits;
    assert_eq!(again.len(), 1, "the other one is due in two minutes, not at the end of time");
    assert!(!again[0].is_fresh && again[0].standing == Some(Standing::Ours) && again[0].said == Said::NotYet);
    assert!(outbox.claim(10, LEASE).await.unwrap().next_due_ms.unwrap() < i64::MAX);
}

#[tokio::test]
async fn a_visit_that_was_put_back_untouched_is_as_fresh_as_before() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1")], 20).await.unwrap();
    let hold = outbox.claim(1, LEASE).await.unwrap().visits[0].hold;
    outbox.change(vec![(hold, postpone(0, true))]).await.unwrap();
    let again = outbox.claim(1, LEASE).await.unwrap().visits.remove(0);
    assert!(again.is_fresh && again.attempts == 1 && again.said == Said::Yes);
    outbox.change(vec![(again.hold, postpone(0, false))]).await.unwrap();
    assert!(!outbox.claim(1, LEASE).await.unwrap().visits[0].is_fresh);
}

#[tokio::test(start_paused = true)]
async fn done_visits_are_kept_for_a_while_and_buried_ones_for_longer() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    outbox.put(vec![visit("c", "1"), visit("d", "1")], 20).await.unwrap();
    let claimed = outbox.claim(2, LEASE).await.unwrap().visits;
    let end = |ending| Change::End { ending, outcome: "said".to_owned() };
    let changes = vec![(claimed[0].hold, end(Ending::Done)), (claimed[1].hold, end(Ending::Buried))];
    outbox.change(changes).await.unwrap();
    assert_eq!(outbox.prune().await.unwrap(), 0);
    assert_eq!(place.depth(), Depth { done: 1, buried: 1, ..Depth::default() });
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    assert_eq!(outbox.prune().await.unwrap(), 1);
    assert_eq!(place.depth(), Depth { buried: 1, ..Depth::default() });
    tokio::time::advance(Duration::from_secs(694 * 3600)).await;
    assert_eq!(outbox.prune().await.unwrap(), 0);
    tokio::time::advance(Duration::from_secs(2 * 3600)).await;
    assert_eq!(outbox.prune().await.unwrap(), 1);
    assert_eq!(place.depth(), Depth::default());
}

#[tokio::test(start_paused = true)]
async fn many_old_visits_are_deleted_in_batches() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let many = (0..PRUNE_BATCH + 5).map(|number| visit(&number.to_string(), "1")).collect();
    outbox.put(many, 20).await.unwrap();
    let claimed = outbox.claim(2 * PRUNE_BATCH, LEASE).await.unwrap().visits;
    let end = || Change::End { ending: Ending::Done, outcome: "said".to_owned() };
    outbox.change(claimed.iter().map(|visit| (visit.hold, end())).collect()).await.unwrap();
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    assert_eq!([outbox.prune().await.unwrap(), outbox.prune().await.unwrap()], [PRUNE_BATCH, 5]);
}

#[tokio::test]
async fn a_second_opener_is_refused_and_told_who_holds_it() {
    let place = Place::new();
    let _first = place.open().unwrap();
    let error = place.open().err().unwrap().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.folder.path().join("new/chimein.db");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "not a database, but long enough to be looked at as one".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(place.open(), Err(Error::Broken { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn urls_that_are_not_built_say_so() {
    let url = "postgres://localhost/x".to_owned();
    let settings = Settings { url, ..Place::new().settings() };
    assert!(Outbox::open(&settings, Clock::start()).err().unwrap().to_string().contains("not built yet"));
}

async fn ended(outbox: &Outbox, chat: &str, event: &str, standing: Standing) {
    outbox.put(vec![visit(chat, event)], 20).await.unwrap();
    let claimed = outbox.claim(8, LEASE).await.unwrap();
    let end = Change::End { ending: Ending::Done, outcome: "said".to_owned() };
    for visit in &claimed.visits {
        outbox.change(vec![(visit.hold, Change::Stand(standing)), (visit.hold, end.clone())]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_visit_of_a_chat_is_told_once_nothing_of_the_chat_is_open() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    let later = i64::MAX;
    assert_eq!(outbox.last_visit("o", "c", later).await.unwrap(), None);
    ended(&outbox, "c", "1", Standing::Ours).await;
    let last = outbox.last_visit("o", "c", later).await.unwrap().unwrap();
    assert_eq!((last.thread.as_str(), last.standing), ("t", Standing::Ours));
    let now = outbox.clock().now().as_millisecond();
    assert_eq!(outbox.last_visit("o", "c", now).await.unwrap(), None, "it ended when the list was asked for");
    assert_eq!(outbox.last_visit("o", "another", later).await.unwrap(), None);
    tokio::time::advance(Duration::from_secs(1)).await;
    ended(&outbox, "c", "2", Standing::Guest).await;
    assert_eq!(outbox.last_visit("o", "c", later).await.unwrap().unwrap().standing, Standing::Guest);
    outbox.put(vec![visit("c", "3")], 20).await.unwrap();
    assert_eq!(outbox.last_visit("o", "c", later).await.unwrap(), None, "a visit is open");
}

#[tokio::test]
async fn a_visit_that_only_leaves_is_put_once_and_not_beside_another() {
    let place = Place::new();
    let outbox = place.open().unwrap();
    ended(&outbox, "c", "1", Standing::Ours).await;
    let last = outbox.last_visit("o", "c", i64::MAX).await.unwrap().unwrap();
    assert!(outbox.put_leave(&last).await.unwrap());
    assert!(!outbox.put_leave(&last).await.unwrap(), "one is open");
    let claimed = outbox.claim(8, LEASE).await.unwrap().visits;
    let [leave] = &claimed[..] else { panic!("one visit: {claimed:?}") };
    assert_eq!((leave.standing, leave.is_fresh), (Some(Standing::Ours), false));
    assert_eq!(leave.said, Said::WillNot("left_behind".to_owned()));
    assert_eq!(outbox.known("o", "c", vec!["1".to_owned(), "2".to_owned()]).await.unwrap(), 1);
    assert_eq!(outbox.known("p", "c", vec!["1".to_owned()]).await.unwrap(), 0);
}
