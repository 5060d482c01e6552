//! The fields of log lines: every one that the code writes is in the list of `telemetry`, and the other way round.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use crate::tree::Source;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "event"];

/// Where the fields of these files and the list differ.
pub(crate) fn differences(files: &[Source], list: &[(&str, &str)]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut written = BTreeSet::new();
    for file in files {
        for (line, field) in fields(&file.text) {
            if !list.iter().any(|(known, _)| *known == field) {
                mistakes.push(format!("{}:{line}: `{field}` is not in telemetry::FIELDS", file.path));
            }
            written.insert(field);
        }
    }
    let unused = list.iter().filter(|(known, _)| !written.contains(*known));
    mistakes.extend(unused.map(|(known, _)| format!("`{known}` of telemetry::FIELDS is in no line")));
    mistakes
}

/// The fields of every `tracing::level!(…)`, with their lines.
fn fields(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    walk(TokenStream::from_str(text).expect("a file that compiles has tokens"), &mut found);
    found
}

fn walk(stream: TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens = stream.into_iter().collect::<Vec<_>>();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        if is_line(tokens.split_at(place).0) {
            let inside = group.stream().into_iter().collect::<Vec<_>>();
            found.extend(inside.split(|token| is_mark(token, ',')).filter_map(field));
        }
        walk(group.stream(), found);
    }
}

/// `tracing :: level !` stands before the group, or `level !` where the macro was imported.
fn is_line(before: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(level), bang] = before else { return false };
    is_mark(bang, '!') && LEVELS.iter().any(|known| level == known)
}

/// The name of `a.b = value`, `%a.b`, `?a.b` or `a.b`; a text and its arguments have none.
fn field(tokens: &[TokenTree]) -> Option<(usize, String)> {
    let name = tokens.split(|token| is_mark(token, '=')).next()?;
    let name = name.iter().filter(|token| !is_mark(token, '%') && !is_mark(token, '?')).collect::<Vec<_>>();
    let first = name.first()?;
    let name = name.iter().map(ToString::to_string).collect::<String>();
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
    (is_name && !matches!(first, TokenTree::Literal(_))).then(|| (first.span().start().line, name))
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_all_their_forms() {
        let text = "fn f() { g(|| tracing::info!(chat.id = %x.id(), %error, reason, rule.name, took_ms = a - b, \"{outcome} of {}\", z(1))); \
            tracing::warn!(\"text\"); if let Err(error) = h(error, reason) {} }";
        let names = fields(text).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names, ["chat.id", "error", "reason", "rule.name", "took_ms"]);
    }

    #[test]
    fn both_lists_must_agree() {
        let file = Source::new("src/a.rs", "fn f() { tracing::info!(text = 1, chat.id = 2, \"x\"); }");
        let told = differences(&[file], &[("chat.id", ""), ("thread.id", "")]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains("src/a.rs:1") && told[0].contains("`text`") && told[1].contains("thread.id")
        );
    }
}
