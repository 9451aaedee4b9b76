//! What a successful call returns.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use http::{HeaderMap, StatusCode};

use crate::wire;

/// The answer of an operation and what came with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Response<T> {
    output: T,
    meta: ResponseMeta,
}

/// What comes with every answer.
#[derive(Clone, PartialEq)]
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

/// Headers that give access are masked.
impl fmt::Debug for ResponseMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("status", &self.status)
            .field("headers", &Headers(&self.headers))
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts)
            .finish()
    }
}

struct Headers<'a>(&'a HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = |name: &http::HeaderName| wire::is_sensitive(name.as_str());
        let values = self.0.iter().map(|(name, value)| match masked(name) {
            true => (name, &MASKED),
            false => (name, value),
        });
        f.debug_map().entries(values).finish()
    }
}

static MASKED: http::HeaderValue = http::HeaderValue::from_static("**");

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
