//! What is refused, and how it is said.

use crate::rules::Rules;

/// All mistakes of one file as a terminal shows them.
fn told(text: &str) -> String {
    match Rules::parse(vec![("rules.toml".to_owned(), text.to_owned())]) {
        Ok(_) => panic!("nothing is wrong with it"),
        Err(mistakes) => mistakes.render(false),
    }
}

/// The messages of all mistakes, each with its line, its column and its suggestion.
fn list(text: &str) -> Vec<String> {
    match Rules::parse(vec![("rules.toml".to_owned(), text.to_owned())]) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes
            .entries()
            .map(|it| {
                let place = format!("{}:{}", it.line.unwrap_or(0), it.column.unwrap_or(0));
                format!("{place} {} ({})", it.message, it.suggestion.unwrap_or_default())
            })
            .collect(),
    }
}

/// A rule with these further lines.
fn with(lines: &str) -> String {
    format!("[[rules]]\nname = \"r\"\nkeywords = [\"k\"]\nreply = \"x\"\n{lines}\n")
}

#[test]
fn every_mistake_is_told_at_once_with_its_line_underlined() {
    assert_eq!(told(WRONG), TOLD);
}

/// A file with many mistakes.
const WRONG: &str = r#"[[rules]]
name = "pizza"
keyword = ["pizza"]
visibility = "agent"
reply = "Pizza!"

[[rules]]
name = "pizza"
keywords = ["ok", 7, "\u200b"]
cooldown = "30s"
"#;

/// What is said about it.
const TOLD: &str = r#"error: this rule has no `keywords`
 --> rules.toml:1:1
  |
1 | [[rules]]
  | ^^^^^^^^^
  |
  = help: add a line like: keywords = ["pizza"]

error: unknown key `keyword`
 --> rules.toml:3:1
  |
3 | keyword = ["pizza"]
  | ^^^^^^^
  |
  = help: did you mean `keywords`?

error: `visibility` cannot be "agent"
 --> rules.toml:4:14
  |
4 | visibility = "agent"
  |              ^^^^^^^
  |
  = help: did you mean "agents"?

error: this rule has no `reply`
 --> rules.toml:7:1
  |
7 | [[rules]]
  | ^^^^^^^^^
  |
  = help: add a line like: reply = "Pizza is on the way!"

error: two rules are called `pizza`
 --> rules.toml:8:8
  |
8 | name = "pizza"
  |        ^^^^^^^
  |
  = help: the first one is at rules.toml:2: give this one another name

error: each of `keywords` must be a text, and this is a number
 --> rules.toml:9:19
  |
9 | keywords = ["ok", 7, "\u200b"]
  |                   ^
  |
  = help: put it in quotes

error: this keyword can never be found: it has nothing to read
 --> rules.toml:9:22
  |
9 | keywords = ["ok", 7, "\u200b"]
  |                      ^^^^^^^^
  |
  = help: remove it

error: `cooldown` is not built yet
  --> rules.toml:10:1
   |
10 | cooldown = "30s"
   | ^^^^^^^^
   |
   = help: remove it"#;

#[test]
fn what_a_later_issue_builds_is_refused_by_name() {
    let keys = [
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
    ];
    for key in keys {
        assert_eq!(list(&with(&format!("{key} = 1"))), [format!("5:1 `{key}` is not built yet (remove it)")]);
    }
    assert_eq!(list(&with("[defaults]\ncooldown = 1")), ["6:1 `cooldown` is not built yet (remove it)"]);
    let replies = [
        (
            "\"Hi {{ name }}\"",
            "templates are not built yet, and this reply contains `{{` (write the text itself)",
        ),
        ("\"{% if %}\"", "templates are not built yet, and this reply contains `{%` (write the text itself)"),
    ];
    for (reply, message) in replies {
        let text = format!("[[rules]]\nname = \"r\"\nkeywords = [\"k\"]\nreply = {reply}");
        assert_eq!(list(&text), [format!("4:9 {message}")]);
    }
}

