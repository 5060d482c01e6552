//! `chimein demo`: a sandbox, a bot made by the platform's own calls, and a page to write in.
//!
//! One process, nothing to configure, nothing kept: the outbox is in a temporary folder.

use super::{USUAL_RULES, block_on, complain, told_to_stop};
use crate::config::{self, Config};
use crate::livechat::model::{BotGroup, NewWebhook};
use crate::livechat::{Api, Bot, BotTokens, Configuration, OrganizationId};
use crate::rules::Rules;
use crate::sandbox::{Addresses, Options, Sandbox};
use crate::serve::{self, Serving};
use crate::telemetry;
use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The page's usual port.
const USUAL_PORT: u16 = 4040;
/// The rules that are used where there is no file.
const EXAMPLE: &str = include_str!("../../config/rules.toml");

/// What `demo` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The page's port; 4040, or a free one when that is taken
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// A rules file, or a folder of them; config/rules.toml, or a built-in example
    #[arg(long, value_name = "PATH")]
    rules: Option<PathBuf>,
    /// Prints addresses and credentials as one line of JSON, like `sandbox --json`
    #[arg(long)]
    json: bool,
}

/// Runs the demo; the exit code is 0 after a clean stop and 2 when the rules are wrong.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let rules = match load_rules(args.rules.as_deref()) {
        Ok(rules) => rules,
        Err(mistakes) => {
            complain(&format!("the rules are wrong\n{}", mistakes.render(std::io::stderr().is_terminal())));
            return Ok(2);
        }
    };
    let folder = std::env::temp_dir().join(format!("chimein-demo-{}", uuid::Uuid::new_v4()));
    let shown = block_on(show(args, rules, &folder));
    // Only what the demo itself wrote; it may be missing when nothing was.
    drop(std::fs::remove_dir_all(&folder));
    shown.map(|()| 0)
}

/// The rules that were given, else the usual ones where there are any.
fn rules_file(given: Option<&Path>) -> Option<&Path> {
    given.or_else(|| Some(Path::new(USUAL_RULES)).filter(|usual| usual.exists()))
}

fn load_rules(given: Option<&Path>) -> Result<Rules, crate::rules::Mistakes> {
    match rules_file(given) {
        Some(file) => Rules::load(file),
        None => Rules::parse(vec![(USUAL_RULES.to_owned(), EXAMPLE.to_owned())]),
    }
}

async fn show(args: &Args, rules: Rules, folder: &Path) -> anyhow::Result<()> {
    let sandbox = start_sandbox(args.port).await?;
    let addresses = sandbox.addresses();
    let webhook_key = SecretString::from(uuid::Uuid::new_v4().simple().to_string());
    let mut config = settings(addresses, &webhook_key, folder)?;
    match rules_file(args.rules.as_deref()) {
        Some(file) => config.rules.path = file.to_owned(),
        None => config.rules.watch = false,
    }
    telemetry::start(&config.log)?;
    let api = Arc::new(Api::new(&config.livechat)?);
    let account = configuration(&config, &api);
    let groups: Vec<BotGroup> =
        config.bot.groups.iter().map(|id| BotGroup { id: *id, priority: "supervisor".to_owned() }).collect();
    let bot = account.create_bot(&config.bot.name, &groups).await.context("cannot create the bot")?;
    config.bot.id = bot.id.to_string();
    config.bot.secret = bot.secret.clone();
    let number = rules.len();
    let serving = serve::start(&config, rules).await?;
    register(&account, &config, &serving, &webhook_key).await.context("cannot register the webhooks")?;
    let tokens = BotTokens::new(Arc::clone(&api), config.livechat.client_id.clone(), bot.id, bot.secret);
    let organization = OrganizationId::new(config.livechat.organization_id.clone());
    // An offline bot hears nothing; one that accepts chats takes them away from people.
    Bot::new(api, Arc::new(tokens)).set_routing_status(&organization, "not_accepting_chats").await?;
    tell(args, addresses, number)?;
    told_to_stop()?.await;
    serving.stop().await;
    sandbox.stop().await;
    Ok(())
}

async fn start_sandbox(port: Option<u16>) -> anyhow::Result<Sandbox> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let start = |port| Sandbox::start(Options { listen: at(port), ..Options::default() });
    match port {
        Some(port) => Ok(start(port).await?),
        None => match start(USUAL_PORT).await {
            Ok(sandbox) => Ok(sandbox),
            Err(_) => Ok(start(0).await?),
        },
    }
}

/// The settings of a bot at home in the sandbox, made like everybody's: from the environment.
fn settings(addresses: &Addresses, webhook_key: &SecretString, folder: &Path) -> anyhow::Result<Config> {
    let outbox = format!("sqlite://{}", folder.join("chimein.db").display());
    let environment = [
        ("SERVER__LISTEN", "127.0.0.1:0"),
        ("ADMIN__LISTEN", "127.0.0.1:0"),
        ("LIVECHAT__API_URL", &addresses.api_url),
        ("LIVECHAT__ACCOUNTS_URL", &addresses.accounts_url),
        ("LIVECHAT__CLIENT_ID", &addresses.client_id),
        ("LIVECHAT__ORGANIZATION_ID", &addresses.organization_id),
        ("LIVECHAT__PERSONAL_ACCESS_TOKEN", &addresses.personal_access_token),
        ("LIVECHAT__ACCOUNT_ID", &addresses.account_id),
        ("WEBHOOKS__SECRET_KEY", webhook_key.expose_secret()),
        ("OUTBOX__URL", &outbox),
    ];
    let environment = environment.map(|(name, value)| (format!("CHIMEIN__{name}"), value.to_owned()));
    // No file: a demo must look the same everywhere.
    config::load_without_files(environment).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(mistakes.join("; "))
    })
}

fn configuration(config: &Config, api: &Arc<Api>) -> Configuration {
    let livechat = &config.livechat;
    let organization = OrganizationId::new(livechat.organization_id.clone());
    let (client, account) = (livechat.client_id.clone(), &livechat.account_id);
    Configuration::new(Arc::clone(api), organization, client, account, &livechat.personal_access_token)
}

async fn register(
    account: &Configuration,
    config: &Config,
    serving: &Serving,
    webhook_key: &SecretString,
) -> anyhow::Result<()> {
    let url = format!("http://{}{}", serving.public, config.server.webhook_path);
    for action in ["incoming_event", "incoming_chat"] {
        let webhook = NewWebhook {
            url: &url,
            description: "chimein demo",
            action,
            secret_key: webhook_key.expose_secret(),
            owner_client_id: &config.livechat.client_id,
            kind: "bot",
            additional_data: &["chat_properties", "chat_presence_user_ids"],
            // Our own words are dropped at the source: the first of the loop guards.
            filters: serde_json::json!({ "source_type": ["other_clients", "system"] }),
        };
        account.register_webhook(&webhook).await?;
    }
    Ok(())
}

fn tell(args: &Args, addresses: &Addresses, rules: usize) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(addresses)?)?;
    } else {
        writeln!(out, "\n  Open  {}\n", addresses.desk_url)?;
        writeln!(
            out,
            "  A LiveChat on your desk and a bot with {rules} rules. Write \"Hey! Where is my PIZZA?\""
        )?;
        writeln!(
            out,
            "  as the customer, and look at what the agents see. Ctrl-C ends it; nothing is kept.\n"
        )?;
    }
    Ok(out.flush()?)
}
