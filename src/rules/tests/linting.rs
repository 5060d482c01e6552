//! What the linter warns of, and what it is silent about.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::mistakes::{Notes, Source};
use super::super::{Author, Decision, Kind, Message, Rules, Warnings};

fn lint(files: &[(&str, &str)]) -> Warnings {
    let source = |(name, text): &(&str, &str)| Source { name: (*name).to_owned(), text: (*text).to_owned() };
    let (rules, linter) = Rules::compile(files.iter().map(source).collect(), Notes::default())
        .unwrap_or_else(|mistakes| panic!("{mistakes}"));
    linter.run(&rules)
}

/// The warnings of one file, but for those of this kind: their line, their kind and what is underlined.
fn without(kind: &str, text: &str) -> Vec<String> {
    let kind_of = |kind| serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned();
    lint(&[("r.toml", text)])
        .entries()
        .map(|it| {
            let (from, to) = (it.column.unwrap() - 1, it.end_column.unwrap() - 1);
            let underlined: String = it.source.unwrap().chars().take(to).skip(from).collect();
            format!("{} {} {underlined}", it.line.unwrap(), kind_of(it.kind))
        })
        .filter(|told| !told.contains(kind))
        .collect()
}

/// Two rules, each in its lines: first `a`, then `b`; the kinds of the warnings about `b`'s keywords.
fn second(first: &str, second: &str) -> String {
    let rule = |name: &str, lines: &str| format!("[[rules]]\nname = '{name}'\nreply = '1'\n{lines}\n");
    let told = without("no_examples", &format!("{}{}", rule("a", first), rule("b", second)));
    let short = |told: String| if told.ends_with(" never_speaks 'b'") { "never".to_owned() } else { told };
    let told = told.into_iter().filter(|told| !told.contains("short_keyword"));
    told.map(short).collect::<Vec<_>>().join("; ")
}

