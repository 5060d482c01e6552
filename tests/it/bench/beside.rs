//! The bot looked at from beside: its process, its database, its wire, and what has happened so often.

use super::{Bench, Line, Wire};
use chimein::sandbox::{Call, Entry};
use serde_json::Value;
use std::path::PathBuf;

impl Bench {
    /// What the bot reaches the platform over.
    pub(crate) fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("the bot is wired")
    }

    /// Changes a setting; the bot sees it when it is started again.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.process.set(name, value);
    }

    /// The file of its rules; tests may write others.
    pub(crate) fn rules(&self) -> PathBuf {
        self.process.rules()
    }

    /// The public door itself, without anything between.
    pub(crate) fn front(&self) -> std::net::SocketAddr {
        self.process.serving().text("server.listen").parse().expect("an address")
    }

    /// What `/health/ready` says.
    pub(crate) async fn readiness(&self) -> (u16, Value) {
        let url = format!("{}/health/ready", self.admin());
        let response = self.http.get(url).send().await.expect("the private door answers");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// Waits until so many log lines say this; gives the last of so many.
    pub(crate) async fn logged_times(&self, text: &str, times: usize) -> Line {
        let said = |lines: &[Line]| lines.iter().filter(|line| line.says(text)).nth(times - 1).cloned();
        self.watched(text, self.process.wait_for(said)).await
    }

    /// Waits until a call of this action has met a fault in this chat.
    pub(crate) async fn faulted_in(&self, action: &str, chat: &str) {
        let met = |call: &Call| {
            call.action == action && call.fault.is_some() && call.chat_id.as_deref() == Some(chat)
        };
        self.journal(action, |entries| entries.iter().filter_map(Entry::call).any(met).then_some(())).await;
    }
}
