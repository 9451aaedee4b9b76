//! Makes configurations and checks that they can work.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{BodyLimits, Config, Endpoint, Settings, Timeouts};
use crate::{
    Error,
    credentials::{DefaultChain, ProvideCredentials},
    endpoint::{Network, check_authority, check_label},
    error::ConfigError,
    retry::{Budgets, RetryConfig},
    runtime::{Clock, Entropy, SystemClock, SystemEntropy},
    sign::SignatureVersion,
    transport::{Transport, TransportConfig},
};

/// Headers that say who calls what: the runtime alone sets them.
const RESERVED_HEADERS: [&str; 4] = ["host", "authorization", "date", "content-length"];
/// Query parameters that say who calls what.
const RESERVED_QUERIES: [&str; 10] = [
    "Action",
    "Version",
    "Format",
    "Timestamp",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
];

/// Collects settings; [`build`](Self::build) checks them.
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder {
    region: Option<String>,
    network: Network,
    endpoint: Option<String>,
    endpoint_suffix: Option<String>,
    allow_insecure_http: bool,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    signature: SignatureVersion,
    retry: RetryConfig,
    timeouts: Timeouts,
    limits: BodyLimits,
    transport_config: TransportConfig,
    transport: Option<Arc<dyn Transport>>,
    user_agent: Option<String>,
    headers: BTreeMap<String, String>,
    queries: BTreeMap<String, String>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
}

impl ConfigBuilder {
    /// Region whose endpoints are used, for example `cn-hangzhou`. Default: `ALIBABA_CLOUD_REGION_ID`. It
    /// is no parameter: operations that take a `RegionId` have a setter for it.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Network from which the services are reached. Default: the internet.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// One endpoint for all calls, in place of the tables: a host, a host with port, or a URL without
    /// path. Plain HTTP needs [`allow_insecure_http`](Self::allow_insecure_http).
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// A suffix of the first label of hosts built by rule, for example `dualstack`.
    #[must_use]
    pub fn endpoint_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.endpoint_suffix = Some(suffix.into());
        self
    }

    /// Lets an endpoint be plain HTTP. Signed requests can then be read and repeated by whoever sees
    /// them: for tests on the loopback interface.
    #[must_use]
    pub fn allow_insecure_http(mut self) -> Self {
        self.allow_insecure_http = true;
        self
    }

    /// Where credentials come from. Default: the chain of [`DefaultChain`].
    #[must_use]
    pub fn credentials(mut self, credentials: impl ProvideCredentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Which signature requests carry. Default: ACS3-HMAC-SHA256.
    #[must_use]
    pub fn signature(mut self, signature: SignatureVersion) -> Self {
        self.signature = signature;
        self
    }

    /// How calls are repeated. Default: up to 4 attempts, as the failure and the operation allow.
    #[must_use]
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// Longest time of one attempt. Default: what the operation needs, else 30 s for calls that read and
    /// 60 s for others.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.attempt = Some(timeout);
        self
    }

    /// Longest time of a whole call: credentials, attempts and waits. Default: 60 s, or one and a half
    /// attempts if that is longer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.total = Some(timeout);
        self
    }

    /// Longest time to connect, TLS included. Default: 5 s. Without effect on a transport of your own.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport_config.connect_timeout = timeout;
        self
    }

    /// How connections are made. Without effect on a transport of your own.
    #[must_use]
    pub fn transport_config(mut self, config: TransportConfig) -> Self {
        self.transport_config = config;
        self
    }

    /// How much of an answer is read. Default: 32 MiB, and 1 MiB of a refusal.
    #[must_use]
    pub fn body_limits(mut self, limits: BodyLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Another HTTP library. Default: reqwest with rustls.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Text to append to the `User-Agent` header, for example `my-app/1.0`.
    #[must_use]
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = Some(text.into());
        self
    }

    /// A header for all calls.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// A query parameter for all calls.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.queries.insert(name.into(), value.into());
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Another source of random bytes, for tests.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Some(Arc::new(entropy));
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// A setting cannot work: its name and what to do are in the message.
    pub fn build(self) -> Result<Config, Error> {
        self.check().map_err(Error::config)
    }

    fn check(self) -> Result<Config, ConfigError> {
        let region = self.region.or_else(|| env("ALIBABA_CLOUD_REGION_ID"));
        for (name, label) in [("region", &region), ("endpoint_suffix", &self.endpoint_suffix)] {
            if let Some(problem) = label.as_ref().and_then(|label| check_label(label).err()) {
                return Err(ConfigError {
                    message: format!("{name} {:?} {problem}", label.as_deref().unwrap_or_default()),
                });
            }
        }
        let endpoint = self.endpoint.map(|endpoint| parse_endpoint(&endpoint, self.allow_insecure_http)).transpose()?;
        check_extras(&self.headers, &self.queries)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(self.transport_config)?,
        };
        Ok(Config(Arc::new(Settings {
            region,
            network: self.network,
            endpoint,
            endpoint_suffix: self.endpoint_suffix,
            credentials: self.credentials.unwrap_or_else(|| Arc::new(DefaultChain::new())),
            signature: self.signature,
            retry: self.retry,
            timeouts: self.timeouts,
            limits: self.limits,
            transport,
            user_agent: user_agent(self.user_agent.as_deref()),
            headers: lower_case(self.headers),
            queries: self.queries,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            entropy: self.entropy.unwrap_or_else(|| Arc::new(SystemEntropy)),
            budgets: Budgets::default(),
        })))
    }
}

