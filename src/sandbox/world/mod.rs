//! The account that the sandbox plays: its people, chats, bots, webhooks, and the laws they live by.
//!
//! Every law is a function of the state, the requester and `now`; nothing here waits or speaks HTTP.
//! What happened is told to [`World::tell`], which turns it into deliveries.
mod access;
mod bots;
mod catalogue;
mod closing;
mod conversation;
mod customer_views;
mod customers;
mod events;
mod forms;
mod groups;
mod lag;
mod members;
mod news;
mod opening;
mod pages;
mod people;
mod postbacks;
mod properties;
mod queue;
mod registration;
mod routing;
mod seed;
mod state;
mod transfer;
mod views;
mod webhooks;

pub(crate) use access::Mode;
pub(crate) use bots::BotForm;
pub(crate) use catalogue::{Told, catalogue};
pub(crate) use conversation::{Chat, Thread, Visibility};
pub(crate) use customers::{Profile, customer_requester};
pub(crate) use forms::{TEXT_BYTES, initial_events, sent_event};
pub(crate) use members::Joining;
pub(crate) use news::{Batch, Change, News, Parcel, Verdict};
pub(crate) use opening::{Opened, Opening};
pub(crate) use pages::{Page, paginate};
pub(crate) use people::{Agent, Bot, Group, Membership, PRIORITIES, Status, Tag};
pub(crate) use postbacks::Postback;
pub(crate) use properties::{PropertyMap, checked_properties, delete_properties, merge_properties};
pub(crate) use seed::Credentials;
pub(crate) use state::World;
pub(crate) use transfer::Target;
pub(crate) use views::{bot_view, insert_if, tag_view, thread_view_for_agents};
pub(crate) use webhooks::{Webhook, WebhookKind};