/// The keywords of a rule, those of one after it, and what is warned of the second.
const PAIRS: &[(&str, &str, &str)] = &[
    // The same keyword, and one that is found inside another.
    ("keywords = ['pizza']", "keywords = ['PIZZA']", "never"),
    ("keywords = ['pizza']", "keywords = ['pizza hut', 'no pizza']", "never"),
    ("keywords = ['pizza', 'pasta']", "keywords = ['fresh pasta', 'pizza!']", "never"),
    ("keywords = ['pizza hut']", "keywords = ['pizza']", ""),
    ("keywords = ['pizza']", "keywords = ['pizzas']", ""),
    ("keywords = ['pizza']", "keywords = ['pizza hut', 'pasta']", ""),
    // How it must stand.
    ("keywords = ['pizza']", "keywords = ['pizza']\nmatch = 'contains'", ""),
    ("keywords = ['pizza']", "keywords = [' pizza ']\nmatch = 'contains'", ""),
    ("keywords = ['pizza']", "keywords = ['\u{200b} pizza']\nmatch = 'contains'", ""),
    ("keywords = ['pizza']", "keywords = ['hot pizza now']\nmatch = 'contains'", "never"),
    ("keywords = ['pizza']\nmatch = 'contains'", "keywords = ['pizzas']", "never"),
    ("keywords = ['pizza']\nmatch = 'contains'", "keywords = ['*pizza*']\nmatch = 'contains'", "never"),
    ("keywords = ['pizza']", "keywords = ['my pizza']\nmatch = 'exact'", "never"),
    ("keywords = ['pizza']\nmatch = 'exact'", "keywords = ['pizza']", ""),
    ("keywords = ['pizza']\nmatch = 'exact'", "keywords = ['pizza']\nmatch = 'starts_with'", ""),
    ("keywords = ['pizza']\nmatch = 'starts_with'", "keywords = ['pizza']", ""),
    ("keywords = ['pizza']\nmatch = 'starts_with'", "keywords = ['pizza']\nmatch = 'contains'", ""),
    (
        "keywords = ['pizza']\nmatch = 'starts_with'",
        "keywords = ['pizza hut']\nmatch = 'starts_with'",
        "never",
    ),
    ("keywords = ['pizza']\nmatch = 'starts_with'", "keywords = ['pizza']\nmatch = 'exact'", "never"),
    ("keywords = ['pizza']\nmatch = 'ends_with'", "keywords = ['pizza']\nmatch = 'starts_with'", ""),
    ("keywords = ['pizza']\nmatch = 'ends_with'", "keywords = ['hot pizza']\nmatch = 'ends_with'", "never"),
    ("keywords = ['pizza']", "keywords = ['pizza']\nmatch = 'ends_with'", "never"),
    // Wildcards.
    ("keywords = ['refund*']", "keywords = ['refunds', 'refunded*', 'refund']", "never"),
    ("keywords = ['refund']", "keywords = ['refund*']", ""),
    ("keywords = ['refund', 'refunds', 'refunded']", "keywords = ['refund*']", ""),
    ("keywords = ['*fund*']", "keywords = ['refund*']", "never"),
    ("keywords = ['refund*']", "keywords = ['*refund*']", ""),
    ("keywords = ['re*d']", "keywords = ['re*nd']", "never"),
    ("keywords = ['re*nd']", "keywords = ['re*d']", ""),
    ("keywords = ['refund']\nmatch = 'contains'", "keywords = ['refund*', '*refund']", "never"),
    ("keywords = ['क']\nmatch = 'contains'", "keywords = ['क*']", ""),
    ("keywords = ['क*']\nmatch = 'contains'", "keywords = ['क*']", "never"),
    ("keywords = ['*']", "keywords = ['pizza']\nmatch = 'contains'", "never"),
    ("keywords = ['*']", "keywords = ['*']", "never"),
    ("keywords = ['pizza']", "keywords = ['*']", ""),
    ("keywords = ['*']\nmode = 'off'", "keywords = ['*']", ""),
    ("keywords = ['*']\npriority = -1", "keywords = ['pizza']", ""),
    ("keywords = ['* pizza']", "keywords = ['pizza']", ""),
    // Capitals and accents.
    ("keywords = ['Pizza']\ncase_sensitive = true", "keywords = ['Pizza']", ""),
    ("keywords = ['pizza']\ncase_sensitive = true", "keywords = ['pizza']", ""),
    ("keywords = ['pizza']", "keywords = ['Pizza']\ncase_sensitive = true", "never"),
    ("keywords = ['Pizza']\ncase_sensitive = true", "keywords = ['pizza']\ncase_sensitive = true", ""),
    ("keywords = ['crème']", "keywords = ['creme']", ""),
    ("keywords = ['creme']", "keywords = ['crème']", "never"),
    ("keywords = ['kıta']", "keywords = ['KITA']", ""),
    // Scripts without borders, and with particles.
    ("keywords = ['披萨']", "keywords = ['好吃披萨吗']", "never"),
    ("keywords = ['披萨']", "keywords = ['披萨']\nmatch = 'contains'", "never"),
    ("keywords = ['피자']", "keywords = ['피자']\nmatch = 'contains'", ""),
    ("keywords = ['피자']", "keywords = ['피자는']", "never"),
    // Who is listened to, the order, and rules that are off or only reported.
    ("keywords = ['pizza']", "keywords = ['pizza hut']\nfrom = 'agent'", ""),
    ("keywords = ['pizza']", "keywords = ['pizza hut']\nfrom = 'anyone'", ""),
    ("keywords = ['pizza']\nfrom = 'anyone'", "keywords = ['pizza hut']\nfrom = 'agent'", "never"),
    ("keywords = ['pizza']", "keywords = ['pizza hut']\npriority = 1", ""),
    ("keywords = ['pizza']\nmode = 'off'", "keywords = ['pizza']", ""),
    ("keywords = ['pizza']", "keywords = ['pizza']\nmode = 'off'", ""),
    ("keywords = ['pizza']\nmode = 'shadow'", "keywords = ['pizza']", "never"),
    ("keywords = ['pizza']", "keywords = ['pizza']\nmode = 'shadow'", "never"),
    // An address is no place for a keyword.
    ("keywords = ['mail']\nmatch = 'contains'", "keywords = ['@mail']\nmatch = 'contains'", "never"),
];

