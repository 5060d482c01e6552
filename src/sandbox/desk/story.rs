//! What followed each message: the deliveries to the bot and the bot's calls, with their times.
//!
//! An entry belongs to the last message of a person that was written before it.
use super::scene::{Kind, Saying};
use super::words::{duration, excerpt};
use crate::sandbox::journal::{Call, CallState, Delivery, Entry, Happening, Outcome};
use jiff::Timestamp;
use serde_json::Value;

/// A message and what followed it.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) id: String,
    /// Who wrote what, and when; `None` before the first message.
    pub(super) opening: Option<Opening>,
    pub(super) steps: Vec<Step>,
}

/// The message that a story begins with.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) who: String,
    pub(super) text: String,
    pub(super) at: Timestamp,
}

/// One call or one try of a delivery.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    /// Microseconds since the message.
    pub(super) after: Option<u64>,
    /// Microseconds until the answer.
    pub(super) took: Option<u64>,
    pub(super) who: String,
    /// What was done, for the eye: `whispers “…”`.
    pub(super) does: String,
    /// What was done, for a tale of the whole: `whispered`. `None` for deliveries and refused calls.
    pub(super) did: Option<&'static str>,
    /// The action's name on the wire.
    pub(super) action: String,
    pub(super) answer: String,
    pub(super) tone: Tone,
    /// A delivery of a webhook, not a call.
    pub(super) delivery: bool,
}

/// How an answer is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Waiting,
}

/// Sorts the entries under the messages that came before them.
pub(super) fn stories(sayings: &[Saying], entries: Vec<Entry>, name: impl Fn(&str) -> String) -> Vec<Story> {
    let mut stories = vec![Story { id: "before".to_owned(), opening: None, steps: Vec::new() }];
    stories.extend(sayings.iter().filter_map(story));
    for entry in entries {
        let owner = stories.iter_mut().rev().find(|story| story.began().is_none_or(|at| at <= entry.time));
        if let Some(story) = owner {
            let began = story.began();
            story.steps.push(step(&entry, began, &name));
        }
    }
    stories.retain(|story| story.opening.is_some() || !story.steps.is_empty());
    stories
}

impl Story {
    fn began(&self) -> Option<Timestamp> {
        self.opening.as_ref().map(|opening| opening.at)
    }

    /// Microseconds from the message to the end of the last step; never 0.
    pub(super) fn length(&self) -> u64 {
        let ends = self.steps.iter().map(|step| step.after.unwrap_or(0) + step.took.unwrap_or(0));
        ends.max().unwrap_or(0).max(1)
    }

    /// The whole in one sentence, once somebody has left: “Pizza Bot joined, whispered and left …”.
    pub(super) fn tale(&self) -> Option<String> {
        let last = self.steps.iter().rfind(|step| step.did == Some("left"))?;
        let mut told: Vec<&str> = Vec::new();
        for did in self.steps.iter().filter(|step| step.who == last.who).filter_map(|step| step.did) {
            if told.last() != Some(&did) {
                told.push(did);
            }
        }
        let end = duration(last.after? + last.took?);
        let (left, others) = told.split_last()?;
        let done =
            if others.is_empty() { (*left).to_owned() } else { format!("{} and {left}", others.join(", ")) };
        Some(format!("{} {done} within {end} of the message", last.who))
    }
}

fn story(saying: &Saying) -> Option<Story> {
    let author = saying.author.as_ref().filter(|author| author.kind != Kind::Bot)?;
    let text = saying.event.get("text").and_then(Value::as_str);
    let text = text.map_or_else(|| "(no text)".to_owned(), excerpt);
    let opening = Opening { who: author.name.clone(), text, at: saying.at };
    Some(Story { id: saying.id.clone(), opening: Some(opening), steps: Vec::new() })
}

