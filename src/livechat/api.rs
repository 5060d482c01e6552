//! One call of the platform: URL, headers, limits, and the answer or the error that it is.
//!
//! Promises: nothing is repeated but a call that the wrong region sent back unhandled; every call
//! ends within `request_timeout`; at most `max_response` bytes are read.

use super::backoff;
use super::errors::Error;
use super::ids::OrganizationId;
use super::settings::Settings;
use crate::telemetry::metrics;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Shorter than the keep-alive of usual servers (60 s and more), so that a pooled connection is
/// rarely closed under a call (`dependencies.md`, 1.3).
const POOL_IDLE: Duration = Duration::from_secs(15);
/// How many organizations' regions are remembered.
const MAX_REGIONS: usize = 10_000;

/// Which of the platform's APIs.
#[derive(Clone, Copy)]
pub(super) enum Face {
    Agent,
    Configuration,
}

/// Who calls.
pub(super) enum Auth<'a> {
    Nobody,
    Bearer(&'a SecretString),
    Basic(&'a SecretString),
}

/// One call: for whom, what, and as whom.
pub(super) struct Call<'a> {
    pub(super) organization: &'a OrganizationId,
    pub(super) face: Face,
    pub(super) action: &'a str,
    pub(super) auth: Auth<'a>,
}

/// The platform's HTTP face.
pub struct Api {
    http: reqwest::Client,
    base: String,
    version: String,
    max_response: usize,
    regions: Mutex<HashMap<OrganizationId, String>>,
    region: String,
    has_warned: AtomicBool,
}

