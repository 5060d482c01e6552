//! `chimein schema`: the JSON Schema of a file, for editors.

use crate::rules;
use std::io::Write;

/// What `schema` is told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which file
    #[arg(value_enum)]
    of: Of,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Of {
    /// The rules
    Rules,
    /// The settings; not built yet
    Config,
}

/// Prints the schema (JSON Schema, draft 2020-12) on `out`; the exit code is 0, or 2 when it is not built.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    match args.of {
        Of::Rules => {
            writeln!(out, "{}", serde_json::to_string_pretty(rules::schema())?)?;
            Ok(0)
        }
        Of::Config => {
            super::complain("`chimein schema config` is not built yet");
            Ok(2)
        }
    }
}
