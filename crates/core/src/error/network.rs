//! What can go wrong on the way to a service and back.

use std::{error::Error as StdError, fmt};

use bytes::Bytes;
use http::StatusCode;

use crate::decode::{is_page, printable, snippet};

type Source = Box<dyn StdError + Send + Sync>;

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
    /// Which limit: `credentials`, `attempt`, `total` or `stall`.
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
    /// Beginning of the body when it is a web page, control characters escaped. Empty for anything else: it
    /// may be the data that the call asked for, and such data may be secret.
    pub snippet: String,
    /// How the body ended when it did not arrive whole.
    pub failure: Option<Box<TransportError>>,
    body: Bytes,
}

impl BodyError {
    pub(crate) fn new(status: StatusCode, request_id: Option<String>, message: String, body: Bytes) -> Self {
        let snippet = if is_page(&body) { snippet(&body) } else { String::new() };
        Self { status, request_id, message: printable(&message), snippet, failure: None, body }
    }

    /// A body that broke off or was too long; `body` is what had arrived.
    pub(crate) fn broken(status: StatusCode, request_id: Option<String>, failure: TransportError, body: Bytes) -> Self {
        let error = Self::new(status, request_id, failure.to_string(), body);
        Self { snippet: String::new(), failure: Some(Box::new(failure)), ..error }
    }

    /// The body as it arrived: the whole, or what came of it before it broke off. It is never printed.
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
            .field("failure", &self.failure)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl TimeoutError {
    pub(super) fn subject(&self) -> &'static str {
        match self.limit {
            "credentials" => "getting credentials",
            "connect" => "connecting",
            "attempt" => "one attempt",
            "stall" => "a stream that stands still",
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
