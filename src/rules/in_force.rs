//! The rules in force: replaced as a whole, while messages are decided by them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, Guard};

use super::compile::Rules;
use super::lint::Warnings;
use super::mistakes::Mistakes;

/// The rules in force. What was read and is wrong never is.
#[derive(Debug)]
pub struct InForce {
    rules: ArcSwap<Rules>,
    is_outdated: AtomicBool,
}

impl InForce {
    /// These rules are in force.
    pub fn new(rules: Rules) -> Self {
        Self { rules: ArcSwap::from_pointee(rules), is_outdated: AtomicBool::new(false) }
    }

    /// The rules; whoever holds them goes on with them when others come into force.
    pub fn get(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    /// Whether the files were read again since, and refused.
    pub fn is_outdated(&self) -> bool {
        self.is_outdated.load(Ordering::Relaxed)
    }

    /// Reads a file or a folder; good rules come into force. Gives the warnings about them when they are others than before.
    /// Reads the disk and takes up to seconds: not for an async thread.
    ///
    /// # Errors
    /// Every mistake at once; the rules stay in force that are.
    pub fn reload(&self, path: &Path) -> Result<Option<Warnings>, Mistakes> {
        let read = Rules::load_and_lint(path);
        self.is_outdated.store(read.is_err(), Ordering::Relaxed);
        let (rules, warnings) = read?;
        let is_new = rules.version() != self.get().version();
        if is_new {
            self.rules.store(Arc::new(rules));
        }
        Ok(is_new.then_some(warnings))
    }
}
