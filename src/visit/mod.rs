//! visit.
