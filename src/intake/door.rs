//! What every door does with a push: decide, write down, answer.

use super::counts;
use super::full::FullThreads;
use super::reported::Reported;
use super::secret::SecretKeys;
use crate::livechat::push::{AuthorKind, Heard, Message, Push, Refusal};
use crate::outbox::{Admission, NewVisit, Outbox};
use crate::rules::{self, Author, Decision, InForce, Mode, OnOccupied, Rule, Rules, Visibility};
use crate::telemetry::metrics::{self, Limit};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How the `custom_id` of everything that chimein says begins.
pub const OWN_PREFIX: &str = "chimein-";
/// The reason for silence to a message that came too late.
pub(super) const TOO_OLD: &str = "too_old";

/// What is answered to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A visit is on disk.
    Accepted,
    /// Not about a message, or not for us.
    Ignored,
    /// All of its messages were heard before.
    Duplicate,
    /// Heard, and no rule speaks.
    Silent,
    /// Not JSON, or not a webhook.
    NotAWebhook,
    /// The secret is wrong.
    WrongSecret,
    /// It could not be written down: the sender should come again.
    NotWritten,
}

/// The door: whom it serves, by which rules, and where visits go.
pub struct Door {
    /// The tenant whose chats are answered.
    pub organization: String,
    /// Our bot.
    pub bot: String,
    /// The keys that deliveries prove themselves with.
    pub keys: SecretKeys,
    /// The rules in force.
    pub rules: Arc<InForce>,
    /// Where visits are written down.
    pub outbox: Outbox,
    /// A message older than this gets silence.
    pub max_age: SignedDuration,
    /// How many visits one thread may have.
    pub per_thread: u32,
    /// What a shadow rule reported last.
    pub reported: Reported,
    /// Threads that were full a moment ago.
    pub full: FullThreads,
}

impl Door {
    /// Takes one webhook's body.
    ///
    /// # Cancel safety
    /// When dropped, its visits may or may not have been admitted; the sender was told nothing.
    pub async fn take(&self, body: &[u8]) -> Answer {
        let (action, heard) = match Push::from_webhook(body, |secret| self.keys.accept(secret)) {
            Ok(push) => (counts::row(push.action()), self.hear(push)),
            Err(Refusal::NotAWebhook) => (counts::row(""), Err(Answer::NotAWebhook)),
            Err(Refusal::WrongSecret) => (counts::row(""), Err(Answer::WrongSecret)),
        };
        let answer = match heard {
            // Boxed, because most pushes never come here.
            Ok(visits) => Box::pin(self.admit(visits)).await,
            Err(answer) => answer,
        };
        counts::answered(action, answer);
        answer
    }

    /// The visits that a push asks for, or what it is answered without any.
    fn hear(&self, push: Push<'_>) -> Result<Vec<NewVisit>, Answer> {
        if push.organization_id() != self.organization {
            tracing::warn!(organization.id = push.organization_id(), "a webhook of another organization");
            return Err(Answer::Ignored);
        }
        let heard = push.heard().map_err(|error| {
            tracing::warn!(%error, "a webhook cannot be read");
            Answer::Ignored
        })?;
        if heard.messages.is_empty() {
            return Err(Answer::Ignored);
        }
        let visits = self.decide(&heard);
        if visits.is_empty() { Err(Answer::Silent) } else { Ok(visits) }
    }

    fn decide(&self, heard: &Heard<'_>) -> Vec<NewVisit> {
        let rules = self.rules.get();
        heard.messages.iter().filter_map(|message| self.decide_one(&rules, message, heard)).collect()
    }

    fn decide_one(&self, rules: &Rules, message: &Message<'_>, heard: &Heard<'_>) -> Option<NewVisit> {
        let fitting = self.fitting(rules, message).inspect_err(|reason| counts::silent(reason));
        let speaker = fitting.and_then(|rule| {
            let speaks = self.may_speak(rule, message);
            metrics::decided(&rule.name, speaks.err().unwrap_or("speak"));
            speaks.map(|()| rule)
        });
        match speaker {
            Ok(rule) => Some(self.visit(rules, rule, message, heard)),
            Err(reason) => {
                tracing::debug!(chat.id = &*message.chat, event.id = &*message.event, reason, "silent");
                None
            }
        }
    }

