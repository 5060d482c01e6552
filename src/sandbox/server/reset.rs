//! How an answer asks for the connection to be reset instead of being written.

/// Put into a response's extensions, it makes the server reset the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reset;

/// Ends a connection on purpose.
#[derive(Debug, thiserror::Error)]
#[error("connection reset on request")]
pub(super) struct ResetOnRequest;
