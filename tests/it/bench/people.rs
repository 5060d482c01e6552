//! Customers, by the platform's own calls.

use super::text;
use chimein::sandbox::{Addresses, WIDGET_CLIENT_ID};
use serde_json::{Value, json};

/// What every customer is called.
const NAME: &str = "Ottilie Wintergarten";

pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) chat: String,
    http: reqwest::Client,
    base: String,
    organization: String,
    token: String,
}

impl Customer {
    pub(crate) async fn arrive(http: &reqwest::Client, addresses: &Addresses) -> Self {
        let url = format!("{}/v2/customer/token", addresses.accounts_url);
        let body = json!({
            "grant_type": "cookie", "client_id": WIDGET_CLIENT_ID, "response_type": "token",
            "organization_id": addresses.organization_id, "redirect_uri": "https://shop.example.com",
        });
        let response = http.post(url).json(&body).send().await.expect("the sandbox answers");
        let token: Value = response.json().await.expect("a token");
        let customer = Self {
            id: text(&token, "/entity_id"),
            chat: String::new(),
            http: http.clone(),
            base: addresses.customer_url.clone(),
            organization: addresses.organization_id.clone(),
            token: text(&token, "/access_token"),
        };
        // So that every webhook that tells of the customer holds what must not be in a log.
        let profile = json!({ "name": NAME, "email": customer.email() });
        customer.call("update_customer", profile).await;
        customer
    }

    fn email(&self) -> String {
        format!("ottilie.{}@wintergarten.example", self.id)
    }

    /// What must not be in a log: name, address, token.
    pub(crate) fn secrets(&self) -> [String; 4] {
        [NAME.to_owned(), self.email(), "wintergarten.example".to_owned(), self.token.clone()]
    }

    /// Starts a chat with these first events.
    pub(crate) async fn starts(&mut self, events: Value) {
        let chat = self.call("start_chat", json!({ "chat": { "thread": { "events": events } } })).await;
        self.chat = text(&chat, "/chat_id");
    }

    /// Sends an event to the chat.
    pub(crate) async fn sends(&self, event: Value) -> String {
        let sent = self.call("send_event", json!({ "chat_id": self.chat, "event": event })).await;
        text(&sent, "/event_id")
    }

    /// Closes the chat.
    pub(crate) async fn closes(&self) {
        self.call("deactivate_chat", json!({ "id": self.chat })).await;
    }

    /// Calls the Customer Chat API.
    pub(crate) async fn call(&self, action: &str, body: Value) -> Value {
        let url =
            format!("{}/v3.6/customer/action/{action}?organization_id={}", self.base, self.organization);
        let request = self.http.post(url).bearer_auth(&self.token).json(&body);
        let response = request.send().await.expect("the sandbox answers");
        let status = response.status();
        let answer: Value = response.json().await.expect("the sandbox answers JSON");
        assert!(status.is_success(), "{action}: {status} {answer}");
        answer
    }
}