fn step(entry: &Entry, began: Option<Timestamp>, name: impl Fn(&str) -> String) -> Step {
    let after = began.and_then(|began| u64::try_from(entry.time.duration_since(began).as_micros()).ok());
    let (seq, at) = (entry.seq, entry.time);
    match &entry.happening {
        Happening::Call(call) => {
            let (does, did) = deed(call, &name);
            let (answer, tone) = call_answer(call);
            let did = did.filter(|_| tone == Tone::Good);
            let (who, action, took) = (name(&call.requester), call.action.clone(), call.took_us);
            Step { seq, at, after, took, who, does, did, action, answer, tone, delivery: false }
        }
        Happening::Delivery(delivery) => {
            let (answer, tone) = delivery_answer(delivery);
            let again =
                if delivery.attempt > 1 { format!(" (try {})", delivery.attempt) } else { String::new() };
            let (does, took) = (format!("tells the webhook{again}"), delivery.took_us);
            let (who, action) = ("LiveChat".to_owned(), delivery.action.clone());
            Step { seq, at, after, took, who, does, did: None, action, answer, tone, delivery: true }
        }
    }
}

/// What a call does, and the same as a deed that is done.
fn deed(call: &Call, name: impl Fn(&str) -> String) -> (String, Option<&'static str>) {
    let field = |pointer: &str| call.request.pointer(pointer).and_then(Value::as_str);
    let user = field("/user_id").unwrap_or_default();
    let own = user == call.requester;
    match call.action.as_str() {
        "add_user_to_chat" if own && field("/visibility") == Some("agents") => {
            ("joins, unseen by the customer".to_owned(), Some("joined"))
        }
        "add_user_to_chat" if own => ("joins".to_owned(), Some("joined")),
        "add_user_to_chat" => (format!("adds {}", name(user)), Some("added somebody")),
        "send_event" => {
            let text = field("/event/text").map(|text| format!(" “{}”", excerpt(text))).unwrap_or_default();
            if field("/event/visibility") == Some("agents") {
                (format!("whispers{text}"), Some("whispered"))
            } else {
                (format!("says{text}"), Some("answered"))
            }
        }
        "remove_user_from_chat" if own => ("leaves".to_owned(), Some("left")),
        "remove_user_from_chat" => (format!("removes {}", name(user)), Some("removed somebody")),
        "get_chat" | "list_threads" | "list_chats" => ("looks".to_owned(), None),
        _ => ("calls".to_owned(), Some("did more")),
    }
}

fn call_answer(call: &Call) -> (String, Tone) {
    let fault = call.fault.map(|fault| format!(", fault: {fault}")).unwrap_or_default();
    match (call.state, call.status) {
        (CallState::Pending, _) => ("waiting".to_owned(), Tone::Waiting),
        (CallState::Reset, _) => (format!("connection reset{fault}"), Tone::Bad),
        (CallState::Abandoned, _) => (format!("caller went away{fault}"), Tone::Bad),
        (CallState::Answered, status) => {
            let status = status.unwrap_or_default();
            let kind = call.error_type.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
            let tone = if (200..300).contains(&status) { Tone::Good } else { Tone::Bad };
            (format!("{status}{kind}{fault}"), tone)
        }
    }
}

fn delivery_answer(delivery: &Delivery) -> (String, Tone) {
    let fault = delivery.fault.map(|fault| format!(", fault: {fault}")).unwrap_or_default();
    let (answer, tone) = match delivery.outcome {
        Outcome::Pending => ("waiting".to_owned(), Tone::Waiting),
        Outcome::Status(200) => ("200".to_owned(), Tone::Good),
        Outcome::Status(status) => (status.to_string(), Tone::Bad),
        Outcome::Timeout => ("timeout".to_owned(), Tone::Bad),
        Outcome::Refused => ("nobody listens".to_owned(), Tone::Bad),
        Outcome::Broken => ("connection broke".to_owned(), Tone::Bad),
        Outcome::NotLoopback => ("not on this machine".to_owned(), Tone::Bad),
        Outcome::Gated => ("bot is offline".to_owned(), Tone::Bad),
        Outcome::Dropped => ("dropped".to_owned(), Tone::Bad),
        Outcome::QueueFull => ("queue is full".to_owned(), Tone::Bad),
    };
    (format!("{answer}{fault}"), tone)
}

