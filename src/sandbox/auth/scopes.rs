//! The scopes of tokens and which scope covers which (reference section 1.7).

/// Every scope an administrator can grant.
pub(crate) const ADMINISTRATOR: &[&str] = &[
    "access_rules:rw",
    "agents--all:rw",
    "agents--my:rw",
    "agents-bot--all:rw",
    "agents-bot--my:rw",
    "bots.templates:rw",
    "chats--all:rw",
    "chats--access:rw",
    "chats--my:rw",
    "customers.ban:rw",
    "customers:own",
    "customers:rw",
    "groups--all:rw",
    "groups--my:rw",
    "multicast:rw",
    "properties.configuration:rw",
    "tags--all:rw",
    "tags--groups:rw",
    "webhooks.configuration:rw",
    "webhooks.state:rw",
];

/// The fixed scopes of a bot token.
pub(crate) const BOT: &[&str] = &["chats--access:rw", "agents-bot--my:rw", "customers:rw"];

/// Whether a granted scope covers a needed one: `rw` includes `ro`, `all` includes `access` and `my`,
/// `access` includes `my`.
pub(crate) fn covers(granted: &str, needed: &str) -> bool {
    let (granted, needed) = (Parts::of(granted), Parts::of(needed));
    granted.area == needed.area && granted.reach >= needed.reach && granted.right.covers(needed.right)
}

#[derive(PartialEq)]
struct Parts<'a> {
    area: &'a str,
    reach: u8,
    right: Right<'a>,
}

#[derive(Clone, Copy, PartialEq)]
struct Right<'a>(&'a str);

impl Right<'_> {
    fn covers(self, needed: Right<'_>) -> bool {
        self == needed || (self.0 == "rw" && needed.0 == "ro")
    }
}

impl<'a> Parts<'a> {
    fn of(scope: &'a str) -> Self {
        let (place, right) = scope.split_once(':').unwrap_or((scope, ""));
        let (area, reach) = place.split_once("--").unwrap_or((place, ""));
        let reach = match reach {
            "all" => 3,
            "access" | "groups" => 2,
            "my" => 1,
            _ => 0,
        };
        Self { area, reach, right: Right(right) }
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_wider_scope_covers_a_narrower_one() {
        for (granted, needed, expected) in [
            ("chats--all:rw", "chats--access:ro", true),
            ("chats--access:rw", "chats--my:rw", true),
            ("chats--access:rw", "chats--all:ro", false),
            ("chats--all:ro", "chats--all:rw", false),
            ("customers:rw", "customers:ro", true),
            ("customers:rw", "customers:own", false),
            ("agents--all:rw", "agents-bot--all:ro", false),
        ] {
            assert_eq!(covers(granted, needed), expected, "{granted} for {needed}");
        }
    }
}