#[test]
fn a_slip_gets_the_word_that_was_meant() {
    let rows = [
        ("cooldwn = 1", "5:1 unknown key `cooldwn` (did you mean `cooldown`? It is not built yet)"),
        ("Priority = 1", "5:1 unknown key `Priority` (did you mean `priority`?)"),
        ("case-sensitive = true", "5:1 unknown key `case-sensitive` (did you mean `case_sensitive`?)"),
        ("text = \"x\"", "5:1 unknown key `text` (did you mean `reply`?)"),
        ("match = \"words\"", "5:9 `match` cannot be \"words\" (did you mean \"word\"?)"),
        ("match = \"start-with\"", "5:9 `match` cannot be \"start-with\" (did you mean \"starts_with\"?)"),
        ("visibility = \"All\"", "5:14 `visibility` cannot be \"All\" (did you mean \"all\"?)"),
        ("on_occupied = \"skips\"", "5:15 `on_occupied` cannot be \"skips\" (did you mean \"skip\"?)"),
        (
            "on_occupied = \"skip\"",
            "5:15 `on_occupied` has no meaning here: this rule whispers anyway (remove it, or add a line: visibility = \"all\")",
        ),
        ("from = \"bot\"", "5:8 `from` cannot be \"bot\" (it is one of `customer`, `agent`, `anyone`)"),
        ("mode = \"live \"", "5:8 `mode` cannot be \"live \" (did you mean \"live\"?)"),
    ];
    for (line, expected) in rows {
        assert_eq!(list(&with(line)), [expected]);
    }
    for key in ["rules/items", "properties/name", "rules~1items"] {
        let told = list(&format!("\"{key}\" = 1\n{}", with("")));
        assert!(told[0].starts_with(&format!("1:1 unknown key `{key}` (")), "{told:?}");
    }
    let far = list(&with("zzz = 1"));
    assert!(
        far[0].starts_with("5:1 unknown key `zzz` (the keys of a rule are `all`, `at_least`, "),
        "{far:?}"
    );
    assert_eq!(list("[[rule]]\n"), ["1:3 unknown key `rule` (did you mean `rules`?)"]);
}

#[test]
fn types_and_values_are_looked_at() {
    let rows = [
        ("priority = \"1\"", "5:12 `priority` must be a whole number, and this is a text"),
        ("priority = 1.5", "5:12 `priority` must be a whole number, and this is a number with a point"),
        ("priority = 99999999999999999999", "5:12 `priority` is too large a number"),
        ("case_sensitive = \"yes\"", "5:18 `case_sensitive` must be true or false, and this is a text"),
        ("mode = true", "5:8 `mode` must be a text, and this is true or false"),
    ];
    for (line, expected) in rows {
        let told = list(&with(line));
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }
    assert!(list(&with("priority = -0x7")).len() == 1);
    assert!(list(&with("priority = -1_000")).is_empty());
    assert!(list(&with("priority = 0xff")).is_empty());
    assert_eq!(list("version = 2\n")[0], "1:11 unknown version 2 (this chimein reads `version = 1`)");
    assert!(list(&format!("version = 1\n{}", with(""))).is_empty());
    assert!(list("rules = 3")[0].starts_with("1:9 `rules` must be a list of tables, and this is a number"));
    assert!(
        list("[rules]\nname = \"a\"")[0].contains("`rules` must be a list of tables, and this is a table")
    );
}

#[test]
fn a_keyword_that_can_never_be_found_is_refused() {
    let keywords = |list_: &str| {
        let told = list(&format!("[[rules]]\nname = \"r\"\nreply = \"x\"\nkeywords = {list_}"));
        told.first().map(|first| first.split(" (").next().unwrap_or_default().to_owned()).unwrap_or_default()
    };
    assert_eq!(keywords("[]"), "4:12 `keywords` is empty");
    assert_eq!(keywords("[\"\"]"), "4:13 this keyword can never be found: it has nothing to read");
    assert_eq!(keywords("[\" \\t\"]"), "4:13 this keyword can never be found: it has nothing to read");
    assert_eq!(keywords("[\"\\u0301\"]"), "4:13 this keyword can never be found: it has nothing to read");
    assert_eq!(keywords("[\"* *\"]"), "4:13 this keyword has only wildcards");
    assert_eq!(
        keywords("[\"a\", \"*\"]"),
        "4:18 `*` is any message, so that the other keywords never matter"
    );
    let address = "this keyword can never be found: words in URLs and e-mail addresses are not searched";
    assert_eq!(keywords("[\"https://x.example\"]"), format!("4:13 {address}"));
    assert_eq!(keywords("[\"mail me@x.example\"]"), format!("4:13 {address}"));
    assert_eq!(keywords("[\"*\"]"), "");
    assert_eq!(keywords("[\"@me\"]"), "");
}

