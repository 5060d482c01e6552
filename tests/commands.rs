//! The commands as a person types them: what they print, and how they end.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs chimein in a folder of its own, with nothing in its environment but this.
fn chimein(folder: &Path, words: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chimein"));
    command.args(words).env_clear().envs(environment.iter().copied()).current_dir(folder);
    command.output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

struct Place(tempfile::TempDir);

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        place
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

/// A rules file as JSON, which is what a validator reads.
fn as_json(text: &str) -> serde_json::Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

#[test]
fn the_schema_of_rules_is_what_another_validator_takes_for_one() {
    let schema = chimein(&Place::with(&[]).path(), &["schema", "rules"], &[]);
    assert!(schema.status.success());
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let example = include_str!("../config/rules.toml");
    assert!(validator.is_valid(&as_json(example)), "{:?}", validator.iter_errors(&as_json(example)).next());
    for wrong in [
        "[[rules]]\nname = 'a'\nkeywords = ['k']",
        "[[rules]]\nname = 'a'\nkeywords = 'k'\nreply = 'x'",
        "[[rules]]\nname = 'a'\nkeywords = ['k']\nreply = 'x'\nvisibility = 'agent'",
        "[[rules]]\nname = 'a'\nkeywords = ['k']\nreply = 'x'\nkeyword = 'k'",
        "[[rules]]\nname = 'a'\nkeywords = ['k']\nreply = [{ text = 'x', weight = 'y' }]",
        "[defaults]\nname = 'x'",
        "[[tests]]\nsay = 'x'",
        "version = 'one'",
    ] {
        assert!(!validator.is_valid(&as_json(wrong)), "{wrong}");
    }
    let settings = chimein(&Place::with(&[]).path(), &["schema", "config"], &[]);
    assert_eq!((settings.status.code(), printed(&settings).contains("not built yet")), (Some(2), true));
}

const RULES: &str = "[[rules]]\nname = \"pizza\"\nkeywords = [\"pizza\"]\nreply = \"On the way!\"\n";
/// Enough to serve, with nobody at the other end.
const SERVE: &[(&str, &str)] = &[
    ("CHIMEIN__SERVER__LISTEN", "127.0.0.1:0"),
    ("CHIMEIN__ADMIN__LISTEN", "127.0.0.1:0"),
    ("CHIMEIN__LIVECHAT__API_URL", "http://127.0.0.1:9"),
    ("CHIMEIN__LIVECHAT__CLIENT_ID", "client"),
    ("CHIMEIN__LIVECHAT__ORGANIZATION_ID", "organization"),
    ("CHIMEIN__BOT__ID", "5c9871d5372c824cbf22d860a707a578"),
    ("CHIMEIN__BOT__SECRET", "hunter2"),
    ("CHIMEIN__WEBHOOKS__SECRET_KEY", "hunter3"),
];

#[test]
fn explain_tells_who_speaks_by_its_exit_code() {
    let place = Place::with(&[("config/rules.toml", RULES), ("bad.toml", "[[rules]]\nnam = 1\n")]);
    for (words, code, said) in [
        (&["explain", "A PIZZA, please"][..], 0, "On the way!"),
        (&["explain", "lunch"], 1, "no keyword found"),
        (&["explain", "pizza", "--from", "agent"], 1, "pizza"),
        (&["explain", "pizza", "--json"], 0, "\"reply\""),
        (&["explain", "pizza", "--rules", "bad.toml"], 2, "bad.toml"),
        (&["explain", "pizza", "--rules", "missing.toml"], 2, "missing.toml"),
        (&["explain", "pizza", "--at", "noon"], 2, "--at noon: write it as"),
        (&["explain", "pizza", "--at", "2026-11-22T10:00"], 0, "On the way!"),
        (&["explain", "pizza", "--group", "0"], 2, "not built yet"),
    ] {
        let output = chimein(&place.path(), words, &[]);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", printed(&output));
        assert!(printed(&output).contains(said), "{words:?}: {}", printed(&output));
    }
}

#[test]
fn explain_reads_the_rules_that_the_settings_name() {
    let place = Place::with(&[
        ("config/chimein.toml", "[rules]\npath = \"mine.toml\"\n"),
        ("config/mine.toml", RULES),
    ]);
    assert_eq!(chimein(&place.path(), &["explain", "pizza"], &[]).status.code(), Some(0));
}

#[test]
fn check_tells_every_mistake_of_settings_and_rules_at_once() {
    let place = Place::with(&[
        ("config/chimein.toml", "[server]\nlisten = \"nowhere\"\n[visits]\nconcurency = 3\n"),
        ("config/rules.toml", "[[rules]]\nname = \"a\"\nkeyword = [\"x\"]\nreply = \"\"\n"),
    ]);
    let output = chimein(&place.path(), &["check"], &[]);
    let told = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in [
        "config/chimein.toml:2:1",
        "config/chimein.toml:4:1",
        "visits.concurrency",
        "`keyword`",
        "rules.toml:4",
    ] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&chimein(&place.path(), &["check", "--json"], &[]).stdout).unwrap();
    assert_eq!((&json["good"], json["settings"].as_array().unwrap().len()), (&false.into(), 2));
    assert!(json["mistakes"].as_array().unwrap().len() >= 2, "{json}");
}

