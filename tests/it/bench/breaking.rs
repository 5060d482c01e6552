//! What breaks the bot from outside: signals, limits of the system, other programs, errors that strace injects.

use super::Bench;
use super::bot::send;
use rusqlite::Connection;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// What strace makes fail, until it is taken off.
pub(crate) struct Injection {
    strace: Child,
    record: PathBuf,
}

impl Injection {
    /// Lets the calls through again; says how many failed.
    pub(crate) fn end(mut self) -> usize {
        send("TERM", self.strace.id());
        self.strace.wait().expect("strace has ended");
        let record = std::fs::read_to_string(&self.record).expect("strace has written");
        record.lines().filter(|line| line.ends_with("(INJECTED)")).count()
    }
}

impl Bench {
    /// Sends the bot a signal.
    pub(crate) fn signal(&self, signal: &str) {
        send(signal, self.process.pid());
    }

    /// Starts the bot and does not wait until it serves.
    pub(crate) fn begin_launch(&mut self) {
        self.process.spawn();
    }

    /// Starts the bot, which must refuse; gives its exit code and what it printed.
    pub(crate) async fn fails_to_launch(&self) -> (i32, String) {
        self.process.fails_to_launch().await
    }

    /// Who the bot is to the system.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The outbox's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.process.database()
    }

    /// The outbox, opened by another program.
    pub(crate) fn other_program(&self) -> Connection {
        Connection::open(self.database()).expect("the outbox opens")
    }

    /// How many visits were ever written down.
    pub(crate) fn visits(&self) -> i64 {
        let count = "SELECT count(*) FROM visits";
        self.other_program().query_row(count, [], |row| row.get(0)).expect("counted")
    }

    /// From now on no file can grow by a byte, or can again; needs no rights but the user's own.
    pub(crate) fn fill_the_disk(&self, is_full: bool) {
        let soft = if is_full { "--fsize=0:" } else { "--fsize=unlimited:" };
        let pid = self.process.pid().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, soft]).status();
        assert!(set.expect("prlimit runs").success());
    }

    /// From the next start on the bot has no right to write what the permissions forbid, which root has.
    pub(crate) fn heeds_permissions(&mut self) {
        // Only root can and must give something up.
        let wrapper = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
        let is_root = Command::new("id").arg("-u").output().expect("id runs").stdout == b"0\n";
        self.process.wrapper = wrapper.iter().filter(|_| is_root).map(|word| (*word).to_owned()).collect();
    }

    /// Asks for readiness until it has this status.
    pub(crate) async fn becomes_ready(&self, status: u16) {
        let url = format!("{}/health/ready", self.admin());
        let asked = async {
            while self.http().get(&url).send().await.expect("the private door answers").status() != status {}
        };
        self.watched(&format!("readiness {status}"), asked).await;
    }

    /// The n-th of these system calls that the bot's outbox makes on its files fails; `None` when this machine does not let
    /// one process trace another.
    pub(crate) fn fail_call(&self, calls: &str, n: usize) -> Option<Injection> {
        let (pid, database) = (self.process.pid(), self.database());
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the bot runs");
        let mut tasks = tasks.map(|task| task.expect("listed").path());
        let is_outbox = |task: &PathBuf| {
            std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "outbox")
        };
        let thread = tasks.find(is_outbox).expect("a thread named outbox");
        let thread = thread.file_name().and_then(|name| name.to_str()).expect("a number").to_owned();
        let record = database.with_extension("strace");
        let mut strace = Command::new("strace")
            .args(["-p", &thread, "-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:error=EIO:when={n}")])
            .args(["-P", &database.display().to_string(), "-P", &format!("{}-wal", database.display())])
            .arg("-o")
            .arg(&record)
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut told = String::new();
        BufReader::new(strace.stderr.take().expect("piped")).read_line(&mut told).expect("strace speaks");
        if told.contains("attached") {
            return Some(Injection { strace, record });
        }
        strace.wait().expect("strace has ended");
        eprintln!("skipped: strace cannot trace the bot here ({})", told.trim());
        None
    }
}
