//! What chimein tells about itself: the log and the numbers.
//!
//! Both are set up once for the process, and neither ever holds what a customer or an agent wrote, a name of a
//! person, an address, a token or a body.

mod grid;
mod log;
pub mod metrics;

pub use grid::Grid;
pub use log::{Error, FIELDS, Format, OtelSettings, Settings, start};
