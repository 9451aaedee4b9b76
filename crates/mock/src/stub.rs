//! Told answers: what an operation replies instead of what the gateway would invent.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::error::ServiceError;
use crate::lock::lock;
use crate::reply::{Body, Reply};

/// A verified and checked call, as predicates and responders see it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Short name of the product, for example `ecs`.
    pub product: String,
    /// API version.
    pub version: String,
    /// Operation, for example `DescribeInstances`.
    pub operation: String,
    /// Parameters by API name, decoded from wherever they travelled.
    pub parameters: Map<String, Value>,
    /// Access key id of the caller; absent for bearer tokens and anonymous calls.
    pub access_key_id: Option<String>,
    /// Request id of the answer.
    pub request_id: String,
}

impl Call {
    /// A parameter as text: strings as they are, other values as JSON.
    pub fn text(&self, parameter: &str) -> Option<String> {
        self.parameters.get(parameter).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// What a responder answers.
#[derive(Clone, Debug)]
pub struct StubReply(pub(crate) Reply);

impl StubReply {
    /// A successful answer; a `RequestId` is added when the document is an object without one.
    pub fn ok(document: impl Into<Value>) -> Self {
        Self(Reply::document(200, document.into()))
    }

    /// An error in the shape that the service uses.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self(ServiceError::new(status, code, message).into())
    }

    /// Exactly these bytes.
    pub fn raw(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self(Reply { status, headers, body: Body::Raw(body.into()) })
    }

    /// A stream of server-sent events, each of which holds one document.
    pub fn events(documents: impl IntoIterator<Item = Value>) -> Self {
        let event = |document: Value| format!("event: message\ndata: {document}\n\n");
        let events: String = documents.into_iter().map(event).collect();
        Self(Reply::raw(200, "text/event-stream;charset=utf-8", events))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What can be told as an answer: a JSON document, a [`StubReply`], and with the feature `client` a reference
/// to a model of a generated crate.
pub trait IntoReply {
    /// The answer.
    fn into_reply(self) -> StubReply;
}

impl IntoReply for Value {
    fn into_reply(self) -> StubReply {
        StubReply::ok(self)
    }
}

impl IntoReply for StubReply {
    fn into_reply(self) -> StubReply {
        self
    }
}

type Predicate = Box<dyn Fn(&Call) -> bool + Send>;

enum Responder {
    /// Answered in turn; the last one stays.
    Sequence(VecDeque<StubReply>),
    Function(Box<dyn FnMut(&Call) -> StubReply + Send>),
}

struct Stub {
    operation: String,
    predicates: Vec<Predicate>,
    responder: Responder,
    delay: Duration,
    /// How many more calls it answers.
    left: Option<u32>,
}

/// All stubs of a gateway; the newest that fits answers.
#[derive(Clone, Default)]
pub(crate) struct Stubs(Arc<Mutex<Vec<Stub>>>);

impl fmt::Debug for Stubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stubs").field(&lock(&self.0).len()).finish()
    }
}

impl Stubs {
    pub(crate) fn on(&self, operation: &str) -> On {
        On {
            stubs: self.clone(),
            operation: operation.to_owned(),
            predicates: Vec::new(),
            delay: Duration::ZERO,
            left: None,
        }
    }

    /// The answer of the newest stub for this call, and how long to hold it back.
    pub(crate) fn answer(&self, call: &Call) -> Option<(Reply, Duration)> {
        let mut stubs = lock(&self.0);
        let stub = stubs.iter_mut().rev().find(|stub| {
            stub.operation == call.operation
                && stub.left != Some(0)
                && stub.predicates.iter().all(|predicate| predicate(call))
        })?;
        stub.left = stub.left.map(|left| left.saturating_sub(1));
        let reply = match &mut stub.responder {
            Responder::Sequence(replies) if replies.len() > 1 => replies.pop_front(),
            Responder::Sequence(replies) => replies.front().cloned(),
            Responder::Function(respond) => Some(respond(call)),
        }?;
        Some((reply.0, stub.delay))
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// Says when and what an operation answers; nothing happens before one of the `reply` methods.
#[must_use = "a stub needs a reply"]
pub struct On {
    stubs: Stubs,
    operation: String,
    predicates: Vec<Predicate>,
    delay: Duration,
    left: Option<u32>,
}

impl On {
    /// Only for calls with this parameter value; numbers and booleans are compared by their text.
    pub fn with(self, parameter: &str, value: &str) -> Self {
        let (parameter, value) = (parameter.to_owned(), value.to_owned());
        self.when(move |call| call.text(&parameter).as_deref() == Some(&value))
    }

    /// Only for calls that the predicate accepts.
    pub fn when(mut self, predicate: impl Fn(&Call) -> bool + Send + 'static) -> Self {
        self.predicates.push(Box::new(predicate));
        self
    }

    /// Holds the answer back. The operation counts as executed before the delay begins.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Answers that many calls, then lets older stubs answer again.
    pub fn times(mut self, calls: u32) -> Self {
        self.left = Some(calls);
        self
    }

    /// Answers with a document, or with a model: `.reply(json!({…}))`, `.reply(&response)`.
    pub fn reply(self, reply: impl IntoReply) {
        self.reply_sequence([reply]);
    }

    /// Answers with these in turn, and with the last one ever after.
    pub fn reply_sequence(self, replies: impl IntoIterator<Item = impl IntoReply>) {
        self.add(Responder::Sequence(replies.into_iter().map(IntoReply::into_reply).collect()));
    }

    /// Answers with an error in the shape that the service uses.
    pub fn reply_error(self, status: u16, code: &str, message: &str) {
        self.reply(StubReply::error(status, code, message));
    }

    /// Answers with exactly these bytes.
    pub fn reply_raw(self, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) {
        self.reply(StubReply::raw(status, headers, body));
    }

    /// Answers with what the function makes of the call.
    pub fn reply_with(self, respond: impl FnMut(&Call) -> StubReply + Send + 'static) {
        self.add(Responder::Function(Box::new(respond)));
    }

    fn add(self, responder: Responder) {
        let Self { stubs, operation, predicates, delay, left } = self;
        lock(&stubs.0).push(Stub { operation, predicates, responder, delay, left });
    }
}

impl fmt::Debug for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("On").field("operation", &self.operation).finish_non_exhaustive()
    }
}
