//! The RAM role of an ECS instance, from its metadata service.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{
    BoxFuture, Credentials, Environment, ProvideCredentials, Secret, answer,
    fetch::{FetchError, Patience, fetch},
};
use crate::{Document, error::CredentialsError};

const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/ram/security-credentials/";
const TOKEN_TTL: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aliyun-ecs-metadata-token";

/// Takes the keys of the RAM role that is attached to an ECS instance.
///
/// The metadata service is asked at its fixed address, never through a proxy, in its second version
/// (IMDSv2): with a token that a deceived web application cannot get. Where the token is refused the
/// first version is asked only if that is [allowed](Self::allow_v1).
#[derive(Clone, Debug, Default)]
pub struct EcsRoleProvider {
    role_name: Option<String>,
    allow_v1: bool,
    environment: Environment,
    /// The service has given keys, or somebody has said that it is there: its silence is a failure.
    is_here: Arc<AtomicBool>,
}

impl EcsRoleProvider {
    /// The role that is attached to this instance.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where somebody has said that this is an ECS instance with a role.
    pub(super) fn expected() -> Self {
        Self { is_here: Arc::new(AtomicBool::new(true)), ..Self::default() }
    }

    /// The name of the role, to save the question for it. Default: `ALIBABA_CLOUD_ECS_METADATA`, else the
    /// metadata service is asked.
    #[must_use]
    pub fn role_name(mut self, name: impl Into<String>) -> Self {
        self.role_name = Some(name.into());
        self
    }

    /// Asks without a token where the service gives none. Setting `ALIBABA_CLOUD_IMDSV1_DISABLED` to
    /// `false` says the same.
    #[must_use]
    pub fn allow_v1(mut self) -> Self {
        self.allow_v1 = true;
        self
    }

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = environment.clone();
        self
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        if self.environment.is_true("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
            return Err(CredentialsError::not_configured("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true"));
        }
        let named = self.role_name.as_deref().filter(|name| !name.is_empty());
        let named = named.or_else(|| self.environment.get("ALIBABA_CLOUD_ECS_METADATA"));
        let token = self.token(named.is_some() || self.is_here.load(Ordering::Relaxed)).await?;
        let role = match named {
            Some(name) => name.to_owned(),
            None => self.attached_role(token.as_ref()).await?,
        };
        if !is_role_name(&role) {
            return Err(CredentialsError::broken(
                "the name of the instance's role is not 1 to 64 letters, digits or ._@-",
            ));
        }
        let body = self.get(&format!("{ROLES_PATH}{role}"), token.as_ref()).await.map_err(|error| {
            CredentialsError::broken(format!("the metadata service has no keys for the role {role}: {error}"))
        })?;
        let broken = |reason: &str| CredentialsError::broken(format!("the metadata service: {reason}"));
        let document = std::str::from_utf8(&body).ok().and_then(|text| Document::parse(text).ok());
        let document = document.ok_or_else(|| broken("the answer is not JSON"))?;
        if document.get("Code").and_then(Document::as_str) != Some("Success") {
            return Err(broken("the answer does not say Success"));
        }
        let keys = answer::temporary(&document, &answer::PASCAL, "ecs_ram_role").map_err(|problem| broken(&problem))?;
        self.is_here.store(true, Ordering::Relaxed);
        Ok(keys)
    }

    /// The token of the second version; `None` where the first one has to do, and may.
    async fn token(&self, is_expected: bool) -> Result<Option<Secret>, CredentialsError> {
        // Who names no role may well be elsewhere: one look has to do.
        let attempts = if is_expected { Patience::LINK.attempts } else { 1 };
        let request = self.request(Method::PUT, TOKEN_PATH, (TOKEN_TTL, "21600"))?;
        let error = match self.send(&request, attempts).await {
            Ok(body) => match std::str::from_utf8(&body).map(str::trim) {
                Ok(token) if is_token(token) => return Ok(Some(Secret::new(token))),
                _ => FetchError::Broken("the token is none".to_owned()),
            },
            Err(FetchError::Unreachable(_)) if !is_expected => {
                return Err(CredentialsError::not_configured("no metadata service: this is no ECS instance"));
            }
            Err(error) => error,
        };
        let allowed = self
            .environment
            .get("ALIBABA_CLOUD_IMDSV1_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("false"));
        if self.allow_v1 || allowed {
            tracing::warn!("the metadata service gave no token; going on without, as allowed");
            return Ok(None);
        }
        Err(CredentialsError::broken(format!(
            "the metadata service gave no token (IMDSv2): {error}; to go on without one (IMDSv1), call `.allow_v1()` \
             or set ALIBABA_CLOUD_IMDSV1_DISABLED=false"
        )))
    }

    async fn attached_role(&self, token: Option<&Secret>) -> Result<String, CredentialsError> {
        match self.get(ROLES_PATH, token).await {
            Ok(body) => {
                let text = std::str::from_utf8(&body).unwrap_or_default();
                Ok(text.lines().next().unwrap_or_default().trim().to_owned())
            }
            Err(FetchError::Status(StatusCode::NOT_FOUND, _)) => {
                Err(CredentialsError::not_configured("no RAM role is attached to this ECS instance"))
            }
            Err(error) => Err(CredentialsError::broken(format!(
                "the metadata service does not name the instance's role: {error}"
            ))),
        }
    }

    async fn get(&self, path: &str, token: Option<&Secret>) -> Result<Bytes, FetchError> {
        let header = token.map_or(("accept", "*/*"), |token| (TOKEN, token.expose()));
        let request = self.request(Method::GET, path, header).map_err(|error| FetchError::Broken(error.message))?;
        self.send(&request, Patience::LINK.attempts).await
    }

    async fn send(&self, request: &http::Request<Bytes>, attempts: u32) -> Result<Bytes, FetchError> {
        let patience = Patience { attempts, ..Patience::LINK };
        fetch(self.environment.direct(), &**self.environment.entropy_ref(), patience, request).await
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        (name, value): (&str, &str),
    ) -> Result<http::Request<Bytes>, CredentialsError> {
        let uri = format!("http://{}{path}", self.environment.metadata());
        let request = http::Request::builder().method(method).uri(uri).header(name, value).body(Bytes::new());
        request.map_err(|_| CredentialsError::broken("the metadata service cannot be asked for that"))
    }
}

fn is_role_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_allowed) && !matches!(name, "." | "..")
}

fn is_token(token: &str) -> bool {
    (1..=1024).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

impl ProvideCredentials for EcsRoleProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.environment.adopt(client);
    }
}
