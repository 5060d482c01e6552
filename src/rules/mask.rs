//! Addresses in a text: what is written in a URL or an e-mail address is no word of the message.
//!
//! A URL begins with a scheme and "://", or with "www.", and goes on to the next white space. A bare "pizza.com"
//! is left alone: in a chat it is more often a forgotten space than an address.

use std::ops::Range;

use super::letters::is_spaceless;

/// The places of all addresses in the text, in order, apart from each other, and at borders of characters.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = back(text, at, |c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'));
        let named =
            text.get(scheme..at).is_some_and(|scheme| scheme.contains(|c: char| c.is_ascii_alphabetic()));
        if named && !is_inside(&places, at) {
            places.push(scheme..url_end(text, at + 3));
        }
    }
    for (at, _) in text.match_indices(['w', 'W']) {
        let begins = text.get(at..at + 4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
        let inside = text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
        if begins && !inside && !is_inside(&places, at) {
            let end = url_end(text, at + 4);
            if end > at + 4 {
                places.push(at..end);
            }
        }
    }
    places.extend(text.match_indices('@').filter_map(|(at, _)| mail(text, at)));
    places.sort_by_key(|place| place.start);
    places.dedup_by(|next, place| {
        let touches = next.start <= place.end;
        place.end = if touches { place.end.max(next.end) } else { place.end };
        touches
    });
    places
}

/// The place of the e-mail address around this "@".
fn mail(text: &str, at: usize) -> Option<Range<usize>> {
    let start = back(text, at, |c| is_mail(c) || matches!(c, '_' | '%' | '+' | '\''));
    let rest = text.get(at + 1..)?;
    let length = rest.find(|c| !is_mail(c)).unwrap_or(rest.len());
    let domain = rest.get(..length)?.trim_end_matches(['.', '-']);
    let (_, last) = domain.rsplit_once('.')?;
    let named = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    (start < at && named).then(|| start..at + 1 + domain.len())
}

fn is_mail(c: char) -> bool {
    c.is_alphanumeric() && !is_spaceless(c) || matches!(c, '.' | '-')
}

/// Where a run of such characters before this byte begins.
fn back(text: &str, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    text.get(..at).map_or(at, |before| before.trim_end_matches(belongs).len())
}

/// Where the URL ends whose address begins at this byte; the sentence's own punctuation is not a part of it.
fn url_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let stops =
        |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '，' | '。' | '、' | '「' | '」');
    let length = rest.find(stops).unwrap_or(rest.len());
    let address = rest.get(..length).unwrap_or_default();
    start + address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']', '}', '*', '_']).len()
}

fn is_inside(places: &[Range<usize>], at: usize) -> bool {
    places.last().is_some_and(|place| place.contains(&at))
}
