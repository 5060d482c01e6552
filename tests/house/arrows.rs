//! Finds the arrows between the top-level modules of `src/` and compares them with the table.
//!
//! Works on tokens, not on syntax, so that paths inside macro calls, attributes and `use` trees are all seen.
//! Documentation is not code: a link in a doc comment is no arrow.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::tree::Source;

/// What of ours a module may import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// These modules and no others.
    Only(&'static [&'static str]),
    /// Of every module its settings: a name that ends in `Settings`, or its `settings` submodule.
    Settings,
    /// Wiring.
    Everything,
}

/// A path that leaves its own top-level module: where it stands and what it names.
#[derive(Debug, PartialEq, Eq)]
struct Arrow {
    line: usize,
    path: Vec<String>,
}

/// The arrows of one file that the table does not allow.
pub(crate) fn forbidden(file: &Source, table: &[(&str, May)]) -> Vec<String> {
    let place = module_of(&file.path);
    let own = match place.first() {
        Some(top) => top.as_str(),
        None if file.path == "src/main.rs" => "main",
        None => "lib",
    };
    let Some((_, may)) = table.iter().find(|(module, _)| *module == own) else {
        return vec![format!("{}: module `{own}` has no row in the table", file.path)];
    };
    arrows(&file.text, &place)
        .into_iter()
        .filter(|arrow| !allowed(*may, &arrow.path))
        .map(|arrow| {
            format!("{}:{}: `{own}` may not import `{}`", file.path, arrow.line, arrow.path.join("::"))
        })
        .collect()
}

fn allowed(may: May, path: &[String]) -> bool {
    match may {
        May::Everything => true,
        May::Only(modules) => path.first().is_some_and(|top| modules.contains(&top.as_str())),
        May::Settings => path.iter().skip(1).any(|name| name == "settings" || name.ends_with("Settings")),
    }
}

/// `src/a/mod.rs` and `src/a.rs` → `[a]`, `src/a/b.rs` → `[a, b]`, `src/lib.rs` and `src/main.rs` → `[]`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut parts = inside.split('/').map(str::to_owned).collect::<Vec<_>>();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

fn arrows(text: &str, place: &[String]) -> Vec<Arrow> {
    let tokens = TokenStream::from_str(text).expect("a file that compiles has tokens");
    let mut found = Vec::new();
    walk(tokens, place, &mut found);
    found
}

/// Reads one level of tokens; `place` is the module that they stand in.
fn walk(tokens: TokenStream, place: &[String], found: &mut Vec<Arrow>) {
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let mut rest = tokens.as_slice();
    let mut before: [Option<&TokenTree>; 2] = [None, None];
    while let Some((token, after)) = rest.split_first() {
        let line = token.span().start().line;
        rest = after;
        match token {
            TokenTree::Ident(word) if !goes_on(before) => {
                let word = word.to_string();
                if let Some(base) = origin(&word, place) {
                    follow(base, after, place, line, found);
                } else if let Some((body, inner, behind)) = inline_module(&word, after, place) {
                    walk(body.stream(), &inner, found);
                    rest = behind;
                }
            }
            TokenTree::Group(group) if is_doc(before[1], group) => {}
            TokenTree::Group(group) => walk(group.stream(), place, found),
            TokenTree::Literal(literal) => quoted(&literal.to_string(), place, line, found),
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        before = [before[1], Some(token)];
    }
}

/// A word after `::` belongs to a path that began earlier; a word after a single `:` does not.
fn goes_on(before: [Option<&TokenTree>; 2]) -> bool {
    before.iter().all(|token| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':'))
}

/// The module that a path's first word stands for, when it is one of ours.
fn origin(word: &str, place: &[String]) -> Option<Vec<String>> {
    match word {
        "crate" | "chimein" => Some(Vec::new()),
        "self" => Some(place.to_vec()),
        "super" => Some(place.split_last().map(|(_, up)| up.to_vec()).unwrap_or_default()),
        _ => None,
    }
}

/// Goes along `:: name`, `:: { tree }` and `:: *` and notes where the path ends.
fn follow(
    mut path: Vec<String>,
    tokens: &[TokenTree],
    place: &[String],
    line: usize,
    found: &mut Vec<Arrow>,
) {
    let mut rest = tokens;
    let mut steps = 0;
    while let [TokenTree::Punct(one), TokenTree::Punct(two), after @ ..] = rest {
        if one.as_char() != ':' || two.as_char() != ':' {
            break;
        }
        match after.first() {
            Some(TokenTree::Ident(name)) if name == "super" => {
                path.pop();
            }
            Some(TokenTree::Ident(name)) if name == "self" => {}
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Group(tree)) if tree.delimiter() == Delimiter::Brace => {
                return branches(&path, tree, place, found);
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => path.push("*".to_owned()),
            _ => break,
        }
        steps += 1;
        rest = after.get(1..).unwrap_or_default();
    }
    let alias = matches!(rest.first(), Some(TokenTree::Ident(word)) if word == "as");
    if path.is_empty() && alias {
        path.push("(an alias of the whole crate)".to_owned());
    }
    let leaves = path.first() != place.first();
    if leaves && !path.is_empty() && (steps > 0 || alias) {
        found.push(Arrow { line, path });
    }
}

