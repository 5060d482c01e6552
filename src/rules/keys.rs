//! The words of a rules file: which keys there are, which are still to be built, which were meant.
//!
//! A key of the design that is not built is refused by name, never ignored; a word that is nobody's gets the
//! nearest one as a suggestion.

/// The keys at the top of a file.
pub(super) const TOP: &[&str] = &["version", "rules"];

/// Tables of the design that a later issue builds.
pub(super) const TOP_LATER: &[&str] = &["defaults", "business_hours", "synonyms", "tests"];

/// The keys of a rule.
pub(super) const RULE: &[&str] = &[
    "name",
    "keywords",
    "match",
    "visibility",
    "on_occupied",
    "reply",
    "from",
    "priority",
    "mode",
    "case_sensitive",
];

/// Keys of a rule that a later issue builds.
pub(super) const RULE_LATER: &[&str] = &[
    "all",
    "none",
    "at_least",
    "ignore",
    "regex",
    "typos",
    "in",
    "when",
    "tag",
    "actions",
    "delay",
    "cancel_on",
    "cooldown",
    "max_per_thread",
    "continue",
    "should_match",
    "should_not_match",
];

/// Words that people write for ours.
const ALIASES: &[(&str, &str)] = &[
    ("rule", "rules"),
    ("id", "name"),
    ("title", "name"),
    ("keyword", "keywords"),
    ("words", "keywords"),
    ("word", "keywords"),
    ("phrases", "keywords"),
    ("trigger", "keywords"),
    ("triggers", "keywords"),
    ("matching", "match"),
    ("match_type", "match"),
    ("text", "reply"),
    ("message", "reply"),
    ("answer", "reply"),
    ("response", "reply"),
    ("say", "reply"),
    ("recipients", "visibility"),
    ("audience", "visibility"),
    ("author", "from"),
    ("author_type", "from"),
    ("order", "priority"),
    ("weight", "priority"),
    ("enabled", "mode"),
    ("active", "mode"),
    ("disabled", "mode"),
    ("case", "case_sensitive"),
    ("ignore_case", "case_sensitive"),
    ("hours", "business_hours"),
];

/// The word that was probably meant, if any is near enough.
pub(super) fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let plain = word.trim().to_lowercase().replace(['-', ' '], "_");
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == plain)
        && let Some(found) = known.clone().find(|name| name == meant)
    {
        return Some(found);
    }
    known
        .map(|name| (strsim::damerau_levenshtein(&plain, name), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
