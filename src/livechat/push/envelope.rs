//! A webhook's body, read in one pass.
//!
//! The platform writes the secret before the payload, so a payload is read where it stands, once the secret was
//! found right. A body in another order keeps its payload aside until the secret is known. What is
//! in a payload is never read for a sender whose secret is wrong.

use super::text::Text;
use super::{IncomingChat, IncomingEvent, Push, Refusal, Unreadable, read};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What a push tells.
pub(super) enum Payload<'a> {
    /// Nothing: the body has no payload.
    Missing,
    /// An `incoming_event`.
    Event(IncomingEvent<'a>),
    /// An `incoming_chat`.
    Chat(IncomingChat<'a>),
    /// Something else, or something that nobody has read yet.
    Aside(&'a RawValue),
    /// Not what its action promises.
    Unreadable(Unreadable),
}

/// The outside of a webhook, filled while its body is read.
pub(super) struct Envelope<'a, F> {
    accept: F,
    is_trusted: bool,
    push: Push<'a>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Member {
    SecretKey,
    Action,
    OrganizationId,
    Payload,
    AdditionalData,
    #[serde(other)]
    Other,
}

impl<'a, F: Fn(&str) -> bool> Envelope<'a, F> {
    pub(super) fn open(body: &'a str, accept: F) -> Result<Push<'a>, Refusal> {
        let mut envelope = Self { accept, is_trusted: false, push: Push::empty() };
        let mut json = serde_json::Deserializer::from_str(body);
        let outcome = envelope.deserialize(&mut json).and_then(|()| json.end());
        envelope.close(outcome)
    }

    fn close(mut self, outcome: Result<(), serde_json::Error>) -> Result<Push<'a>, Refusal> {
        match outcome {
            Ok(()) => {}
            // Well-formed as far as it goes, from a sender that we trust: only the payload can be so.
            Err(error) if self.is_trusted && error.is_data() => {
                self.push.payload = Payload::Unreadable(error.into());
            }
            Err(_) => return Err(Refusal::NotAWebhook),
        }
        if self.push.action.is_empty() || matches!(self.push.payload, Payload::Missing) {
            return Err(Refusal::NotAWebhook);
        }
        if !self.is_trusted {
            return Err(Refusal::WrongSecret);
        }
        if let Payload::Aside(payload) = self.push.payload {
            self.push.payload = match self.push.action.as_str() {
                "incoming_event" => read(payload.get()).map_or_else(Payload::Unreadable, Payload::Event),
                "incoming_chat" => read(payload.get()).map_or_else(Payload::Unreadable, Payload::Chat),
                _ => Payload::Aside(payload),
            };
        }
        Ok(self.push)
    }

    fn payload<M: MapAccess<'a>>(&self, map: &mut M) -> Result<Payload<'a>, M::Error> {
        let payload = match self.push.action.as_str() {
            "incoming_event" if self.is_trusted => map.next_value::<Option<_>>()?.map(Payload::Event),
            "incoming_chat" if self.is_trusted => map.next_value::<Option<_>>()?.map(Payload::Chat),
            _ => map.next_value::<Option<_>>()?.map(Payload::Aside),
        };
        Ok(payload.unwrap_or(Payload::Missing))
    }
}

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for &mut Envelope<'de, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for &mut Envelope<'de, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a webhook")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key()? {
            match key {
                Member::SecretKey => self.is_trusted = (self.accept)(map.next_value::<Text<'de>>()?.as_str()),
                Member::Action => self.push.action = map.next_value()?,
                Member::OrganizationId => self.push.organization_id = map.next_value()?,
                Member::Payload => self.push.payload = self.payload(&mut map)?,
                Member::AdditionalData => self.push.additional_data = map.next_value()?,
                Member::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}
