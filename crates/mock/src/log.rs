//! The last requests and their answers, without secrets.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::catalog::Target;
use crate::clock;
use crate::lock::lock;
use crate::redact;
use crate::request::{self, Pair, Request};

/// A request and its answer. Secrets are masked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Place in the order of arrival, from 1.
    pub number: u64,
    /// When it arrived, by the gateway's clock, as `2024-01-02T03:04:05Z`.
    pub time: String,
    /// HTTP method.
    pub method: String,
    /// Request target.
    pub target: String,
    /// Headers in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// Body; a remark about its size when it is not text.
    pub body: String,
    /// Short name of the product, when the request names an operation that is known.
    pub product: Option<String>,
    /// Operation, when it is known.
    pub operation: Option<String>,
    /// How the caller was verified, or the code of the error that the request met.
    pub verdict: String,
    /// The fault that struck.
    pub fault: Option<String>,
    /// HTTP status; absent when the connection was reset instead.
    pub status: Option<u16>,
    /// Request id.
    pub request_id: String,
    /// Headers of the answer.
    pub reply_headers: Vec<(String, String)>,
    /// Body of the answer.
    pub reply_body: String,
    /// Time from the arrival of the whole request to the answer, without ordered delays.
    pub duration: Duration,
}

/// What is kept of an exchange until someone looks.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) time: i64,
    pub(crate) request: Request,
    pub(crate) target: Option<Target>,
    pub(crate) verdict: String,
    pub(crate) fault: Option<String>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: String,
    pub(crate) reply_headers: HeaderMap,
    pub(crate) reply_body: Bytes,
    pub(crate) duration: Duration,
}

#[derive(Debug)]
pub(crate) struct Log {
    capacity: usize,
    records: Mutex<VecDeque<Record>>,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, records: Mutex::default() }
    }

    pub(crate) fn add(&self, record: Record) {
        let mut records = lock(&self.records);
        if records.len() >= self.capacity {
            records.pop_front();
        }
        if self.capacity > 0 {
            records.push_back(record);
        }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.records).iter().map(Exchange::of).collect()
    }

    /// The latest exchanges that fit, the latest first.
    pub(crate) fn latest(&self, limit: usize, request_id: Option<&str>) -> Vec<Exchange> {
        let records = lock(&self.records);
        let wanted = records.iter().rev().filter(|record| request_id.is_none_or(|id| record.request_id == id));
        wanted.take(limit).map(Exchange::of).collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.records).clear();
    }
}

impl Exchange {
    fn of(record: &Record) -> Self {
        let operation = record.target.as_ref().map(|target| &*target.operation);
        let Request { method, target, headers, body, .. } = &record.request;
        Self {
            number: record.number,
            time: clock::iso8601(record.time),
            method: method.to_string(),
            target: redact::target(target, operation),
            headers: visible(headers),
            body: redact::body(body, operation),
            product: record.target.as_ref().map(|target| target.product.product.clone()),
            operation: record.target.as_ref().map(|target| target.name.clone()),
            verdict: record.verdict.clone(),
            fault: record.fault.clone(),
            status: record.status.map(|status| status.as_u16()),
            request_id: record.request_id.clone(),
            reply_headers: visible(&record.reply_headers),
            reply_body: redact::body(&record.reply_body, operation),
            duration: record.duration,
        }
    }
}

fn visible(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), redact::header(name.as_str(), &text(value)))).collect()
}

/// Exchanges as an HTTP archive (HAR 1.2), for browsers and other viewers.
pub(crate) fn har(exchanges: &[Exchange], endpoint: &str) -> Value {
    let pairs = |pairs: &[(String, String)]| -> Value {
        pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let query = |target: &str| -> Value {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let pairs = request::pairs(query.as_bytes()).unwrap_or_default();
        pairs.into_iter().map(|Pair { name, value }| json!({"name": name, "value": value})).collect()
    };
    let entry = |exchange: &Exchange| {
        let find = |headers: &[(String, String)]| {
            headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value).to_owned()
        };
        let millis = exchange.duration.as_secs_f64() * 1000.0;
        let mut request = json!({
            "method": exchange.method,
            "url": format!("{endpoint}{}", exchange.target),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(&exchange.headers),
            "queryString": query(&exchange.target),
            "headersSize": -1,
            "bodySize": exchange.body.len(),
        });
        if !exchange.body.is_empty() {
            let data = json!({"mimeType": find(&exchange.headers), "text": exchange.body});
            request.as_object_mut().map(|request| request.insert("postData".to_owned(), data));
        }
        json!({
            "startedDateTime": exchange.time,
            "time": millis,
            "request": request,
            "response": {
                "status": exchange.status.unwrap_or(0),
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": pairs(&exchange.reply_headers),
                "content": {
                    "size": exchange.reply_body.len(),
                    "mimeType": find(&exchange.reply_headers),
                    "text": exchange.reply_body,
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": exchange.reply_body.len(),
            },
            "cache": {},
            "timings": {"send": 0, "wait": millis, "receive": 0},
            "comment": exchange.verdict,
        })
    };
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "alicloud-mock", "version": env!("CARGO_PKG_VERSION")},
        "entries": exchanges.iter().map(entry).collect::<Vec<_>>(),
    }})
}
