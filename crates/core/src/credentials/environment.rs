//! What providers see of the machine, replaceable as a whole.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{direct::DirectTransport, file::FileAccess};
use crate::{
    error::CredentialsError,
    runtime::{Clock, Entropy, SystemClock, SystemEntropy},
    transport::Transport,
};

/// Where ECS instances find their metadata. A literal, so that no resolver and no proxy is asked.
const METADATA: &str = "100.100.100.200";

/// Variables that are taken over besides those that begin with `ALIBABA_CLOUD_`: the home directory, and
/// what an external command may need.
pub(super) const INHERITED: [&str; 24] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    // Windows
    "USERPROFILE",
    "APPDATA",
    "SYSTEMROOT",
    "TEMP",
];

/// Environment variables, home directory, network, clock and randomness as providers see them.
///
/// Providers work with [`Environment::default`] unless they are given another one: the environment of this
/// process, and the network, clock and randomness of the client they are used by. A snapshot: changes of
/// the process environment afterwards have no effect. Tests start from [`Environment::empty`] and never
/// touch the machine:
///
/// ```
/// use alicloud_core::credentials::{DefaultChain, Environment, ProvideCredentials};
///
/// let environment = Environment::empty()
///     .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
///     .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
/// let chain = DefaultChain::in_environment(environment);
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// assert_eq!(chain.provide().await?.provider(), "default/env");
/// # Ok::<(), alicloud_core::error::CredentialsError>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Environment(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    transport: Option<Arc<dyn Transport>>,
    direct: Arc<dyn Transport>,
    metadata: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    file_access: FileAccess,
    /// In an environment that nobody has chosen: what the client brings.
    adopted: Option<Arc<OnceLock<Ways>>>,
}

/// What a client says about the machine.
struct Ways {
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Environment {
    /// Nothing is set, there is no home directory; network, clock and randomness are the system's.
    pub fn empty() -> Self {
        Self(Arc::new(Inner {
            variables: BTreeMap::new(),
            home: None,
            transport: default_transport(),
            direct: Arc::new(DirectTransport::default()),
            metadata: METADATA.to_owned(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            file_access: FileAccess::default(),
            adopted: None,
        }))
    }

    /// The environment of this process as it is now. Variables that are no Unicode text are left out.
    pub fn process() -> Self {
        let variables: BTreeMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("ALIBABA_CLOUD_") || INHERITED.contains(&name.as_str()))
            .collect();
        let home = if cfg!(windows) { variables.get("USERPROFILE") } else { variables.get("HOME") };
        let home = home.map(PathBuf::from);
        let environment = Self::empty().with(|inner| inner.variables = variables);
        match home {
            Some(home) => environment.home(home),
            None => environment,
        }
    }

    /// Sets a variable.
    #[must_use]
    pub fn variable(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|inner| _ = inner.variables.insert(name.into(), value.into()))
    }

    /// Sets the home directory, in which `.aliyun/config.json` and `.alibabacloud/credentials` are looked
    /// for. A relative one is ignored: files of the working directory must not decide who calls.
    #[must_use]
    pub fn home(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.with(|inner| inner.home = path.is_absolute().then_some(path))
    }

    /// Sends requests to STS and to sign-in services in another way. The metadata service and plain HTTP
    /// on the loopback interface are always reached directly.
    #[must_use]
    pub fn transport(self, transport: impl Transport) -> Self {
        self.with(|inner| inner.transport = Some(Arc::new(transport)))
    }

    /// Puts a double in the place of the metadata service of ECS, for tests.
    #[must_use]
    pub fn metadata_address(self, address: SocketAddr) -> Self {
        self.with(|inner| inner.metadata = address.to_string())
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        self.with(|inner| inner.clock = Arc::new(clock))
    }

    /// Another source of random bytes, for tests.
    #[must_use]
    pub fn entropy(self, entropy: impl Entropy) -> Self {
        self.with(|inner| inner.entropy = Arc::new(entropy))
    }

    /// What happens with credential files that others can read. Default: a warning.
    #[must_use]
    pub fn file_access(self, access: FileAccess) -> Self {
        self.with(|inner| inner.file_access = access)
    }

    /// Nothing is set, and the client says the rest.
    pub(super) fn unchosen() -> Self {
        Self::empty().with(|inner| inner.adopted = Some(Arc::default()))
    }

    /// Chosen by somebody: no client changes it any more.
    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.adopted = None;
        change(inner);
        self
    }

    /// Takes over network, clock and randomness of another environment, if nobody has chosen this one. The
    /// first one stays.
    pub(super) fn adopt(&self, client: &Self) {
        if let Some(adopted) = &self.0.adopted {
            _ = adopted.set(Ways {
                transport: client.transport_ref().cloned(),
                clock: client.clock_ref().clone(),
                entropy: client.entropy_ref().clone(),
            });
        }
    }

    fn ways(&self) -> Option<&Ways> {
        self.0.adopted.as_ref()?.get()
    }

    fn transport_ref(&self) -> Option<&Arc<dyn Transport>> {
        self.ways().map_or(&self.0.transport, |ways| &ways.transport).as_ref()
    }

    /// A variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable says `true`.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_true)
    }

    pub(super) fn home_directory(&self) -> Option<&Path> {
        self.0.home.as_deref()
    }

    pub(super) fn http(&self) -> Result<&Arc<dyn Transport>, CredentialsError> {
        self.transport_ref().ok_or_else(|| {
            CredentialsError::broken(
                "no transport: enable the feature `rustls` of alicloud-core or set Environment::transport",
            )
        })
    }

    /// The way to addresses on this machine and its link.
    pub(super) fn direct(&self) -> &dyn Transport {
        &*self.0.direct
    }

    pub(super) fn metadata(&self) -> &str {
        &self.0.metadata
    }

    pub(super) fn clock_ref(&self) -> &Arc<dyn Clock> {
        self.ways().map_or(&self.0.clock, |ways| &ways.clock)
    }

    pub(super) fn entropy_ref(&self) -> &Arc<dyn Entropy> {
        self.ways().map_or(&self.0.entropy, |ways| &ways.entropy)
    }

    pub(super) fn access(&self) -> FileAccess {
        self.0.file_access
    }
}

/// The environment of this process, chosen by nobody: a provider in it takes over network, clock and
/// randomness of the first client that uses it.
impl Default for Environment {
    fn default() -> Self {
        Self::process().with(|inner| inner.adopted = Some(Arc::default()))
    }
}

/// Whether the value of a switch is on: `true` in any case, or `1`.
pub(crate) fn is_true(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value == "1"
}

/// Names only: variables hold secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.0.variables.keys())
            .field("home", &self.0.home)
            .field("file_access", &self.0.file_access)
            .finish_non_exhaustive()
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn default_transport() -> Option<Arc<dyn Transport>> {
    Some(Arc::new(crate::transport::ReqwestTransport::default()))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn default_transport() -> Option<Arc<dyn Transport>> {
    None
}