impl Api {
    /// Makes the client.
    ///
    /// # Errors
    /// `Setup` when the authorities cannot be read, or the host has none.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let timeout = |duration: jiff::SignedDuration| duration.unsigned_abs();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("chimein/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeout(settings.connect_timeout))
            .timeout(timeout(settings.request_timeout))
            .pool_idle_timeout(POOL_IDLE)
            .redirect(reqwest::redirect::Policy::none());
        if !settings.ca_file.as_os_str().is_empty() {
            let pem = std::fs::read(&settings.ca_file)
                .map_err(|error| Error::Setup(format!("{}: {error}", settings.ca_file.display())))?;
            let authorities = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| Error::Setup(format!("{}: {error}", settings.ca_file.display())))?;
            builder = builder.tls_certs_only(authorities);
        } else if settings.api_url.starts_with("http://") {
            // No TLS will be spoken: a host without certificates must do.
            builder = builder.tls_certs_only([]);
        }
        if is_loopback(&settings.api_url) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            Error::Setup(format!(
                "no certificates (install ca-certificates or set livechat.ca_file): {error}"
            ))
        })?;
        Ok(Self {
            http,
            base: settings.api_url.trim_end_matches('/').to_owned(),
            version: settings.api_version.clone(),
            max_response: usize::try_from(settings.max_response.as_u64()).unwrap_or(usize::MAX),
            regions: Mutex::new(HashMap::new()),
            region: settings.region.clone(),
            has_warned: AtomicBool::new(false),
        })
    }

    /// Makes a call whose answer matters.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let counted = Counted::begin(&call);
        let answer = self.send(&call, body).await;
        counted.end(answer.and_then(|(status, answer)| parse(status, &answer)))
    }

    /// Makes a call whose success has no payload: any 2xx with JSON or nothing.
    pub(super) async fn tell(&self, call: Call<'_>, body: &impl Serialize) -> Result<(), Error> {
        let counted = Counted::begin(&call);
        let answer = self.send(&call, body).await;
        counted.end(answer.and_then(|(status, answer)| match answer.as_slice() {
            [] => Ok(()),
            // HTML with a 200 comes from something between us and the platform.
            answer => parse::<serde::de::IgnoredAny>(status, answer).map(|_| ()),
        }))
    }

    async fn send(&self, call: &Call<'_>, body: &impl Serialize) -> Result<(u16, Vec<u8>), Error> {
        let region = self.known_region(call.organization);
        let first = Counted::begin(call);
        match self.send_once(call, body, region).await {
            // The wrong region did nothing, so the call may be made again; once.
            Err(Error::WrongRegion { region, .. }) => {
                first.note(Some("misdirected_request"));
                tracing::warn!(organization.id = %call.organization, region, "LiveChat named another region");
                self.remember_region(call.organization, &region);
                self.send_once(call, body, Some(region)).await
            }
            other => other,
        }
    }

    async fn send_once(
        &self,
        call: &Call<'_>,
        body: &impl Serialize,
        region: Option<String>,
    ) -> Result<(u16, Vec<u8>), Error> {
        let face = match call.face {
            Face::Agent => "agent",
            Face::Configuration => "configuration",
        };
        let url = format!("{}/v{}/{face}/action/{}", self.base, self.version, call.action);
        let mut request = self.http.post(url).json(body);
        if let Some(value) = authorization(&call.auth)? {
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(region) = region {
            request = request.header("X-Region", region);
        }
        let response = request.send().await.map_err(transport)?;
        let status = response.status();
        self.warn_of_the_end(response.headers());
        let debug_id =
            response.headers().get("x-debug-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let wait =
            response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(backoff::retry_after);
        let body = self.read(response).await;
        tracing::debug!(action = call.action, status = status.as_u16(), debug_id, "called LiveChat");
        if status.is_success() {
            return body.map(|body| (status.as_u16(), body));
        }
        // An error whose body breaks off is still that error.
        Err(Error::from_answer(status.as_u16(), wait, &body.unwrap_or_default()))
    }

    /// Says once that this version of the API will be switched off (reference, 1.3).
    fn warn_of_the_end(&self, headers: &HeaderMap) {
        for stage in ["legacy", "deprecation"] {
            let Some(end) = headers.get(stage).and_then(|value| value.to_str().ok()) else { continue };
            if !self.has_warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    api_version = self.version,
                    stage,
                    end,
                    "LiveChat will switch this version off"
                );
            }
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > self.max_response {
                return Err(Error::Unreadable {
                    status,
                    path: "(larger than livechat.max_response)".to_owned(),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn known_region(&self, organization: &OrganizationId) -> Option<String> {
        let known = self.regions.lock().unwrap_or_else(PoisonError::into_inner).get(organization).cloned();
        known.or_else(|| Some(self.region.clone()).filter(|region| !region.is_empty()))
    }

    fn remember_region(&self, organization: &OrganizationId, region: &str) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if regions.len() < MAX_REGIONS {
            regions.insert(organization.clone(), region.to_owned());
        }
    }
}

/// A call that is counted when it ends.
struct Counted<'a> {
    action: &'a str,
    began: Instant,
}

impl<'a> Counted<'a> {
    fn begin(call: &Call<'a>) -> Self {
        Self { action: call.action, began: Instant::now() }
    }

    fn end<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        self.note(result.as_ref().err().map(Error::label));
        result
    }

    fn note(&self, error: Option<&'static str>) {
        metrics::called(self.action, error, self.began.elapsed());
    }
}

fn authorization(auth: &Auth<'_>) -> Result<Option<HeaderValue>, Error> {
    let text = match auth {
        Auth::Nobody => return Ok(None),
        Auth::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        Auth::Basic(credentials) => format!("Basic {}", credentials.expose_secret()),
    };
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Error::Setup("the token is not a header value".to_owned()))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn parse<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, Error> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(body);
    let path = match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Ok(_) => "(trailing text)".to_owned(),
        Err(error) => error.path().to_string(),
    };
    Err(Error::Unreadable { status, path })
}

/// What a failed exchange means. The texts name no address and no token.
fn transport(error: reqwest::Error) -> Error {
    if error.is_connect() {
        return Error::Unavailable { cause: "cannot connect" };
    }
    if error.is_builder() {
        return Error::Setup("the request cannot be made (is livechat.api_url a URL?)".to_owned());
    }
    let cause = if error.is_timeout() { "timed out" } else { "the connection broke" };
    Error::Unknown { status: error.status().map(|status| status.as_u16()), cause: cause.to_owned() }
}

fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    match url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']')) {
        Some("localhost") => true,
        Some(host) => host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}
