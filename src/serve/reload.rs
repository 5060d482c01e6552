//! Reads the rules again when their files change, or on SIGHUP.
//!
//! Promises: a file that is being written is read once it is quiet; wrong rules never come into force, are told of in the
//! log and shown by readiness and in a metric; what was decided stays decided.

use crate::rules::{self, InForce};
use crate::telemetry::metrics::{self, Reload};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// For so long nothing must change before the files are read: an editor writes in several steps.
const QUIET: Duration = Duration::from_millis(200);
/// Files that never are quiet are read after so many changes all the same.
const CHANGES: usize = 20;

/// What waits for a reason to read the rules again.
pub(super) struct Reloads {
    path: PathBuf,
    rules: Arc<InForce>,
    hangups: Signal,
    changes: mpsc::Receiver<()>,
    watcher: Option<RecommendedWatcher>,
}

impl Reloads {
    /// Listens from now on.
    ///
    /// # Errors
    /// When signals cannot be listened to. Files that cannot be watched are only told of: SIGHUP is left.
    pub(super) fn start(settings: &rules::Settings, rules: Arc<InForce>) -> std::io::Result<Self> {
        let hangups = signal(SignalKind::hangup())?;
        let (sender, changes) = mpsc::channel(1);
        let watcher = settings.watch.then(|| watcher(&settings.path, sender)).transpose();
        let watcher = watcher.unwrap_or_else(|error| {
            tracing::warn!(%error, "the rules cannot be watched; SIGHUP has them read again");
            None
        });
        let mut reloads = Self { path: settings.path.clone(), rules, hangups, changes, watcher };
        reloads.watch();
        Ok(reloads)
    }

    /// Runs until told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let run = async {
            loop {
                tokio::select! {
                    _ = self.hangups.recv() => {}
                    Some(()) = self.changes.recv() => self.settle().await,
                }
                self.read().await;
                // A folder that was replaced is another one to the system.
                self.watch();
            }
        };
        stop.run_until_cancelled(run).await;
    }

    async fn settle(&mut self) {
        for _ in 0..CHANGES {
            if !matches!(tokio::time::timeout(QUIET, self.changes.recv()).await, Ok(Some(()))) {
                return;
            }
        }
    }

    async fn read(&self) {
        let (rules, path) = (Arc::clone(&self.rules), self.path.clone());
        let read = tokio::task::spawn_blocking(move || rules.reload(&path)).await;
        let rules = self.rules.get();
        match read {
            Ok(Ok(Some(warnings))) => {
                metrics::know_rules(rules.version(), rules.iter().map(|rule| rule.name.as_str()));
                metrics::reloaded(Reload::InForce);
                tracing::info!(rules = rules.len(), rules.version = rules.version(), "new rules are in force");
                super::tell_warnings(warnings.len());
            }
            Ok(Ok(None)) => {
                metrics::reloaded(Reload::Unchanged);
                tracing::debug!(rules.version = rules.version(), "the rules are as they were");
            }
            Ok(Err(mistakes)) => {
                metrics::reloaded(Reload::Refused);
                tracing::error!(
                    rules.version = rules.version(),
                    mistakes = mistakes.len(),
                    first = mistakes.first(),
                    "the new rules are wrong and the old ones stay in force; `chimein check` tells everything"
                );
            }
            Err(error) => tracing::error!(%error, "the rules could not be read"),
        }
    }

    /// Watches the folders in which something can happen to the rules.
    fn watch(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in folders(&self.path) {
            if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
                tracing::warn!(%error, "the rules cannot be watched; SIGHUP has them read again");
            }
        }
    }
}

fn watcher(path: &Path, changes: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let path = path.to_owned();
    notify::recommended_watcher(move |event: notify::Result<Event>| {
        // What was lost may have been ours. Full: a change waits to be seen already.
        if event.map_or(true, |event| is_ours(&path, &event)) {
            changes.try_send(()).ok();
        }
    })
}

/// The folder of the rules, and the one where they really are when links lead there.
fn folders(path: &Path) -> Vec<PathBuf> {
    let folder = |path: &Path| {
        if path.is_dir() {
            return path.to_owned();
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or(Path::new(".")).to_owned()
    };
    let mut folders = vec![folder(path)];
    if let Ok(real) = path.canonicalize() {
        folders.push(folder(&real));
    }
    folders.dedup();
    folders
}

/// Whether an event can be about the rules: reading them is not, other files beside them are not.
fn is_ours(rules: &Path, event: &Event) -> bool {
    let reads = matches!(event.kind, EventKind::Access(_));
    // `..data` is the link that Kubernetes turns around when a ConfigMap changes.
    let ours = |path: &PathBuf| {
        path.file_name() == rules.file_name()
            || path.extension() == Some(OsStr::new("toml"))
            || path.file_name() == Some(OsStr::new("..data"))
    };
    !reads && (event.need_rescan() || event.paths.iter().any(ours))
}
