//! What README.md says can go wrong: every row names tests, and they exist.

use super::tree::Source;
use std::collections::BTreeSet;

/// The heading of the table.
const HEADING: &str = "## What can go wrong";

/// Every row of the table that names no test or one that does not exist; also a table without rows.
pub(crate) fn rows_without_tests(page: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let section = page.split(HEADING).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    if rows.is_empty() {
        return vec![format!("no rows under `{HEADING}`")];
    }
    rows.into_iter().flat_map(|row| mistakes(row, tests)).collect()
}

fn mistakes(row: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
    let named: Vec<&str> =
        cells.last().into_iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    if cells.len() != 3 || named.is_empty() {
        return vec![format!("not `what | happens | tests`: {row}")];
    }
    let unknown = named.into_iter().filter(|name| !tests.contains(*name));
    unknown.map(|name| format!("no test is called `{name}`")).collect()
}

/// The names of all tests in these files.
pub(crate) fn tests_of(files: &[Source]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let mut is_test = false;
        for line in file.text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                names.extend(rest.split('(').next().map(str::to_owned));
                is_test = false;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_to_their_tests() {
        let tests = BTreeSet::from(["it_holds".to_owned()]);
        let page = |rows: &str| {
            format!("{HEADING}\n\n| what | happens | test |\n| --- | --- | --- |\n{rows}\n## Next\n")
        };
        assert!(rows_without_tests(&page("| it breaks | it heals | `it_holds` |"), &tests).is_empty());
        for wrong in [
            "",
            "| it breaks | it heals | `it_lies` |",
            "| it breaks | it heals | trust us |",
            "| it | `it_holds` |",
        ] {
            assert_eq!(rows_without_tests(&page(wrong), &tests).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn tests_are_found_with_and_without_async() {
        let text = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test(start_paused = true)]\n#[ignore]\nasync fn three() {}\n";
        let found = tests_of(&[Source::new("a.rs", text)]);
        assert_eq!(found, BTreeSet::from(["one".to_owned(), "three".to_owned()]));
    }
}
