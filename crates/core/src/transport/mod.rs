//! How bytes travel.

mod body;
// A transport of the user's makes its own connections.
#[cfg_attr(not(feature = "reqwest"), allow(dead_code))]
mod proxy;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod tls;

use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use self::{body::Body, proxy::Proxies};
use crate::{
    credentials::BoxFuture,
    error::{ConfigError, TransportError},
};

/// Sends requests. Implement it to use another HTTP library.
///
/// A transport sends each request once, byte for byte as it is: it never retries, follows redirects,
/// decompresses, or adds headers of its own besides those of the connection.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// The network failed; [`Stage`](crate::error::Stage) says how far the request got.
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        (**self).send(request)
    }
}

/// A certificate or key in PEM text.
#[derive(Clone)]
pub struct Pem(Arc<str>);

impl Pem {
    /// Takes PEM text: one certificate or several, or a key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Keys are secret.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} bytes)", self.0.len())
    }
}

/// How connections are made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransportConfig {
    /// Longest time for name lookup, connection and TLS handshake. Default: 5 s.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept. The services drop theirs sooner than most clients do, so
    /// that longer times lead to resets. Default: 15 s.
    pub pool_idle_timeout: Duration,
    /// Idle connections kept per host. Default: 32.
    pub pool_max_idle: usize,
    /// Pause between TCP keep-alive probes. Default: 15 s.
    pub tcp_keepalive: Duration,
    /// Proxies. Default: those of the environment.
    pub proxies: Proxies,
    /// Certificates of authorities that are trusted besides those of the platform. Default: none.
    pub extra_roots: Vec<Pem>,
    /// The certificate that the client shows, with its chain, and the key. Default: none.
    pub client_certificate: Option<(Pem, Pem)>,
    /// HTTP/2 where a server offers it. Default: false, always HTTP/1.1. Needs the feature `http2`: without
    /// it the configuration is refused.
    pub http2: bool,
    /// Most headers that an answer over HTTP/1.1 may have. Default: 128. A client raises it to its
    /// [`BodyLimits`](crate::config::BodyLimits), which see the answer's status.
    pub max_headers: usize,
    /// Bytes of all headers that an answer over HTTP/2 may have. Default: 64 KiB. A client raises it as
    /// well.
    pub max_head: usize,
}

impl TransportConfig {
    /// Refuses what this build cannot do, so that it is not left out in silence.
    #[cfg_attr(not(feature = "reqwest"), allow(dead_code))]
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        let (setting, needed) = if self.http2 && !cfg!(feature = "http2") {
            ("http2", "`http2`")
        } else if !self.extra_roots.is_empty() && !has_tls {
            ("extra_roots", "`rustls` or `native-tls`")
        } else if self.client_certificate.is_some() && !has_tls {
            ("client_certificate", "`rustls` or `native-tls`")
        } else {
            // A URL that makes no sense is said now and not at the first call.
            return self.proxies.check();
        };
        Err(ConfigError {
            message: format!("the transport setting {setting} needs the feature {needed} of alicloud-core"),
        })
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            pool_idle_timeout: Duration::from_secs(15),
            pool_max_idle: 32,
            tcp_keepalive: Duration::from_secs(15),
            proxies: Proxies::default(),
            extra_roots: Vec::new(),
            client_certificate: None,
            http2: false,
            max_headers: 128,
            max_head: 64 << 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_build_cannot_do_is_refused() {
        let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        let check = |change: fn(&mut TransportConfig)| {
            let mut config = TransportConfig { proxies: Proxies::none(), ..TransportConfig::default() };
            change(&mut config);
            config.check().map_err(|error| error.message)
        };
        assert_eq!(check(|_| {}), Ok(()));
        for (setting, known, result) in [
            ("http2", cfg!(feature = "http2"), check(|config| config.http2 = true)),
            ("extra_roots", has_tls, check(|config| config.extra_roots = vec![Pem::new("x")])),
            (
                "client_certificate",
                has_tls,
                check(|config| config.client_certificate = Some((Pem::new("x"), Pem::new("y")))),
            ),
        ] {
            assert_eq!(result.is_ok(), known, "{setting}");
            assert!(result.is_ok() || result.unwrap_err().contains(setting), "{setting}");
        }
    }
}
