//! Makes configurations and checks that they can work.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use super::{
    BodyLimits, Config, Endpoint, Settings, Timeouts,
    extras::{check_extras, lower_case},
    profile,
};
use crate::{
    Error,
    credentials::{ProvideCredentials, for_client},
    endpoint::{Locations, Network, check_authority, check_label, is_known, is_loopback},
    error::ConfigError,
    interceptor::Interceptor,
    retry::{RetryConfig, Shares},
    runtime::{Clock, Entropy, SystemClock, SystemEntropy},
    sign::SignatureVersion,
    stream::StallProtection,
    transport::{Proxies, Transport, TransportConfig},
};

const ENDPOINT_VARIABLE: &str = "ALIBABA_CLOUD_ENDPOINT";
const LOCATION_ENDPOINT: &str = "location-readonly.aliyuncs.com";
const OPEN_PLATFORM_ENDPOINT: &str = "openplatform.aliyuncs.com";

/// Collects settings; [`build`](Self::build) checks them.
#[derive(Clone, Default)]
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
    stall_protection: StallProtection,
    transport_config: TransportConfig,
    transport: Option<Arc<dyn Transport>>,
    user_agent: Option<String>,
    headers: BTreeMap<String, String>,
    queries: BTreeMap<String, String>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
    interceptors: Vec<Arc<dyn Interceptor>>,
    ignore_configured_endpoints: bool,
    location_endpoint: Option<String>,
    open_platform_endpoint: Option<String>,
}

/// What is secret or may be is left out.
impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("region", &self.region)
            .field("network", &self.network)
            .field("endpoint_suffix", &self.endpoint_suffix)
            .field("credentials", &self.credentials)
            .field("retry", &self.retry)
            .field("timeouts", &self.timeouts)
            .field("transport_config", &self.transport_config)
            .finish_non_exhaustive()
    }
}

impl ConfigBuilder {
    /// Region whose endpoints are used, for example `cn-hangzhou`. Default: `ALIBABA_CLOUD_REGION_ID`, else
    /// the region of the profile in `~/.aliyun/config.json`. It is no parameter: operations that take a
    /// `RegionId` have a setter for it.
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

    /// Hosts that speak IPv6, too, built by rule: the suffix `dualstack`.
    #[must_use]
    pub fn dual_stack(self) -> Self {
        self.endpoint_suffix("dualstack")
    }

    /// Takes no endpoint from the environment. Without this, `ALIBABA_CLOUD_ENDPOINT_<PRODUCT>` and
    /// `ALIBABA_CLOUD_ENDPOINT` replace the tables when [`endpoint`](Self::endpoint) is not called; they
    /// must name a host of the vendor or this machine, and are logged.
    #[must_use]
    pub fn ignore_configured_endpoints(mut self) -> Self {
        self.ignore_configured_endpoints = true;
        self
    }

