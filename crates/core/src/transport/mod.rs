//! How bytes travel.

mod body;
#[cfg(feature = "rustls")]
mod reqwest;

use std::{fmt, time::Duration};

pub use self::body::Body;
#[cfg(feature = "rustls")]
pub use self::reqwest::ReqwestTransport;
use crate::{credentials::BoxFuture, error::TransportError};

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
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            pool_idle_timeout: Duration::from_secs(15),
            pool_max_idle: 32,
            tcp_keepalive: Duration::from_secs(15),
        }
    }
}
