//! Rules about one file at a time: its length, its opening, test branches in it, sleeps in it.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::arrows::is_doc;
use crate::tree::Source;

fn tokens(file: &Source) -> TokenStream {
    TokenStream::from_str(&file.text).expect("a file that compiles has tokens")
}

/// The mistake, when the file has more lines of code than the limit.
pub(crate) fn too_long(file: &Source, limit: usize) -> Option<String> {
    let mut lines = BTreeSet::new();
    note_lines(tokens(file), &mut lines);
    (lines.len() > limit).then(|| format!("{}: {} lines of code, at most {limit}", file.path, lines.len()))
}

/// Lines on which a token stands; comments are no tokens, doc comments are left out.
fn note_lines(stream: TokenStream, lines: &mut BTreeSet<usize>) {
    let mut before: Option<TokenTree> = None;
    for token in stream {
        match &token {
            TokenTree::Group(group) if is_doc(before.as_ref(), group) => {}
            TokenTree::Group(group) => {
                lines.insert(group.span_open().start().line);
                note_lines(group.stream(), lines);
                lines.insert(group.span_close().end().line);
            }
            TokenTree::Punct(mark) if matches!(mark.as_char(), '#' | '!') => {}
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                lines.extend(token.span().start().line..=token.span().end().line);
            }
        }
        before = Some(token);
    }
}

/// The mistake, when the file does not open with a sentence on what it is for.
pub(crate) fn no_opening(file: &Source) -> Option<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//! ").is_some_and(|words| !words.trim().is_empty());
    (!sentence).then(|| format!("{}: opens with `{first}`", file.path))
}

/// Every `cfg` on `test` that is not `#[cfg(test)]` right before `mod tests`.
pub(crate) fn test_branches(file: &Source) -> Vec<String> {
    let mut lines = Vec::new();
    find_branches(tokens(file), &mut lines);
    lines.into_iter().map(|line| format!("{}:{line}: code that only tests see", file.path)).collect()
}

fn find_branches(stream: TokenStream, lines: &mut Vec<usize>) {
    let tokens = stream.into_iter().collect::<Vec<_>>();
    let mut rest = tokens.as_slice();
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        match (token, after) {
            (TokenTree::Punct(hash), [TokenTree::Group(attribute), behind @ ..])
                if hash.as_char() == '#' && is_cfg_test(attribute) && declares_tests(behind) =>
            {
                rest = behind;
            }
            (TokenTree::Ident(word), [.., TokenTree::Group(_)] | [TokenTree::Group(_), ..])
                if is_cfg(&word.to_string()) && asks_for_test(after) =>
            {
                lines.push(word.span().start().line);
            }
            (TokenTree::Group(group), _) => find_branches(group.stream(), lines),
            _ => {}
        }
    }
}

fn is_cfg(word: &str) -> bool {
    matches!(word, "cfg" | "cfg_attr")
}

/// `[cfg(test)]`, exactly.
fn is_cfg_test(attribute: &Group) -> bool {
    attribute.delimiter() == Delimiter::Bracket
        && attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// `mod tests`, perhaps behind further attributes, or lent to other tests of the crate.
fn declares_tests(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(_), rest @ ..] if hash.as_char() == '#' => {
            declares_tests(rest)
        }
        [TokenTree::Ident(word), TokenTree::Group(reach), rest @ ..]
            if word == "pub" && reach.stream().to_string() == "crate" =>
        {
            declares_tests(rest)
        }
        [TokenTree::Ident(word), TokenTree::Ident(name), ..] => word == "mod" && name == "tests",
        _ => false,
    }
}

/// The condition behind `cfg`, `cfg!` or `cfg_attr` names `test` somewhere.
fn asks_for_test(after: &[TokenTree]) -> bool {
    let condition = match after {
        [TokenTree::Group(group), ..] => group,
        [TokenTree::Punct(bang), TokenTree::Group(group), ..] if bang.as_char() == '!' => group,
        _ => return false,
    };
    names_test(condition.stream())
}

fn names_test(stream: TokenStream) -> bool {
    stream.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "test",
        TokenTree::Group(group) => names_test(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Every call of a sleep without `not waiting:` in a comment on its line or the line above.
pub(crate) fn sleeps(file: &Source) -> Vec<String> {
    let lines = file.text.lines().collect::<Vec<_>>();
    let mut calls = BTreeSet::new();
    if file.path.ends_with(".rs") {
        find_sleeps(tokens(file), &mut calls);
    } else {
        let called = |line: &&str| ["sleep(", "waitForTimeout("].iter().any(|call| line.contains(call));
        calls.extend((1..).zip(&lines).filter(|(_, line)| called(line)).map(|(number, _)| number));
    }
    let excused = |line: usize| {
        [line.wrapping_sub(1), line.wrapping_sub(2)]
            .iter()
            .any(|place| lines.get(*place).is_some_and(|text| text.contains("not waiting:")))
    };
    calls
        .into_iter()
        .filter(|line| !excused(*line))
        .map(|line| format!("{}:{line}: sleeps", file.path))
        .collect()
}

fn find_sleeps(stream: TokenStream, lines: &mut BTreeSet<usize>) {
    let mut before: Option<TokenTree> = None;
    for token in stream {
        if let TokenTree::Group(group) = &token {
            match &before {
                Some(TokenTree::Ident(word)) if word == "sleep" || word == "sleep_until" => {
                    lines.insert(word.span().start().line);
                }
                _ => find_sleeps(group.stream(), lines),
            }
        }
        before = Some(token);
    }
}

#[path = "files_tests.rs"]
mod tests;
