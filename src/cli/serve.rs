//! `chimein serve`: runs the bot until it is told to stop.

use super::{block_on, complain, told_to_stop};
use crate::config::{self, Config, Mistake};
use crate::rules::Rules;
use crate::{serve, telemetry};
use anyhow::Context;
use std::io::IsTerminal;
use std::path::PathBuf;

/// "File size limit exceeded", on every Linux that is not MIPS.
const SIGXFSZ: i32 = 25;

/// What `serve` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A settings file; may be given several times, later ones win
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
}

/// Serves; the exit code is 0 after a clean stop and 2 when settings or rules are wrong.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let config = match load(&args.config) {
        Ok(config) => config,
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| complain(&mistake.to_string()));
            return Ok(2);
        }
    };
    let (rules, warnings) = match Rules::load_and_lint(&config.rules.path) {
        Ok(read) => read,
        Err(mistakes) => {
            complain(&format!("the rules are wrong\n{}", mistakes.render(std::io::stderr().is_terminal())));
            return Ok(2);
        }
    };
    telemetry::start(&config.log)?;
    serve::tell_warnings(warnings.len());
    block_on(serve_until_stopped(config, rules))?;
    Ok(0)
}

fn load(files: &[PathBuf]) -> Result<Config, Vec<Mistake>> {
    let config = config::load(files)?;
    let missing = config.missing_for_serve();
    if missing.is_empty() { Ok(config) } else { Err(missing) }
}

async fn serve_until_stopped(config: Config, rules: Rules) -> anyhow::Result<()> {
    survive_size_limits().context("cannot watch for signals")?;
    // From here on: who is told to stop while it starts must end well, too.
    let told = told_to_stop()?;
    let (number, version) = (rules.len(), rules.version().to_owned());
    let serving = serve::start(&config, rules).await?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), server.listen = %serving.public, admin.listen = %serving.admin,
        webhook_path = config.server.webhook_path, rules = number, rules.version = version,
        "serving"
    );
    told.await;
    tracing::info!("stopping: the doors are closed, running visits end");
    serving.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Where a limit of file sizes is met (`ulimit -f`), the system ends a process that does not listen to the signal. With a
/// listener, which stays for the life of the process, the write fails as on a full disk.
fn survive_size_limits() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}
