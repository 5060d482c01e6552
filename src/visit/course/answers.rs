//! What each answer of the platform means.

use super::progress::Presence;
use super::{Call, Course, More, Why, custom_id};
use crate::livechat::model::{Chat, Visibility};
use crate::livechat::{Error, ThreadId, UserId};
use crate::outbox::{Hold, Said, Standing};

/// How often a send that meets "not in the chat" joins again (reference, 12.3: a join may lag).
const MAX_REJOINS: u32 = 2;

impl Course<'_> {
    /// What a call was answered: the chat, where it was read. Gives the call that belongs behind it, if there is one.
    /// With an error the stay cannot go on now.
    pub(in super::super) fn hear(
        &mut self,
        call: Call,
        answer: Result<Option<Chat>, Error>,
    ) -> Result<Option<Call>, Error> {
        self.more = More::NotAsked;
        match call {
            Call::Read { why, .. } => {
                let chat = match answer {
                    Ok(chat) => chat,
                    // Nothing will be said in a chat that is gone.
                    Err(error @ Error::Gone { .. }) => {
                        self.give_up(error.reason());
                        None
                    }
                    Err(error) => return Err(error),
                };
                self.read(why, chat)
            }
            Call::Join { visibility, joined_before } => {
                self.joined(visibility == Visibility::All, joined_before, answer.map(drop))
            }
            Call::Say(words) => self.said(words.hold, answer.map(drop)).map(|()| None),
            Call::Leave => self.left(answer.map(drop)),
        }
    }

    fn read(&mut self, why: Why, chat: Option<Chat>) -> Result<Option<Call>, Error> {
        match (why, chat) {
            (Why::Look, Some(chat)) => {
                self.find_what_was_said(&chat);
                let latest = chat.thread.as_ref().map(|thread| thread.id.as_str());
                if let Some(thread) = self.thread_not_yet_read(latest) {
                    let why = Why::EarlierThread { latest: Box::new(chat) };
                    return Ok(Some(Call::Read { thread: Some(thread), why }));
                }
                self.looked(&chat);
            }
            (Why::EarlierThread { latest }, earlier) => {
                if let Some(earlier) = earlier {
                    self.find_what_was_said(&earlier);
                }
                self.looked(&latest);
            }
            (Why::JoinWasRefused { joined_before, kind }, Some(chat)) => {
                self.presence = self.presence_in(&chat);
                if self.presence == Presence::Out {
                    self.give_up(&kind);
                } else if !joined_before {
                    self.standing = Some(Standing::Guest);
                    if self.is_hidden_guest() {
                        self.keep_from_the_customer();
                    }
                }
            }
            (Why::LeaveWasRefused(error), Some(chat)) if self.presence_in(&chat) != Presence::Out => {
                return Err(error);
            }
            (Why::LeaveWasRefused(_), _) => self.is_out(),
            (Why::Look | Why::JoinWasRefused { .. }, None) => {}
        }
        Ok(None)
    }

    /// The chat was read, and what was said in it is known.
    fn looked(&mut self, chat: &Chat) {
        self.presence = self.presence_in(chat);
        if self.presence != Presence::Out && self.standing != Some(Standing::Ours) {
            self.standing = Some(Standing::Guest);
        }
        // A public join could take the chat out of the queue, and it would lose its place when the bot leaves.
        if self.presence != (Presence::In { is_public: true })
            && (chat.waits_for_an_agent() || self.is_hidden_guest())
        {
            self.keep_from_the_customer();
        }
        if !chat.is_active() {
            self.give_up("chat_inactive");
        }
        self.check_authors(chat);
    }

    fn presence_in(&self, chat: &Chat) -> Presence {
        match chat.present(&self.terms.bot) {
            Some(user) => Presence::In { is_public: user.visibility.as_deref() != Some("agents") },
            None => Presence::Out,
        }
    }

    /// Whether the bot was put into the chat for agents only, by somebody else: then it speaks to them only.
    fn is_hidden_guest(&self) -> bool {
        !self.may_have_joined && self.presence == Presence::In { is_public: false }
    }

    /// An earlier attempt may have spoken in a thread that is not the latest any more.
    fn thread_not_yet_read(&self, latest: Option<&str>) -> Option<ThreadId> {
        let unsaid = self.visits.iter().filter(|visit| visit.said == Said::NotYet && !visit.is_fresh);
        let mut threads = unsaid.map(|visit| visit.thread.as_str());
        threads.find(|thread| !thread.is_empty() && Some(*thread) != latest).map(ThreadId::new)
    }

    fn find_what_was_said(&mut self, chat: &Chat) {
        let Some(thread) = &chat.thread else { return };
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            let ours = custom_id(self.terms.own_prefix, visit.key);
            if thread.events.iter().any(|event| event.custom_id.as_ref() == Some(&ours)) {
                visit.said = Said::Yes;
            }
        }
    }

    fn check_authors(&mut self, chat: &Chat) {
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            let Some(author) = visit.check_author.clone().map(UserId::new) else { continue };
            if !chat.users.iter().any(|user| user.id == author && user.kind == "customer") {
                visit.said = Said::WillNot("not_by_customer".to_owned());
            }
        }
    }

    fn joined(
        &mut self,
        is_public: bool,
        joined_before: bool,
        answer: Result<(), Error>,
    ) -> Result<Option<Call>, Error> {
        match answer {
            Ok(()) => self.presence = Presence::In { is_public },
            Err(Error::Refused { kind, .. }) if is_public && kind == "limit_reached" => {
                self.did_not_join(joined_before);
                self.keep_from_the_customer();
            }
            Err(Error::Refused { kind, .. }) => {
                self.did_not_join(joined_before);
                let why = Why::JoinWasRefused { joined_before, kind };
                return Ok(Some(Call::Read { thread: None, why }));
            }
            Err(error @ (Error::Gone { .. } | Error::NotInChat { .. })) => {
                self.did_not_join(joined_before);
                self.give_up(error.reason());
            }
            Err(error @ (Error::Unknown { .. } | Error::Unreadable { .. })) => return Err(error),
            Err(error) => {
                self.did_not_join(joined_before);
                return Err(error);
            }
        }
        Ok(None)
    }

    fn did_not_join(&mut self, joined_before: bool) {
        self.may_have_joined = joined_before;
        self.presence = Presence::Out;
    }

    fn said(&mut self, hold: Hold, answer: Result<(), Error>) -> Result<(), Error> {
        let visit = self.visits.iter_mut().find(|visit| visit.hold == hold);
        match (answer, visit) {
            (Ok(()), Some(visit)) => visit.said = Said::Yes,
            (Err(Error::Refused { kind, .. }), Some(visit)) => visit.said = Said::WillNot(kind),
            (Err(Error::Gone { kind, .. }), _) => self.give_up(&kind),
            (Err(Error::NotInChat { .. }), _) if self.rejoins < MAX_REJOINS => {
                self.rejoins += 1;
                self.presence = Presence::Out;
            }
            (Err(error), _) => return Err(error),
            (Ok(()), None) => {}
        }
        Ok(())
    }

    fn left(&mut self, answer: Result<(), Error>) -> Result<Option<Call>, Error> {
        match answer {
            Ok(()) | Err(Error::Gone { .. } | Error::NotInChat { .. }) => self.is_out(),
            Err(error @ Error::Refused { .. }) => {
                return Ok(Some(Call::Read { thread: None, why: Why::LeaveWasRefused(error) }));
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }

    fn is_out(&mut self) {
        self.presence = Presence::Out;
        self.may_have_joined = false;
    }
}
