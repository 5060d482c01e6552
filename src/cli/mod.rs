//! The commands: what is typed, and which part of chimein does it.
//!
//! Exit codes: 0 done · 1 it failed (for `explain`: no rule speaks) · 2 the settings, the rules or the
//! command line are wrong, or the command is not built yet.

mod backtest;
pub mod check;
mod demo;
pub mod explain;
mod healthcheck;
mod outbox;
mod sandbox;
pub mod schema;
mod serve;

use crate::config::{Config, Mistake};
use clap::{Parser, Subcommand};
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A keyword responder for LiveChat: hears a message, joins the chat, says its line, leaves
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the bot
    Serve(serve::Args),
    /// Shows the whole thing on your desk: a sandbox, a bot and a page to write in
    Demo(demo::Args),
    /// Runs a LiveChat on your desk, for tries and tests
    Sandbox(sandbox::Args),
    /// Checks the settings and the rules, and tells every mistake at once
    Check(check::Args),
    /// Tells which rule would speak to a text, and why the others would not
    Explain(explain::Args),
    /// Tries the rules on what was written before, in the archives or a file; speaks nowhere
    Backtest(backtest::Args),
    /// Prints the JSON Schema of a rules file, for editors
    Schema(schema::Args),
    /// Asks the running bot whether it works; for containers
    Healthcheck(healthcheck::Args),
    /// Shows the visits, and replays or buries them by hand; works while the bot runs
    Outbox(outbox::Args),
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// Where rules are when nobody says otherwise.
const USUAL_RULES: &str = "config/rules.toml";
/// Commands of the contract that later releases bring.
const NOT_BUILT: &[&str] = &["setup", "teardown", "doctor", "bots", "webhooks", "templates", "completions"];

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Sandbox(args) => sandbox::run(args),
        Command::Check(args) => check::run(&args, &mut std::io::stdout()),
        Command::Explain(args) => explain::run(&args, &mut std::io::stdout()),
        Command::Backtest(args) => backtest::run(&args, &mut std::io::stdout()),
        Command::Schema(args) => schema::run(&args, &mut std::io::stdout()),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Outbox(args) => outbox::run(&args, &mut std::io::stdout()),
        Command::Other(words) => Ok(refuse(words.first().map_or("", String::as_str))),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        // Nobody reads on: `chimein explain … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn refuse(command: &str) -> u8 {
    if NOT_BUILT.contains(&command) {
        complain(&format!("`chimein {command}` is not built yet"));
    } else {
        complain(&format!("there is no command `{command}`; `chimein --help` lists them"));
    }
    2
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Tells a person what is wrong. When even that cannot be written, nobody is there to tell.
fn complain(text: &str) {
    let mut stderr = std::io::stderr();
    let mark = if stderr.is_terminal() { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
    drop(writeln!(stderr, "{mark} {text}"));
}

/// The rules that are meant: those that were given, else those of the settings, else the usual ones.
fn rules_path(given: Option<&Path>, config: &Result<Config, Vec<Mistake>>) -> PathBuf {
    match (given, config) {
        (Some(path), _) => path.to_owned(),
        (None, Ok(config)) => config.rules.path.clone(),
        (None, Err(_)) => PathBuf::from(USUAL_RULES),
    }
}

/// Runs a future to its end on a runtime of its own.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

/// Listens for SIGINT and SIGTERM from now on; the future waits for the first.
fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_that_are_not_built_say_so() {
        assert_eq!(refuse("doctor"), 2);
        assert_eq!(refuse("nonsense"), 2);
    }
}
