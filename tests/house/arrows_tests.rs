//! The arrow finder on small sources that break the table, each in another way.

use super::{May, differences, forbidden, module_of};
use crate::tree::Source;

const TABLE: &[(&str, May)] = &[
    ("rules", May::Only(&[])),
    ("intake", May::Only(&["rules"])),
    ("config", May::Settings),
    ("cli", May::Everything),
    ("main", May::Everything),
];

fn mistakes(path: &str, text: &str) -> Vec<String> {
    forbidden(&Source::new(path, text), TABLE)
}

#[test]
fn sees_every_way_to_write_an_arrow() {
    let ways = [
        "use crate::outbox;",
        "use crate::outbox::Visit as V;",
        "use crate::{rules::Rule, outbox::{self, Visit}};",
        "use crate::{outbox};",
        "use crate::*;",
        "use crate as all;",
        "use chimein::outbox::Visit;",
        "use super::super::outbox::Visit;",
        "use super::{super::outbox, door};",
        "pub(crate) use crate::outbox::Visit;",
        "fn f() { let v = crate::outbox::Visit::new(); }",
        "fn f(v: &crate::outbox::Visit) {}",
        "fn f() { println!(\"{}\", crate::outbox::LIMIT) }",
        "macro_rules! m { () => { $crate::outbox::LIMIT } }",
        "struct S { #[serde(with = \"crate::outbox::time\")] at: u8 }",
        "mod tests { use super::super::super::outbox; }",
        "mod tests { mod deep { fn f() { super::super::super::super::outbox::go() } } }",
        "impl crate::outbox::Sealed for S {}",
    ];
    for way in ways {
        let found = mistakes("src/intake/door.rs", way);
        assert!(!found.is_empty(), "not seen: {way}");
    }
}

#[test]
fn names_the_place() {
    let found = mistakes("src/intake/door.rs", "use std::fmt;\nuse crate::outbox::Visit;");
    assert_eq!(found, ["src/intake/door.rs:2: `intake` may not import `outbox::Visit`"]);
}

#[test]
fn leaves_what_is_allowed_alone() {
    let fine = [
        "use crate::rules::{Rule, Decision};",
        "use super::door::Door;",
        "use self::inner::X;",
        "use super::*;",
        "use crate::intake::door;",
        "pub(crate) struct S; pub(in crate::intake) struct T;",
        "/// See [`crate::outbox::Visit`].\nstruct S;",
        "//! See [`crate::outbox`] and crate::outbox::Visit.",
        "// use crate::outbox;",
        "use std::collections::crate_map; use other::outbox::X;",
        "mod tests { use super::super::door; use super::*; }",
        "fn f() { tracing::info!(\"crate::outbox is only a word here\"); Self::outbox(self); self.outbox }",
    ];
    for text in fine {
        assert_eq!(mistakes("src/intake/sweep.rs", text), [""; 0], "refused: {text}");
    }
}

#[test]
fn config_may_take_settings_only() {
    assert!(mistakes("src/config.rs", "use crate::intake::{Settings, webhook::WebhookSettings};").is_empty());
    assert!(mistakes("src/config.rs", "use crate::rules::settings::Path;").is_empty());
    assert_eq!(mistakes("src/config.rs", "use crate::intake::{Settings, Door};").len(), 1);
}

#[test]
fn wiring_may_take_everything_and_a_new_module_needs_a_row() {
    assert!(mistakes("src/main.rs", "fn main() { chimein::cli::run() }").is_empty());
    assert!(mistakes("src/cli/demo.rs", "use crate::{sandbox, serve};").is_empty());
    assert!(mistakes("src/gossip/mod.rs", "").iter().any(|mistake| mistake.contains("no row")));
}

#[test]
fn knows_which_module_a_file_is() {
    assert_eq!(module_of("src/a/mod.rs"), ["a"]);
    assert_eq!(module_of("src/a/b.rs"), ["a", "b"]);
    assert_eq!(module_of("src/a.rs"), ["a"]);
    assert_eq!(module_of("src/lib.rs"), [""; 0]);
}

const PAGE: &str = "# The house\n\n| module | may import |\n| --- | --- |\n| `rules` | nothing of ours |\n\
    | `intake` | `rules` |\n| `config` | each module's own `Settings`; only `cli` imports it |\n| `cli` | wiring: everything |\n\nEnd.";

#[test]
fn the_page_may_say_the_same() {
    assert_eq!(differences(PAGE, TABLE), [""; 0]);
}

#[test]
fn the_page_may_not_say_more_or_less() {
    let more = PAGE.replace("| nothing of ours |", "| `intake` |");
    assert_eq!(differences(&more, TABLE).len(), 2);
    let less = PAGE.replace("| `intake` | `rules` |\n", "");
    assert_eq!(differences(&less, TABLE), ["missing on the page: intake | rules"]);
    assert_eq!(differences("no table", TABLE).len(), 4);
}
