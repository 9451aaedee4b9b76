//! What a service says when it refuses a call.

use std::fmt;

/// The service's own words on why it refused a call.
#[derive(Clone, Default, PartialEq)]
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
    /// The whole answer, secrets of the call taken out.
    pub(crate) document: Option<crate::Document>,
}

impl ServiceError {
    /// The whole answer as data, for members that have no field here, such as `Data`, `Detail` or
    /// `DynamicCode`; `None` when the body cannot be read. Secrets of the call are masked in it. It may
    /// hold those of others, and is not printed with the error.
    pub fn document(&self) -> Option<&crate::Document> {
        self.document.as_ref()
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("recommend", &self.recommend)
            .field("host_id", &self.host_id)
            .field("access_denied_detail", &self.access_denied_detail)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
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
