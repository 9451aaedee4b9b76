//! What can go wrong with a call.

use std::{error::Error as StdError, fmt};

use http::StatusCode;

/// Longest piece of a body that an error keeps.
pub(crate) const SNIPPET: usize = 1024;

type Source = Box<dyn StdError + Send + Sync>;

/// A failed call.
///
/// The kinds differ by what the caller can do; [`Display`](fmt::Display) says what happened, where, and
/// what to do. No error holds a secret or a signed URL.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    /// `servicemesh:DescribeServiceMeshDetail`
    operation: String,
    attempts: u32,
    client_token: Option<String>,
}

/// Why a call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings cannot work: change them.
    Config(ConfigError),
    /// No usable credentials.
    Credentials(CredentialsError),
    /// A parameter is missing or cannot be sent; nothing was sent.
    InvalidInput(InvalidInput),
    /// The service refused the call.
    Service(Box<ServiceError>),
    /// The request did not reach the service, or its answer did not come back; the service did not act,
    /// or acting twice does no harm.
    Transport(TransportError),
    /// A limit of time has passed.
    Timeout(TimeoutError),
    /// The service answered with something that cannot be read.
    Decode(BodyError),
    /// The call may have taken effect: the request was sent and its outcome is lost. Look before you
    /// repeat it.
    OutcomeUnknown(Source),
}

/// Settings that cannot work.
#[derive(Debug)]
pub struct ConfigError {
    /// What is wrong and what to do.
    pub message: String,
}

/// No usable credentials.
#[derive(Debug)]
pub struct CredentialsError {
    /// What was tried, what is wrong and what to do. Never holds what a source returned.
    pub message: String,
    /// The source is not configured at all, so that the next one may be asked.
    pub not_configured: bool,
}

/// A parameter that cannot be sent.
#[derive(Debug)]
pub struct InvalidInput {
    /// API name of the parameter.
    pub parameter: String,
    /// What is wrong with it.
    pub message: String,
}

/// The service's own words on why it refused a call.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ServiceError {
    /// HTTP status; 200 for services that report failures in a successful answer.
    pub status: u16,
    /// Error code, for example `InvalidAccessKeyId.NotFound`; empty when the answer holds none.
    pub code: String,
    /// The service's message, or the beginning of a body that is no error document.
    pub message: String,
    /// The id that the service gave the request.
    pub request_id: Option<String>,
    /// Page with the service's advice.
    pub recommend: Option<String>,
    /// Host that answered, when the service says so.
    pub host_id: Option<String>,
    /// Why access was denied, when the service says so.
    pub access_denied_detail: Option<crate::Document>,
    /// How long to wait before the next attempt, when the service says so.
    pub retry_after: Option<std::time::Duration>,
}

/// The network failed.
#[derive(Debug)]
pub struct TransportError {
    /// What failed; never holds the URL.
    pub message: String,
    /// How far the request got.
    pub stage: Stage,
    /// What failed underneath.
    pub source: Option<Source>,
}

/// How far a request got before the network failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was sent: name lookup, connection, proxy or TLS handshake failed.
    NotSent,
    /// The server's certificate was refused.
    Certificate,
    /// The request may have left.
    MaybeSent,
}

/// A limit of time that has passed.
#[derive(Debug)]
pub struct TimeoutError {
    /// Which limit: `connect`, `attempt` or `total`.
    pub limit: &'static str,
    /// Its length.
    pub after: std::time::Duration,
}

/// An answer that cannot be read.
#[derive(Debug)]
pub struct BodyError {
    /// HTTP status of the answer.
    pub status: StatusCode,
    /// The id that the service gave the request.
    pub request_id: Option<String>,
    /// What is wrong with the body.
    pub message: String,
    /// Beginning of the body, control characters escaped.
    pub snippet: String,
}
