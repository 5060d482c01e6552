//! The rules from outside: an independent, naive reading of "Text is compared like this" agrees with the engine, and
//! the example file does what it says.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use chimein::cli::explain::{Args, By, run};
use chimein::rules::{Author, Decision, Message, Rules};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::{Path, PathBuf};

#[path = "rules/oracle.rs"]
mod oracle;

const MATCHING: [&str; 5] = ["word", "contains", "exact", "starts_with", "ends_with"];

/// What is masked; an independent text has this one character in its place.
const ADDRESSES: &[&str] = &["https://a.b/eß?p=피자#a", "WWW.pé.a/披", "a.b+e@p.ie", "p@a.ab", "ftp://ss.s"];
const MASKED: &str = "\u{fffc}";

/// A few letters, a keyword and a text made of them, and an address somewhere in some texts.
fn case() -> impl Strategy<Value = (String, Vec<String>, Option<(usize, usize)>)> {
    let few = proptest::sample::subsequence(oracle::ALPHABET, 2..=6);
    few.prop_flat_map(|few| {
        let mut keyword = few.clone();
        keyword.push("*");
        let keyword = prop::collection::vec(prop::sample::select(keyword), 1..5);
        let mut text: Vec<String> = few.iter().map(|it| (*it).to_owned()).collect();
        text.push(" ".to_owned());
        let text = prop::collection::vec(prop::sample::select(text), 0..10);
        let address = prop::option::weighted(0.1, (0..ADDRESSES.len(), 0..10_usize));
        (keyword.prop_map(|parts| parts.concat()), text, address)
    })
}

/// The ten ways to look for this keyword.
fn ten_rules(keyword: &str) -> String {
    let keyword = toml::Value::from(keyword);
    let rule = |matching: &str, cased: bool| {
        format!(
            "[[rules]]\nname = \"{matching} {cased}\"\nreply = \"x\"\nkeywords = [{keyword}]\n\
             match = \"{matching}\"\ncase_sensitive = {cased}\n"
        )
    };
    [false, true].iter().flat_map(|cased| MATCHING.map(|matching| rule(matching, *cased))).collect()
}

fn parse(text: String) -> Option<Rules> {
    Rules::parse(vec![("rules.toml".to_owned(), text)]).ok()
}

/// So many cases, the same ones at each run; `PROPTEST_CASES` asks for more, and for new ones.
fn cases(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let more = asked.cases > cases;
    let rng_seed = if more { asked.rng_seed } else { RngSeed::Fixed(2) };
    ProptestConfig { cases: asked.cases.max(cases), rng_seed, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn the_engine_agrees_with_the_naive_reading((keyword, parts, address) in case()) {
        let (mut typed, mut masked) = (parts.clone(), parts);
        if let Some((which, place)) = address {
            let place = place.min(typed.len());
            typed.insert(place, format!(" {} ", ADDRESSES[which]));
            masked.insert(place, format!(" {MASKED} "));
        }
        let (typed, masked) = (typed.concat(), masked.concat());
        let Some(rules) = parse(ten_rules(&keyword)) else {
            prop_assert!(oracle::is_only_stars(&oracle::keyword(&keyword, false)), "refused: {keyword:?}");
            return Ok(());
        };
        let message = Message { texts: &[typed.as_str().into()], author: Author::Customer, at: None };
        for reason in rules.explain(&message).rules {
            let (matching, cased) = reason.rule.split_once(' ').unwrap();
            let letters = oracle::keyword(&keyword, cased == "true");
            let expected = oracle::finds(&letters, matching, cased == "true", &masked);
            prop_assert_eq!(!reason.found.is_empty(), expected, "{:?} {} in {:?}", keyword, reason.rule, typed);
            for place in reason.found {
                let heard = typed.get(place.start..place.end);
                prop_assert!(heard.is_some_and(|it| !it.is_empty()), "{:?} in {:?}: {:?}", keyword, typed, place);
                let heard = heard.unwrap_or_default();
                // A star that stands for nothing may stand beside a space, which a text of its own would not begin with.
                let again = heard.trim() != heard || oracle::finds(&letters, "contains", cased == "true", heard);
                prop_assert!(again, "{:?} in {:?} at {:?}", keyword, typed, heard);
            }
        }
        let speaks = matches!(rules.decide(&message), Decision::Speak(_));
        prop_assert_eq!(speaks, rules.explain(&message).speaks.is_some());
    }

}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn no_text_and_no_keyword_breaks_it(keyword in ".{1,8}", other in any::<String>(), text in any::<String>()) {
        let Some(rules) = parse(ten_rules(&keyword)) else { return Ok(()) };
        for text in [&text, &keyword, &format!("{other}{keyword}{text}")] {
            let message = Message { texts: &[text.into()], author: Author::Customer, at: None };
            for place in rules.explain(&message).rules.iter().flat_map(|reason| &reason.found) {
                prop_assert!(text.get(place.start..place.end).is_some(), "{:?} in {:?}", place, text);
            }
        }
    }

    #[test]
    fn no_file_breaks_it(text in "(\\[\\[rules\\]\\]\n|name ?= ?|\"[a-z*]{0,3}\"|\n|keywords = |\\[|\\]|reply|ü|'|=|\\.|\\{|1){0,30}") {
        if let Err(mistakes) = Rules::parse(vec![("rules.toml".to_owned(), text)]) {
            prop_assert!(!mistakes.render(true).is_empty());
            prop_assert!(mistakes.entries().count() > 0);
        }
    }
}

