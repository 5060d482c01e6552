//! The words of a rules file: which keys are still to be built, and which were meant.
//!
//! A key of the design that is not built is refused by name, never ignored; a word that is nobody's gets the
//! nearest one as a suggestion.

/// Keys of the design that a later issue builds, of the table that the schema calls so.
pub(super) fn not_built_yet(table: &str) -> &'static [&'static str] {
    match table {
        "`defaults`" => &["typos", "in", "when", "delay", "cancel_on", "cooldown", "max_per_thread"],
        "`when`" => &[
            "groups",
            "first_message",
            "tags",
            "no_tags",
            "url",
            "referrer",
            "country",
            "customer",
            "properties",
            "queued",
            "unassigned",
            "agent_present",
            "organizations",
        ],
        "a test" => &["group", "first_message", "properties"],
        "a rule" => &[
            "regex",
            "typos",
            "in",
            "tag",
            "actions",
            "delay",
            "cancel_on",
            "cooldown",
            "max_per_thread",
            "continue",
        ],
        _ => &[],
    }
}

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
