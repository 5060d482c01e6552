//! Every mistake at once, each at its place; and who wins.

use super::*;
use secrecy::ExposeSecret;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chimein.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_defaults_are_complete_and_right() {
    let config = load_from(&[PathBuf::from("/dev/null")], Vec::new())
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    assert_eq!(config.server.max_body.as_u64(), 1 << 20);
    assert_eq!(config.visits.concurrency, 256);
    assert_eq!(config.missing_for_serve().len(), 5);
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let (_folder, path) = file(
        "[server]\nlisten = \"nowhere\"\nmax_bdy = \"2MiB\"\n\n[visits]\nconcurrency = \"many\"\ndeadline = \"0s\"\n[listen]\nmode = \"rtm\"\n",
    );
    let mistakes =
        load_from(std::slice::from_ref(&path), env(&[("CHIMEIN__BOT__SECRT", "s3cret")])).err().unwrap();
    let told: Vec<String> = mistakes
        .iter()
        .map(|mistake| mistake.to_string().replace(&path.display().to_string(), "F"))
        .collect();
    let expected = [
        "F:3:1: there is no setting `server.max_bdy` (did you mean `server.max_body`?)",
        "CHIMEIN__BOT__SECRT: there is no setting `bot.secrt` (did you mean `bot.secret`?)",
        "F:2:1: `server.listen` does not fit: invalid socket address syntax",
        "F:6:1: `visits.concurrency` does not fit: invalid type: string \"many\", expected an integer",
        "F:7:1: `visits.deadline` must be longer than nothing",
        "F:9:1: `listen.mode`: rtm is not built yet; use \"webhook\"",
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_environment_wins_over_files_and_files_over_defaults() {
    let (folder, path) = file(
        "[visits]\nconcurrency = 7\nmax_attempts = 3\n[rules]\npath = \"mine.toml\"\n[outbox]\nurl = \"sqlite://x.db\"\n",
    );
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "00123\n").unwrap();
    let environment = env(&[
        ("CHIMEIN__VISITS__CONCURRENCY", "9"),
        ("CHIMEIN__BOT__GROUPS", "0, 2"),
        ("CHIMEIN__BOT__SECRET_FILE", secret.to_str().unwrap()),
        ("OTHER", "ignored"),
    ]);
    let config = load_from(&[path], environment).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    assert_eq!((config.visits.concurrency, config.visits.max_attempts), (9, 3));
    assert_eq!(config.bot.groups, [0, 2]);
    assert_eq!(config.bot.secret.expose_secret(), "00123");
    assert_eq!(config.rules.path, folder.path().join("mine.toml"));
    assert_eq!(config.outbox.url, format!("sqlite://{}", folder.path().join("x.db").display()));
}

#[test]
fn a_secret_is_never_part_of_a_mistake() {
    let (_folder, path) = file("[bot]\nsecret = [\"hunter2\"]\n");
    let mistakes = load_from(&[path], Vec::new()).err().unwrap();
    assert!(!format!("{mistakes:?}").contains("hunter2"), "{mistakes:?}");
}

#[test]
fn a_private_door_on_a_public_address_needs_a_token() {
    let mistakes =
        load_from(&[PathBuf::from("/dev/null")], env(&[("CHIMEIN__ADMIN__LISTEN", "0.0.0.0:8081")]));
    assert!(mistakes.err().unwrap().iter().any(|mistake| mistake.message.contains("set `admin.token`")));
}

#[test]
fn a_sweep_has_a_second_between_it_and_the_next_or_is_switched_off() {
    let mistakes = |interval: &str| {
        let environment = env(&[("CHIMEIN__SWEEP__INTERVAL", interval)]);
        let read = load_from(&[PathBuf::from("/dev/null")], environment);
        read.err().map(|mistakes| mistakes.iter().map(|mistake| mistake.message.clone()).collect::<Vec<_>>())
    };
    for good in ["0s", "1s", "3s"] {
        assert_eq!(mistakes(good), None, "{good}");
    }
    for bad in ["999ms", "-1s"] {
        assert_eq!(
            mistakes(bad).unwrap(),
            ["`sweep.interval` must be at least 1s, or 0s for no sweep"],
            "{bad}"
        );
    }
}
