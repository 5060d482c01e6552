//! `chimein check`: what is wrong with the settings and the rules, before anything runs.

use crate::config::{self, Config, Mistake};
use crate::rules::{Mistakes, Rules};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What `check` is told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A settings file; may be given several times, later ones win
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// A rules file, or a folder of them, in the place of `rules.path`
    #[arg(long, value_name = "PATH")]
    rules: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether nothing is wrong.
    good: bool,
    /// What is wrong with the settings.
    settings: Vec<Mistake>,
    /// What `serve` also needs and is not set here: no mistake, secrets often come from elsewhere.
    missing_for_serve: Vec<Mistake>,
    /// How many rules there are; 0 when something is wrong with them.
    rules: usize,
    /// The version of the rules: 12 hexadecimal digits.
    rules_version: Option<String>,
    /// What is wrong with the rules.
    mistakes: Option<Mistakes>,
}

/// Checks, and tells on `out`; the exit code is 0 when nothing is wrong, else 2.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    let config = config::load(&args.config);
    let path = super::rules_path(args.rules.as_deref(), &config);
    let report = report(config, &path);
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        tell(&report, &path, out)?;
    }
    Ok(if report.good { 0 } else { 2 })
}

fn report(config: Result<Config, Vec<Mistake>>, path: &Path) -> Report {
    let (settings, missing_for_serve) = match config {
        Ok(config) => (Vec::new(), config.missing_for_serve()),
        Err(mistakes) => (mistakes, Vec::new()),
    };
    let (rules, rules_version, mistakes) = match Rules::load(path) {
        Ok(rules) => (rules.len(), Some(rules.version().to_owned()), None),
        Err(mistakes) => (0, None, Some(mistakes)),
    };
    let good = settings.is_empty() && mistakes.is_none();
    Report { good, settings, missing_for_serve, rules, rules_version, mistakes }
}

fn tell(report: &Report, path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    for mistake in &report.settings {
        writeln!(out, "error: {mistake}")?;
    }
    if report.settings.is_empty() {
        writeln!(out, "settings: good")?;
    }
    for missing in &report.missing_for_serve {
        writeln!(out, "note: `chimein serve` needs more: {missing}")?;
    }
    match &report.mistakes {
        Some(mistakes) => writeln!(out, "{}", mistakes.render(std::io::stdout().is_terminal()))?,
        None => writeln!(out, "rules: good, {} in {}", report.rules, path.display())?,
    }
    Ok(())
}
