//! Who speaks when several could, and who is never answered.

use super::{Author, Decision, Message, Rules, rules};
use crate::rules::{Outcome, Silence};

const MENU: &str = r#"
[[rules]]
name = "food"
keywords = ["pizza", "pasta"]
reply = "Food!"

[[rules]]
name = "refund"
keywords = ["refund", "money back"]
reply = "Five days."
priority = 10

[[rules]]
name = "agents"
keywords = ["refund policy", "escalate"]
reply = "See the handbook."
from = "agent"
priority = 20

[[rules]]
name = "later food"
keywords = ["pizza"]
reply = "Never."
from = "anyone"

[[rules]]
name = "off"
keywords = ["hello"]
reply = "Hi."
mode = "off"

[[rules]]
name = "shadow"
keywords = ["parking"]
reply = "Behind the house."
mode = "shadow"
"#;

fn says(rules: &Rules, author: Author, texts: &[&str]) -> Result<String, Silence> {
    let texts: Vec<_> = texts.iter().map(|text| (*text).into()).collect();
    match rules.decide(&Message { texts: &texts, author, at: None }) {
        Decision::Speak(speak) => Ok(speak.rule.name.clone()),
        Decision::Silent(silence) => Err(silence),
    }
}

#[test]
fn priority_goes_before_order_and_order_before_nothing() {
    let rules = rules(MENU);
    let customer = |text| says(&rules, Author::Customer, &[text]);
    assert_eq!(customer("a pizza"), Ok("food".to_owned()));
    assert_eq!(customer("pizza, or a refund"), Ok("refund".to_owned()));
    assert_eq!(customer("a refund or pizza"), Ok("refund".to_owned()));
    assert_eq!(customer("what is your refund policy"), Ok("refund".to_owned()));
    assert_eq!(customer("parking?"), Ok("shadow".to_owned()));
}

#[test]
fn a_rule_listens_only_to_whom_it_should() {
    let rules = rules(MENU);
    assert_eq!(says(&rules, Author::Agent, &["a pizza"]), Ok("later food".to_owned()));
    assert_eq!(says(&rules, Author::Agent, &["the refund policy"]), Ok("agents".to_owned()));
    assert_eq!(says(&rules, Author::Agent, &["pasta"]), Err(Silence::NotTheirs));
    assert_eq!(says(&rules, Author::Customer, &["escalate this"]), Err(Silence::NotTheirs));
    assert_eq!(says(&rules, Author::Unknown, &["pasta"]), Ok("food".to_owned()));
}

#[test]
fn a_bot_is_never_answered() {
    let rules = super::rules("[[rules]]\nname = \"a\"\nkeywords = [\"*\"]\nreply = \"x\"\nfrom = \"anyone\"");
    assert_eq!(says(&rules, Author::Bot, &["pizza"]), Err(Silence::ByBot));
    assert_eq!(says(&rules, Author::Agent, &["pizza"]), Ok("a".to_owned()));
}

#[test]
fn nothing_to_read_is_silence() {
    let rules = super::rules("[[rules]]\nname = \"a\"\nkeywords = [\"*\"]\nreply = \"x\"");
    assert_eq!(says(&rules, Author::Customer, &[]), Err(Silence::Empty));
    assert_eq!(says(&rules, Author::Customer, &["", " \n\u{200b}"]), Err(Silence::Empty));
    assert_eq!(says(&rules, Author::Customer, &["", "x"]), Ok("a".to_owned()));
    assert_eq!(says(&super::rules(MENU), Author::Customer, &["hello"]), Err(Silence::NoRuleFits));
}

#[test]
fn each_answer_of_a_form_is_looked_at_alone() {
    let rules = rules("[[rules]]\nname = \"a\"\nkeywords = [\"money back\", \"refund\"]\nreply = \"x\"");
    assert_eq!(says(&rules, Author::Customer, &["money", "back"]), Err(Silence::NoRuleFits));
    let Decision::Speak(speak) = rules.decide(&Message {
        texts: &["Ann".into(), "Refund, my money back!".into()],
        author: Author::Customer,
        at: None,
    }) else {
        panic!("nobody speaks");
    };
    let found: Vec<_> = speak.found.iter().map(|it| (it.text, it.start, it.end, it.keyword)).collect();
    assert_eq!(found, [(1, 0, 6, "refund"), (1, 11, 21, "money back")]);
}