#[test]
fn lists_of_words_are_looked_at_like_keywords() {
    for (lines, expected) in [
        ("all = []", "5:7 `all` is empty (remove it)"),
        ("none = ['']", "5:9 this keyword can never be found: it has nothing to read (remove it)"),
        (
            "ignore = ['*']",
            "5:11 `*` is any message, so that the other keywords never matter (keep one or the others)",
        ),
        ("at_least = 2", "5:12 `at_least` is 1 to the number of keywords (1), and this is 2 ()"),
        ("at_least = 0", "5:12 `at_least` is 1 to the number of keywords (1), and this is 0 ()"),
    ] {
        assert_eq!(list(&with(lines)), [expected]);
    }
    assert!(list("[[rules]]\nname = 'r'\nreply = 'x'\nall = ['k']").is_empty());
    assert_eq!(
        list("[[rules]]\nname = 'r'\nreply = 'x'\nnone = ['k']"),
        ["1:1 this rule has no `keywords` (add a line like: keywords = [\"pizza\"])"]
    );
}

#[test]
fn limits_are_kept() {
    let reply =
        |length: usize| format!("[[rules]]\nname='r'\nkeywords=['k']\nreply='{}ü'", "x".repeat(length - 2));
    assert!(list(&reply(16_384)).is_empty());
    assert_eq!(list(&reply(16_385)), ["4:7 a reply can have 16384 bytes, and this has 16385 ()"]);
    assert_eq!(list("[[rules]]\nname='r'\nkeywords=['k']\nreply=' \t'"), ["4:7 the reply is empty ()"]);
    let keyword =
        |length: usize| format!("[[rules]]\nname='r'\nreply='x'\nkeywords=['{}']", "ü".repeat(length));
    assert!(list(&keyword(200)).is_empty());
    assert_eq!(list(&keyword(201)), ["4:11 a keyword can have 200 characters, and this has more ()"]);
    let name = |name: &str| list(&format!("[[rules]]\nname='{name}'\nkeywords=['k']\nreply='x'"));
    assert!(name(&"n".repeat(100)).is_empty());
    assert_eq!(name(&"n".repeat(101)), ["2:6 a name can have 100 characters, and this has more ()"]);
    assert_eq!(name(" "), ["2:6 a name must have letters, and be one line ()"]);
    assert_eq!(list("# empty\n"), ["0:0 there is no rule in here (begin each rule with a line `[[rules]]`)"]);
}

#[test]
fn names_are_unique_over_all_files() {
    let sources = vec![("a.toml".to_owned(), with("")), ("b.toml".to_owned(), with(""))];
    let mistakes = Rules::parse(sources).unwrap_err();
    let entry = mistakes.entries().next().unwrap();
    assert_eq!(
        (entry.file.as_str(), entry.line, entry.column, entry.end_column),
        ("b.toml", Some(2), Some(8), Some(11))
    );
    assert_eq!(entry.suggestion.as_deref(), Some("the first one is at a.toml:2: give this one another name"));
    assert_eq!(mistakes.len(), 1);
}

#[test]
fn what_is_not_toml_is_told_at_its_place() {
    let told = list("[[rules]]\nname = \"r\nreply = x\nkeywords = [\"k\"]\n");
    assert!(told.len() >= 2 && told[0].starts_with("2:") && told[1].starts_with("3:"), "{told:?}");
}

#[test]
fn the_same_list_is_json() {
    let mistakes = Rules::parse(vec![("r.toml".to_owned(), with("mode = \"offf\" # ü"))]).unwrap_err();
    assert_eq!(
        serde_json::to_value(&mistakes).unwrap(),
        serde_json::json!([{
            "file": "r.toml", "line": 5, "column": 8, "end_column": 14, "source": "mode = \"offf\" # ü",
            "severity": "error",
            "message": "`mode` cannot be \"offf\"", "suggestion": "did you mean \"off\"?",
        }])
    );
}
