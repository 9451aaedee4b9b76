//! A service inside the process: no sockets, so that time can be paused.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

use alicloud_core::{
    Config, Document,
    bytes::Bytes,
    config::ConfigBuilder,
    credentials::Credentials,
    error::{Stage, TransportError},
    http,
    transport::{Body, Transport},
};

/// Parameters of a request as the service reads them, members of JSON behind dots; `@host` is the host.
pub type Parameters = BTreeMap<String, String>;

/// What the service answers.
pub enum Answer {
    Json(u16, String),
    Body(&'static str, Body),
    /// The service asks to wait so many seconds.
    Wait(u64),
    /// Status, headers and an error code.
    Refused(u16, &'static [(&'static str, &'static str)], &'static str),
    /// The connection breaks.
    Lost,
    /// Nothing comes for a long time.
    Silence,
}

impl Answer {
    pub fn ok(json: impl Into<String>) -> Self {
        Self::Json(200, json.into())
    }

    pub fn refused(status: u16, code: &str) -> Self {
        Self::Json(status, format!(r#"{{"Code":"{code}","Message":"no","RequestId":"R-1"}}"#))
    }
}

type Serve = dyn Fn(&Parameters) -> Answer + Send + Sync;

/// A transport that ends in a function.
#[derive(Clone)]
pub struct Service(Arc<Serve>);

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

/// Settings for calls of a service inside the process.
pub fn config(serve: impl Fn(&Parameters) -> Answer + Send + Sync + 'static) -> ConfigBuilder {
    Config::builder().credentials(Credentials::access_key("id", "secret")).transport(Service(Arc::new(serve)))
}

impl Transport for Service {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + '_>> {
        Box::pin(async move {
            // A real network gives other tasks a chance, too.
            tokio::task::yield_now().await;
            let (head, body) = request.into_parts();
            let body = body.collect(1 << 20).await?;
            let (status, kind, body) = match (self.0)(&parameters(&head, &body)) {
                Answer::Json(status, text) => (status, "application/json", Body::from(Bytes::from(text))),
                Answer::Body(kind, body) => (200, kind, body),
                Answer::Wait(seconds) => {
                    let answer = http::Response::builder().status(429).header("retry-after", seconds);
                    return Ok(answer.body(Body::from(Bytes::new())).expect("a response"));
                }
                Answer::Refused(status, headers, code) => {
                    let answer = http::Response::builder().status(status).header("content-type", "application/json");
                    let answer = headers.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
                    let body = Body::from(Bytes::from(format!(r#"{{"Code":"{code}","Message":"no"}}"#)));
                    return Ok(answer.body(body).expect("a response"));
                }
                Answer::Lost => {
                    let message = "connection reset".to_owned();
                    return Err(TransportError { message, stage: Stage::MaybeSent, source: None });
                }
                Answer::Silence => std::future::pending().await,
            };
            Ok(http::Response::builder().status(status).header("content-type", kind).body(body).expect("a response"))
        })
    }
}

fn parameters(head: &http::request::Parts, body: &[u8]) -> Parameters {
    let mut parameters = Parameters::new();
    parameters.insert("@host".to_owned(), head.uri.host().unwrap_or_default().to_owned());
    let text = std::str::from_utf8(body).unwrap_or_default();
    let form = if text.starts_with('{') { "" } else { text };
    for pair in head.uri.query().unwrap_or_default().split('&').chain(form.split('&')) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        match Document::parse(&value) {
            Ok(object @ Document::Object(_)) => flatten(name, &object, &mut parameters),
            _ => drop(parameters.insert(name.to_owned(), value)),
        }
    }
    if let Ok(document) = Document::parse(text) {
        flatten("", &document, &mut parameters);
    }
    parameters
}

fn flatten(path: &str, document: &Document, parameters: &mut Parameters) {
    match document {
        Document::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, parameters);
            }
        }
        Document::Null => {}
        Document::String(text) => drop(parameters.insert(path.to_owned(), text.clone())),
        other => drop(parameters.insert(path.to_owned(), other.to_string())),
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
