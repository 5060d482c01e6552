//! The rules about single files, on small files that break them.

use super::{no_opening, sleeps, test_branches, too_long};
use crate::tree::Source;

fn rust(text: &str) -> Source {
    Source::new("src/a.rs", text)
}

#[test]
fn counts_code_and_nothing_else() {
    let text = "//! A.\n\n/// Doc.\n#[inline]\nfn f() {\n    // why\n    /* why\n       not */\n    let a = \"x\n  y\";\n}\n";
    assert_eq!(too_long(&rust(text), 5), None);
    assert_eq!(too_long(&rust(text), 4).as_deref(), Some("src/a.rs: 5 lines of code, at most 4"));
}

#[test]
fn wants_an_opening() {
    assert_eq!(no_opening(&rust("//! What it is for.\n")), None);
    for text in ["", "\n//! Late.", "// No.", "//!\n//! Late.", "use std::fmt;"] {
        assert!(no_opening(&rust(text)).is_some(), "passed: {text:?}");
    }
}

#[test]
fn allows_a_module_of_tests_only() {
    for text in [
        "#[cfg(test)]\nmod tests;",
        "#[cfg(test)]\npub(crate) mod tests;",
        "#[cfg(test)] #[path = \"t.rs\"] mod tests { fn f() {} }",
        "#[cfg(unix)] fn f() {}",
    ] {
        assert_eq!(test_branches(&rust(text)), [""; 0], "refused: {text}");
    }
}

#[test]
fn finds_test_branches() {
    let branches = [
        "#[cfg(test)] fn f() {}",
        "#[cfg(test)] mod fakes;",
        "#[cfg(test)] pub(crate) mod fakes;",
        "#[cfg(not(test))] fn f() {}",
        "#[cfg(any(test, feature = \"x\"))] mod tests;",
        "fn f() { if cfg!(test) {} }",
        "#[cfg_attr(test, derive(Debug))] struct S;",
        "#![cfg(test)]",
        "mod a { impl A { #[cfg(test)] fn f() {} } }",
    ];
    for text in branches {
        assert_eq!(test_branches(&rust(text)).len(), 1, "not seen: {text}");
    }
}

#[test]
fn finds_sleeps() {
    let python = |text: &str| Source::new("tests/sdk/a.py", text);
    let sleep = "fn f() {\n    tokio::time::sleep(ms(5)).await;\n}";
    assert_eq!(sleeps(&rust(sleep)), ["src/a.rs:2: sleeps"]);
    assert_eq!(sleeps(&python("import time\ntime.sleep(1)")), ["tests/sdk/a.py:2: sleeps"]);
    assert_eq!(sleeps(&rust("fn f() { m!(sleep_until(x)) }")).len(), 1);
    assert_eq!(sleeps(&rust("// sleep(1)\nfn f() { let s = \"sleep(1)\"; asleep(s) }")), [""; 0]);
    assert_eq!(sleeps(&rust("fn f() {\n// not waiting: the stub is slow on purpose\nsleep(d);\n}")), [""; 0]);
    assert_eq!(sleeps(&python("time.sleep(1)  # not waiting: keeps the line busy")), [""; 0]);
}
