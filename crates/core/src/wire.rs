//! A request on its way: placed, not yet bytes.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Deref};

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::endpoint::is_loopback;

/// What may stay as it is in every part of a URL (RFC 3986 "unreserved").
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const ENCODED_BUT_SLASH: &AsciiSet = &ENCODED.remove(b'/');

/// Percent-encodes everything but letters, digits and `-_.~`.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ENCODED).into()
}

/// Percent-encodes a path of several segments.
pub(crate) fn encode_segments(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ENCODED_BUT_SLASH).into()
}

/// `name=value` pairs, percent-encoded and joined by `&`.
pub(crate) fn encode_pairs<'a>(pairs: impl IntoIterator<Item = &'a (String, String)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&encode(name));
        text.push('=');
        text.push_str(&encode(value));
    }
    text
}

/// The same for a form body, where a blank is `+`.
pub(crate) fn encode_form<'a>(pairs: impl IntoIterator<Item = &'a (String, String)>) -> String {
    encode_pairs(pairs).replace("%20", "+")
}

/// A request whose parts are known and whose bytes follow from them.
#[derive(Clone, Debug, Default)]
pub(crate) struct WireRequest {
    pub(crate) method: Method,
    pub(crate) https: bool,
    /// Host of the endpoint, with port, if it has one.
    pub(crate) host: String,
    /// What parameters put before the host.
    pub(crate) label: Option<String>,
    /// Percent-encoded path, from `/`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Pairs of the form body; they take part in RPC v1 signatures.
    pub(crate) form: Vec<(String, String)>,
    /// Headers by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    /// Hash of a body that is not here, for the signature.
    pub(crate) body_hash: Option<String>,
}

impl WireRequest {
    pub(crate) fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.insert(name.to_owned(), value.into());
    }

    /// Sets a header unless it is set.
    pub(crate) fn default_header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.entry(name.to_owned()).or_insert_with(|| value.into());
    }

    /// The host that is meant, labels of parameters included.
    pub(crate) fn authority(&self) -> String {
        match &self.label {
            Some(label) => format!("{label}.{}", self.host),
            None => self.host.clone(),
        }
    }

    pub(crate) fn push_query(&mut self, name: &str, value: impl Into<String>) {
        self.query.push((name.to_owned(), value.into()));
    }

    /// Path and query as they are sent.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, encode_pairs(&self.query)) }
    }

    /// The bytes to send.
    pub(crate) fn into_http(self) -> Result<http::Request<Bytes>, http::Error> {
        let scheme = if self.https { "https" } else { "http" };
        // This machine has no names below its own: the header alone says which one is meant.
        let host = if is_loopback(&self.host) { self.host.clone() } else { self.authority() };
        let uri = format!("{scheme}://{host}{}", self.target());
        let mut request = http::Request::builder().method(self.method).uri(uri);
        for (name, value) in &self.headers {
            let mut value = http::HeaderValue::from_str(value)?;
            value.set_sensitive(is_sensitive(name));
            request = request.header(name, value);
        }
        request.body(self.body)
    }
}

/// Headers whose values give access.
pub(crate) fn is_sensitive(name: &str) -> bool {
    ["authorization", "cookie", "token", "secret", "accesskey", "api-key"].iter().any(|part| name.contains(part))
}

/// A request that is signed and not sent, from `prepare()`.
///
/// It gives access until its stamp has expired: proof and parameters are not printed, wherever the version of
/// the signature puts them. It derefs to the request; once it is taken out, who prints it is responsible.
#[derive(Clone)]
pub struct SignedRequest(http::Request<Bytes>);

impl SignedRequest {
    pub(crate) fn new(request: http::Request<Bytes>) -> Self {
        Self(request)
    }

    /// The request alone.
    pub fn into_inner(self) -> http::Request<Bytes> {
        self.0
    }
}

impl Deref for SignedRequest {
    type Target = http::Request<Bytes>;
    fn deref(&self) -> &http::Request<Bytes> {
        &self.0
    }
}

impl From<SignedRequest> for http::Request<Bytes> {
    fn from(request: SignedRequest) -> Self {
        request.0
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", self.0.method())
            .field("host", &self.0.uri().authority().map_or("", http::uri::Authority::as_str))
            .field("path", &self.0.uri().path())
            .finish_non_exhaustive()
    }
}
