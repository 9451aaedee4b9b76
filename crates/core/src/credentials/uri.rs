//! Temporary keys from a URL, as sidecars and custom brokers serve them.

use std::net::IpAddr;

use bytes::Bytes;
use http::Uri;

use super::{
    BoxFuture, Credentials, Environment, ProvideCredentials, answer, direct,
    fetch::{Patience, fetch_json},
};
use crate::error::CredentialsError;

/// Gets temporary keys from a URL. It must be HTTPS, or plain HTTP to this machine or its link.
///
/// The answer is a JSON object with `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`; if
/// it has a `Code`, that must be `Success`. `ALIBABA_CLOUD_DISABLE_CREDENTIALS_URI=1` forbids all this.
#[derive(Clone)]
pub struct UriProvider {
    uri: String,
    environment: Environment,
}

impl UriProvider {
    /// Keys from a URL.
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), environment: Environment::default() }
    }

    /// Keys from the URL in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    ///
    /// # Errors
    /// It is not set.
    pub fn from_environment(environment: &Environment) -> Result<Self, CredentialsError> {
        match environment.get("ALIBABA_CLOUD_CREDENTIALS_URI") {
            Some(uri) => Ok(Self::new(uri).environment(environment)),
            None => Err(CredentialsError::not_configured("ALIBABA_CLOUD_CREDENTIALS_URI is not set")),
        }
    }

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = environment.clone();
        self
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        if self.environment.is_true("ALIBABA_CLOUD_DISABLE_CREDENTIALS_URI") {
            return Err(CredentialsError::broken(
                "asking a credentials URI is forbidden by ALIBABA_CLOUD_DISABLE_CREDENTIALS_URI",
            ));
        }
        let (uri, is_near) = check(&self.uri)?;
        let broken = |reason: &dyn std::fmt::Display| {
            CredentialsError::broken(format!("the credentials URI at {}: {reason}", uri.host().unwrap_or_default()))
        };
        let request = http::Request::get(&uri).header("accept", "application/json").body(Bytes::new());
        let request = request.map_err(|error| broken(&error))?;
        let transport = if is_near { self.environment.direct() } else { &**self.environment.http()? };
        let entropy = &**self.environment.entropy_ref();
        let document =
            fetch_json(transport, entropy, Patience::NETWORK, &request).await.map_err(|error| broken(&error))?;
        if document.get("Code").is_some_and(|code| code.as_str() != Some("Success")) {
            return Err(broken(&"the answer does not say Success"));
        }
        answer::temporary(&document, &answer::PASCAL, "credential_uri").map_err(|problem| broken(&problem))
    }
}

/// Takes HTTPS, and plain HTTP to where nobody else listens. The text itself stays out of errors: what
/// gives access is often part of the URL.
fn check(text: &str) -> Result<(Uri, bool), CredentialsError> {
    let broken = |reason: &str| CredentialsError::broken(format!("the credentials URI {reason}"));
    let uri: Uri = text.parse().map_err(|_| broken("is no URL"))?;
    let authority = uri.authority().ok_or_else(|| broken("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(broken("must not hold a user name"));
    }
    match uri.scheme_str() {
        Some("https") => Ok((uri, false)),
        Some("http") if direct::ip(authority.host()).is_some_and(is_near) => Ok((uri, true)),
        Some("http") => Err(broken("is plain HTTP to another machine: use HTTPS")),
        _ => Err(broken("is neither HTTPS nor HTTP")),
    }
}

fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local(),
    }
}

impl ProvideCredentials for UriProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.environment.adopt(client);
    }
}

/// The host alone: the rest may give access.
impl std::fmt::Debug for UriProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let uri = self.uri.parse::<Uri>().ok();
        f.debug_struct("UriProvider").field("host", &uri.as_ref().and_then(Uri::host)).finish_non_exhaustive()
    }
}
