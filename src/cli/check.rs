//! `chimein check`: what is wrong with the settings and the rules, or hardly meant, before anything runs.

use crate::config::{self, Config, Mistake};
use crate::rules::{Mistakes, Rules, Warnings};
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
    /// Takes warnings for errors
    #[arg(long)]
    strict: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether nothing is wrong; with `--strict`, whether nothing is warned of either.
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
    /// What the linter warns of; none while something is wrong with the rules.
    warnings: Option<Warnings>,
}

/// Checks, and tells on `out`; the exit code is 0 when nothing is wrong, else 2. Warnings are wrong with `--strict` only.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    let config = config::load(&args.config);
    let path = super::rules_path(args.rules.as_deref(), &config);
    let report = report(config, &path, args.strict);
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        tell(&report, &path, out)?;
    }
    Ok(if report.good { 0 } else { 2 })
}

fn report(config: Result<Config, Vec<Mistake>>, path: &Path, strict: bool) -> Report {
    let (settings, missing_for_serve) = match config {
        Ok(config) => (Vec::new(), config.missing_for_serve()),
        Err(mistakes) => (mistakes, Vec::new()),
    };
    let (rules, rules_version, mistakes, warnings) = match Rules::load_and_lint(path) {
        Ok((rules, warnings)) => (rules.len(), Some(rules.version().to_owned()), None, Some(warnings)),
        Err(mistakes) => (0, None, Some(mistakes), None),
    };
    let warnings = warnings.map(|found| if strict { found.into_errors() } else { found });
    let is_fine = !strict || warnings.as_ref().is_none_or(Warnings::is_empty);
    let good = settings.is_empty() && mistakes.is_none() && is_fine;
    Report { good, settings, missing_for_serve, rules, rules_version, mistakes, warnings }
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
    let colour = std::io::stdout().is_terminal();
    match (&report.mistakes, &report.warnings) {
        (Some(mistakes), _) => writeln!(out, "{}", mistakes.render(colour))?,
        (None, Some(warnings)) if !warnings.is_empty() => writeln!(out, "{}", warnings.render(colour))?,
        _ => {}
    }
    if let Some(warnings) = &report.warnings {
        let good = if warnings.is_empty() { "good, " } else { "" };
        writeln!(out, "rules: {good}{} in {}", report.rules, path.display())?;
    }
    let mistakes = report.settings.len() + report.mistakes.as_ref().map_or(0, Mistakes::len);
    let warnings = report.warnings.as_ref().map_or(0, Warnings::len);
    writeln!(out, "{}, {}", counted(mistakes, "mistake"), counted(warnings, "warning"))?;
    Ok(())
}

fn counted(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
