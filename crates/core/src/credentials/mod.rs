#![doc = include_str!("guide.md")]

mod answer;
mod assume_role;
mod cached;
mod chain;
mod cli_config;
mod direct;
mod ecs_role;
mod env;
mod environment;
mod fetch;
mod file;
mod ini_file;
mod oidc_role;
mod process;
mod role;
mod secret;
mod sts;
mod uri;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::SystemTime};

pub(crate) use self::environment::is_true;
pub use self::{
    assume_role::AssumeRoleProvider, cached::CachedProvider, chain::DefaultChain, cli_config::CliConfigProvider,
    ecs_role::EcsRoleProvider, env::EnvironmentProvider, environment::Environment, file::FileAccess,
    ini_file::IniFileProvider, oidc_role::OidcRoleProvider, process::ProcessProvider, secret::Secret, uri::UriProvider,
};
use crate::{
    error::CredentialsError,
    runtime::{Clock, Entropy},
    transport::Transport,
};

/// One immutable set of credentials: id, secret, token and expiry always belong together.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    kind: CredentialsKind,
    provider: String,
    expires_at: Option<SystemTime>,
}

/// The kinds of credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CredentialsKind {
    /// An access key, with a security token when it is temporary.
    AccessKey {
        /// Identifies the key.
        id: String,
        /// Signs requests.
        secret: Secret,
        /// Proves that a temporary key is valid.
        token: Option<Secret>,
    },
    /// A bearer token, sent as it is.
    Bearer(Secret),
    /// None: calls are sent unsigned.
    Anonymous,
}

impl Credentials {
    /// A long-lived access key.
    pub fn access_key(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::new(CredentialsKind::AccessKey { id: id.into(), secret: Secret::new(secret), token: None }, "static_ak")
    }

    /// A temporary access key with its security token.
    pub fn sts(id: impl Into<String>, secret: impl Into<String>, token: impl Into<String>) -> Self {
        let kind =
            CredentialsKind::AccessKey { id: id.into(), secret: Secret::new(secret), token: Some(Secret::new(token)) };
        Self::new(kind, "static_sts")
    }

    /// A bearer token.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::new(CredentialsKind::Bearer(Secret::new(token)), "bearer")
    }

    /// No credentials: calls are sent unsigned.
    pub fn anonymous() -> Self {
        Self::new(CredentialsKind::Anonymous, "")
    }

    /// Credentials of any kind that come from a provider. The provider's name travels with each request
    /// in `x-acs-credentials-provider`; an empty one does not.
    pub fn new(kind: CredentialsKind, provider: impl Into<String>) -> Self {
        Self(Arc::new(Inner { kind, provider: provider.into(), expires_at: None }))
    }

    /// The same credentials with the time at which they end.
    #[must_use]
    pub fn expiring_at(self, time: SystemTime) -> Self {
        let Inner { kind, provider, .. } = &*self.0;
        Self(Arc::new(Inner { kind: kind.clone(), provider: provider.clone(), expires_at: Some(time) }))
    }

    /// The same credentials under the name of another provider.
    fn named(self, provider: impl Into<String>) -> Self {
        let Inner { kind, expires_at, .. } = &*self.0;
        Self(Arc::new(Inner { kind: kind.clone(), provider: provider.into(), expires_at: *expires_at }))
    }

    /// The same credentials, got by way of a provider.
    fn by_way_of(self, provider: &str) -> Self {
        let name = format!("{provider}/{}", self.provider());
        self.named(name)
    }

    /// What they consist of.
    pub fn kind(&self) -> &CredentialsKind {
        &self.0.kind
    }

    /// Name of the provider, for example `env`.
    pub fn provider(&self) -> &str {
        &self.0.provider
    }

    /// When they end; `None` for credentials that do not.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }
}

impl CredentialsError {
    /// A source that is not configured: the next one may be asked.
    pub(crate) fn not_configured(message: impl Into<String>) -> Self {
        Self { message: message.into(), not_configured: true }
    }

    /// A source that is configured and does not work.
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self { message: message.into(), not_configured: false }
    }

    /// The same error of a source that somebody has asked for by name.
    pub(crate) fn configured(self) -> Self {
        Self { not_configured: false, ..self }
    }

    /// The same error with the place where it happened.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("kind", &self.0.kind)
            .field("provider", &self.0.provider)
            .field("expires_at", &self.0.expires_at)
            .finish()
    }
}

/// A future that can be put into a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of credentials.
pub trait ProvideCredentials: fmt::Debug + Send + Sync + 'static {
    /// The credentials to use now.
    ///
    /// # Errors
    /// The source is not configured, or it is and does not work.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>>;

    /// Forgets credentials that the service has refused, so that new ones are fetched.
    fn invalidate(&self, _refused: &Credentials) {}

    /// Learns the environment of a client that uses this source: its network, clock and randomness. A source
    /// that asks others hands it on; the sources of this module work with it unless they were given an
    /// environment of their own. Does nothing by default.
    fn adopt(&self, _client: &Environment) {}

    /// Whether asking costs nothing, because the source keeps what it has or fetches nothing. Others are
    /// put into a [`CachedProvider`] where they are used.
    fn keeps_credentials(&self) -> bool {
        false
    }
}

/// A source that may be asked before every call.
pub(crate) fn keeping(source: Arc<dyn ProvideCredentials>, environment: &Environment) -> Arc<dyn ProvideCredentials> {
    if source.keeps_credentials() { source } else { Arc::new(CachedProvider::over(source, environment.clone())) }
}

/// The credentials of a client: those it was given, kept, else the default chain; with the client's ways.
pub(crate) fn for_client(
    given: Option<Arc<dyn ProvideCredentials>>,
    transport: &Arc<dyn Transport>,
    clock: Option<&Arc<dyn Clock>>,
    entropy: Option<&Arc<dyn Entropy>>,
) -> Arc<dyn ProvideCredentials> {
    let mut environment = Environment::process().transport(transport.clone());
    if let Some(clock) = clock {
        environment = environment.clock(clock.clone());
    }
    if let Some(entropy) = entropy {
        environment = environment.entropy(entropy.clone());
    }
    match given {
        Some(source) => {
            source.adopt(&environment);
            keeping(source, &environment)
        }
        None => Arc::new(DefaultChain::in_environment(environment)),
    }
}

/// A shared source is the source.
impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        (**self).provide()
    }

    fn invalidate(&self, refused: &Credentials) {
        (**self).invalidate(refused);
    }

    fn adopt(&self, client: &Environment) {
        (**self).adopt(client);
    }

    fn keeps_credentials(&self) -> bool {
        (**self).keeps_credentials()
    }
}

/// Fixed credentials are their own source.
impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let credentials = self.clone();
        Box::pin(async move { Ok(credentials) })
    }

    fn keeps_credentials(&self) -> bool {
        true
    }
}