    /// The rule that speaks, or why none does.
    pub(super) fn speaker<'r>(
        &self,
        rules: &'r Rules,
        message: &Message<'_>,
    ) -> Result<&'r Rule, &'static str> {
        let rule = self.fitting(rules, message)?;
        self.may_speak(rule, message).map(|()| rule)
    }

    /// The rule that fits, or why none does.
    fn fitting<'r>(&self, rules: &'r Rules, message: &Message<'_>) -> Result<&'r Rule, &'static str> {
        if is_own(message, &self.bot) {
            return Err("own_words");
        }
        let author = author(message.author_kind);
        let written_at = || message.written_at().unwrap_or_else(|| self.outbox.clock().now());
        let at = rules.ask_for_the_time().then(written_at);
        match rules.decide(&rules::Message { texts: &message.texts, author, at }) {
            Decision::Speak(speak) => Ok(speak.rule),
            Decision::Silent(silence) => Err(silence.name()),
        }
    }

    /// Why a rule that fits does not speak all the same.
    fn may_speak(&self, rule: &Rule, message: &Message<'_>) -> Result<(), &'static str> {
        if message.is_greeting() {
            return Err("greeting");
        }
        if message.written_at().is_some_and(|written_at| self.is_too_old(written_at)) {
            return Err(TOO_OLD);
        }
        if rule.mode == Mode::Shadow {
            let (chat, event) = (&*message.chat, &*message.event);
            if self.reported.is_new(chat, event) {
                tracing::info!(chat.id = chat, event.id = event, rule.name, "would have spoken (shadow)");
            }
            return Err("shadow");
        }
        Ok(())
    }

    /// Whether what was written then gets silence.
    pub(super) fn is_too_old(&self, written_at: Timestamp) -> bool {
        self.outbox.clock().now().duration_since(written_at) > self.max_age
    }

    fn visit(&self, rules: &Rules, rule: &Rule, message: &Message<'_>, heard: &Heard<'_>) -> NewVisit {
        NewVisit { bot_inside: heard.was_present(&self.bot), ..self.unseen_visit(rules, rule, message) }
    }

    /// A visit that looks before it does anything: nobody says whether the bot is inside.
    pub(super) fn unseen_visit(&self, rules: &Rules, rule: &Rule, message: &Message<'_>) -> NewVisit {
        let written_at = message.written_at().unwrap_or_else(|| self.outbox.clock().now());
        NewVisit {
            organization: self.organization.clone(),
            chat: message.chat.to_string(),
            thread: message.thread.to_string(),
            event: message.event.to_string(),
            rule: rule.name.clone(),
            rules_version: rules.version().to_owned(),
            reply: rule.reply.pick(&message.event).to_owned(),
            is_public: rule.visibility == Visibility::All,
            is_never_whispered: rule.on_occupied == OnOccupied::Skip,
            written_ms: written_at.as_millisecond(),
            bot_inside: None,
            check_author: (message.author_kind == AuthorKind::Unknown).then(|| message.author.to_string()),
        }
    }

    async fn admit(&self, mut visits: Vec<NewVisit>) -> Answer {
        let asked = visits.len();
        visits.retain(|visit| !self.full.has(&visit.chat, &visit.thread));
        metrics::braked(Limit::PerThread, (asked - visits.len()) as u64);
        let Some(first) = visits.first() else { return Answer::Silent };
        // The messages of one push are of one thread.
        let (chat, thread) = (first.chat.clone(), first.thread.clone());
        match self.outbox.put(visits, self.per_thread).await {
            Ok(admissions) => {
                let full = admissions.iter().filter(|admission| **admission == Admission::ThreadFull).count();
                self.tell_of_a_full_thread(chat, thread, full);
                match (admissions.contains(&Admission::New), full) {
                    (true, _) => Answer::Accepted,
                    (false, 0) => Answer::Duplicate,
                    (false, _) => Answer::Silent,
                }
            }
            Err(error) => {
                tracing::error!(%error, "a visit could not be written down");
                Answer::NotWritten
            }
        }
    }

    fn tell_of_a_full_thread(&self, chat: String, thread: String, messages: usize) {
        if messages == 0 {
            return;
        }
        metrics::braked(Limit::PerThread, messages as u64);
        if self.full.add(chat.clone(), thread.clone()) {
            tracing::warn!(
                chat.id = chat,
                thread.id = thread,
                per_thread = self.per_thread,
                "silent: the thread had as many visits as it may have"
            );
        }
    }
}

/// Whether we said it: it is the bot's, or bears our mark.
pub fn is_own(message: &Message<'_>, bot: &str) -> bool {
    message.author == bot || message.custom_id.starts_with(OWN_PREFIX)
}

/// The author as the rules know him.
pub fn author(kind: AuthorKind) -> Author {
    match kind {
        AuthorKind::Customer => Author::Customer,
        AuthorKind::Agent => Author::Agent,
        AuthorKind::Bot => Author::Bot,
        AuthorKind::Unknown => Author::Unknown,
    }
}
