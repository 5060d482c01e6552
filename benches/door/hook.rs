//! The webhook that is sent: about 750 bytes, as the platform documents an `incoming_event`, each with ids of its own.

use std::net::SocketAddr;

/// What the bot of these runs is told, and the webhooks therefore carry.
pub(crate) const SECRET: &str = "laudla991lamda0pnoaa0";
pub(crate) const ORGANIZATION: &str = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex";
pub(crate) const CLIENT: &str = "c6e4f62e2a2dab12531235b12c5a2a6b";
pub(crate) const CUSTOMER: &str = "b7eff798-f8df-4364-8059-649c35c9ed0c";
/// Two texts of one length: the first fits the rule of these runs, the second fits none.
pub(crate) const FITS: &str = "Hello, can I still order a pizza today?";
pub(crate) const FITS_NOT: &str = "Hello, can I still order a salad today?";

/// Stands in the template where the number of a request is put.
const DIGITS: &str = "0000000000";

/// One request, ready to be sent, whose ids can be changed in place.
pub(crate) struct Hook {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Hook {
    /// A request for the webhook door at `address`; `now` is when the message was written.
    pub(crate) fn new(address: SocketAddr, text: &str, now: jiff::Timestamp) -> Self {
        let body = format!(
            "{{\"webhook_id\":\"pqi8oasdjahuakndw9nsad9na\",\"secret_key\":\"{SECRET}\",\"action\":\"incoming_event\",\
            \"organization_id\":\"{ORGANIZATION}\",\"payload\":{{\"chat_id\":\"PJ{DIGITS}\",\"thread_id\":\"K6{DIGITS}\",\
            \"event\":{{\"id\":\"K6{DIGITS}_2\",\"custom_id\":\"1dnepb4z00t\",\"type\":\"message\",\"author_id\":\"{CUSTOMER}\",\
            \"created_at\":\"{now:.6}\",\"visibility\":\"all\",\"text\":\"{text}\",\
            \"properties\":{{\"source\":{{\"client_id\":\"{CLIENT}\"}}}}}}}},\"additional_data\":{{\"chat_properties\":{{\
            \"routing\":{{\"continuous\":false}},\"source\":{{\"client_id\":\"{CLIENT}\"}}}},\
            \"chat_presence_user_ids\":[\"{CUSTOMER}\",\"smith@example.com\"]}}}}"
        );
        let request = format!(
            "POST /webhooks/livechat HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
            content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let places = request.match_indices(DIGITS).map(|(place, _)| place).collect();
        Self { bytes: request.into_bytes(), places }
    }

    /// The request with every id made from `number`.
    pub(crate) fn number(&mut self, number: u64) -> &[u8] {
        let digits = format!("{number:010}");
        for place in &self.places {
            if let Some(room) = self.bytes.get_mut(*place..place + DIGITS.len()) {
                room.copy_from_slice(digits.as_bytes());
            }
        }
        &self.bytes
    }
}

/// The chat that `Hook::number` makes of a number.
pub(crate) fn chat(number: u64) -> String {
    format!("PJ{number:010}")
}

/// When the messages of a run are written; the bot is silent about old ones.
#[expect(clippy::disallowed_methods, reason = "the bench is a customer, and customers write now")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
