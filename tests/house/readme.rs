//! What README.md shows is true: its TOML parses, its rules load, its settings and commands exist.

use std::collections::BTreeSet;
use std::process::Command;

/// A fenced block: its language, its line in the page and its text.
struct Block {
    language: String,
    line: usize,
    text: String,
}

impl Block {
    fn opens_with(&self, comment: &str) -> bool {
        let first = self.text.lines().next().unwrap_or_default();
        first.strip_prefix('#').is_some_and(|words| words.trim() == comment)
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(language)) => {
                open =
                    Some(Block { language: language.trim().to_owned(), line: number, text: String::new() });
            }
            (None, None) => {}
        }
    }
    found
}

fn toml_blocks(page: &str) -> impl Iterator<Item = Block> {
    blocks(page).into_iter().filter(|block| block.language == "toml")
}

/// Every `toml` block that is no TOML.
pub(crate) fn bad_toml(page: &str) -> Vec<String> {
    toml_blocks(page)
        .filter_map(|block| {
            let error = block.text.parse::<toml::Table>().err()?;
            Some(format!("README.md:{}: {}", block.line, error.message()))
        })
        .collect()
}

/// Every block that opens with `# rules` and does not load, with the mistakes as a user would see them.
pub(crate) fn bad_rules(page: &str) -> Vec<String> {
    toml_blocks(page)
        .filter(|block| block.opens_with("rules"))
        .filter_map(|block| {
            let name = format!("README.md:{}", block.line);
            let mistakes = chimein::rules::Rules::parse(vec![(name.clone(), block.text)]).err()?;
            Some(format!("{name}: {mistakes}"))
        })
        .collect()
}

/// The settings that the defaults file shows, commented out or not, as `section.key`.
pub(crate) fn known_settings(defaults: &str) -> BTreeSet<String> {
    let mut section = String::new();
    let mut known = BTreeSet::new();
    for line in defaults.lines() {
        let line = line.trim_start_matches(['#', ' ']);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim().to_owned();
        } else if let Some((key, _)) = line.split_once('=') {
            let key = key.trim();
            if !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
                known.insert(format!("{section}.{key}"));
            }
        }
    }
    known
}

/// Settings that the page names, in blocks that open with `# settings` and as `CHIMEIN__SECTION__KEY`, and that do not exist.
pub(crate) fn unknown_settings(page: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut named = BTreeSet::new();
    for block in toml_blocks(page).filter(|block| block.opens_with("settings")) {
        for (section, keys) in block.text.parse::<toml::Table>().unwrap_or_default() {
            let keys = keys.as_table().cloned().unwrap_or_default();
            named.extend(keys.keys().map(|key| format!("{section}.{key}")));
        }
    }
    named.extend(page.split("CHIMEIN__").skip(1).map(from_environment).filter(|name| name.contains('.')));
    let is_known = |name: &String| {
        known.contains(name) || name.strip_suffix("_file").is_some_and(|name| known.contains(name))
    };
    named
        .into_iter()
        .filter(|name| !is_known(name))
        .map(|name| format!("`{name}` is not in config/default.toml"))
        .collect()
}

/// `SERVER__LISTEN=…` → `server.listen`.
fn from_environment(rest: &str) -> String {
    let name = rest
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .next()
        .unwrap_or_default();
    name.to_lowercase().replace("__", ".")
}

/// Every `chimein_…` of a text.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("chimein_")).map(str::to_owned).collect()
}

/// Metrics that a text names and that do not exist; a histogram's series count as itself.
pub(crate) fn unknown_metrics(text: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let series = |name: &str| {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending));
        base.unwrap_or(name).to_owned()
    };
    let unknown = metrics(text).into_iter().filter(|name| !known.contains(series(name).as_str()));
    unknown.map(|name| format!("`{name}` does not exist")).collect()
}

/// Metrics that the page names and do not exist, and those that it does not name.
pub(crate) fn metrics_that_differ(page: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let named = metrics(page);
    let missing = known.iter().filter(|name| !named.contains(**name));
    let mut mistakes = unknown_metrics(page, known);
    mistakes.extend(missing.map(|name| format!("`{name}` is not in README.md")));
    mistakes
}

/// What the binary answers to `--help`.
pub(crate) fn help() -> String {
    let binary = env!("CARGO_BIN_EXE_chimein");
    let output = Command::new(binary).arg("--help").output().expect("the binary starts");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// The names below `Commands:` in a help text.
pub(crate) fn subcommands(help: &str) -> BTreeSet<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// Commands that `sh` blocks of the page call and that do not exist.
pub(crate) fn unknown_commands(page: &str, known: &BTreeSet<String>) -> Vec<String> {
    blocks(page)
        .into_iter()
        .filter(|block| matches!(block.language.as_str(), "sh" | "bash" | "console"))
        .flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| called(&line))
        .filter(|name| !known.contains(name))
        .map(|name| format!("`chimein {name}`"))
        .collect()
}

/// The subcommand that a line of shell runs, by `chimein …` or by `cargo run … -- …`.
fn called(line: &str) -> Option<String> {
    let is_setting = |word: &&str| word.contains('=') || matches!(*word, "$" | "sudo" | "exec" | "env");
    let mut words = line.split_whitespace().skip_while(is_setting);
    let program = words.next()?;
    let rest = if program == "cargo" && line.contains(" run") {
        words.skip_while(|word| *word != "--").skip(1).collect::<Vec<_>>()
    } else if program.rsplit('/').next() == Some("chimein") {
        words.collect::<Vec<_>>()
    } else {
        return None;
    };
    rest.first().filter(|word| !word.starts_with('-')).map(|word| (*word).to_owned())
}

#[path = "readme_tests.rs"]
mod tests;
