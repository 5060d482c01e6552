//! What happened, in order: every call when it arrives and when it is answered, every try of a delivery.
//!
//! Its memory is bounded: the oldest entries go first, the numbers go on.
mod entry;
mod log;
mod mask;

pub use entry::{Call, CallState, Delivery, Entry, Face, Happening, Outcome};
pub use log::Journal;
pub(crate) use log::Ticket;
pub(crate) use mask::masked;
