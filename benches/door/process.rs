//! The servers that are measured, each a process of its own on CPU 0, and what the kernel says of them.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::body::Bytes;
use axum::routing::post;

use crate::hook::{CLIENT, ORGANIZATION, SECRET};
use crate::load::Line;
use crate::report::{Report, median};
use crate::{Options, platform};

/// The word that makes this program the bare server.
pub(crate) const BARE: &str = "bare";
const READY_WITHIN: Duration = Duration::from_secs(10);
/// The bot that the runs play, an agent id as the platform makes them.
const BOT: &str = "5c9871d5372c824cbf22d860a707a578";
const RULES: &str = "[[rules]]\nname = \"pizza\"\nkeywords = [\"pizza\"]\nreply = \"Pizza is on the way!\"\n";

/// Puts this process, and with it the load, on CPU 1; with one CPU there is nothing to choose.
pub(crate) fn pin_self() -> anyhow::Result<()> {
    if std::thread::available_parallelism()?.get() < 2 {
        return Ok(());
    }
    let pid = std::process::id().to_string();
    let status =
        Command::new("taskset").args(["-a", "-c", "-p", "1", &pid]).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { bail!("taskset cannot pin this process") }
}

/// A running server; dropped, it is ended.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first 200.
    pub(crate) started_in: Duration,
    _files: Option<tempfile::TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only when the child has ended already.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

impl Server {
    /// The bare handler: this program again.
    pub(crate) async fn bare() -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = pinned(&std::env::current_exe()?);
        command.arg(BARE).arg(address.to_string());
        Self::start(command, address, "POST /webhooks/livechat", None).await
    }

    /// The bot, with one rule, an empty outbox of its own and the platform given.
    pub(crate) async fn bot(binary: &Path, platform: SocketAddr) -> anyhow::Result<Self> {
        let files = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let rules = files.path().join("rules.toml");
        fs::write(&rules, RULES)?;
        let address = free_address()?;
        let mut command = pinned(binary);
        command
            .arg("serve")
            .current_dir(files.path())
            .env("CHIMEIN__SERVER__LISTEN", address.to_string())
            .env("CHIMEIN__ADMIN__LISTEN", free_address()?.to_string())
            .env("CHIMEIN__LIVECHAT__API_URL", format!("http://{platform}"))
            .env("CHIMEIN__LIVECHAT__CLIENT_ID", CLIENT)
            .env("CHIMEIN__LIVECHAT__ORGANIZATION_ID", ORGANIZATION)
            .env("CHIMEIN__BOT__ID", BOT)
            .env("CHIMEIN__BOT__SECRET", "bench")
            .env("CHIMEIN__WEBHOOKS__SECRET_KEY", SECRET)
            .env("CHIMEIN__OUTBOX__URL", format!("sqlite://{}/chimein.db", files.path().display()))
            .env("CHIMEIN__RULES__PATH", &rules)
            .env("CHIMEIN__LOG__LEVEL", "warn");
        Self::start(command, address, "GET /health/ready", Some(files)).await
    }

    /// Starts the process and asks until it answers 200.
    async fn start(
        mut command: Command,
        address: SocketAddr,
        question: &str,
        files: Option<tempfile::TempDir>,
    ) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("cannot start a server")?;
        let mut server = Self { child, address, started_in: Duration::ZERO, _files: files };
        let request = format!("{question} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n");
        loop {
            if let Ok(mut line) = Line::open(address).await
                && line.ask(request.as_bytes()).await.is_ok_and(|status| status == 200)
            {
                server.started_in = begin.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended with {status} before it was ready");
            }
            if begin.elapsed() > READY_WITHIN {
                bail!("the server is not ready after {READY_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }

    /// CPU seconds used so far.
    pub(crate) fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // Counted from the end of the name, which may have spaces: user and system time, in ticks of 10 ms.
        let behind = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        behind.filter_map(|ticks| ticks.parse::<u32>().ok()).map(|ticks| f64::from(ticks) / 100.0).sum()
    }

    /// Resident memory in MiB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes = line.split_whitespace().next().context("no VmRSS")?.parse::<u32>()?;
        Ok(f64::from(kilobytes) / 1024.0)
    }
}

fn pinned(program: &Path) -> Command {
    if report_one_cpu() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}

/// This process is pinned, so the machine's CPUs are counted in the file system.
fn report_one_cpu() -> bool {
    !Path::new("/sys/devices/system/cpu/cpu1").exists()
}

/// An address that was free a moment ago; the servers cannot tell which port they got.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The bare server: reads the body, answers 200, and does nothing else.
pub(crate) fn serve_bare(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let address = words.next().context("an address is missing")?.parse::<SocketAddr>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let router =
            axum::Router::new().route("/webhooks/livechat", post(|body: Bytes| async move { drop(body) }));
        let listener = tokio::net::TcpListener::bind(address).await?;
        Ok(axum::serve(listener, router).await?)
    })
}

/// Ten starts, and the memory of one bot that has nothing to do.
pub(crate) async fn measure_start(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let platform = platform::Platform::start().await?;
    let mut starts = Vec::new();
    for _ in 0..10 {
        let server = Server::bot(&options.binary, platform.address).await?;
        starts.push(server.started_in.as_secs_f64() * 1000.0);
    }
    report.add("start, process to first 200 of /health/ready", median(&starts), "ms", Some(("<=", 150.0)));
    let server = Server::bot(&options.binary, platform.address).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    report.add("memory after 5 s without work", server.memory()?, "MiB", Some(("<=", 20.0)));
    Ok(())
}
