//! What can go wrong with a call.

use std::{error::Error as StdError, fmt};

use bytes::Bytes;
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
    /// The call may have taken effect: a request was sent and its outcome is lost. Look before you
    /// repeat it. Holds how the last attempt failed.
    OutcomeUnknown(Box<ErrorKind>),
    /// The pages of a list do not lead to its end.
    Paging(PagingError),
    /// What was waited for has not happened.
    Wait(Box<WaitError>),
}

/// Pages that do not lead to the end of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagingError {
    /// What is wrong with them.
    pub problem: PagingProblem,
    /// Where paging stopped, or the parameter that cannot be set.
    pub place: String,
}

/// What can be wrong with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagingProblem {
    /// The service gave a token for the second time.
    RepeatedToken,
    /// The service says that more follows and gives no token to get it with.
    MissingToken,
    /// The service gave page after page without items.
    EmptyPages,
    /// The operation does not page by what the position names.
    Position,
    /// The parameter that takes the position cannot hold it.
    Parameter,
}

impl PagingError {
    pub(crate) fn at(problem: PagingProblem, position: &crate::paginate::Position) -> Self {
        Self { problem, place: position.to_string() }
    }

    pub(crate) fn parameter(path: &str) -> Self {
        Self { problem: PagingProblem::Parameter, place: path.to_owned() }
    }
}

impl fmt::Display for PagingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, place } = self;
        match problem {
            PagingProblem::RepeatedToken => {
                write!(
                    f,
                    "the service gave the same page token again, the list would never end; stopped before {place}"
                )
            }
            PagingProblem::MissingToken => {
                write!(f, "the service says that more follows, but gives no token for the page after {place}")
            }
            PagingProblem::EmptyPages => {
                write!(f, "the service gave page after page without items; stopped before {place}")
            }
            PagingProblem::Position => write!(f, "this operation does not page by {place}"),
            PagingProblem::Parameter => write!(f, "parameter {place} cannot hold the position of the page"),
        }
    }
}

/// Waiting without success.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitError {
    /// What was waited for, for example `MeshUpgraded`.
    pub waiter: &'static str,
    /// Why waiting ended.
    pub problem: WaitProblem,
    /// What the last answer said.
    pub state: crate::wait::State,
    /// Questions asked.
    pub questions: u32,
    /// Time since the first one.
    pub elapsed: std::time::Duration,
    /// How the last question failed, if it did.
    pub failure: Option<String>,
    /// The last answer, secrets masked.
    pub answer: Option<crate::Document>,
}

/// Why waiting ended without success.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitProblem {
    /// It can no longer happen: the answer says so, or the service's refusal.
    Failed(Option<Error>),
    /// The time is up.
    TimedOut(std::time::Duration),
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiter, problem, state, questions, failure, .. } = self;
        match problem {
            WaitProblem::Failed(None) => write!(f, "{waiter} will not happen: {state}")?,
            WaitProblem::Failed(Some(error)) => write!(f, "{waiter} will not happen: {}", error.kind())?,
            WaitProblem::TimedOut(limit) => {
                write!(f, "{waiter} has not happened within {limit:?}: {state}")?;
                if let Some(failure) = failure {
                    write!(f, "; the last question failed: {failure}")?;
                }
            }
        }
        write!(f, " (asked {questions} times)")
    }
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
    /// The gateway asked to wait: it has not passed the call on.
    pub(crate) throttled: bool,
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
#[non_exhaustive]
pub enum Stage {
    /// Nothing was sent, and nothing would be at another attempt: connections cannot be set up, or the
    /// request would change on its way.
    Impossible,
    /// Nothing was sent: name lookup, connection, proxy or TLS handshake failed.
    NotSent,
    /// The server's certificate was refused.
    Certificate,
    /// The request may have left.
    MaybeSent,
    /// The server promised that it did not look at the request.
    Refused,
    /// The answer arrived and is longer than the limit.
    TooLong,
}

/// A limit of time that has passed.
#[derive(Debug)]
pub struct TimeoutError {
    /// Which limit: `credentials`, `connect`, `attempt` or `total`.
    pub limit: &'static str,
    /// Its length.
    pub after: std::time::Duration,
}

/// An answer that cannot be read.
pub struct BodyError {
    /// HTTP status of the answer.
    pub status: StatusCode,
    /// The id that the service gave the request.
    pub request_id: Option<String>,
    /// What is wrong with the body.
    pub message: String,
    /// Beginning of the body, control characters escaped. Empty when the body looks like the data that
    /// the call asked for: such data may be secret.
    pub snippet: String,
    body: Bytes,
}

impl BodyError {
    pub(crate) fn new(status: StatusCode, request_id: Option<String>, message: String, body: Bytes) -> Self {
        let is_data = matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        let snippet = if is_data { String::new() } else { crate::decode::snippet(&body) };
        Self { status, request_id, message, snippet, body }
    }

    /// The whole body as it arrived. It is never printed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyError")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("message", &self.message)
            .field("snippet", &self.snippet)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
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

    fn request_id(&self) -> Option<&str> {
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
            ErrorKind::Transport(error) => error.source.as_deref().map(|source| source as _),
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

impl TimeoutError {
    fn subject(&self) -> &'static str {
        match self.limit {
            "credentials" => "getting credentials",
            "connect" => "connecting",
            "attempt" => "one attempt",
            _ => "the whole call",
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::Impossible => "the request cannot be sent",
            Stage::NotSent => "no connection, nothing was sent",
            Stage::Certificate => "the server's certificate was refused, nothing was sent",
            Stage::MaybeSent => "the connection failed after the request may have left",
            Stage::Refused => "the server did not take the request",
            Stage::TooLong => "the answer is too long",
        };
        write!(f, "{stage}: {}", self.message)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service answered {}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "; request id {id}")?;
        }
        if let Some(page) = &self.recommend {
            write!(f, "; see {page}")?;
        }
        Ok(())
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CredentialsError {}