#[cfg(test)]
mod tests {
    use super::{Story, Tone, stories};
    use crate::sandbox::desk::scene::{Author, Kind, Saying};
    use crate::sandbox::journal::{Call, CallState, Delivery, Face, Journal, Outcome};
    use jiff::Timestamp;
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn call(action: &str, request: Value) -> Call {
        Call {
            face: Face::Agent,
            action: action.to_owned(),
            requester: "bot".to_owned(),
            chat_id: Some("chat".to_owned()),
            request: Arc::new(request),
            state: CallState::Pending,
            status: None,
            error_type: None,
            fault: None,
            took_us: None,
        }
    }

    fn saying(id: &str, kind: Kind, at: Timestamp) -> Saying {
        let author = Some(Author { name: "You".to_owned(), kind });
        let event = json!({"type": "message", "text": id});
        Saying { id: id.to_owned(), at, author, whisper: false, begins_again: false, event }
    }

    /// The stories of one message and a visit whose calls get these answers.
    fn told(answers: [u16; 3]) -> Vec<Story> {
        let journal = Journal::new();
        let visit = [
            call("add_user_to_chat", json!({"user_id": "bot", "visibility": "agents"})),
            call("send_event", json!({"event": {"text": "on the way", "visibility": "agents"}})),
            call("remove_user_from_chat", json!({"user_id": "bot"})),
        ];
        for (call, answer) in visit.into_iter().zip(answers) {
            journal.arrived(call).answered(answer, (answer != 200).then(|| "internal".to_owned()));
        }
        let asked = saying("pizza", Kind::Customer, Timestamp::UNIX_EPOCH);
        let told = saying("on the way", Kind::Bot, Timestamp::UNIX_EPOCH);
        stories(&[asked, told], journal.of_chat("chat", 10), |_| "Pizza Bot".to_owned())
    }

    #[test]
    fn a_visit_is_told_in_one_sentence_once_the_bot_has_left() {
        let stories = told([200, 200, 200]);
        assert_eq!(stories.len(), 1, "the bot's own words begin no story");
        let does: Vec<&str> = stories[0].steps.iter().map(|step| step.does.as_str()).collect();
        assert_eq!(does, ["joins, unseen by the customer", "whispers “on the way”", "leaves"]);
        let tale = stories[0].tale().unwrap();
        assert!(tale.starts_with("Pizza Bot joined, whispered and left within "), "{tale}");
    }

    #[test]
    fn what_was_refused_was_not_done() {
        let stories = told([200, 500, 200]);
        assert!(stories[0].tale().unwrap().starts_with("Pizza Bot joined and left within "));
        assert_eq!(
            (stories[0].steps[1].answer.as_str(), stories[0].steps[1].tone),
            ("500 internal", Tone::Bad)
        );
        assert_eq!(told([200, 200, 500])[0].tale(), None, "who has not left is still there");
    }

    #[test]
    fn an_entry_belongs_to_the_last_message_before_it() {
        let journal = Journal::new();
        journal.delivering(Delivery {
            webhook_id: "hook".to_owned(),
            action: "incoming_event".to_owned(),
            chat_id: Some("chat".to_owned()),
            url: "http://127.0.0.1/".to_owned(),
            attempt: 2,
            outcome: Outcome::Refused,
            fault: None,
            took_us: None,
        });
        let sayings = [
            saying("first", Kind::Customer, Timestamp::UNIX_EPOCH),
            saying("second", Kind::Agent, Timestamp::UNIX_EPOCH),
            saying("later", Kind::Customer, Timestamp::MAX),
        ];
        let entries = journal.of_chat("chat", 10);
        let stories = stories(&sayings, entries, str::to_owned);
        let steps: Vec<usize> = stories.iter().map(|story| story.steps.len()).collect();
        assert_eq!(steps, [0, 1, 0]);
        let step = &stories[1].steps[0];
        assert_eq!(
            (step.does.as_str(), step.answer.as_str()),
            ("tells the webhook (try 2)", "nobody listens")
        );
    }
}