/// Each branch of a `use` tree goes on with the path before the brace.
fn branches(base: &[String], tree: &Group, place: &[String], found: &mut Vec<Arrow>) {
    let tokens = tree.stream().into_iter().collect::<Vec<_>>();
    for branch in tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')) {
        let Some((first, rest)) = branch.split_first() else { continue };
        let line = first.span().start().line;
        let mut path = base.to_vec();
        match first {
            TokenTree::Ident(word) if word == "super" => {
                path.pop();
            }
            TokenTree::Ident(word) if word == "self" => {}
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Punct(star) if star.as_char() == '*' => path.push("*".to_owned()),
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => continue,
        }
        if rest.is_empty() {
            if path.first() != place.first() && !path.is_empty() {
                found.push(Arrow { line, path });
            }
        } else {
            follow(path, rest, place, line, found);
        }
    }
}

type Inline<'a> = (&'a Group, Vec<String>, &'a [TokenTree]);

/// `mod name { … }`: its body, its place, and the tokens behind it.
fn inline_module<'a>(word: &str, after: &'a [TokenTree], place: &[String]) -> Option<Inline<'a>> {
    match after {
        [TokenTree::Ident(name), TokenTree::Group(body), rest @ ..] if word == "mod" => {
            let mut inner = place.to_vec();
            inner.push(name.to_string());
            Some((body, inner, rest))
        }
        _ => None,
    }
}

/// `#[doc = "…"]`, which is also what a doc comment becomes.
pub(crate) fn is_doc(before: Option<&TokenTree>, group: &Group) -> bool {
    let hash = matches!(before, Some(TokenTree::Punct(mark)) if matches!(mark.as_char(), '#' | '!'));
    hash && group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

/// A path inside a string, as `#[serde(with = "crate::a::b")]` has it.
fn quoted(literal: &str, place: &[String], line: usize, found: &mut Vec<Arrow>) {
    let text = literal.trim_matches('"');
    let path_like = text.starts_with("crate::") || text.starts_with("super::");
    if path_like && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':')) {
        let inner = arrows(text, place);
        found.extend(inner.into_iter().map(|arrow| Arrow { line, path: arrow.path }));
    }
}

/// Where the page's table `| module | may import |` and ours differ.
pub(crate) fn differences(page: &str, table: &[(&str, May)]) -> Vec<String> {
    let told = rows(page);
    let ours = table
        .iter()
        .filter(|(module, _)| !matches!(*module, "main" | "lib"))
        .map(|(module, may)| ((*module).to_owned(), wording(*may)))
        .collect::<BTreeSet<_>>();
    let missing =
        ours.difference(&told).map(|(module, may)| format!("missing on the page: {module} | {may}"));
    let extra = told.difference(&ours).map(|(module, may)| format!("only on the page: {module} | {may}"));
    missing.chain(extra).collect()
}

fn wording(may: May) -> String {
    match may {
        May::Everything => "everything".to_owned(),
        May::Settings => "settings".to_owned(),
        May::Only(modules) => {
            modules.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
        }
    }
}

/// The page's rows, one for each module of the first column; a module's row is where its name is in backticks.
fn rows(page: &str) -> BTreeSet<(String, String)> {
    let heading = |line: &&str| {
        let cells = cells(line);
        cells.first().is_some_and(|cell| cell == "module")
            && cells.get(1).is_some_and(|cell| cell == "may import")
    };
    let table =
        page.lines().skip_while(|line| !heading(line)).skip(2).take_while(|line| line.starts_with('|'));
    table
        .flat_map(|line| {
            let cells = cells(line);
            let may = cells.get(1).map(String::as_str).unwrap_or_default();
            let names = in_backticks(may);
            let may = if may.contains("everything") {
                "everything".to_owned()
            } else if names.contains("Settings") {
                "settings".to_owned()
            } else {
                names.into_iter().collect::<Vec<_>>().join(" ")
            };
            let modules = in_backticks(cells.first().map(String::as_str).unwrap_or_default());
            modules.into_iter().map(move |module| (module, may.clone()))
        })
        .collect()
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn in_backticks(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[path = "arrows_tests.rs"]
mod tests;
