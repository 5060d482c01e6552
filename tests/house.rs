//! The house rules that no lint knows: who may import whom, how long a file may be, what documents must keep.
//!
//! `MAY_IMPORT` is the table of `ARCHITECTURE.md` as data; the two are compared here. Every check is a function
//! from text to a list of mistakes and is itself tested on text that breaks the rule.

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/fields.rs"]
mod fields;
#[path = "house/files.rs"]
mod files;
#[path = "house/readme.rs"]
mod readme;
#[path = "house/tree.rs"]
mod tree;
#[path = "house/wrong.rs"]
mod wrong;

use arrows::May::{self, Everything, Only, Settings};

/// Module → what of ours it may import. `main.rs` and `lib.rs` only start and list, so they have a row too.
const MAY_IMPORT: &[(&str, May)] = &[
    ("rules", Only(&[])),
    ("sandbox", Only(&[])),
    ("accept", Only(&[])),
    ("telemetry", Only(&[])),
    ("livechat", Only(&["telemetry"])),
    ("outbox", Only(&["telemetry"])),
    ("intake", Only(&["livechat", "rules", "outbox", "telemetry"])),
    ("visit", Only(&["livechat", "rules", "outbox", "telemetry"])),
    ("provision", Only(&["livechat"])),
    ("health", Only(&["outbox", "livechat", "rules", "visit"])),
    ("console", Only(&["outbox", "rules", "telemetry"])),
    ("config", Settings),
    ("serve", Everything),
    ("cli", Everything),
    ("main", Everything),
    ("lib", Everything),
];

/// Lines of code a file may have; blank lines and comments are not counted.
const LINES_OF_CODE: usize = 400;

/// Fails with every mistake at once, because one at a time is slow to mend.
fn refuse(rule: &str, mistakes: &[String]) {
    assert!(mistakes.is_empty(), "{rule}\n  {}\n", mistakes.join("\n  "));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let mistakes = tree::sources(&["src"], &["rs"])
        .iter()
        .flat_map(|file| arrows::forbidden(file, MAY_IMPORT))
        .collect::<Vec<_>>();
    refuse("An import that is not in the table of ARCHITECTURE.md:", &mistakes);
}

#[test]
fn architecture_shows_the_table_that_is_tested() {
    let mistakes = arrows::differences(&tree::read("ARCHITECTURE.md"), MAY_IMPORT);
    refuse("ARCHITECTURE.md and tests/house.rs disagree:", &mistakes);
}

#[test]
fn files_are_short() {
    let mistakes = tree::sources(&["src", "tests", "benches"], &["rs"])
        .iter()
        .filter_map(|file| files::too_long(file, LINES_OF_CODE))
        .collect::<Vec<_>>();
    refuse("A file is one thing, and that fits in fewer lines:", &mistakes);
}

#[test]
fn files_open_with_what_they_are_for() {
    let mistakes = tree::sources(&["src", "tests", "benches"], &["rs"])
        .iter()
        .filter_map(files::no_opening)
        .collect::<Vec<_>>();
    refuse("A file opens with `//!` and a sentence:", &mistakes);
}

#[test]
fn log_fields_are_in_one_list() {
    let mistakes = fields::differences(&tree::sources(&["src"], &["rs"]), chimein::telemetry::FIELDS);
    refuse("A log line's fields are those of telemetry::FIELDS:", &mistakes);
}

#[test]
fn readme_and_alerts_name_the_metrics_that_exist() {
    let known = chimein::telemetry::metrics::ALL.iter().map(|metric| metric.name).collect();
    let mut mistakes = readme::metrics_that_differ(&tree::read("README.md"), &known);
    mistakes.extend(readme::unknown_metrics(&tree::read("deploy/alerts.yaml"), &known));
    refuse("Metrics in README.md and deploy/alerts.yaml:", &mistakes);
}

#[test]
fn production_code_has_no_test_branches() {
    let mistakes = tree::sources(&["src"], &["rs"]).iter().flat_map(files::test_branches).collect::<Vec<_>>();
    refuse("`cfg(test)` belongs on `mod tests` and nowhere else:", &mistakes);
}

#[test]
fn tests_do_not_wait_by_sleeping() {
    let mut suspects = tree::sources(&["tests"], &["rs", "py", "js", "mjs"]);
    suspects.extend(tree::sources(&["src"], &["rs"]).into_iter().filter(tree::Source::is_test));
    let mistakes = suspects.iter().flat_map(files::sleeps).collect::<Vec<_>>();
    refuse("Wait for the thing itself, or say why with `not waiting: …`:", &mistakes);
}

#[test]
fn readme_toml_parses() {
    refuse("TOML in README.md is wrong:", &readme::bad_toml(&tree::read("README.md")));
}

#[test]
fn readme_rules_load() {
    refuse("A rule in README.md does not load:", &readme::bad_rules(&tree::read("README.md")));
}

#[test]
fn readme_settings_exist() {
    let known = readme::known_settings(&tree::read("config/default.toml"));
    refuse(
        "README.md names an unknown setting:",
        &readme::unknown_settings(&tree::read("README.md"), &known),
    );
}

#[test]
fn readme_names_the_test_of_everything_that_can_go_wrong() {
    let tests = wrong::tests_of(&tree::sources(&["src", "tests"], &["rs"]));
    let mistakes = wrong::rows_without_tests(&tree::read("README.md"), &tests);
    refuse("README.md, what can go wrong:", &mistakes);
}

#[test]
fn readme_commands_exist() {
    let known = readme::subcommands(&readme::help());
    refuse(
        "README.md names an unknown command:",
        &readme::unknown_commands(&tree::read("README.md"), &known),
    );
}
