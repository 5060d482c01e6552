//! The rules in force: replaced as a whole, while messages are decided by them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, Guard};

use super::compile::Rules;
use super::mistakes::Mistakes;
use super::settings::Settings;

/// The rules in force. What was read and is wrong never is.
#[derive(Debug)]
pub struct InForce {
    rules: ArcSwap<Rules>,
    settings: Settings,
    is_outdated: AtomicBool,
}

impl InForce {
    /// These rules are in force; the settings say where others come from.
    pub fn new(rules: Rules, settings: Settings) -> Self {
        Self { rules: ArcSwap::from_pointee(rules), settings, is_outdated: AtomicBool::new(false) }
    }

    /// The rules; whoever holds them goes on with them when others come into force.
    pub fn get(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    /// Whether the files were read again since, and refused.
    pub fn is_outdated(&self) -> bool {
        self.is_outdated.load(Ordering::Relaxed)
    }

    /// Reads the rules again; good ones come into force. Says whether they are others than before. Reads the disk and
    /// takes up to seconds: not for an async thread.
    ///
    /// # Errors
    /// Every mistake at once; the rules stay in force that are.
    pub fn reload(&self) -> Result<bool, Mistakes> {
        let read = Rules::load(&self.settings.path);
        self.is_outdated.store(read.is_err(), Ordering::Relaxed);
        let rules = read?.with_max_text(self.settings.max_text);
        let is_new = rules.version() != self.get().version();
        if is_new {
            self.rules.store(Arc::new(rules));
        }
        Ok(is_new)
    }
}