    /// Where the location service is reached. It is asked for hosts that neither table nor rule know.
    /// Default: `location-readonly.aliyuncs.com`.
    #[must_use]
    pub fn location_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.location_endpoint = Some(endpoint.into());
        self
    }

    /// Where the open platform is reached, which says where files are uploaded that a call refers to.
    /// Default: `openplatform.aliyuncs.com`.
    #[must_use]
    pub fn open_platform_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.open_platform_endpoint = Some(endpoint.into());
        self
    }

    /// Lets an endpoint be plain HTTP. Signed requests can then be read and repeated by whoever sees
    /// them: for tests on the loopback interface.
    #[must_use]
    pub fn allow_insecure_http(mut self) -> Self {
        self.allow_insecure_http = true;
        self
    }

    /// Where credentials come from. Default: the chain of [`DefaultChain`](crate::credentials::DefaultChain).
    /// What a source gives is kept and renewed in time. It uses this transport, clock and randomness unless it
    /// was given an [`Environment`](crate::credentials::Environment) of its own.
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

    /// How connections are made; replaces what was said about them before. Without effect on a transport of
    /// your own.
    #[must_use]
    pub fn transport_config(mut self, config: TransportConfig) -> Self {
        self.transport_config = config;
        self
    }

    /// Connects through these proxies only. Default: those of the environment, see [`Proxies`].
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.transport_config.proxies = proxies;
        self
    }

    /// Connects directly, whatever the environment says.
    #[must_use]
    pub fn no_proxy(self) -> Self {
        self.proxies(Proxies::none())
    }

    /// How much of an answer is read. Default: 32 MiB, 1 MiB of a refusal, 128 headers of 64 KiB.
    #[must_use]
    pub fn body_limits(mut self, limits: BodyLimits) -> Self {
        self.limits = limits;
        self
    }

    /// When a stream of bytes or events counts as stalled and is ended. Default: less than 1 byte per second
    /// over 20 s, events over 5 min.
    #[must_use]
    pub fn stall_protection(mut self, protection: StallProtection) -> Self {
        self.stall_protection = protection;
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

    /// A hook around all calls. Several are called in the order in which they were added.
    #[must_use]
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.interceptors.push(Arc::new(interceptor));
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
        let region = self.region.or_else(|| env("ALIBABA_CLOUD_REGION_ID")).or_else(profile::region);
        for (name, label) in [("region", &region), ("endpoint_suffix", &self.endpoint_suffix)] {
            if let Some(problem) = label.as_ref().and_then(|label| check_label(label).err()) {
                return Err(ConfigError {
                    message: format!("{name} {:?} {problem}", label.as_deref().unwrap_or_default()),
                });
            }
        }
        let endpoint = self.endpoint.map(|endpoint| parse_endpoint(&endpoint, self.allow_insecure_http)).transpose()?;
        let location_endpoint = self.location_endpoint.unwrap_or_else(|| LOCATION_ENDPOINT.to_owned());
        parse_endpoint(&location_endpoint, self.allow_insecure_http)?;
        let open_platform_endpoint = self.open_platform_endpoint.unwrap_or_else(|| OPEN_PLATFORM_ENDPOINT.to_owned());
        parse_endpoint(&open_platform_endpoint, self.allow_insecure_http)?;
        let configured_endpoints =
            if self.ignore_configured_endpoints { BTreeMap::new() } else { environment_endpoints() };
        check_extras(&self.headers, &self.queries)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(self.transport_config, self.limits)?,
        };
        Ok(Config(Arc::new(Settings {
            region,
            network: self.network,
            endpoint,
            endpoint_suffix: self.endpoint_suffix,
            credentials: for_client(self.credentials, &transport, self.clock.as_ref(), self.entropy.as_ref()),
            signature: self.signature,
            retry: self.retry,
            timeouts: self.timeouts,
            limits: self.limits,
            stall_protection: self.stall_protection,
            transport,
            user_agent: user_agent(self.user_agent.as_deref()),
            headers: lower_case(&self.headers),
            queries: self.queries,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            entropy: self.entropy.unwrap_or_else(|| Arc::new(SystemEntropy)),
            interceptors: self.interceptors,
            allow_insecure_http: self.allow_insecure_http,
            configured_endpoints,
            location_endpoint,
            open_platform_endpoint,
            locations: Locations::default(),
            shares: Shares::default(),
        })))
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(mut config: TransportConfig, limits: BodyLimits) -> Result<Arc<dyn Transport>, ConfigError> {
    config.check()?;
    // Where both limits are met, ours say which answer it was.
    config.max_headers = config.max_headers.max(limits.headers);
    config.max_head = config.max_head.max(limits.head);
    Ok(Arc::new(crate::transport::ReqwestTransport::new(config)))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: TransportConfig, _: BodyLimits) -> Result<Arc<dyn Transport>, ConfigError> {
    Err(ConfigError {
        message: "no transport: enable the feature `rustls` or `native-tls` of alicloud-core or set .transport(…)"
            .to_owned(),
    })
}

/// An environment variable that is set and not empty.
pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Endpoints that the environment sets, by the end of the variable's name. They are logged, because they
/// change where requests go without a trace in the program.
fn environment_endpoints() -> BTreeMap<String, String> {
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    variables
        .filter_map(|(name, value)| {
            let end = name.strip_prefix(ENDPOINT_VARIABLE)?;
            let product = if end.is_empty() { end } else { end.strip_prefix('_')? };
            (!value.is_empty()).then(|| {
                tracing::info!(variable = name, endpoint = %value.escape_debug(), "endpoint from the environment");
                (product.to_owned(), value)
            })
        })
        .collect()
}

/// An endpoint from the environment: a host of the vendor or this machine, so that whoever can set a
/// variable cannot send signed requests to a host of theirs, nor in plain HTTP over a network.
pub(super) fn environment_endpoint(text: &str, allow_http: bool) -> Result<Endpoint, ConfigError> {
    let endpoint = parse_endpoint(text, allow_http)?;
    let host = endpoint.authority.split_once(':').map_or(endpoint.authority.as_str(), |(host, _)| host);
    let is_here = is_loopback(&endpoint.authority);
    if !endpoint.https && !is_here {
        return Err(ConfigError {
            message: format!(
                "the endpoint {text:?} from the environment is plain HTTP to another machine; set it in code with .endpoint(\"…\") if that is meant, else unset {ENDPOINT_VARIABLE}*"
            ),
        });
    }
    if is_here || is_known(host) {
        return Ok(endpoint);
    }
    Err(ConfigError {
        message: format!(
            "the endpoint {text:?} from the environment is no host of Alibaba Cloud; if it is right, set it in code with .endpoint(\"…\"), else unset {ENDPOINT_VARIABLE}* or call .ignore_configured_endpoints()"
        ),
    })
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

/// `alicloud-rust/0.1.0 (linux; x86_64)`, and what the user adds.
fn user_agent(extra: Option<&str>) -> String {
    let own =
        format!("alicloud-rust/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let extra = extra.map(str::to_owned).or_else(|| env("ALIBABA_CLOUD_USER_AGENT"));
    let extra: String = extra.unwrap_or_default().chars().filter(|c| (' '..='~').contains(c)).collect();
    if extra.is_empty() { own } else { format!("{own} {extra}") }
}
