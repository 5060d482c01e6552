//! How the sandbox takes a lock: a panic elsewhere does not take the whole platform down.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; the state of a holder that panicked is used as it is.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
