//! Settings of clients.

mod builder;
mod extras;
mod profile;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use self::builder::ConfigBuilder;
pub(crate) use self::{
    builder::{env, parse_endpoint},
    extras::{check_extras, check_header, lower_case},
};
use crate::{
    credentials::{ProvideCredentials, for_client},
    endpoint::{Locations, Network},
    error::{ConfigError, Stage, TransportError},
    interceptor::Interceptor,
    retry::{RetryConfig, Shares},
    runtime::{Clock, Entropy},
    sign::SignatureVersion,
    stream::{ByteStream, FileParameter, StallProtection},
    transport::Transport,
};

/// What clients share: region, credentials, transport, retry settings. Cheap to clone; clients made from
/// one configuration share connections and retry budget.
///
/// ```
/// use alicloud_core::{Config, credentials::Credentials};
///
/// let config = Config::builder()
///     .region("cn-hangzhou")
///     .credentials(Credentials::access_key("id", "secret"))
///     .build()?;
/// # Ok::<(), alicloud_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config(pub(crate) Arc<Settings>);

impl Config {
    /// Starts a configuration.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }
}

pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    pub(crate) network: Network,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) endpoint_suffix: Option<String>,
    pub(crate) credentials: Arc<dyn ProvideCredentials>,
    pub(crate) signature: SignatureVersion,
    pub(crate) retry: RetryConfig,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: BodyLimits,
    pub(crate) stall_protection: StallProtection,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) user_agent: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) queries: BTreeMap<String, String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) interceptors: Vec<Arc<dyn Interceptor>>,
    pub(crate) allow_insecure_http: bool,
    /// Endpoints from the environment by the end of their variable's name; the empty one is for all products.
    pub(crate) configured_endpoints: BTreeMap<String, String>,
    pub(crate) location_endpoint: String,
    pub(crate) open_platform_endpoint: String,
    pub(crate) locations: Locations,
    pub(crate) shares: Shares,
}

impl Settings {
    /// The endpoint that the environment sets for a product.
    pub(crate) fn configured_endpoint(&self, product: &str) -> Result<Option<Endpoint>, ConfigError> {
        let name = product.to_ascii_uppercase().replace('-', "_");
        let text = self.configured_endpoints.get(&name).or_else(|| self.configured_endpoints.get(""));
        text.map(|text| builder::environment_endpoint(text, self.allow_insecure_http)).transpose()
    }
}

/// Headers and query parameters may be secret: their names alone are printed.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("region", &self.region)
            .field("network", &self.network)
            .field("endpoint", &self.endpoint)
            .field("endpoint_suffix", &self.endpoint_suffix)
            .field("credentials", &self.credentials)
            .field("signature", &self.signature)
            .field("retry", &self.retry)
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .field("stall_protection", &self.stall_protection)
            .field("transport", &self.transport)
            .field("user_agent", &self.user_agent)
            .field("headers", &self.headers.keys())
            .field("queries", &self.queries.keys())
            .finish_non_exhaustive()
    }
}

/// An endpoint that the user has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) https: bool,
    /// Host with port, if it has one.
    pub(crate) authority: String,
}

/// Limits of time.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Timeouts {
    /// One attempt, from sending to the last byte of the answer. Default: what the operation needs, else
    /// 30 s for calls that read and 60 s for others.
    pub attempt: Option<Duration>,
    /// The whole call: credentials, attempts and waits. Default: 60 s, or one and a half attempts if that
    /// is longer.
    pub total: Option<Duration>,
}

/// How much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BodyLimits {
    /// Bytes of a successful answer. Default: 32 MiB.
    pub success: usize,
    /// Bytes of a refusal. Default: 1 MiB.
    pub error: usize,
    /// Number of headers. Default: 128.
    pub headers: usize,
    /// Bytes of all headers. Default: 64 KiB.
    pub head: usize,
}

impl BodyLimits {
    /// Refuses an answer whose headers are too many or too long.
    pub(crate) fn check_head(&self, headers: &http::HeaderMap) -> Result<(), TransportError> {
        let size: usize = headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
        if headers.len() <= self.headers && size <= self.head {
            return Ok(());
        }
        let message = format!("{} headers of {size} bytes", headers.len());
        Err(TransportError { message, stage: Stage::TooLong, source: None })
    }
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { success: 32 << 20, error: 1 << 20, headers: 128, head: 64 << 10 }
    }
}

/// Settings of one call that replace those of its client.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ConfigOverride {
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) credentials: Option<Source>,
    pub(crate) signature: Option<SignatureVersion>,
    pub(crate) stall_protection: Option<StallProtection>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) queries: BTreeMap<String, String>,
}

impl ConfigOverride {
    /// Replaces nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another region, for the choice of the endpoint.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Another endpoint.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Other credentials. What a source gives is kept with this value and its clones: make one for each
    /// account and clone it for every call, else the source is asked every time.
    #[must_use]
    pub fn credentials(mut self, credentials: impl ProvideCredentials) -> Self {
        self.credentials = Some(Source { given: Arc::new(credentials), kept: Arc::default() });
        self
    }

    /// Another signature.
    #[must_use]
    pub fn signature(mut self, signature: SignatureVersion) -> Self {
        self.signature = Some(signature);
        self
    }

    /// Other limits for streams that stand still.
    #[must_use]
    pub fn stall_protection(mut self, protection: StallProtection) -> Self {
        self.stall_protection = Some(protection);
        self
    }

    /// A header on top of those of the call.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// A query parameter on top of those of the call.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.queries.insert(name.into(), value.into());
        self
    }
}

/// Headers and query parameters may be secret: their names alone are printed.
impl fmt::Debug for ConfigOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigOverride")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("credentials", &self.credentials)
            .field("signature", &self.signature)
            .field("stall_protection", &self.stall_protection)
            .field("headers", &self.headers.keys())
            .field("queries", &self.queries.keys())
            .finish()
    }
}

/// Credentials of some calls.
#[derive(Clone)]
pub(crate) struct Source {
    given: Arc<dyn ProvideCredentials>,
    kept: Arc<OnceLock<Arc<dyn ProvideCredentials>>>,
}

impl Source {
    /// The source, kept with the clock and the network of the first client that uses it.
    pub(crate) fn keeping(&self, settings: &Settings) -> &Arc<dyn ProvideCredentials> {
        self.kept.get_or_init(|| {
            let Settings { transport, clock, entropy, .. } = settings;
            for_client(Some(Arc::clone(&self.given)), transport, Some(clock), Some(entropy))
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.given.fmt(f)
    }
}

/// What is special about one call.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryConfig>,
    pub(crate) assume_idempotent: bool,
    pub(crate) overrides: ConfigOverride,
    /// The body, when it is a stream.
    pub(crate) body: Option<ByteStream>,
    /// Files to upload before the call, and the parameters that say where they are.
    pub(crate) files: Vec<(FileParameter, ByteStream)>,
}
