//! What is wrong with the rules, or what the linter warns of, said so that it can be mended.
//!
//! Every mistake names its file, line and column, shows the line underlined, and says what to write instead where
//! that is known. The same list is text for a terminal, with or without colour, and JSON.

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::{Serialize, Serializer};

use super::lint::Kind;

/// Every mistake of the rules, in the order of files and lines; never empty.
#[derive(Debug)]
pub struct Mistakes {
    sources: Vec<Source>,
    /// The lines of each source.
    lines: Vec<Lines>,
    list: Vec<Mistake>,
    /// Whether warnings are told as errors.
    strict: bool,
}

/// A rules file: its name, and its text when it could be read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

/// One mistake: in which file, where in it, what, and what to write instead.
#[derive(Debug)]
struct Mistake {
    file: usize,
    span: Option<Range<usize>>,
    message: String,
    suggestion: Option<String>,
    /// Of a warning: which.
    kind: Option<Kind>,
}

/// Whether something must be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It must.
    Error,
    /// It should be looked at.
    Warning,
}

/// A mistake as JSON tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The file's path as it was given.
    pub file: String,
    /// Counted from 1; none when the mistake has no place in the file.
    pub line: Option<usize>,
    /// In characters, counted from 1.
    pub column: Option<usize>,
    /// Where the underlined part ends: the column after its last character.
    pub end_column: Option<usize>,
    /// The line itself.
    pub source: Option<String>,
    /// Whether it must be mended.
    pub severity: Severity,
    /// Of a warning: which; of a mistake none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub suggestion: Option<String>,
}

/// The line of a mistake: its number, its text, and which bytes of it are underlined.
struct Line<'a> {
    number: usize,
    text: &'a str,
    span: Range<usize>,
}

/// Where the lines of a text begin: a place's line is found without reading the text again.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The number of the line that holds this byte, counted from 1.
    pub(super) fn number(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start <= byte)
    }

    /// Where that line begins.
    fn start(&self, byte: usize) -> usize {
        self.0.get(self.number(byte).saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// Mistakes while they are being found.
#[derive(Debug, Default)]
pub(super) struct Notes {
    list: Vec<Mistake>,
}

impl Notes {
    /// Writes a mistake down, with its place and what to write instead.
    pub(super) fn add(
        &mut self,
        file: usize,
        span: Range<usize>,
        message: String,
        suggestion: Option<String>,
    ) {
        self.list.push(Mistake { file, span: Some(span), message, suggestion, kind: None });
    }

    /// Writes a warning down.
    pub(super) fn warn(
        &mut self,
        kind: Kind,
        file: usize,
        span: Range<usize>,
        message: String,
        suggestion: String,
    ) {
        let (span, suggestion) = (Some(span), Some(suggestion));
        self.list.push(Mistake { file, span, message, suggestion, kind: Some(kind) });
    }

    /// Writes a mistake down that has no place in the file.
    pub(super) fn add_whole(&mut self, file: usize, message: String, suggestion: Option<String>) {
        self.list.push(Mistake { file, span: None, message, suggestion, kind: None });
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them, in the order of files and lines.
    pub(super) fn close(mut self, sources: Vec<Source>) -> Mistakes {
        self.list.sort_by_key(|mistake| (mistake.file, mistake.span.as_ref().map_or(0, |span| span.start)));
        let lines = sources.iter().map(|source| Lines::of(&source.text)).collect();
        Mistakes { sources, lines, list: self.list, strict: false }
    }
}

impl Mistakes {
    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "mistakes are never empty")]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The first one in a line: where, and what.
    pub fn first(&self) -> String {
        let place = |entry: Entry| {
            let line = entry.line.map_or(String::new(), |line| format!(":{line}"));
            format!("{}{line}: {}", entry.file, entry.message)
        };
        self.entries().next().map_or(String::new(), place)
    }

    /// The mistakes as JSON tells them.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.list.iter().map(|mistake| {
            let line = self.line(mistake);
            let column = |to: usize| line.as_ref().map(|line| characters(line.text, to) + 1);
            Entry {
                file: self.name(mistake).to_owned(),
                line: line.as_ref().map(|line| line.number),
                column: line.as_ref().and_then(|line| column(line.span.start)),
                end_column: line.as_ref().and_then(|line| column(line.span.end)),
                source: line.as_ref().map(|line| line.text.to_owned()),
                severity: self.severity(mistake),
                kind: mistake.kind,
                message: mistake.message.clone(),
                suggestion: mistake.suggestion.clone(),
            }
        })
    }

    /// The mistakes as text for a terminal, a blank line between them.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let blocks: Vec<String> = self.list.iter().map(|mistake| self.block(mistake, &renderer)).collect();
        blocks.join("\n\n")
    }

    /// Warnings are told as errors from now on.
    pub(super) fn make_strict(&mut self) {
        self.strict = true;
    }

    fn severity(&self, mistake: &Mistake) -> Severity {
        if mistake.kind.is_some() && !self.strict { Severity::Warning } else { Severity::Error }
    }

    fn block(&self, mistake: &Mistake, renderer: &Renderer) -> String {
        let name = self.name(mistake);
        let level = match self.severity(mistake) {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&mistake.message);
        let mut group = match self.line(mistake) {
            Some(line) => title.element(
                Snippet::source(line.text)
                    .line_start(line.number)
                    .path(name)
                    .annotation(AnnotationKind::Primary.span(line.span)),
            ),
            None => Group::with_title(title).element(annotate_snippets::Origin::path(name)),
        };
        if let Some(suggestion) = &mistake.suggestion {
            group = group.element(Level::HELP.message(suggestion));
        }
        renderer.render(&[group])
    }

    fn name(&self, mistake: &Mistake) -> &str {
        self.sources.get(mistake.file).map_or("", |source| source.name.as_str())
    }

    fn line(&self, mistake: &Mistake) -> Option<Line<'_>> {
        let text = self.sources.get(mistake.file)?.text.as_str();
        let span = mistake.span.as_ref()?;
        // A parser's place may lie inside a character, or behind the end.
        let before = (0..=span.start.min(text.len())).rev().find_map(|end| text.get(..end))?;
        let lines = self.lines.get(mistake.file)?;
        let start = lines.start(before.len());
        let line = text.get(start..)?.lines().next().unwrap_or("");
        let first = (before.len() - start).min(line.len());
        let wanted = span.end.saturating_sub(start).max(first + 1);
        let end = (wanted..line.len()).find(|end| line.is_char_boundary(*end)).unwrap_or(line.len());
        Some(Line { number: lines.number(before.len()), text: line, span: first..end })
    }
}

/// How many characters stand before this byte.
fn characters(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).count()
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Mistakes {}

impl Serialize for Mistakes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.entries())
    }
}
