//! The sandbox of this process, and the calls that customers and an administrator make.

use anyhow::{Context, bail};
use chimein::sandbox::{Options, Sandbox, WIDGET_CLIENT_ID};
use serde_json::{Value, json};
use std::time::Duration;

/// The key that the webhooks are registered with.
pub(crate) const KEY: &str = "soak-webhook-key";

/// The sandbox and the bot that was made in it.
pub(crate) struct Platform {
    pub(crate) sandbox: Sandbox,
    pub(crate) bot_id: String,
    pub(crate) bot_secret: String,
    http: reqwest::Client,
}

impl Platform {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let sandbox = Sandbox::start(Options::default()).await?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(30))
            .build()?;
        let mut platform = Self { sandbox, bot_id: String::new(), bot_secret: String::new(), http };
        let client = platform.sandbox.addresses().client_id.clone();
        let groups = json!([{ "id": 0, "priority": "supervisor" }]);
        let bot = json!({ "name": "Pizza Bot", "owner_client_id": client, "groups": groups });
        let bot = platform.administer("configuration", "create_bot", bot).await?;
        platform.bot_id = text(&bot, "/id")?;
        platform.bot_secret = text(&bot, "/secret")?;
        Ok(platform)
    }

    /// Registers the webhooks for the bot's door.
    pub(crate) async fn tell(&self, door: &str) -> anyhow::Result<()> {
        let client = &self.sandbox.addresses().client_id;
        for action in ["incoming_event", "incoming_chat"] {
            let webhook = json!({
                "url": door, "action": action, "secret_key": KEY, "owner_client_id": client, "type": "bot",
                "additional_data": ["chat_properties", "chat_presence_user_ids"],
                "filters": { "source_type": ["other_clients", "system"] },
            });
            self.administer("configuration", "register_webhook", webhook).await?;
        }
        let status = json!({ "status": "not_accepting_chats", "agent_id": self.bot_id });
        self.administer("agent", "set_routing_status", status).await?;
        Ok(())
    }

    /// A call of an administrator.
    pub(crate) async fn administer(&self, face: &str, action: &str, body: Value) -> anyhow::Result<Value> {
        let addresses = self.sandbox.addresses();
        let url = format!("{}/v3.6/{face}/action/{action}", addresses.api_url);
        let token = Some(addresses.personal_access_token.as_str());
        answer(action, self.http.post(url).basic_auth(&addresses.account_id, token).json(&body)).await
    }

    /// A new customer's token.
    pub(crate) async fn customer(&self) -> anyhow::Result<String> {
        let addresses = self.sandbox.addresses();
        let url = format!("{}/v2/customer/token", addresses.accounts_url);
        let body = json!({
            "grant_type": "cookie", "client_id": WIDGET_CLIENT_ID, "response_type": "token",
            "organization_id": addresses.organization_id, "redirect_uri": "https://shop.example.com",
        });
        text(&answer("token", self.http.post(url).json(&body)).await?, "/access_token")
    }

    /// A call of a customer.
    pub(crate) async fn customers_call(
        &self,
        token: &str,
        action: &str,
        body: Value,
    ) -> anyhow::Result<Value> {
        let addresses = self.sandbox.addresses();
        let (base, organization) = (&addresses.customer_url, &addresses.organization_id);
        let url = format!("{base}/v3.6/customer/action/{action}?organization_id={organization}");
        answer(action, self.http.post(url).bearer_auth(token).json(&body)).await
    }
}

async fn answer(action: &str, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await.with_context(|| action.to_owned())?;
    let status = response.status();
    let body: Value = response.json().await.with_context(|| action.to_owned())?;
    if !status.is_success() {
        bail!("{action}: {status} {body}");
    }
    Ok(body)
}

/// The text at a JSON pointer.
pub(crate) fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("no text at {pointer}"))
}
