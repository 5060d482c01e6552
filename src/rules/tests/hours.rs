//! Business hours, over midnight, on closed days and when clocks change.

use super::super::{Author, Message, Outcome, Rules, Silence};
use super::rules;

/// Two rules: one speaks inside of these hours, one outside.
fn two(hours: &str) -> String {
    let rule = |name: &str| {
        format!(
            "[[rules]]\nname = \"{name}\"\nkeywords = [\"help\"]\nreply = \"x\"\nwhen.hours = \"{name}\"\n"
        )
    };
    format!("{}{}{hours}", rule("inside"), rule("outside"))
}

const BERLIN: &str = r#"
[business_hours]
timezone = "Europe/Berlin"
closed = ["2026-12-25"]

[business_hours.hours]
monday = ["09:00-12:00", "13:00-17:30"]
friday = ["22:00-06:00"]
saturday = ["00:00-24:00"]
sunday = ["01:30-03:30"]
"#;

#[test]
fn the_wall_clock_decides() {
    let rules = rules(&two(BERLIN));
    // 2026-11-23 is a Monday; clocks change on 2026-03-29 (02:00 to 03:00) and 2026-10-25 (03:00 to 02:00), both Sundays.
    for (at, is_open) in [
        ("2026-11-23T08:59:59", false),
        ("2026-11-23T09:00", true),
        ("2026-11-23T11:59:59.999", true),
        ("2026-11-23T12:00", false),
        ("2026-11-23T12:59", false),
        ("2026-11-23T17:29", true),
        ("2026-11-23T17:30", false),
        ("2026-11-23T08:30:00Z", true),
        ("2026-06-29T07:30:00Z", true),
        ("2026-06-29T15:30:00Z", false),
        ("2026-11-24T10:00", false),
        ("2026-11-27T21:59", false),
        ("2026-11-27T22:00", true),
        ("2026-11-28T05:59", true),
        ("2026-11-28T23:59", true),
        ("2026-11-29T00:00", false),
        ("2026-12-25T23:00", false),
        ("2026-12-26T05:00", true),
        ("2026-12-26T00:00", true),
        ("2026-03-29T00:45:00Z", true),
        ("2026-03-29T01:15:00Z", true),
        ("2026-03-29T01:30:00Z", false),
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T02:29:00Z", true),
        ("2026-10-25T02:30:00Z", false),
    ] {
        let at = rules.moment(at).unwrap_or_else(|| panic!("{at} is a moment"));
        let told =
            rules.explain(&Message { texts: &["help".into()], author: Author::Customer, at: Some(at) });
        let (speaks, other) = if is_open { ("inside", "outside") } else { ("outside", "inside") };
        assert_eq!(told.speaks.as_deref(), Some(speaks), "{at}");
        let other = told.rules.iter().find(|reason| reason.rule == other).unwrap();
        assert_eq!(other.outcome, Outcome::Hours, "{at}");
    }
}

#[test]
fn outside_of_its_hours_a_rule_is_silent_and_the_next_one_speaks() {
    let rule =
        |when: &str| format!("[[rules]]\nname = \"r{when}\"\nkeywords = [\"help\"]\nreply = \"x\"\n{when}\n");
    let at = |rules: &Rules| rules.moment("2026-11-24T10:00");
    let hours = rules(&format!("{}{BERLIN}", rule("when = { hours = 'inside' }")));
    let told = hours.explain(&Message { texts: &["help".into()], author: Author::Customer, at: at(&hours) });
    assert_eq!((told.speaks, told.silence), (None, Some(Silence::Hours)));
    let both = rules(&format!("{}{}{BERLIN}", rule("when = { hours = 'inside' }"), rule("")));
    let told = both.explain(&Message { texts: &["help".into()], author: Author::Customer, at: at(&both) });
    assert_eq!(told.speaks.as_deref(), Some("r"));
}

#[test]
fn tests_of_a_file_say_when() {
    let test =
        |at: &str, expect: &str| format!("[[tests]]\nsay = \"help\"\nexpect = \"{expect}\"\nat = \"{at}\"\n");
    let parse = |text: String| Rules::parse(vec![("r.toml".to_owned(), text)]);
    assert!(parse(format!("{}{}", two(BERLIN), test("2026-11-23T10:00", "inside"))).is_ok());
    assert!(parse(format!("{}{}", two(BERLIN), test("2026-11-23T20:00:00+01:00", "outside"))).is_ok());
    assert!(parse(format!("{}{}", two(BERLIN), test("2026-11-23T20:00", "inside"))).is_err());
    let told = parse(format!("{}{}", two(BERLIN), test("at noon", "inside"))).unwrap_err().first();
    assert!(told.ends_with("\"at noon\" is no moment"), "{told}");
}

#[test]
fn wrong_hours_are_refused() {
    for (hours, expected) in [
        ("", "there are no business hours"),
        ("[business_hours]\ntimezone = 'Europe/Berlin'", "these business hours have no `hours`"),
        ("[business_hours]\nhours.monday = ['09:00-17:00']", "these business hours have no `timezone`"),
        (
            "[business_hours]\ntimezone = 'Europe/Berln'\nhours.monday = ['09:00-17:00']",
            "there is no time zone \"Europe/Berln\"",
        ),
        ("[business_hours]\ntimezone = 'UTC'\nhours.monday = ['9-17']", "\"9-17\" is no span of time"),
        (
            "[business_hours]\ntimezone = 'UTC'\nhours.monday = ['09:00-25:00']",
            "\"09:00-25:00\" is no span of time",
        ),
        ("[business_hours]\ntimezone = 'UTC'\nhours.mondays = ['09:00-17:00']", "unknown key `mondays`"),
        (
            "[business_hours]\ntimezone = 'UTC'\nhours.monday = '09:00-17:00'",
            "`monday` must be a list of texts, and this is a text",
        ),
        (
            "[business_hours]\ntimezone = 'UTC'\nhours.monday = ['09:00-17:00']\nclosed = ['25.12.']",
            "\"25.12.\" is no date",
        ),
    ] {
        let mistakes = Rules::parse(vec![("r.toml".to_owned(), two(hours))]).unwrap_err();
        assert!(mistakes.entries().any(|it| it.message == expected), "{hours}: {mistakes}");
    }
    let sources = ["a.toml", "b.toml"].map(|name| (name.to_owned(), BERLIN.to_owned()));
    let told = Rules::parse(sources.to_vec()).unwrap_err().first();
    assert!(told.ends_with("there are business hours in another file"), "{told}");
}
