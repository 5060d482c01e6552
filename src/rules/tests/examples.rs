//! Examples, tests and defaults of a rules file, and the texts of a reply.

use std::collections::BTreeMap;

use super::super::{Mode, Rules, Visibility};

fn parse(text: &str) -> Result<Rules, Vec<String>> {
    Rules::parse(vec![("rules.toml".to_owned(), text.to_owned())]).map_err(|mistakes| {
        mistakes
            .entries()
            .map(|it| {
                format!("{} {} ({})", it.line.unwrap_or(0), it.message, it.suggestion.unwrap_or_default())
            })
            .collect()
    })
}

const TWO: &str = r#"
[[rules]]
name = "pizza"
keywords = ["pizza"]
reply = "Pizza is on the way!"

[[rules]]
name = "food"
keywords = ["pizza", "salad"]
reply = "We have food."
"#;

#[test]
fn examples_that_hold_are_silent_and_those_that_fail_say_why() {
    let rows = [
        ("should_match = ['A salad, please']", ""),
        ("should_not_match = ['soup', 'One pizza']", ""),
        ("should_match = ['soup']", "11 this example fails (no keyword of this rule is found in it)"),
        (
            "should_match = ['A PIZZA']",
            "11 this example fails (`pizza` goes before this rule and answers it)",
        ),
        ("should_not_match = ['no salad']", "11 this example fails (this rule answers it: `salad` is found)"),
        ("mode = 'off'\nshould_match = ['salad']", ""),
        (
            "mode = 'off'\nshould_not_match = ['salad']",
            "12 this example fails (this rule answers it: `salad` is found)",
        ),
        ("mode = 'off'\nnone = ['no']\nshould_not_match = ['no salad']", ""),
        ("mode = 'shadow'\nshould_match = ['salad']", ""),
        ("from = 'agent'\nshould_match = ['salad']", ""),
        ("[[tests]]\nsay = 'Pizza?'\nexpect = 'pizza'", ""),
        ("[[tests]]\nsay = 'Soup?'\nexpect = 'silence'", ""),
        ("[[tests]]\nsay = 'Pizza?'\nfrom = 'agent'\nexpect = 'silence'", ""),
        ("[[tests]]\nsay = 'Soup?'\nexpect = 'food'", "12 this example fails (no rule answers it)"),
        ("[[tests]]\nsay = 'Pizza?'\nexpect = 'silence'", "12 this example fails (`pizza` answers it)"),
        (
            "[[tests]]\nsay = 'Pizza?'\nexpect = 'piza'",
            "13 there is no rule `piza` (did you mean \"pizza\"?)",
        ),
        (
            "[[tests]]\nsay = 'Pizza?'",
            "11 this test has no `expect` (add a line like: expect = \"pizza\" (a rule's name, or \"silence\"))",
        ),
        (
            "[[tests]]\nsay = 7\nexpect = 'pizza'",
            "12 `say` must be a text, and this is a number (put it in quotes)",
        ),
    ];
    for (lines, expected) in rows {
        let told = parse(&format!("{TWO}{lines}\n")).err().unwrap_or_default().join("; ");
        assert_eq!(told, expected, "{lines}");
    }
}

#[test]
fn a_rule_says_more_than_the_defaults_of_its_file() {
    let first = "[defaults]\nvisibility = 'all'\nmode = 'shadow'\ncase_sensitive = true\npriority = 3\n\
                 [[rules]]\nname = 'a'\nkeywords = ['SOS']\nreply = 'x'\n\
                 [[rules]]\nname = 'b'\nkeywords = ['k']\nreply = 'x'\nvisibility = 'agents'\nmode = 'live'\npriority = 0\n";
    let second = "[[rules]]\nname = 'c'\nkeywords = ['k']\nreply = 'x'\n";
    let sources =
        [("1.toml", first), ("2.toml", second)].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let rules = Rules::parse(sources.to_vec()).unwrap();
    let seen: Vec<_> =
        rules.iter().map(|it| (it.visibility, it.mode, it.case_sensitive, it.priority)).collect();
    assert_eq!(
        seen,
        [
            (Visibility::All, Mode::Shadow, true, 3),
            (Visibility::Agents, Mode::Live, true, 0),
            (Visibility::Agents, Mode::Live, false, 0),
        ]
    );
    let told = parse("[defaults]\nname = 'x'\ntypos = 1\n").unwrap_err().join("\n");
    assert!(told.contains("unknown key `name`") && told.contains("`typos` is not built yet"), "{told}");
}

#[test]
fn a_reply_of_several_texts_says_each_by_its_weight_and_the_same_to_the_same_message() {
    let with = |reply: &str| parse(&format!("[[rules]]\nname = 'r'\nkeywords = ['k']\nreply = {reply}\n"));
    let rules = with("['one', { text = 'three', weight = 3 }]").unwrap();
    let reply = &rules.iter().next().unwrap().reply;
    let mut said = BTreeMap::new();
    for number in 0..4_000 {
        let event = format!("Q298LUVPRH_{number}");
        assert_eq!(reply.pick(&event), reply.pick(&event));
        *said.entry(reply.pick(&event)).or_insert(0) += 1;
    }
    assert!((900..1_100).contains(&said["one"]) && (2_900..3_100).contains(&said["three"]), "{said:?}");
    assert_eq!(with("{ text = 'x' }").unwrap().iter().next().unwrap().reply.pick("1"), "x");
    for (reply, expected) in [
        ("[]", "4 a reply can have 1 to 100 texts, and this has 0 ()"),
        ("['']", "4 the reply is empty ()"),
        ("[7]", "4 each of `reply` must be a text or a table, and this is a number (put it in quotes)"),
        (
            "7",
            "4 `reply` must be a text or a list of texts or a table, and this is a number (put it in quotes)",
        ),
        ("{ weight = 2 }", "4 the reply is empty ()"),
        (
            "{ text = 'x', wait = 2 }",
            "4 unknown key `wait` (the keys of a text of a reply are `text`, `weight`)",
        ),
        (
            "[{ text = 'x', weight = 0 }]",
            "4 a weight is 1 to 1000, and this is 0 (a text that is never said can be removed)",
        ),
    ] {
        assert_eq!(with(reply).unwrap_err(), [expected], "{reply}");
    }
}
