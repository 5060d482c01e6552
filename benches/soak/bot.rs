//! The bot: the real binary, at the same address after every kill.

use crate::platform::{KEY, Platform};
use anyhow::{Context, bail};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RULES: &str = "[[rules]]\nname = \"lunch\"\nkeywords = [\"pizza\"]\nreply = \"Pizza is on the way!\"\n";
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Kilobytes, as the kernel counts memory.
const KIB_IN_MIB: f64 = 1024.0;

/// The bot; dropped, it is ended.
pub(crate) struct Bot {
    command: Command,
    address: SocketAddr,
    child: Option<Child>,
    files: Option<tempfile::TempDir>,
    folder: PathBuf,
}

impl Bot {
    pub(crate) fn prepare(binary: &Path, platform: &Platform) -> anyhow::Result<Self> {
        let files = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let folder = files.path().to_owned();
        fs::write(folder.join("rules.toml"), RULES)?;
        let address = free_address()?;
        let addresses = platform.sandbox.addresses();
        let mut command = Command::new(binary);
        command.arg("serve").current_dir(&folder).env_clear().stdin(Stdio::null());
        for (name, value) in [
            ("SERVER__LISTEN", address.to_string()),
            ("ADMIN__LISTEN", "127.0.0.1:0".to_owned()),
            ("LIVECHAT__API_URL", addresses.api_url.clone()),
            ("LIVECHAT__CLIENT_ID", addresses.client_id.clone()),
            ("LIVECHAT__ORGANIZATION_ID", addresses.organization_id.clone()),
            ("LIVECHAT__REQUEST_TIMEOUT", "2s".to_owned()),
            ("BOT__ID", platform.bot_id.clone()),
            ("BOT__SECRET", platform.bot_secret.clone()),
            ("WEBHOOKS__SECRET_KEY", KEY.to_owned()),
            ("SWEEP__INTERVAL", "10s".to_owned()),
            ("SWEEP__PER_MINUTE", "30000".to_owned()),
            ("VISITS__PER_MINUTE", "100000".to_owned()),
            ("OUTBOX__URL", "sqlite://chimein.db".to_owned()),
            ("RULES__PATH", "rules.toml".to_owned()),
            ("LOG__LEVEL", "info".to_owned()),
        ] {
            command.env(format!("CHIMEIN__{name}"), value);
        }
        Ok(Self { command, address, child: None, files: Some(files), folder })
    }

    /// The address that webhooks are sent to.
    pub(crate) fn door(&self) -> String {
        format!("http://{}/webhooks/livechat", self.address)
    }

    /// The outbox's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("chimein.db")
    }

    /// Starts it and waits until it accepts webhooks.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.folder.join("log"))?;
        let mut child = self.command.stdout(log).spawn().context("cannot start the bot")?;
        let begin = Instant::now();
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("the bot ended with {status} before it was ready");
            }
            if begin.elapsed() > READY_WITHIN {
                bail!("the bot is not ready after {READY_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.child = Some(child);
        Ok(())
    }

    /// Kills it as the system does when memory is short.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the bot does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Its resident memory in MiB.
    pub(crate) fn memory(&mut self) -> anyhow::Result<f64> {
        let child = self.child.as_mut().context("the bot does not run")?;
        if let Some(status) = child.try_wait()? {
            bail!("the bot ended with {status}");
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / KIB_IN_MIB)
    }

    /// Keeps its files, for somebody to look at.
    pub(crate) fn keep(&mut self) -> PathBuf {
        self.files.take().map_or_else(|| self.folder.clone(), tempfile::TempDir::keep)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Either fails only when the child has ended already.
            child.kill().and_then(|()| child.wait()).ok();
        }
    }
}

/// An address that was free a moment ago; it must stay the same over restarts.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
