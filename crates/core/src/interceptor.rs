//! Hooks around calls: to add headers, to observe, to count.
//!
//! No hook sees credentials: requests are shown before they are signed.

use std::{fmt, time::Duration};

use http::{Method, StatusCode};

use crate::{Error, Model, config::check_header, error::ConfigError, response::ResponseMeta, wire::WireRequest};

/// Sees what passes through a client. All methods do nothing by default.
///
/// A hook that panics is logged and has no other effect, except in
/// [`before_signing`](Self::before_signing), where the call fails.
pub trait Interceptor: fmt::Debug + Send + Sync + 'static {
    /// Sees a request before it is signed, at every attempt, and may add headers.
    ///
    /// # Errors
    /// The call fails with the message; nothing is sent.
    fn before_signing(&self, _request: &mut Outgoing<'_>) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Sees a successful answer after it was read. Answers that are streamed do not pass here.
    fn after_decoding(&self, _call: &CallInfo, _meta: &ResponseMeta, _output: &dyn Model) {}

    /// Counts: an attempt has ended.
    fn attempt_ended(&self, _report: &AttemptReport<'_>) {}

    /// Counts: a call has ended.
    fn call_ended(&self, _report: &CallReport<'_>) {}
}

/// Which operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallInfo {
    /// Short name of the product, for example `servicemesh`.
    pub product: &'static str,
    /// Its API version.
    pub version: &'static str,
    /// API name of the operation.
    pub operation: &'static str,
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// The operation.
    pub call: CallInfo,
    /// Counted from 1.
    pub attempt: u32,
    /// From signing to the end of the answer, or of its head when the answer is a stream.
    pub elapsed: Duration,
    /// HTTP status, when there was an answer.
    pub status: Option<StatusCode>,
    /// The id that the service gave the request.
    pub request_id: Option<&'a str>,
    /// What the failure says, for example `throttled`; `None` for a success.
    pub failure: Option<&'a str>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallReport<'a> {
    /// The operation.
    pub call: CallInfo,
    /// How often it was sent.
    pub attempts: u32,
    /// From beginning to end, waits included.
    pub elapsed: Duration,
    /// HTTP status of the last answer, when there was one.
    pub status: Option<StatusCode>,
    /// The id that the service gave the request.
    pub request_id: Option<&'a str>,
    /// Why it failed; `None` for a success.
    pub error: Option<&'a Error>,
}

/// A request that is about to be signed.
pub struct Outgoing<'a> {
    pub(crate) call: CallInfo,
    pub(crate) attempt: u32,
    pub(crate) request: &'a mut WireRequest,
}

impl Outgoing<'_> {
    /// The operation.
    pub fn call(&self) -> CallInfo {
        self.call
    }

    /// Counted from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// HTTP method.
    pub fn method(&self) -> &Method {
        &self.request.method
    }

    /// Host, with port if it has one.
    pub fn host(&self) -> &str {
        &self.request.host
    }

    /// Percent-encoded path.
    pub fn path(&self) -> &str {
        &self.request.path
    }

    /// Query parameters in the order of sending, decoded. They may hold secrets.
    pub fn query(&self) -> &[(String, String)] {
        &self.request.query
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name).map(String::as_str)
    }

    /// The body; empty when it is a stream. It may hold secrets.
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }

    /// Sets a header. Those that say who calls what cannot be set.
    ///
    /// # Errors
    /// The header is one of those, or cannot be sent.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) -> Result<(), ConfigError> {
        let value = value.into();
        check_header(name, &value)?;
        self.request.header(&name.to_ascii_lowercase(), value);
        Ok(())
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("call", &self.call).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