#[test]
fn check_is_content_with_the_example_files() {
    let output = chimein(Path::new(env!("CARGO_MANIFEST_DIR")), &["check", "--strict"], &[]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).ends_with("rules: good, 4 in config/rules.toml\nno mistakes, no warnings\n"));
}

#[test]
fn warnings_are_told_and_are_errors_only_when_that_is_asked_for() {
    let place = Place::with(&[
        ("config/rules.toml", RULES),
        ("bad.toml", "[[rules]]\nname = \"pizza\"\n"),
        ("good.toml", &format!("{RULES}should_match = [\"pizza\"]\n")),
    ]);
    for (words, code, said) in [
        (&["check"][..], 0, "warning: `pizza` has no example"),
        (&["check"], 0, "no mistakes, 1 warning\n"),
        (&["check", "--strict"], 2, "error: `pizza` has no example"),
        (&["check", "--strict", "--rules", "good.toml"], 0, "no mistakes, no warnings\n"),
        (&["check", "--rules", "bad.toml"], 2, "2 mistakes, no warnings\n"),
    ] {
        let output = chimein(&place.path(), words, &[]);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", printed(&output));
        assert!(printed(&output).contains(said), "{words:?}: {}", printed(&output));
    }
    for (words, good, severity) in
        [(&["check", "--json"][..], true, "warning"), (&["check", "--json", "--strict"], false, "error")]
    {
        let json: serde_json::Value =
            serde_json::from_slice(&chimein(&place.path(), words, &[]).stdout).unwrap();
        assert_eq!((&json["good"], &json["mistakes"]), (&good.into(), &serde_json::Value::Null), "{json}");
        let [warning] = json["warnings"].as_array().unwrap().as_slice() else { panic!("{json}") };
        assert_eq!(
            (&warning["severity"], &warning["kind"]),
            (&severity.into(), &"no_examples".into()),
            "{json}"
        );
        assert_eq!((&warning["line"], &warning["column"]), (&2.into(), &8.into()), "{json}");
    }
}

#[test]
fn serve_names_everything_that_is_missing_and_no_secret() {
    let place = Place::with(&[("config/rules.toml", RULES)]);
    let output = chimein(&place.path(), &["serve"], &[("CHIMEIN__BOT__SECRET", "hunter2")]);
    let told = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for name in ["LIVECHAT__CLIENT_ID", "LIVECHAT__ORGANIZATION_ID", "BOT__ID", "WEBHOOKS__SECRET_KEY"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
    let output =
        chimein(&place.path(), &["serve"], &[SERVE, &[("CHIMEIN__RULES__PATH", "missing")]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
}

#[test]
fn serve_fails_with_a_reason_when_it_cannot_open_what_it_needs() {
    let place = Place::with(&[("config/rules.toml", RULES), ("a.db", "this is not a database at all")]);
    for (name, value, said) in [
        ("CHIMEIN__OUTBOX__URL", "sqlite://a.db", "nothing was changed"),
        ("CHIMEIN__OUTBOX__URL", "sqlite:///proc/none/chimein.db", "/proc/none"),
        ("CHIMEIN__SERVER__LISTEN", "192.0.2.1:80", "server.listen"),
        ("CHIMEIN__LIVECHAT__CA_FILE", "missing.pem", "missing.pem"),
    ] {
        let output = chimein(&place.path(), &["serve"], &[SERVE, &[(name, value)]].concat());
        let told = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {told}");
        assert!(told.contains(said) && !told.contains("hunter"), "{name}: {told}");
    }
}

#[test]
fn commands_of_later_releases_say_that_they_are_not_built() {
    let place = Place::with(&[]);
    for words in [&["setup"][..], &["doctor", "--json"], &["sandbox", "--seed", "x.toml"]] {
        let output = chimein(&place.path(), words, &[]);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(printed(&output).contains("not built yet"), "{words:?}: {}", printed(&output));
    }
    assert!(printed(&chimein(&place.path(), &["stup"], &[])).contains("--help"));
}

#[test]
fn outbox_says_when_there_is_none_and_makes_none() {
    let place = Place::with(&[("a.db", "this is not a database at all, and stays as it is")]);
    let key = "34989a006806957170dbf87ce295417c";
    for words in [&["list"][..], &["show", key], &["replay", key], &["replay", "--all"], &["bury", key]] {
        for (url, code, said) in [
            ("sqlite://data/chimein.db", 1, "there is no outbox at"),
            ("sqlite://a.db", 1, "a.db cannot be used as an outbox"),
            ("postgres://localhost/x", 2, "not built yet"),
        ] {
            let words = [&["outbox"], words].concat();
            let output = chimein(&place.path(), &words, &[("CHIMEIN__OUTBOX__URL", url)]);
            assert_eq!(output.status.code(), Some(code), "{words:?}: {}", printed(&output));
            assert!(printed(&output).contains(said), "{words:?}: {}", printed(&output));
        }
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn the_sandbox_stays_on_this_machine() {
    let output = chimein(&Place::with(&[]).path(), &["sandbox", "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).contains("loopback"), "{}", printed(&output));
}

#[test]
fn healthcheck_fails_when_nobody_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let output =
        chimein(&Place::with(&[]).path(), &["healthcheck"], &[("CHIMEIN__SERVER__LISTEN", &address)]);
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
}
