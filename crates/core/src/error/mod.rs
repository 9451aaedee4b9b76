//! What can go wrong with a call.

mod list;
mod network;
mod service;

use std::{error::Error as StdError, fmt};

use http::StatusCode;

pub use self::{
    list::{PagingError, PagingProblem, WaitError, WaitProblem},
    network::{BodyError, Stage, TimeoutError, TransportError},
    service::ServiceError,
};

/// Longest piece of a body that an error keeps.
pub(crate) const SNIPPET: usize = 1024;

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
    /// A file or stream on this side cannot be read or written.
    Local(LocalError),
    /// The service refused the call.
    Service(Box<ServiceError>),
    /// The request did not reach the service, or its answer did not come back; the service did not act,
    /// or acting twice does no harm.
    Transport(TransportError),
    /// A limit of time has passed.
    Timeout(TimeoutError),
    /// The service answered with something that cannot be read, or whose end did not arrive.
    Decode(BodyError),
    /// The call may have taken effect: a request was sent and its outcome is lost. Look before you
    /// repeat it. Holds how the last attempt failed.
    OutcomeUnknown(Box<ErrorKind>),
    /// The pages of a list do not lead to its end.
    Paging(PagingError),
    /// What was waited for has not happened.
    Wait(Box<WaitError>),
}

/// Settings that cannot work.
#[derive(Debug)]
pub struct ConfigError {
    /// What is wrong and what to do.
    pub message: String,
}

/// No usable credentials.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    /// What was tried, what is wrong and what to do. Never holds what a source returned.
    pub message: String,
    /// The source is not configured at all, so that the next one may be asked.
    pub not_configured: bool,
}

/// A file or stream on this side that cannot be read or written.
#[derive(Debug)]
pub struct LocalError {
    /// What cannot be done.
    pub message: String,
    /// Why.
    pub source: std::io::Error,
}

impl LocalError {
    pub(crate) fn new(message: impl Into<String>, source: std::io::Error) -> Self {
        Self { message: message.into(), source }
    }
}

/// A parameter that cannot be sent.
#[derive(Debug)]
pub struct InvalidInput {
    /// API name of the parameter.
    pub parameter: String,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, operation: String) -> Self {
        Self(Box::new(Inner { kind, operation, attempts: 0, client_token: None }))
    }

    pub(crate) fn config(error: ConfigError) -> Self {
        Self::new(ErrorKind::Config(error), String::new())
    }

    pub(crate) fn after(mut self, attempts: u32, client_token: Option<String>) -> Self {
        self.0.attempts = attempts;
        self.0.client_token = client_token;
        self
    }

    /// Why the call failed.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The operation, for example `servicemesh:DescribeServiceMeshDetail`; empty for errors outside calls.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The client token of the call, with which it can be repeated safely.
    pub fn client_token(&self) -> Option<&str> {
        self.0.client_token.as_deref()
    }

    /// The service's refusal, when there is one.
    pub fn service(&self) -> Option<&ServiceError> {
        self.0.kind.service()
    }

    /// The service's error code, to compare with the constants in `error_codes`.
    pub fn code(&self) -> Option<&str> {
        self.service().map(|error| error.code.as_str()).filter(|code| !code.is_empty())
    }

    /// The id that the service gave the request: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.kind.request_id()
    }

    /// HTTP status of the answer, when there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.kind.status()
    }

    /// The service asked for fewer calls.
    pub fn is_throttling(&self) -> bool {
        self.service()
            .is_some_and(|error| error.status == 429 || error.throttled || crate::retry::is_throttling(&error.code))
    }

    /// The call may have taken effect although it failed.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self.0.kind, ErrorKind::OutcomeUnknown(_))
    }
}

impl ErrorKind {
    pub(crate) fn service(&self) -> Option<&ServiceError> {
        match self {
            Self::Service(error) => Some(error),
            Self::OutcomeUnknown(kind) => kind.service(),
            _ => None,
        }
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Service(error) => error.request_id.as_deref(),
            Self::Decode(error) => error.request_id.as_deref(),
            Self::OutcomeUnknown(kind) => kind.request_id(),
            _ => None,
        }
    }

    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Service(error) => StatusCode::from_u16(error.status).ok(),
            Self::Decode(error) => Some(error.status),
            Self::OutcomeUnknown(kind) => kind.status(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.operation.is_empty() {
            write!(f, "{}: ", self.0.operation)?;
        }
        write!(f, "{}", self.0.kind)?;
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        if let (ErrorKind::OutcomeUnknown(_), Some(token)) = (&self.0.kind, &self.0.client_token) {
            write!(f, "; repeat it safely with the client token {token}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Transport(error) => error.source(),
            ErrorKind::Decode(error) => error.failure.as_deref().and_then(StdError::source),
            ErrorKind::Local(error) => Some(&error.source),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "configuration: {}", error.message),
            Self::Credentials(error) => write!(f, "credentials: {}", error.message),
            Self::InvalidInput(error) if error.parameter.is_empty() => {
                write!(f, "nothing was sent: {}", error.message)
            }
            Self::InvalidInput(error) => {
                write!(f, "nothing was sent: parameter {} {}", error.parameter, error.message)
            }
            Self::Local(error) => write!(f, "{}: {}", error.message, error.source),
            Self::Service(error) => write!(f, "{error}"),
            Self::Transport(error) => write!(f, "{error}"),
            Self::Timeout(error) => {
                write!(f, "the limit of {:?} for {} has passed", error.after, error.subject())
            }
            Self::Decode(error) => {
                write!(f, "the answer with status {} cannot be read: {}", error.status.as_u16(), error.message)?;
                if let Some(id) = &error.request_id {
                    write!(f, "; request id {id}")?;
                }
                if error.snippet.is_empty() { Ok(()) } else { write!(f, "; it begins: {}", error.snippet) }
            }
            Self::OutcomeUnknown(kind) => {
                write!(f, "the call may have taken effect, check before you repeat it; last attempt: {kind}")
            }
            Self::Paging(error) => write!(f, "{error}"),
            Self::Wait(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CredentialsError {}
