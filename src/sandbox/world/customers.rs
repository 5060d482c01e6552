//! Customers: coming, getting a token, changing what is known of them.
use super::conversation::Visibility;
use super::events::SystemMessage;
use super::news::News;
use super::people::Customer;
use super::seed::REGION;
use super::state::World;
use crate::sandbox::auth::{Kind, Requester};
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What shall be known of a customer; absent is unchanged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) address: Option<Map<String, Value>>,
    pub(crate) session_fields: Option<Vec<Value>>,
}

impl World {
    /// A customer who was never here; gives the id and the cookie.
    pub(crate) fn new_customer(&mut self, now: Timestamp) -> (String, String) {
        let (id, cookie) = (ids::uuid(), ids::hex());
        let customer = Customer {
            id: id.clone(),
            created_at: self.stamp(now),
            cookie: cookie.clone(),
            name: None,
            email: None,
            avatar: None,
            phone_number: None,
            address: None,
            session_fields: Vec::new(),
            chat_id: None,
        };
        self.customers.insert(id.clone(), customer);
        (id, cookie)
    }

    /// A token for a customer.
    pub(crate) fn customer_token(&mut self, id: &str, client_id: &str, now: Timestamp) -> String {
        let token = ids::access_token(REGION);
        self.tokens.customer(token.clone(), customer_requester(id, client_id), now);
        token
    }

    /// Changes what is known of a customer, and tells the active chat.
    pub(crate) fn update_customer(
        &mut self,
        by: &Requester,
        id: &str,
        profile: Profile,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let customer = self.customers.get_mut(id).ok_or_else(|| Refusal::not_found("Customer"))?;
        let renamed = profile.name.clone().filter(|name| customer.name.as_ref() != Some(name));
        let moved = profile.email.clone().filter(|email| customer.email.as_ref() != Some(email));
        let session_fields = profile.session_fields.clone();
        write(customer, profile);
        let chat = customer.chat_id.as_ref().and_then(|id| self.chats.get(id));
        let Some(thread) = chat.and_then(|chat| chat.active()) else { return Ok(()) };
        let thread_id = thread.id.clone();
        let Some(chat_id) = chat.map(|chat| chat.id.clone()) else { return Ok(()) };
        for (what, value) in [("name", renamed), ("email", moved)] {
            if let Some(value) = value {
                let message = SystemMessage {
                    kind: "customer_updated",
                    text: format!("Customer's {what} has been changed to {value}"),
                    vars: json!({ "customer": value }),
                    visibility: Visibility::Agents,
                };
                self.system_message(by, &chat_id, message, now)?;
            }
        }
        if let Some(fields) = session_fields {
            let active_chat = json!({"chat_id": chat_id, "thread_id": thread_id});
            let payload = json!({"id": id, "active_chat": active_chat, "session_fields": fields});
            self.tell(News::of_chat("customer_session_fields_updated", &chat_id, by, payload));
        }
        Ok(())
    }
}

fn write(customer: &mut Customer, profile: Profile) {
    let Profile { name, email, avatar, phone_number, address, session_fields } = profile;
    customer.name = name.or_else(|| customer.name.take());
    customer.email = email.or_else(|| customer.email.take());
    customer.avatar = avatar.or_else(|| customer.avatar.take());
    customer.phone_number = phone_number.or_else(|| customer.phone_number.take());
    customer.address = address.or_else(|| customer.address.take());
    if let Some(fields) = session_fields {
        customer.session_fields = fields;
    }
}

/// A customer as the one behind a call.
pub(crate) fn customer_requester(id: &str, client_id: &str) -> Requester {
    Requester {
        id: id.to_owned(),
        kind: Kind::Customer,
        account_id: None,
        client_id: Some(client_id.to_owned()),
        scopes: &[],
    }
}