fn explain(text: &str, change: impl FnOnce(&mut Args)) -> (u8, String) {
    let mut args = Args {
        text: text.to_owned(),
        rules: Some(PathBuf::from("config/rules.toml")),
        from: By::Customer,
        at: None,
        group: None,
        json: false,
    };
    change(&mut args);
    let mut out = Vec::new();
    let code = run(&args, &mut out).unwrap();
    (code, String::from_utf8(out).unwrap())
}

#[test]
fn the_example_file_says_what_its_comments_say() {
    assert_eq!(Rules::load(Path::new("config/rules.toml")).unwrap().len(), 4);
    let speaker = |text: &str, author| match Rules::load(Path::new("config/rules.toml"))
        .unwrap()
        .decide(&Message { texts: &[text.into()], author, at: None })
    {
        Decision::Speak(speak) => speak.rule.name.clone(),
        Decision::Silent(silence) => silence.name().to_owned(),
    };
    let customer = |text| speaker(text, Author::Customer);
    assert_eq!(customer("Where is my PIZZA?"), "pizza");
    assert_eq!(customer("pizzas"), "no_rule_fits");
    assert_eq!(customer("I was refunded for a pizza"), "refund");
    assert_eq!(customer("Opening hours"), "opening hours");
    assert_eq!(customer("Opening hours on Sunday?"), "no_rule_fits");
    assert_eq!(customer("SOS"), "not_theirs");
    assert_eq!(speaker("SOS!", Author::Agent), "agent needs help");
    assert_eq!(speaker("sos", Author::Agent), "no_rule_fits");
}

#[test]
fn explain_marks_the_text_and_tells_why() {
    let (code, told) = explain("Where is my PIZZA? I want a refund, no pizza", |_| ());
    assert_eq!(code, 0);
    assert_eq!(
        told,
        "\
Where is my PIZZA? I want a »refund«, no pizza

Rule  `refund` speaks: found \"refund*\"
Says  Refunds take five working days. The order number is in the customer's confirmation mail.
To    agents only

The others
  pizza             found \"pizza\", but `refund` goes first
  opening hours     no keyword found
  agent needs help  no keyword found
"
    );
    let (code, told) = explain("SOS", |_| ());
    assert_eq!(code, 1);
    assert!(
        told.contains("No rule speaks: a keyword was found, but its rule does not listen to this author.")
    );
    assert!(
        told.contains("agent needs help  found \"SOS\", but it does not listen to this author"),
        "{told}"
    );
    let (code, told) = explain("SOS", |args| args.from = By::Agent);
    assert_eq!(code, 1, "a shadow does not speak");
    assert!(told.contains("`agent needs help` would speak, but its mode is shadow: found \"SOS\""), "{told}");
}

#[test]
fn explain_tells_json() {
    let (code, told) = explain("a pizza", |args| args.json = true);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["speaks"], &told["visibility"]), (0, &"pizza".into(), &"agents".into()));
    assert_eq!(told["rules"][1]["outcome"], "speaks");
    assert_eq!(told["rules"][1]["found"][0]["start"], 2);
    let (code, told) =
        explain("a pizza", |args| (args.json, args.rules) = (true, Some(PathBuf::from("config/none.toml"))));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["mistakes"][0]["file"]), (2, &"config/none.toml".into()));
}

#[test]
fn explain_refuses_what_it_cannot_read_or_is_not_built_yet() {
    assert_eq!(explain("x", |args| args.group = Some(0)).0, 2);
    let (code, told) = explain("x", |args| args.at = Some("now".to_owned()));
    assert!(code == 2 && told.starts_with("--at now: write it as "), "{told}");
}

#[test]
fn a_folder_is_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    let load = || Rules::load(folder.path());
    assert!(load().unwrap_err().to_string().contains("there is no `*.toml` file in this folder"));
    write("b.toml", b"[[rules]]\nname='b'\nkeywords=['x']\nreply='b'");
    write("a.toml", b"[[rules]]\nname='a'\nkeywords=['x']\nreply='a'");
    write(".hidden.toml", b"broken");
    write("notes.txt", b"broken");
    let names: Vec<String> = load().unwrap().iter().map(|rule| rule.name.clone()).collect();
    assert_eq!(names, ["a", "b"]);
    write("c.toml", b"[[rules]]\nname='\xff'");
    write("d.toml", b"version = 3");
    let mistakes = load().unwrap_err().to_string();
    assert!(
        mistakes.contains("the file is not UTF-8 (byte 17)") && mistakes.contains("unknown version 3"),
        "{mistakes}"
    );
}
