//! Which webhooks are in effect: registered, and switched on.
//!
//! The API tells at once what was set last; deliveries follow after the propagation delay.
use super::lag::Lagging;
use super::state::World;
use super::webhooks::{Webhook, WebhookKind};
use crate::sandbox::refusal::Refusal;

impl World {
    /// An app's webhooks that are registered.
    pub(crate) fn webhooks_of(&self, owner: &str) -> impl Iterator<Item = &Webhook> {
        self.webhooks
            .iter()
            .filter(move |webhook| webhook.registered.latest() && webhook.owner_client_id == owner)
    }

    /// Adds a webhook, and forgets those whose end has taken effect.
    pub(crate) fn register(&mut self, mut webhook: Webhook) {
        self.webhooks.retain(|other| other.registered.latest() || !other.registered.settled(self.clock));
        webhook.registered.set(true, self.clock, self.effective_from());
        self.webhooks.push(webhook);
    }

    /// Ends a webhook of an app.
    pub(crate) fn unregister(&mut self, owner: &str, id: &str) -> Result<(), Refusal> {
        let (now, effective_from) = (self.clock, self.effective_from());
        let mut own = self.webhooks.iter_mut().filter(|webhook| webhook.owner_client_id == owner);
        let found = own.find(|webhook| webhook.id == id && webhook.registered.latest());
        found.ok_or_else(|| Refusal::not_found("Webhook"))?.registered.set(false, now, effective_from);
        Ok(())
    }

    /// What an app's switch for license webhooks was set to last.
    pub(crate) fn license_webhooks_enabled(&self, owner: &str) -> bool {
        self.license_switches.get(owner).is_none_or(Lagging::latest)
    }

    /// Sets an app's switch for license webhooks.
    pub(crate) fn switch_license_webhooks(&mut self, owner: String, on: bool) {
        let (now, effective_from) = (self.clock, self.effective_from());
        let switch = self.license_switches.entry(owner).or_insert_with(|| Lagging::new(true));
        switch.set(on, now, effective_from);
    }

    /// Whether deliveries know the webhook.
    pub(super) fn knows(&self, webhook: &Webhook) -> bool {
        webhook.registered.at(self.clock)
    }

    /// Whether the webhook is switched on.
    pub(super) fn gate_open(&self, webhook: &Webhook) -> bool {
        let owner = &webhook.owner_client_id;
        match webhook.kind {
            WebhookKind::License => {
                self.license_switches.get(owner).is_none_or(|switch| switch.at(self.clock))
            }
            WebhookKind::Bot => {
                let mut bots = self.bots.values().filter(|bot| bot.owner_client_id == *owner);
                bots.any(|bot| bot.wakes_webhooks.at(self.clock))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sandbox::auth::{ADMINISTRATOR, Kind, Requester};
    use crate::sandbox::fields::Fields;
    use crate::sandbox::options::Options;
    use crate::sandbox::world::{BotForm, Credentials, News, Status, Verdict, Webhook, World};
    use jiff::Timestamp;
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::time::Duration;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn world(delay: u64) -> World {
        let propagation_delay = Duration::from_secs(delay);
        let options = Options { propagation_delay, ..Options::default() };
        World::seeded(Arc::new(Credentials::draw("agnes@example.com", "Agnes")), &options, second(0))
    }

    fn register(world: &mut World, kind: &str) -> String {
        let form = json!({
            "url": "http://127.0.0.1/",
            "action": "tag_created",
            "secret_key": "a secret key",
            "owner_client_id": world.credentials.client_id,
            "type": kind,
        });
        let webhook = Webhook::read(&Fields::new(form.as_object().unwrap())).unwrap();
        let id = webhook.id.clone();
        world.register(webhook);
        id
    }

    fn administrator() -> Requester {
        let id = "agnes@example.com".to_owned();
        Requester { id, kind: Kind::Agent, account_id: None, client_id: None, scopes: ADMINISTRATOR }
    }

    /// What becomes of news that happen in these seconds: nothing when no webhook is known.
    fn verdicts<const N: usize>(world: &mut World, seconds: [i64; N]) -> [Option<Verdict>; N] {
        seconds.map(|at| {
            world.begin(second(at));
            world.tell(News::of_account("tag_created", &administrator(), Value::Null));
            let (batches, _) = world.take_news();
            batches.first().and_then(|batch| batch.parcels.first()).map(|parcel| parcel.verdict)
        })
    }

    #[test]
    fn a_registration_and_its_end_take_effect_after_the_delay() {
        let mut world = world(120);
        world.begin(second(10));
        let (owner, id) = (world.credentials.client_id.clone(), register(&mut world, "license"));
        assert_eq!(world.webhooks_of(&owner).count(), 1);
        assert_eq!(verdicts(&mut world, [10, 129, 130]), [None, None, Some(Verdict::Send)]);
        world.begin(second(200));
        world.unregister(&owner, &id).unwrap();
        assert_eq!(world.webhooks_of(&owner).count(), 0);
        assert!(world.unregister(&owner, &id).is_err());
        assert_eq!(verdicts(&mut world, [200, 319, 320]), [Some(Verdict::Send), Some(Verdict::Send), None]);
        register(&mut world, "license");
        assert_eq!(world.webhooks.len(), 1, "what has ended is forgotten");
    }

    #[test]
    fn the_license_switch_takes_effect_after_the_delay() {
        let mut world = world(120);
        let owner = world.credentials.client_id.clone();
        register(&mut world, "license");
        world.begin(second(200));
        world.switch_license_webhooks(owner.clone(), false);
        assert!(!world.license_webhooks_enabled(&owner));
        assert_eq!(
            verdicts(&mut world, [200, 319, 320]),
            [Verdict::Send, Verdict::Send, Verdict::Gated].map(Some)
        );
        world.switch_license_webhooks(owner.clone(), true);
        assert!(world.license_webhooks_enabled(&owner));
        assert_eq!(verdicts(&mut world, [439, 440]), [Verdict::Gated, Verdict::Send].map(Some));
    }

    #[test]
    fn a_bots_status_opens_and_shuts_the_gate_after_the_delay() {
        let mut world = world(120);
        let owner = world.credentials.client_id.clone();
        register(&mut world, "bot");
        let bot = world.create_bot(&administrator(), &owner, BotForm::default()).unwrap();
        let bot = bot["id"].as_str().unwrap();
        for (status, at, expected) in [
            (Status::NotAccepting, 200, [Verdict::Gated, Verdict::Send]),
            (Status::Accepting, 400, [Verdict::Send, Verdict::Send]),
            (Status::Offline, 600, [Verdict::Send, Verdict::Gated]),
        ] {
            world.begin(second(at));
            world.set_status(&administrator(), bot, status, second(at)).unwrap();
            assert_eq!(world.status_of(bot), Some(status));
            assert_eq!(verdicts(&mut world, [at + 119, at + 120]), expected.map(Some), "{status:?}");
        }
    }

    #[test]
    fn without_a_delay_everything_takes_effect_at_once() {
        let mut world = world(0);
        let (owner, id) = (world.credentials.client_id.clone(), register(&mut world, "license"));
        assert_eq!(verdicts(&mut world, [0]), [Some(Verdict::Send)]);
        world.switch_license_webhooks(owner.clone(), false);
        assert_eq!(verdicts(&mut world, [0]), [Some(Verdict::Gated)]);
        world.unregister(&owner, &id).unwrap();
        assert_eq!(verdicts(&mut world, [0]), [None]);
    }
}
