//! Messages from the archives, page by page, with all the patience that a person at a terminal has.

use super::progress::Progress;
use super::resume::{Asked, File, Place};
use super::trial::Trial;
use super::window::{When, Window};
use super::{Args, Ending};
use crate::config::Config;
use crate::livechat::archives::Page;
use crate::livechat::model::ArchivesPage;
use crate::livechat::{Advice, Api, Archives, Bot, BotTokens, Error, Gates, OrganizationId, UserId, backoff};
use anyhow::Context;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How often a page is asked for before it is given up; the pauses between add up to some minutes.
const MAX_TRIES: u32 = 10;
/// How many calls may come at once after a rest.
const BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Who is called, and how fast.
struct Reader {
    archives: Archives,
    organization: OrganizationId,
    gates: Gates,
    pace: DefaultDirectRateLimiter,
}

/// Reads all pages, from the first or from where `--resume` has kept the place.
pub(super) async fn read(config: &Config, args: &Args, trial: &mut Trial) -> anyhow::Result<Ending> {
    let reader = match Reader::open(config, args.per_minute)? {
        Ok(reader) => reader,
        Err(missing) => return Ok(Ending::Refused(missing)),
    };
    let file = args.resume.as_deref().map(|path| File::new(path, asked(config, args, trial)));
    let mut place = Place::at_the_beginning(trial.window);
    if let Some(file) = &file {
        match file.read() {
            Ok(None) => {}
            Ok(Some((kept, tally))) => {
                trial.window = Window { from: kept.from, to: kept.to };
                (place, trial.tally) = (kept, tally);
            }
            Err(why) => return Ok(Ending::Refused(why)),
        }
        // Before the first call: what cannot be kept should be known now.
        if let Err(error) = file.keep(&place, &trial.tally) {
            return Ok(Ending::Refused(format!("{} cannot be written: {error}", file.path().display())));
        }
    }
    let mut told = std::pin::pin!(super::super::told_to_stop()?);
    let mut progress = Progress::of("threads", place.all);
    progress.reach(place.done);
    loop {
        let page = tokio::select! {
            () = &mut told => return Ok(Ending::Broken(format!("interrupted; {}", how_to_go_on(file.as_ref())))),
            page = reader.page(&place, args.page_size, &progress) => page,
        };
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                let reason = explained(&error, &place);
                return Ok(Ending::Broken(format!("{reason}; {}", how_to_go_on(file.as_ref()))));
            }
        };
        for chat in &page.chats {
            if trial.hear_chat(chat.get()).is_err() {
                trial.tally.bad_lines += 1;
                progress.note("a thread of the archives cannot be read and is left out");
            }
        }
        place.done += u64::try_from(page.chats.len()).unwrap_or(0);
        place.all = page.found_chats.or(place.all);
        progress.expect(place.all);
        progress.reach(place.done);
        // A page without a thread has nothing behind it, whatever it says.
        place.next_page = page.next_page_id.filter(|_| !page.chats.is_empty());
        if place.next_page.is_none() {
            file.map_or(Ok(()), |file| file.remove()).context("cannot remove the file of --resume")?;
            return Ok(Ending::Whole);
        }
        if let Some(file) = &file {
            file.keep(&place, &trial.tally).context("cannot keep how far it came")?;
        }
    }
}

fn asked(config: &Config, args: &Args, trial: &Trial) -> Asked {
    let word = |when: &Option<When>| when.as_ref().map(|when| when.word.clone());
    Asked {
        organization: config.livechat.organization_id.clone(),
        rules: trial.rules.version().to_owned(),
        against: trial.against.as_ref().map(|rules| rules.version().to_owned()),
        since: word(&args.since),
        until: word(&args.until),
        examples: args.examples,
        show_text: args.show_text,
    }
}

fn how_to_go_on(file: Option<&File>) -> String {
    match file {
        Some(file) => {
            format!("the same command goes on from here (--resume {})", file.path().display())
        }
        None => "what follows was counted until then; with --resume FILE it could go on from here".to_owned(),
    }
}

