//! Whether a rule fits, by what was found of its words: any of them, so many of them, all of them, none of them.

use super::rule::Rule;
use super::search::Hit;

/// What a rule looks for. Words are numbered through: keywords, `all`, `none`, `ignore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Any of them is enough; may be empty when `all` is not.
    pub keywords: Vec<String>,
    /// Each of them must be there.
    pub all: Vec<String>,
    /// None of them may be there.
    pub none: Vec<String>,
    /// What is found inside of one of these does not count.
    pub ignore: Vec<String>,
    /// How many different keywords must be there. Default: 1.
    pub at_least: usize,
}

/// Why a rule does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit<'r> {
    /// Nothing of it was found that counts.
    Nothing,
    /// Fewer different keywords than must be there.
    TooFew(usize),
    /// This one of `all` is not there.
    Lacks(&'r str),
    /// This one of `none` is there.
    Vetoed(&'r str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Keyword,
    All,
    None,
    Ignore,
}

impl Words {
    /// Whether one keyword is enough, whatever else is there.
    pub(super) fn is_plain(&self) -> bool {
        self.all.is_empty() && self.none.is_empty() && self.ignore.is_empty() && self.at_least == 1
    }

    /// The word of a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        self.find(number).map(|(_, word)| word)
    }

    fn is(&self, number: usize, role: Role) -> bool {
        self.find(number).is_some_and(|(known, _)| known == role)
    }

    fn find(&self, mut number: usize) -> Option<(Role, &str)> {
        let lists = [
            (Role::Keyword, &self.keywords),
            (Role::All, &self.all),
            (Role::None, &self.none),
            (Role::Ignore, &self.ignore),
        ];
        for (role, words) in lists {
            match words.get(number) {
                Some(word) => return Some((role, word)),
                None => number = number.checked_sub(words.len())?,
            }
        }
        None
    }
}

impl Rule {
    /// The places that make this rule fit, out of all that were found of it.
    pub(super) fn fit(&self, mut hits: Vec<Hit>) -> Result<Vec<Hit>, Misfit<'_>> {
        let words = &self.words;
        if !words.ignore.is_empty() {
            let (ignored, rest): (Vec<Hit>, Vec<Hit>) =
                hits.into_iter().partition(|hit| words.is(hit.number, Role::Ignore));
            let covers = |hit: &Hit| {
                ignored.iter().any(|one| one.text == hit.text && one.start < hit.end && hit.start < one.end)
            };
            hits = rest.into_iter().filter(|hit| !covers(hit)).collect();
        }
        let mut seen: Vec<usize> = hits.iter().map(|hit| hit.number).collect();
        seen.sort_unstable();
        seen.dedup();
        if let Some(veto) = seen.iter().find(|number| words.is(**number, Role::None)) {
            return Err(Misfit::Vetoed(words.get(*veto).unwrap_or_default()));
        }
        let keywords = seen.iter().filter(|number| words.is(**number, Role::Keyword)).count();
        if seen.is_empty() || (keywords == 0 && !words.keywords.is_empty()) {
            return Err(Misfit::Nothing);
        }
        let all = words.keywords.len()..words.keywords.len() + words.all.len();
        if let Some(lacks) = all.into_iter().find(|number| seen.binary_search(number).is_err()) {
            return Err(Misfit::Lacks(words.get(lacks).unwrap_or_default()));
        }
        if keywords < words.at_least && !words.keywords.is_empty() {
            return Err(Misfit::TooFew(keywords));
        }
        Ok(hits)
    }
}
