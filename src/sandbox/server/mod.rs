//! The listener: loopback only, with limits on connections, headers and bodies; TLS when asked for.
mod accept;
mod reset;
mod start;
mod tls;

pub(crate) use reset::Reset;
pub use start::{Error, Sandbox};
pub use tls::TlsError;
