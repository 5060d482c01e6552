//! The platform's doors: the APIs, the accounts service, and the sandbox's own control.
mod accounts;
mod action;
mod agent;
mod answer;
mod configuration;
mod control;
mod customer;
mod door;
mod guard;
mod routes;

pub(crate) use action::Call;
pub(crate) use routes::router;
