//! The README checks on small pages that are wrong.

use super::{
    bad_rules, bad_toml, known_settings, metrics_that_differ, subcommands, unknown_commands, unknown_metrics,
    unknown_settings,
};

#[test]
fn finds_broken_toml() {
    assert_eq!(bad_toml("x\n```toml\na = 1\n```\n```sh\n= not toml\n```\n"), [""; 0]);
    assert_eq!(bad_toml("x\n```toml\na = \n```\n").len(), 1);
}

#[test]
fn finds_rules_that_do_not_load() {
    let rule = "```toml\n# rules\n[[rules]]\nname = \"pizza\"\nkeywords = [\"pizza\"]\nreply = \"On the way!\"\n```\n";
    assert_eq!(bad_rules(rule), [""; 0]);
    assert_eq!(bad_rules(&rule.replace("keywords", "keywrods")).len(), 1);
    assert_eq!(bad_rules(&rule.replace("# rules", "# an excerpt").replace("keywords", "keywrods")), [""; 0]);
}

const DEFAULTS: &str =
    "# Words, with = signs.\n[server]\n# where\nlisten = \"x\"\n\n[webhooks]\n# secret_key = \"…\"\n";

#[test]
fn finds_unknown_settings() {
    let known = known_settings(DEFAULTS);
    assert_eq!(known.iter().collect::<Vec<_>>(), ["server.listen", "webhooks.secret_key"]);
    let fine = "```toml\n# settings\n[server]\nlisten = \"y\"\n```\nCHIMEIN__WEBHOOKS__SECRET_KEY_FILE=x, `CHIMEIN__SECTION`";
    assert_eq!(unknown_settings(fine, &known), [""; 0]);
    assert_eq!(unknown_settings("```toml\n# settings\n[server]\nlissten = 1\n```", &known).len(), 1);
    assert_eq!(unknown_settings("set `CHIMEIN__SERVER__PORT`", &known).len(), 1);
}

#[test]
fn finds_unknown_commands() {
    let help = "About.\n\nUsage: chimein <COMMAND>\n\nCommands:\n  serve  Runs the bot\n           and more words\n  demo   Shows it\n\nOptions:\n  -h\n";
    let known = subcommands(help);
    assert_eq!(known.iter().collect::<Vec<_>>(), ["demo", "serve"]);
    let fine = "```sh\n$ A=1 ./target/release/chimein serve\ncargo run --release -- demo\nchimein --help\ndocker run chimein x\ncargo test\n```";
    assert_eq!(unknown_commands(fine, &known), [""; 0]);
    assert_eq!(
        unknown_commands("```sh\nchimein sevre\ncargo run -- dmeo\n```", &known),
        ["`chimein sevre`", "`chimein dmeo`"]
    );
}

#[test]
fn finds_metrics_that_differ() {
    let known = std::collections::BTreeSet::from(["chimein_a_seconds", "chimein_b_total"]);
    assert_eq!(metrics_that_differ("`chimein_a_seconds_count` chimein_b_total{x}", &known).len(), 1);
    assert_eq!(metrics_that_differ("chimein_a_seconds chimein_b_total", &known), [""; 0]);
    assert_eq!(unknown_metrics("rate(chimein_c_total[5m])", &known), ["`chimein_c_total` does not exist"]);
}
