//! Keys for the access token of a CloudSSO sign-in.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::Uri;

use super::profile::Profile;
use crate::{
    Document,
    credentials::{
        BoxFuture, Credentials, Environment, ProvideCredentials, Secret, answer,
        fetch::{Patience, fetch_json},
    },
    error::CredentialsError,
    runtime::later_date,
};

/// Domains in which the vendor runs its sign-in pages. The access token goes nowhere else.
const DOMAINS: [&str; 4] = ["alibabacloudsso.com", "alibabacloud.com", "aliyun.com", "aliyuncs.com"];

/// Keys in the file are used up to this time before their end; then new ones are got.
pub(super) const KEPT_LONG_ENOUGH: Duration = Duration::from_secs(15 * 60);

pub(super) struct CloudSso {
    uri: Uri,
    account: String,
    access_configuration: String,
    /// Absent when it has ended.
    token: Option<Secret>,
    kept: Option<Credentials>,
    environment: Environment,
}

impl CloudSso {
    pub(super) fn new(profile: &Profile<'_>, environment: &Environment) -> Result<Self, CredentialsError> {
        let now = environment.clock_ref().now();
        let host = sign_in_host(profile.need("cloud_sso_sign_in_url")?).map_err(|problem| profile.wrong(problem))?;
        let uri = Uri::builder().scheme("https").authority(host).path_and_query("/cloud-credentials").build();
        let works = profile.time("cloud_sso_access_token_expire").is_some_and(|end| now < end);
        Ok(Self {
            uri: uri.map_err(|_| profile.wrong("has a cloud_sso_sign_in_url that is no URL"))?,
            account: profile.need("cloud_sso_account_id")?.to_owned(),
            access_configuration: profile.need("cloud_sso_access_config")?.to_owned(),
            token: profile.text("access_token").filter(|_| works).map(Secret::new),
            kept: profile.kept_keys("cloud_sso", now),
            environment: environment.clone(),
        })
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let now = self.environment.clock_ref().now();
        if let Some(kept) = &self.kept
            && lasts(kept, later_date(now, KEPT_LONG_ENOUGH))
        {
            return Ok(kept.clone());
        }
        match (self.exchange().await, &self.kept) {
            // Better than none.
            (Err(_), Some(kept)) if lasts(kept, now) => Ok(kept.clone()),
            (result, _) => result,
        }
    }

    async fn exchange(&self) -> Result<Credentials, CredentialsError> {
        let broken = |reason: &dyn fmt::Display| CredentialsError::broken(format!("CloudSSO: {reason}"));
        let token = self
            .token
            .as_ref()
            .ok_or_else(|| broken(&"the sign-in has ended; sign in again with `aliyun configure --mode CloudSSO`"))?;
        let body = Document::object([
            ("AccountId", Document::from(self.account.as_str())),
            ("AccessConfigurationId", Document::from(self.access_configuration.as_str())),
        ]);
        let request = http::Request::post(&self.uri)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("authorization", bearer(token).ok_or_else(|| broken(&"the access token is none"))?)
            .body(Bytes::from(body.to_string()))
            .map_err(|error| broken(&error))?;
        let transport = &**self.environment.http()?;
        let entropy = &**self.environment.entropy_ref();
        let answer =
            fetch_json(transport, entropy, Patience::NETWORK, &request).await.map_err(|error| broken(&error))?;
        let keys = answer.get("CloudCredential").unwrap_or(&Document::Null);
        answer::temporary(keys, &answer::PASCAL, "cloud_sso").map_err(|problem| broken(&problem))
    }
}

/// Whether keys work after a moment.
pub(super) fn lasts(credentials: &Credentials, moment: SystemTime) -> bool {
    credentials.expires_at().is_some_and(|end| moment < end)
}

/// The value of an `Authorization` header.
pub(super) fn bearer(token: &Secret) -> Option<http::HeaderValue> {
    let mut value = http::HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The host of a sign-in page of the vendor.
fn sign_in_host(url: &str) -> Result<String, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "has a cloud_sso_sign_in_url that is no URL")?;
    if uri.scheme_str() != Some("https") {
        return Err("has a cloud_sso_sign_in_url that is not HTTPS");
    }
    let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase()).unwrap_or_default();
    let is_known = DOMAINS
        .iter()
        .any(|domain| authority.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    // Neither user name nor port.
    let is_plain = authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    if is_known && is_plain { Ok(authority) } else { Err("has a cloud_sso_sign_in_url that is none of the vendor's") }
}

impl ProvideCredentials for CloudSso {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }
}

impl fmt::Debug for CloudSso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudSso").field("account", &self.account).finish_non_exhaustive()
    }
}
