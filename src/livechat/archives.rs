//! The archives: the threads of a span of time, page by page.
//!
//! Promises: reads and nothing else, so that a call may be made again whatever became of it; nothing is repeated here.

use super::agent::Bot;
use super::api::{Api, Auth, Call, Face};
use super::configuration::basic;
use super::errors::Error;
use super::ids::OrganizationId;
use super::model::ArchivesPage;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;

/// The archives as somebody sees them.
pub struct Archives {
    organization: OrganizationId,
    reader: Reader,
}

/// Who reads.
enum Reader {
    Person { api: Arc<Api>, credentials: SecretString },
    Bot(Bot),
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Page<'a> {
    /// The newest threads of those that began between these times.
    First {
        /// The first moment.
        from: Timestamp,
        /// The last moment.
        to: Timestamp,
        /// Threads on each page, 100 at most (reference, 1.9).
        size: u32,
    },
    /// The page that another page named; it remembers what was asked for.
    Next(&'a str),
}

impl Archives {
    /// As the owner of a personal access token sees them.
    pub fn of_person(
        api: Arc<Api>,
        organization: OrganizationId,
        account_id: &str,
        token: &SecretString,
    ) -> Self {
        Self { organization, reader: Reader::Person { api, credentials: basic(account_id, token) } }
    }

    /// As the bot sees them: the chats of its groups.
    pub fn of_bot(bot: Bot, organization: OrganizationId) -> Self {
        Self { organization, reader: Reader::Bot(bot) }
    }

    /// Reads a page.
    ///
    /// # Errors
    /// See `Error`; `Refused` with `validation` for a page id that has expired (after a month).
    pub async fn page(&self, page: Page<'_>) -> Result<ArchivesPage, Error> {
        const ACTION: &str = "list_archives";
        let body: Value = match page {
            Page::First { from, to, size } => json!({ "filters": { "from": from, "to": to }, "limit": size }),
            // Filters beside a page id are a mistake to the platform (reference, 1.8).
            Page::Next(id) => json!({ "page_id": id }),
        };
        match &self.reader {
            Reader::Person { api, credentials } => {
                let (organization, auth) = (&self.organization, Auth::Basic(credentials));
                api.ask(Call { organization, face: Face::Agent, action: ACTION, auth }, &body).await
            }
            Reader::Bot(bot) => bot.ask(&self.organization, ACTION, &body).await,
        }
    }
}
