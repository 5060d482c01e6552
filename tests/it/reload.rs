//! Rules that change while the bot runs.

use super::bench::{Bench, Setup, fault};
use chimein::sandbox::CallEffect;
use std::os::unix::fs::symlink;
use std::path::Path;

const REPLY: &str = "Pizza is on the way!";
const IN_FORCE: &str = "new rules are in force";

/// A rule that answers `keyword`.
fn rules(keyword: &str) -> String {
    format!("[[rules]]\nname = \"menu\"\nkeywords = [\"{keyword}\"]\nreply = \"We have {keyword}.\"\n")
}

/// A customer says the keyword and is answered by its rule; gives the version of the rules.
async fn answers(bench: &mut Bench, keyword: &str) -> String {
    let chat = bench.says(keyword).await;
    let ended = bench.ended(&chat, 1).await;
    bench.expect(&chat, &format!("We have {keyword}."));
    ended.text("rules.version").to_owned()
}

#[tokio::test]
async fn rules_that_are_changed_in_their_file_are_in_force() {
    let mut bench = Bench::start().await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    std::fs::write(bench.rules(), rules("salad")).unwrap();
    bench.logged(IN_FORCE).await;
    let version = answers(&mut bench, "salad").await;
    assert_eq!(bench.ready().await["rules_version"], version);
    assert_eq!(bench.numbers().await.of("chimein_rules_reloads_total{outcome=\"in_force\"}"), Some(1.0));
    bench.finish().await;
}

#[tokio::test]
async fn rules_that_another_file_takes_the_place_of_are_in_force() {
    let mut bench = Bench::start().await;
    for (times, keyword) in [(1, "salad"), (2, "soup")] {
        let beside = bench.rules().with_extension("new");
        std::fs::write(&beside, rules(keyword)).unwrap();
        std::fs::rename(&beside, bench.rules()).unwrap();
        bench.logged_times(IN_FORCE, times).await;
        answers(&mut bench, keyword).await;
    }
    bench.finish().await;
}

/// What Kubernetes does to a `ConfigMap`: a new folder, and one link that is turned around to it.
fn turn(folder: &Path, name: &str, keyword: &str) {
    std::fs::create_dir(folder.join(name)).unwrap();
    std::fs::write(folder.join(name).join("rules.toml"), rules(keyword)).unwrap();
    symlink(name, folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
}

#[tokio::test]
async fn rules_behind_links_that_are_turned_around_are_in_force() {
    let mut bench = Bench::start().await;
    bench.stop().await;
    for is_folder in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        turn(folder.path(), "..1", "salad");
        let file = folder.path().join("rules.toml");
        symlink("..data/rules.toml", &file).unwrap();
        let path = if is_folder { folder.path() } else { &file };
        bench.set("RULES__PATH", &path.display().to_string());
        bench.launch().await;
        answers(&mut bench, "salad").await;
        let before = bench.count_logged(IN_FORCE);
        turn(folder.path(), "..2", "soup");
        bench.logged_times(IN_FORCE, before + 1).await;
        answers(&mut bench, "soup").await;
        bench.stop().await;
    }
    let own = bench.rules().display().to_string();
    bench.set("RULES__PATH", &own);
    bench.launch().await;
    bench.finish().await;
}

#[tokio::test]
async fn wrong_rules_are_refused_and_the_last_good_ones_stay() {
    let mut bench = Bench::start().await;
    bench.allow_error("the new rules are wrong");
    let version = bench.ready().await["rules_version"].clone();
    let failing = format!("{}should_match = [\"soup\"]\n", rules("salad"));
    for (times, (wrong, first)) in [
        ("[[rules]", "this is not TOML"),
        (failing.as_str(), "this example fails"),
        ("", "there is no rule in here"),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(bench.rules(), wrong).unwrap();
        let told = bench.logged_times("the new rules are wrong", times + 1).await;
        assert!(told.text("first").contains(first), "{}", told.text("first"));
        let chat = bench.says("pizza").await;
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
        let ready = bench.ready().await;
        assert_eq!((&ready["rules"], &ready["rules_version"]), (&"outdated".into(), &version));
    }
    assert_eq!(bench.numbers().await.of("chimein_rules_reloads_total{outcome=\"refused\"}"), Some(3.0));
    std::fs::write(bench.rules(), rules("salad")).unwrap();
    bench.logged(IN_FORCE).await;
    assert_eq!(bench.ready().await["rules"], "current");
    answers(&mut bench, "salad").await;
    bench.finish().await;
}

#[tokio::test]
async fn rules_that_are_not_watched_are_read_again_on_sighup() {
    let mut bench = Bench::with(Setup::default().setting("RULES__WATCH", "false")).await;
    std::fs::write(bench.rules(), rules("salad")).unwrap();
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.signal("HUP");
    bench.logged(IN_FORCE).await;
    answers(&mut bench, "salad").await;
    bench.signal("HUP");
    bench.logged("the rules are as they were").await;
    bench.finish().await;
}

#[tokio::test]
async fn a_visit_that_was_decided_says_what_its_rule_said_then() {
    let mut bench = Bench::with(Setup::default().setting("LIVECHAT__REQUEST_TIMEOUT", "2s")).await;
    bench.sandbox.faults().add(fault("add_user_to_chat", CallEffect::HangBefore));
    let chat = bench.says("pizza").await;
    bench.faulted("add_user_to_chat").await;
    std::fs::write(bench.rules(), rules("salad")).unwrap();
    bench.logged(IN_FORCE).await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
