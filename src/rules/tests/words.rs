//! Rules that need more than one keyword: all, none, so many, and what is ignored.

use super::super::{Author, Decision, Message, Outcome};
use super::rules;

/// What becomes of the only rule, with these lines.
fn outcome(lines: &str, text: &str) -> Outcome {
    let rules = rules(&format!("[[rules]]\nname = \"r\"\nreply = \"x\"\n{lines}\n"));
    let message = Message { texts: &[text.into()], author: Author::Customer, at: None };
    let mut told = rules.explain(&message);
    let decided = matches!(rules.decide(&message), Decision::Speak(_));
    let outcome = told.rules.remove(0).outcome;
    assert_eq!(decided, outcome == Outcome::Speaks, "{lines}: {text}");
    outcome
}

#[test]
fn all_none_at_least_and_ignore_decide_together() {
    let speaks = || Outcome::Speaks;
    let lacks = |word: &str| Outcome::Lacks { word: word.to_owned() };
    let vetoed = |word: &str| Outcome::Vetoed { word: word.to_owned() };
    let few = |found, at_least| Outcome::TooFew { found, at_least };
    let nothing = || Outcome::NoKeyword;
    let rows = [
        ("all = ['order', 'late']", "My order is late", speaks()),
        ("all = ['order', 'late']", "My order", lacks("late")),
        ("all = ['order', 'late']", "late, so late", lacks("order")),
        ("all = ['order', 'late']", "hello", nothing()),
        ("keywords = ['pizza', 'salad']\nall = ['late']", "the pizza is late", speaks()),
        ("keywords = ['pizza', 'salad']\nall = ['late']", "the soup is late", nothing()),
        ("keywords = ['pizza', 'salad']\nall = ['late']", "the salad is good", lacks("late")),
        ("keywords = ['pizza']\nnone = ['cancel*']", "A pizza", speaks()),
        ("keywords = ['pizza']\nnone = ['cancel*']", "Cancelled my PIZZA", vetoed("cancel*")),
        ("keywords = ['pizza']\nnone = ['cancel*']", "cancel", vetoed("cancel*")),
        ("keywords = ['a1', 'b2', 'c3']\nat_least = 2", "a1 and c3", speaks()),
        ("keywords = ['a1', 'b2', 'c3']\nat_least = 2", "a1 a1 a1", few(1, 2)),
        ("keywords = ['a1', 'b2', 'c3']\nat_least = 2", "d4", nothing()),
        ("keywords = ['pizza']\nignore = ['pizza hut']", "at Pizza  Hut", nothing()),
        ("keywords = ['pizza']\nignore = ['pizza hut']", "a pizza from pizza hut", speaks()),
        ("keywords = ['pizza']\nnone = ['no']\nignore = ['no problem']", "no problem, a pizza", speaks()),
        ("keywords = ['pizza']\nnone = ['no']\nignore = ['no problem']", "no pizza", vetoed("no")),
        ("keywords = ['pizza']\nnone = ['hut']\nmatch = 'exact'", "pizza", speaks()),
        ("keywords = ['pizza']\nall = ['now']\nmatch = 'starts_with'", "pizza right now", speaks()),
        ("keywords = ['pizza']\nnone = ['hut']\nmatch = 'contains'", "pizzahut", vetoed("hut")),
        ("keywords = ['*']\nnone = ['hut']", "anything", speaks()),
        ("keywords = ['*']\nnone = ['hut']", "a hut", vetoed("hut")),
    ];
    for (lines, text, expected) in rows {
        assert_eq!(outcome(lines, text), expected, "{lines}: {text}");
    }
}

#[test]
fn a_rule_that_needs_more_goes_before_others_only_when_it_fits() {
    let rules = rules(
        "[[rules]]\nname = \"late pizza\"\nkeywords = [\"pizza\"]\nall = [\"late\"]\nreply = \"x\"\n\
         [[rules]]\nname = \"pizza\"\nkeywords = [\"pizza\"]\nreply = \"x\"\n\
         [[rules]]\nname = \"angry\"\nkeywords = [\"pizza\"]\nall = [\"late\", \"again\"]\nreply = \"x\"\npriority = 1\n",
    );
    for (texts, name) in [
        (vec!["a pizza"], "pizza"),
        (vec!["a late pizza"], "late pizza"),
        (vec!["the pizza is late again"], "angry"),
        (vec!["a pizza", "which is late"], "late pizza"),
    ] {
        let texts: Vec<_> = texts.into_iter().map(Into::into).collect();
        match rules.decide(&Message { texts: &texts, author: Author::Customer, at: None }) {
            Decision::Speak(speak) => assert_eq!(speak.rule.name, name, "{texts:?}"),
            Decision::Silent(silence) => panic!("{texts:?}: {silence:?}"),
        }
    }
}

#[test]
fn synonyms_are_found_in_the_place_of_a_keyword() {
    let file = "[synonyms]\nPizza = ['pie', 'slice of *heaven']\ncancel = ['stop']\n\
                [[rules]]\nname = 'r'\nreply = 'x'\nkeywords = ['pizza', 'salad']\nall = ['now']\nnone = ['cancel']\nat_least = 1\n";
    let rules = rules(file);
    let speaks = |text: &str| {
        let message = Message { texts: &[text.into()], author: Author::Customer, at: None };
        matches!(rules.decide(&message), Decision::Speak(_))
    };
    for (text, expected) in [
        ("A PIE, now", true),
        ("a slice of pizzaheaven now", true),
        ("pizza now", true),
        ("pies now", false),
        ("stop my pie now", false),
        ("pie", false),
    ] {
        assert_eq!(speaks(text), expected, "{text}");
    }
    let few = super::rules(
        "[synonyms]\npizza = ['pie']\n[[rules]]\nname = 'r'\nreply = 'x'\nkeywords = ['pizza', 'salad']\nat_least = 2\n",
    );
    let message = Message { texts: &["a pie and a pizza".into()], author: Author::Customer, at: None };
    assert!(matches!(few.decide(&message), Decision::Silent(_)), "they are one keyword");
}