#[test]
fn a_rule_that_can_never_speak_is_found_and_no_other_is() {
    for (one, other, expected) in PAIRS {
        assert_eq!(second(one, other), *expected, "{one} / {other}");
    }
}

/// What keywords and texts are made of: letters with accents, of both cases, of scripts without borders, particles, marks.
const LETTERS: [&str; 16] =
    ["a", "a", "b", "B", "á", "I", "ı", "ß", " ", " ", "+", "1", "披", "피", "는", "\u{93e}"];

fn words(extra: &'static str, most: usize) -> impl Strategy<Value = String> {
    let letters: Vec<&str> = LETTERS.into_iter().chain((!extra.is_empty()).then_some(extra)).collect();
    prop::collection::vec(prop::sample::select(letters), 1..most).prop_map(|letters| letters.concat())
}

/// A rule without its name, as TOML.
fn any_rule() -> impl Strategy<Value = String> {
    let keywords =
        prop_oneof![9 => prop::collection::vec(words("*", 5), 1..3), 1 => Just(vec!["*".to_owned()])];
    let matching = prop::sample::select(vec!["word", "contains", "exact", "starts_with", "ends_with"]);
    let from = prop::sample::select(vec!["customer", "agent", "anyone"]);
    let mode = prop::sample::select(vec!["live", "live", "shadow", "off"]);
    (keywords, matching, from, mode, prop::bool::weighted(0.2), 0..2).prop_map(
        |(keywords, matching, from, mode, cased, priority)| {
            format!(
                "reply = 'x'\nkeywords = {}\nmatch = '{matching}'\nfrom = '{from}'\nmode = '{mode}'\n\
                 case_sensitive = {cased}\npriority = {priority}\n",
                toml::Value::from(keywords)
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_of_which_it_is_said_never_speaks(
        written in prop::collection::vec(any_rule(), 2..6),
        texts in prop::collection::vec(words("x", 9), 4),
    ) {
        let text: String =
            written.iter().enumerate().map(|(number, lines)| format!("[[rules]]\nname = 'r{number}'\n{lines}")).collect();
        let sources = vec![Source { name: "r.toml".to_owned(), text: text.clone() }];
        // Keywords that can never be found are refused.
        if let Ok((rules, linter)) = Rules::compile(sources, Notes::default()) {
            let silent: Vec<String> = linter
                .run(&rules)
                .entries()
                .filter(|it| it.kind == Some(Kind::NeverSpeaks))
                .map(|it| it.source.unwrap())
                .collect();
            // The keywords themselves, alone and among others, are what comes nearest to speaking.
            let own: Vec<&str> = rules.iter().flat_map(|rule| rule.words.keywords.iter()).map(String::as_str).collect();
            let own = own.iter().flat_map(|keyword| {
                ["", "b", "피", "披", "는", "+"].map(|filling| keyword.replace('*', filling)).into_iter().flat_map(|keyword| {
                    texts.iter().flat_map(move |text| [keyword.clone(), format!("{text}{keyword}"), format!("{keyword}{text}"), format!("{text} {keyword} {text}")])
                })
            });
            for text in own.chain(texts.iter().cloned()) {
                for author in [Author::Customer, Author::Agent] {
                    let texts = [text.as_str().into()];
                    if let Decision::Speak(speak) = rules.decide(&Message { texts: &texts, author, at: None }) {
                        let name = format!("name = '{}'", speak.rule.name);
                        prop_assert!(!silent.contains(&name), "{name} answers {text:?} in\n{written:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn several_rules_together_can_keep_one_silent() {
    let rules = "[[rules]]\nname = 'c'\nkeywords = ['pizza']\nreply = '1'\n\
                 [[rules]]\nname = 'a'\nkeywords = ['pizza']\nreply = '1'\nfrom = 'agent'\nmode = 'shadow'\n\
                 [[rules]]\nname = 'late'\nkeywords = ['no pizza']\nreply = '1'\nfrom = 'anyone'\n\
                 [[rules]]\nname = 'early'\nkeywords = ['pasta', 'no']\nreply = '1'\npriority = 1\ncase_sensitive = true\n\
                 [[rules]]\nname = 'salad'\nkeywords = ['salad']\nreply = '1'\nfrom = 'anyone'\n\
                 [[rules]]\nname = 'all'\nkeywords = ['salad pizza', 'big salad']\nreply = '1'\n\
                 [[tests]]\nsay = 'salad'\nexpect = 'salad'\n";
    let told = lint(&[("r.toml", rules)]);
    let told: Vec<_> =
        told.entries().map(|it| (it.line.unwrap(), it.message, it.suggestion.unwrap())).collect();
    let never =
        |told: &(usize, String, String)| told.1.starts_with("this rule can never").then(|| told.clone());
    assert_eq!(
        told.iter().filter_map(never).collect::<Vec<_>>(),
        [
            (
                12,
                "this rule can never speak: `c` (r.toml:2) and `a` (r.toml:6) go before it and find every keyword of it"
                    .to_owned(),
                "give it a higher `priority`, put it earlier, or remove it; a rule in mode shadow keeps those after \
                 it silent, too"
                    .to_owned(),
            ),
            (
                28,
                "this rule can never speak: `c` (r.toml:2) and `salad` (r.toml:23) go before it and find every keyword \
                 of it"
                    .to_owned(),
                "give it a higher `priority`, put it earlier, or remove it".to_owned(),
            ),
        ]
    );
    let many = (1..=6).map(|it| format!("[[rules]]\nname = '{it}'\nkeywords = ['word{it}']\nreply = '1'\n"));
    let all = "[[rules]]\nname = 'x'\nkeywords = ['word1', 'word2', 'word3', 'word4', 'word5', 'word6']\nreply = '1'\n";
    let told = lint(&[("1.toml", &many.collect::<String>()), ("2.toml", all)]);
    let last = told.entries().last().unwrap();
    assert_eq!((last.file.as_str(), last.line), ("2.toml", Some(2)));
    assert_eq!(
        last.message,
        "this rule can never speak: `1` (1.toml:2), `2` (1.toml:6), `3` (1.toml:10) and 3 others go before it and find \
         every keyword of it"
    );
}

#[test]
fn the_same_keyword_in_two_rules_is_found() {
    let same = |first: &str, other: &str| second(first, &format!("{other}, 'salad']"));
    let rows = [
        ("keywords = ['pizza']", "keywords = ['Pizza'", "8 same_keyword 'Pizza'"),
        ("keywords = ['crème  brûlée']", "keywords = ['Crème Brûlée'", "8 same_keyword 'Crème Brûlée'"),
        ("keywords = ['pizza*']", "keywords = ['ｐｉｚｚａ*'", "8 same_keyword 'ｐｉｚｚａ*'"),
        ("keywords = ['pizza']", "keywords = ['pizza*'", ""),
        ("keywords = ['crème']", "keywords = ['creme'", ""),
        ("keywords = ['creme']", "keywords = ['crème'", ""),
        ("keywords = ['pizza']", "match = 'contains'\nkeywords = ['pizza'", ""),
        ("keywords = ['pizza']", "from = 'agent'\nkeywords = ['pizza'", ""),
        ("keywords = ['pizza']", "from = 'anyone'\nkeywords = ['pizza'", "9 same_keyword 'pizza'"),
        ("keywords = ['pizza']\nmode = 'off'", "keywords = ['pizza'", ""),
        ("keywords = ['pizza']", "mode = 'off'\nkeywords = ['pizza'", ""),
        ("keywords = ['pizza']", "mode = 'shadow'\nkeywords = ['pizza'", "9 same_keyword 'pizza'"),
        ("keywords = ['pizza', 'bread']", "priority = 1\nkeywords = ['pizza'", "4 same_keyword 'pizza'"),
        ("keywords = ['bread']", "keywords = ['pizza', 'Pizza'", ""),
    ];
    for (one, other, expected) in rows {
        assert_eq!(same(one, other), expected, "{one} / {other}");
    }
    let told = lint(&[(
        "r.toml",
        "[[rules]]\nname = 'a'\nkeywords = ['pizza']\nreply = '1'\nfrom = 'agent'\n\
                                  [[rules]]\nname = 'b'\nkeywords = ['pizza']\nreply = '1'\nfrom = 'anyone'\n",
    )]);
    let same = told.entries().find(|it| it.line == Some(8)).unwrap();
    assert_eq!(same.message, "`pizza` is also a keyword of `a` (r.toml:2), which goes before this rule");
    let suggestion = "an agent's message with it never comes this far: remove it from one of the two";
    assert_eq!(same.suggestion.as_deref(), Some(suggestion));
}

#[test]
fn short_keywords_are_found_where_letters_are_few() {
    let rows = [
        ("['hi', 'pay', 'help', 'by it']", "", "3 short_keyword 'hi'; 3 short_keyword 'pay'"),
        (
            "['a b', 'été', 'ref*', '*x*']",
            "",
            "3 short_keyword 'a b'; 3 short_keyword 'été'; 3 short_keyword 'ref*'; 3 short_keyword '*x*'",
        ),
        ("['да', 'ναι']", "", "3 short_keyword 'да'; 3 short_keyword 'ναι'"),
        ("['*']", "", ""),
        ("['披萨', '피자', 'ピザ', 'น้ำ', 'כן', 'لا', 'हाँ']", "", ""),
        ("['c++', '404', '24/7', 'b2b', ':)', '🍕', '¿?']", "", ""),
        ("['hi']", "match = 'exact'", ""),
        ("['hi']", "match = 'contains'", "3 short_keyword 'hi'"),
        ("['SOS']", "case_sensitive = true", ""),
        ("['hi']", "mode = 'off'", ""),
    ];
    for (keywords, line, expected) in rows {
        let text = format!("[[rules]]\nname = 'r'\nkeywords = {keywords}\nreply = '1'\n{line}\n");
        assert_eq!(without("no_examples", &text).join("; "), expected, "{keywords} {line}");
    }
    let told = lint(&[("r.toml", "[[rules]]\nname = 'r'\nkeywords = ['x']\nreply = '1'\n")]);
    assert_eq!(
        told.entries().nth(1).unwrap().message,
        "`x` has only one letter, and is found where nobody means it"
    );
}

#[test]
fn a_reply_that_would_be_answered_when_it_is_quoted_is_found() {
    let rows = [
        ("reply = 'Pizza is on the way!'\nvisibility = 'all'", "4 echo 'Pizza is on the way!'"),
        ("reply = 'Pizza is on the way!'", ""),
        ("reply = 'Pizza is on the way!'\nfrom = 'agent'", "4 echo 'Pizza is on the way!'"),
        ("reply = 'Pizza is on the way!'\nfrom = 'anyone'", "4 echo 'Pizza is on the way!'"),
        ("reply = 'Pizzas are on the way!'\nfrom = 'agent'", ""),
        ("reply = 'See https://pizza.example'\nfrom = 'agent'", ""),
        ("reply = 'A pizza'\nfrom = 'agent'\nmatch = 'exact'", ""),
        ("reply = 'A pizza'\nfrom = 'agent'\nmode = 'off'", ""),
        ("reply = 'A pizza'\nfrom = 'agent'\nmode = 'shadow'", "4 echo 'A pizza'"),
        (
            "reply = ['no', 'a pizza', { text = 'PIZZA' }]\nfrom = 'agent'",
            "4 echo 'a pizza'; 4 echo { text = 'PIZZA' }",
        ),
        ("reply = { text = 'pizza!', weight = 2 }\nfrom = 'agent'", "4 echo { text = 'pizza!', weight = 2 }"),
    ];
    for (lines, expected) in rows {
        let text = format!("[[rules]]\nname = 'r'\nkeywords = ['pasta', 'pizza']\n{lines}\n");
        assert_eq!(without("no_examples", &text).join("; "), expected, "{lines}");
    }
    let any = "[[rules]]\nname = 'r'\nkeywords = ['*']\nreply = 'We are closed.'\nvisibility = 'all'\n";
    assert!(without("no_examples", any).is_empty());
}

#[test]
fn rules_without_examples_are_found() {
    let rule = |lines: &str| format!("[[rules]]\nname = 'r'\nkeywords = ['refund*']\nreply = '1'\n{lines}\n");
    let rows = [
        ("", "2 no_examples 'r'"),
        ("should_match = ['refunds']", ""),
        ("should_not_match = ['money']", "2 no_examples 'r'"),
        ("[[tests]]\nsay = 'a refund'\nexpect = 'r'", ""),
        ("[[tests]]\nsay = 'money'\nexpect = 'silence'", "2 no_examples 'r'"),
        ("mode = 'off'", ""),
        ("mode = 'shadow'", "2 no_examples 'r'"),
    ];
    for (lines, expected) in rows {
        assert_eq!(without("nothing", &rule(lines)).join("; "), expected, "{lines}");
    }
    let advice = |text: &str| lint(&[("r.toml", text)]).entries().next().unwrap().suggestion.unwrap();
    let expected = "add messages that it should answer, like: should_match = [\"refund\"]";
    assert_eq!(advice(&rule("")), expected);
    assert_eq!(advice(&rule("").replace("refund*", "*")), expected.replace("refund", "Hello"));
}

#[test]
fn a_warning_is_told_with_its_line_underlined_and_as_json() {
    let text = "[[rules]]\nname = 'r'\nkeywords = ['pizza']\nreply = 'x'\n";
    let told = lint(&[("r.toml", text)]);
    assert_eq!(
        told.render(false),
        "warning: `r` has no example of what it answers\n --> r.toml:2:8\n  |\n2 | name = 'r'\n  |        ^^^\n  |\n  \
         = help: add messages that it should answer, like: should_match = [\"pizza\"]"
    );
    let json = |severity: &str| {
        serde_json::json!([{
            "file": "r.toml", "line": 2, "column": 8, "end_column": 11, "source": "name = 'r'", "severity": severity,
            "kind": "no_examples", "message": "`r` has no example of what it answers",
            "suggestion": "add messages that it should answer, like: should_match = [\"pizza\"]",
        }])
    };
    assert_eq!(
        (serde_json::to_value(&told).unwrap(), told.len(), told.is_empty()),
        (json("warning"), 1, false)
    );
    let told = told.into_errors();
    assert!(told.render(false).starts_with("error: `r` has no example"), "{}", told.render(false));
    assert_eq!(serde_json::to_value(&told).unwrap(), json("error"));
}

#[test]
fn hours_and_synonyms_prove_nothing() {
    let open = "[business_hours]\ntimezone = 'UTC'\nhours.monday = ['09:00-17:00']\n";
    assert_eq!(
        second(&format!("keywords = ['pizza']\nwhen.hours = 'inside'\n{open}"), "keywords = ['pizza']"),
        ""
    );
    assert_eq!(
        second("keywords = ['pizza']\n[synonyms]\npasta = ['lasagne']", "keywords = ['pizza hut']"),
        ""
    );
}

#[test]
fn a_rule_that_needs_more_than_a_keyword_proves_nothing() {
    let rows = [
        ("keywords = ['pizza']\nnone = ['hut']", "keywords = ['pizza']", ""),
        ("keywords = ['pizza']\nall = ['late']", "keywords = ['pizza']", ""),
        ("keywords = ['pizza', 'pasta']\nat_least = 2", "keywords = ['pizza']", ""),
        ("keywords = ['pizza']\nignore = ['pizza hut']", "keywords = ['pizza']", ""),
        ("keywords = ['pizza']", "keywords = ['pizza']\nall = ['late']", "never"),
        ("keywords = ['late']", "all = ['late', 'pizza']", ""),
    ];
    for (one, other, expected) in rows {
        assert_eq!(second(one, other), expected, "{one} / {other}");
    }
}