#[test]
fn a_text_is_read_up_to_a_limit() {
    let rules = rules("[[rules]]\nname = \"a\"\nkeywords = [\"pizza\"]\nreply = \"x\"");
    let near = format!("{} pizza", "ü".repeat(8_000));
    let far = format!("{} pizza", "ü".repeat(8_192));
    assert_eq!(says(&rules, Author::Customer, &[&near]), Ok("a".to_owned()));
    assert_eq!(says(&rules, Author::Customer, &[&far]), Err(Silence::TooLong));
    let rules = rules.with_max_text(bytesize::ByteSize::b(8));
    assert_eq!(says(&rules, Author::Customer, &["my pizza and more"]), Ok("a".to_owned()));
    assert_eq!(says(&rules, Author::Customer, &["one pizza"]), Err(Silence::TooLong));
    // The limit stands in the middle of a letter.
    assert_eq!(says(&rules, Author::Customer, &["pizza  üü"]), Ok("a".to_owned()));
    assert_eq!(says(&rules, Author::Customer, &["pizzaaü "]), Err(Silence::TooLong));
    assert_eq!(says(&rules, Author::Customer, &[&" ".repeat(9)]), Err(Silence::TooLong));
    assert_eq!(says(&rules, Author::Customer, &["one", "pizza"]), Ok("a".to_owned()), "each text for itself");
}

#[test]
fn many_places_are_reported_up_to_a_limit() {
    let rules = rules(MENU);
    let text = "pizza ".repeat(2_000);
    let Decision::Speak(speak) =
        rules.decide(&Message { texts: &[text.as_str().into()], author: Author::Customer, at: None })
    else {
        panic!("nobody speaks");
    };
    assert_eq!((speak.rule.name.as_str(), speak.found.len()), ("food", 100));
}

#[test]
fn an_explanation_has_a_reason_for_every_rule() {
    let rules = rules(MENU);
    let told = rules.explain(&Message {
        texts: &["Pizza or a refund. Hello?".into()],
        author: Author::Customer,
        at: None,
    });
    assert_eq!(told.speaks.as_deref(), Some("refund"));
    let outcomes: Vec<_> =
        told.rules.iter().map(|reason| (reason.rule.as_str(), reason.outcome.clone())).collect();
    let outranked = Outcome::Outranked { by: "refund".to_owned() };
    assert_eq!(
        outcomes,
        [
            ("agents", Outcome::NoKeyword),
            ("refund", Outcome::Speaks),
            ("food", outranked.clone()),
            ("later food", outranked),
            ("off", Outcome::Off),
            ("shadow", Outcome::NoKeyword),
        ]
    );
    let told = rules.explain(&Message { texts: &["escalate".into()], author: Author::Customer, at: None });
    assert_eq!((told.speaks, told.silence), (None, Some(Silence::NotTheirs)));
    assert_eq!(told.rules[0].outcome, Outcome::NotTheirs);
}

#[test]
fn a_reason_keeps_its_name() {
    for silence in [Silence::NoRuleFits, Silence::NotTheirs, Silence::ByBot, Silence::Empty, Silence::TooLong]
    {
        assert_eq!(serde_json::to_value(silence).unwrap(), silence.name());
    }
}

#[test]
fn the_version_follows_the_texts() {
    let parse = |texts: &[&str]| {
        let sources =
            texts.iter().enumerate().map(|(index, text)| (format!("{index}.toml"), (*text).to_owned()));
        Rules::parse(sources.collect()).unwrap().version().to_owned()
    };
    let (one, other) = (
        "[[rules]]\nname='a'\nkeywords=['a']\nreply='a'\n",
        "[[rules]]\nname='b'\nkeywords=['a']\nreply='a'\n",
    );
    assert_eq!(parse(&[one, other]), parse(&[one, other]));
    assert_ne!(parse(&[one, other]), parse(&[other, one]));
    assert_ne!(parse(&[one, other]), parse(&[&format!("{one}{other}"), ""]));
    assert_eq!(parse(&[one]).len(), 12);
}