/// What a person should know about a failure.
fn explained(error: &Error, place: &Place) -> String {
    let hint = match error {
        Error::NotAllowed { .. } => {
            ": are livechat.account_id and livechat.personal_access_token (or bot.id and bot.secret) right?"
        }
        Error::Gone { kind, .. } if kind == "authorization" => {
            ": the token needs the scope chats--all:ro or chats--access:ro"
        }
        Error::Refused { kind, .. } if kind == "validation" && place.next_page.is_some() => {
            ": pages can be asked for during a month; remove the file of --resume to begin anew"
        }
        Error::Unreadable { .. } => ": is the page too large? (livechat.max_response, --page-size)",
        Error::Gone { .. }
        | Error::NotInChat { .. }
        | Error::Slow { .. }
        | Error::Unavailable { .. }
        | Error::Unknown { .. }
        | Error::WrongRegion { .. }
        | Error::Refused { .. }
        | Error::Setup(_) => "",
    };
    format!("the archives cannot be read: {error}{hint}")
}

impl Reader {
    /// With a personal access token where there is one, else as the bot; or what is missing for both.
    fn open(config: &Config, per_minute: u32) -> anyhow::Result<Result<Self, String>> {
        let settings = &config.livechat;
        let organization = OrganizationId::new(settings.organization_id.clone());
        let has_token = !settings.personal_access_token.expose_secret().is_empty();
        let archives = if has_token || !settings.account_id.is_empty() {
            if !has_token || settings.account_id.is_empty() {
                let other = if has_token { "account_id" } else { "personal_access_token" };
                return Ok(Err(format!(
                    "livechat.{other} is not set: a personal access token needs its account's id"
                )));
            }
            let (api, token) = (Arc::new(Api::new(settings)?), &settings.personal_access_token);
            Archives::of_person(api, organization.clone(), &settings.account_id, token)
        } else {
            let needed = [
                ("bot.id", config.bot.id.is_empty()),
                ("bot.secret", config.bot.secret.expose_secret().is_empty()),
                ("livechat.client_id", settings.client_id.is_empty()),
                ("livechat.organization_id", settings.organization_id.is_empty()),
            ];
            let missing: Vec<&str> =
                needed.iter().filter(|(_, is_missing)| *is_missing).map(|(key, _)| *key).collect();
            if !missing.is_empty() {
                return Ok(Err(format!(
                    "the archives need livechat.personal_access_token and livechat.account_id, or the bot: {} \
                     is not set (or give the messages with --from-file)",
                    missing.join(", ")
                )));
            }
            let api = Arc::new(Api::new(settings)?);
            let (bot, secret) = (UserId::new(config.bot.id.clone()), config.bot.secret.clone());
            let tokens = BotTokens::new(Arc::clone(&api), settings.client_id.clone(), bot, secret);
            Archives::of_bot(Bot::new(api, Arc::new(tokens)), organization.clone())
        };
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let pace = RateLimiter::direct(Quota::per_minute(per_minute).allow_burst(BURST));
        Ok(Ok(Self { archives, organization, gates: Gates::default(), pace }))
    }

    /// A page, asked for again while that can help: reading changes nothing.
    async fn page(&self, place: &Place, size: u32, progress: &Progress) -> Result<ArchivesPage, Error> {
        let page = match &place.next_page {
            Some(id) => Page::Next(id),
            None => {
                let (from, to) = (place.from.unwrap_or(Timestamp::MIN), place.to.unwrap_or(Timestamp::MAX));
                Page::First { from, to, size }
            }
        };
        let mut tries = 0;
        loop {
            self.pace.until_ready().await;
            self.gates.turn(&self.organization).await;
            let error = match self.archives.page(page).await {
                Ok(page) => {
                    self.gates.open(&self.organization);
                    return Ok(page);
                }
                Err(error) => error,
            };
            tries += 1;
            let Some(wait) = self.pause(&error, tries).filter(|_| tries < MAX_TRIES) else {
                return Err(error);
            };
            progress.note(&format!("LiveChat: {error}; again in {:.1} s", wait.as_secs_f64()));
            tokio::time::sleep(wait).await;
        }
    }

    /// How long to wait before the call is made again; not at all where that cannot help.
    fn pause(&self, error: &Error, tries: u32) -> Option<Duration> {
        match (error, error.advice()) {
            (Error::NotAllowed { .. } | Error::Unreadable { .. }, _) | (_, Advice::Never) => None,
            (_, Advice::SlowDown(told)) => Some(self.gates.close(&self.organization, told)),
            (_, Advice::Later | Advice::LookFirst) => Some(backoff::pause(tries, fastrand::f64())),
        }
    }
}
