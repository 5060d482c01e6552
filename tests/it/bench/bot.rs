//! The bot as a process: the real binary, configured by its environment, watched by its log.

use super::KEY;
use chimein::sandbox::Addresses;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A log line.
#[derive(Clone, Debug)]
pub(crate) struct Line(Value);

impl Line {
    pub(crate) fn is_end_of_visit(&self) -> bool {
        self.says("visit ended")
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.0["message"].as_str().is_some_and(|message| message.contains(text))
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self, field: &str) -> i64 {
        self.0[field].as_i64().unwrap_or(-1)
    }
}

#[derive(Default)]
struct Log {
    raw: Mutex<Vec<String>>,
    lines: Mutex<Vec<Line>>,
    news: Notify,
}

impl Log {
    fn add(&self, line: String) {
        if let Ok(parsed) = serde_json::from_str(&line) {
            self.lines.lock().expect("not poisoned").push(Line(parsed));
        }
        self.raw.lock().expect("not poisoned").push(line);
        self.news.notify_waiters();
    }
}

pub(crate) struct Process {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
    /// What starts the binary, in front of it.
    pub(super) wrapper: Vec<String>,
    child: Option<Child>,
    log: Arc<Log>,
}

impl Process {
    pub(crate) fn prepared(addresses: &Addresses, rules: &str, settings: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("rules.toml"), rules).expect("the rules are written");
        let mut process =
            Self { folder, environment: Vec::new(), wrapper: Vec::new(), child: None, log: Arc::default() };
        let outbox = format!("sqlite://{}", process.database().display());
        let rules = process.folder.path().join("rules.toml").display().to_string();
        for (name, value) in [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("ADMIN__LISTEN", "127.0.0.1:0"),
            ("LIVECHAT__API_URL", &addresses.api_url),
            ("LIVECHAT__CLIENT_ID", &addresses.client_id),
            ("LIVECHAT__ORGANIZATION_ID", &addresses.organization_id),
            ("WEBHOOKS__SECRET_KEY", KEY),
            ("OUTBOX__URL", &outbox),
            ("RULES__PATH", &rules),
            ("LOG__LEVEL", "debug,hyper=info,reqwest=info"),
        ] {
            process.set(name, value);
        }
        settings.iter().for_each(|(name, value)| process.set(name, value));
        process
    }

    /// The rules that it is started with.
    pub(crate) fn rules(&self) -> std::path::PathBuf {
        self.folder.path().join("rules.toml")
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((format!("CHIMEIN__{name}"), value.to_owned()));
    }

    pub(crate) fn is_bot(&mut self, id: &str, secret: &str) {
        // A test may have made it another one.
        if !self.environment.iter().any(|(name, _)| name == "CHIMEIN__BOT__ID") {
            self.set("BOT__ID", id);
        }
        self.set("BOT__SECRET", secret);
    }

    /// Moves the outbox's folder away, or back, below the feet of the bot.
    pub(crate) fn hide_database(&self, is_hidden: bool) {
        let (there, away) = (self.folder.path().join("data"), self.folder.path().join("away"));
        let (from, to) = if is_hidden { (there, away) } else { (away, there) };
        std::fs::rename(from, to).expect("the folder is moved");
    }

    pub(crate) fn open_database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.database()).expect("the outbox opens")
    }

    pub(super) fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("data/chimein.db")
    }

    pub(crate) fn lose_database(&self) {
        assert!(self.child.is_none(), "the bot runs");
        std::fs::remove_dir_all(self.folder.path().join("data")).expect("the outbox is removed");
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.as_ref().expect("the bot runs").id()
    }

    /// `chimein serve`, to be started.
    fn serve(&self) -> Command {
        let words =
            [&self.wrapper[..], &[env!("CARGO_BIN_EXE_chimein").to_owned(), "serve".to_owned()]].concat();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path());
        command
    }

    /// Starts the binary, which must not come to serve; gives its exit code and what it printed.
    pub(super) async fn fails_to_launch(&self) -> (i32, String) {
        let child =
            self.serve().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let pid = child.id();
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
        let Ok(output) = tokio::time::timeout(super::WATCHDOG, ended).await else {
            send("KILL", pid);
            panic!("the bot does not refuse to start");
        };
        let output = output.expect("waited").expect("it ran");
        let told = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&told).into_owned())
    }

    /// Starts the binary; gives its public door once it serves.
    pub(crate) async fn launch(&mut self) -> SocketAddr {
        let known = self.log.lines.lock().expect("not poisoned").len();
        self.spawn();
        let serving = |lines: &[Line]| lines.iter().skip(known).find(|line| line.says("serving")).cloned();
        let serving = tokio::time::timeout(super::WATCHDOG, self.wait_for(serving)).await;
        let serving = serving.unwrap_or_else(|_| panic!("the bot does not serve\n{}", self.log()));
        serving.text("server.listen").parse().expect("an address")
    }

    /// Starts the binary and does not wait for it.
    pub(super) fn spawn(&mut self) {
        let mut child = self.serve().stdout(Stdio::piped()).spawn().expect("the binary starts");
        let (output, log) = (child.stdout.take().expect("piped"), Arc::clone(&self.log));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                log.add(line);
            }
        });
        self.child = Some(child);
    }

    /// Waits until something is in the log.
    pub(crate) async fn wait_for<T>(&self, mut look: impl FnMut(&[Line]) -> Option<T>) -> T {
        loop {
            let mut news = std::pin::pin!(self.log.news.notified());
            news.as_mut().enable();
            if let Some(found) = look(&self.log.lines.lock().expect("not poisoned")) {
                return found;
            }
            news.await;
        }
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        self.log.lines.lock().expect("not poisoned").iter().filter(|line| line.says(text)).count()
    }

    pub(crate) fn log(&self) -> String {
        self.log.raw.lock().expect("not poisoned").join("\n")
    }

    /// The line in which the bot last said where it serves.
    pub(crate) fn serving(&self) -> Line {
        let lines = self.log.lines.lock().expect("not poisoned");
        lines.iter().rev().find(|line| line.says("serving")).cloned().expect("the bot serves")
    }

    /// Runs another command of the same settings, but for the address, which is the bot's own, and these; gives its
    /// exit code and what it printed.
    pub(crate) async fn run(&self, words: &[&str], settings: &[(&str, &str)]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimein"));
        command.args(words).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("CHIMEIN__SERVER__LISTEN", self.serving().text("server.listen"));
        command.envs(settings.iter().map(|(name, value)| (format!("CHIMEIN__{name}"), value)));
        command.current_dir(self.folder.path());
        let output =
            tokio::task::spawn_blocking(move || command.output()).await.expect("waited").expect("it ran");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told).into_owned();
        (output.status.code().unwrap_or(-1), told)
    }

    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("the bot runs");
        child.kill().expect("SIGKILL is sent");
        child.wait().expect("the bot has ended");
    }

    pub(crate) async fn terminate(&mut self) {
        let mut child = self.child.take().expect("the bot runs");
        let pid = child.id();
        send("TERM", pid);
        let ended = tokio::task::spawn_blocking(move || child.wait());
        let Ok(status) = tokio::time::timeout(super::WATCHDOG, ended).await else {
            send("KILL", pid);
            panic!("the bot does not stop\n{}", self.log());
        };
        let status = status.expect("waited").expect("ended");
        assert!(status.success(), "the bot ended with {status}\n{}", self.log());
    }

    /// No visit waits, none is held.
    pub(crate) fn assert_nothing_is_left(&self) {
        let connection = self.open_database();
        let sql = "SELECT count(*) FROM visits WHERE state < 2";
        let open: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("counted");
        assert_eq!(open, 0, "visits are left\n{}", self.log());
    }

    /// No line is an error but those that are allowed, and none holds any of these words.
    pub(crate) fn assert_log(&self, words: &[String], allowed_errors: &[&'static str]) {
        for raw in self.log.raw.lock().expect("not poisoned").iter() {
            let line: Value = serde_json::from_str(raw).unwrap_or_else(|_| panic!("not JSON: {raw}"));
            let is_allowed = allowed_errors.iter().any(|text| raw.contains(text));
            assert!(line["level"] != "ERROR" || is_allowed, "an error line: {raw}");
            for secret in words.iter().map(String::as_str).chain([KEY]).filter(|words| words.len() > 3) {
                assert!(!raw.contains(secret), "a log line holds {secret:?}: {raw}");
            }
        }
    }
}

/// Sends a signal.
pub(super) fn send(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // A test has failed: its bot must not outlive it.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
