//! What a successful call returns.

use std::ops::{Deref, DerefMut};

use http::{HeaderMap, StatusCode};

/// The answer of an operation and what came with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Response<T> {
    output: T,
    meta: ResponseMeta,
}

/// What comes with every answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseMeta {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) request_id: Option<String>,
    pub(crate) attempts: u32,
}

impl ResponseMeta {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id that the service gave the request: what its support asks for. Empty when it gave none.
    pub fn request_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl<T> Response<T> {
    pub(crate) fn new(output: T, meta: ResponseMeta) -> Self {
        Self { output, meta }
    }

    /// An empty answer, for a refusal that is what the caller hoped for.
    pub(crate) fn of_refusal(error: &crate::Error) -> Self
    where
        T: Default,
    {
        let meta = ResponseMeta {
            status: error.status().unwrap_or_default(),
            headers: HeaderMap::new(),
            request_id: error.request_id().map(str::to_owned),
            attempts: error.attempts(),
        };
        Self::new(T::default(), meta)
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.meta.status()
    }

    /// HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        self.meta.headers()
    }

    /// The id that the service gave the request: what its support asks for. Empty when it gave none.
    pub fn request_id(&self) -> &str {
        self.meta.request_id()
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.meta.attempts()
    }

    /// The answer alone.
    pub fn into_inner(self) -> T {
        self.output
    }
}

impl<T> Deref for Response<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.output
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.output
    }
}