#[cfg(feature = "rustls")]
fn default_transport(config: TransportConfig) -> Result<Arc<dyn Transport>, ConfigError> {
    Ok(Arc::new(crate::transport::ReqwestTransport::new(config)))
}

#[cfg(not(feature = "rustls"))]
fn default_transport(_: TransportConfig) -> Result<Arc<dyn Transport>, ConfigError> {
    Err(ConfigError {
        message: "no transport: enable the feature `rustls` of alicloud-core or set .transport(…)".to_owned(),
    })
}

/// An environment variable that is set and not empty.
pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub(crate) fn lower_case(headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// Takes a host, a host with port, or a URL without path.
pub(crate) fn parse_endpoint(text: &str, allow_http: bool) -> Result<Endpoint, ConfigError> {
    let (https, rest) = match text.split_once("://") {
        None => (true, text),
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) if allow_http => (false, rest),
        Some(("http", _)) => {
            return Err(ConfigError {
                message: format!(
                    "endpoint {text:?} is plain HTTP, over which signed requests are not sent; call .allow_insecure_http() if it is a test server"
                ),
            });
        }
        Some((scheme, _)) => {
            return Err(ConfigError { message: format!("endpoint {text:?} has the unknown scheme {scheme:?}") });
        }
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    match check_authority(authority) {
        Ok(()) => Ok(Endpoint { https, authority: authority.to_owned() }),
        Err(problem) => Err(ConfigError { message: format!("endpoint {text:?} {problem}") }),
    }
}

/// Extra headers and query parameters must not replace those that say who calls what.
pub(crate) fn check_extras(
    headers: &BTreeMap<String, String>,
    queries: &BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let problem = if RESERVED_HEADERS.contains(&lower.as_str()) || lower.starts_with("x-acs-") {
            "is set by the SDK and cannot be replaced"
        } else if http::HeaderName::from_bytes(lower.as_bytes()).is_err() {
            "is no header name"
        } else if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            "has a value that a header cannot carry (visible ASCII and blanks only)"
        } else {
            continue;
        };
        return Err(ConfigError { message: format!("header {name:?} {problem}") });
    }
    match queries.keys().find(|name| RESERVED_QUERIES.contains(&name.as_str())) {
        Some(name) => {
            Err(ConfigError { message: format!("query parameter {name:?} is set by the SDK and cannot be replaced") })
        }
        None => Ok(()),
    }
}

/// `alicloud-rust/0.1.0 (linux; x86_64)`, and what the user adds.
fn user_agent(extra: Option<&str>) -> String {
    let own =
        format!("alicloud-rust/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let extra = extra.map(str::to_owned).or_else(|| env("ALIBABA_CLOUD_USER_AGENT"));
    let extra: String = extra.unwrap_or_default().chars().filter(|c| (' '..='~').contains(c)).collect();
    if extra.is_empty() { own } else { format!("{own} {extra}") }
}
