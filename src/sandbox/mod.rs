//! A LiveChat on your desk: the platform's faces, world and laws, on a loopback port.
//!
//! It plays the platform from its documentation alone and imports nothing of chimein's client, so that the
//! two cannot share a mistake. Everything is in memory and gone at the end; nothing leaves this machine.
mod addresses;
mod auth;
mod clock;
pub(crate) mod desk;
mod faces;
mod faults;
mod fields;
mod ids;
mod journal;
mod locks;
mod options;
mod refusal;
mod sender;
mod server;
mod shared;
mod world;

pub use addresses::{Addresses, WIDGET_CLIENT_ID};
pub use faults::{CallEffect, Fault, Faults, Times, WebhookEffect};
pub use journal::{Call, CallState, Delivery, Entry, Face, Happening, Journal, Outcome};
pub use options::{AddingPresentUser, Options, Stage, Switches};
pub use server::{Error, Sandbox, TlsError};
