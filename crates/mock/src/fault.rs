//! Trouble on order.

use std::sync::Mutex;
use std::time::Duration;

use crate::answer::Random;
use crate::lock::lock;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset when the head of the request has arrived. The operation does not run.
    ResetBeforeRead,
    /// The connection is reset in the middle of the request body. The operation does not run.
    ResetMidBody,
    /// The connection is reset when the whole request has been read. The operation does not run.
    ResetBeforeExecute,
    /// The operation runs, then the connection is reset without an answer.
    ResetAfterExecute,
    /// The operation runs; the connection is reset after so many bytes of the answer, head included.
    CutReply {
        /// Bytes that still go out.
        after: usize,
    },
    /// The operation runs; the answer stops after so many bytes and the connection stays open.
    StallReply {
        /// Bytes that still go out.
        after: usize,
    },
    /// The operation runs; the answer comes in small portions.
    DripReply {
        /// Bytes per portion.
        bytes: usize,
        /// Pause between portions.
        every: Duration,
    },
    /// The operation runs; the answer comes in pieces of 1 to 7 bytes, each written by itself.
    SliceReply,
    /// The operation runs; `Content-Length` promises more than follows.
    WrongLength,
    /// The operation runs; the body never ends.
    EndlessBody,
    /// The operation runs; the answer has so many needless headers.
    HeaderFlood(usize),
    /// The operation runs; so many interim answers (`100 Continue`) come before the answer.
    InterimFlood(usize),
    /// A proxy on the way answers 502 with an HTML page. The operation does not run.
    Html502,
    /// The error comes as XML, whatever was asked for. The operation does not run.
    XmlError {
        /// HTTP status.
        status: u16,
        /// Error code.
        code: String,
    },
    /// The operation runs; the answer is 200 without a body.
    Empty200,
    /// The operation runs; the JSON of the answer ends in the middle, well-formed as HTTP.
    TruncatedJson,
    /// The operation runs; the answer calls itself `text/html`.
    WrongContentType,
    /// A redirect to another place. The operation does not run.
    Redirect {
        /// The `Location`.
        to: String,
    },
    /// The entry refuses the call by flow control. The operation does not run.
    Throttle {
        /// Milliseconds for `x-acs-retry-after`; absent means no such header.
        retry_after: Option<u64>,
    },
    /// The service answers with an error. The operation does not run.
    Error {
        /// HTTP status.
        status: u16,
        /// Error code.
        code: String,
        /// Error message.
        message: String,
    },
    /// The operation runs; the answer is held back.
    Delay(Duration),
    /// The operation runs; the answer is compressed, and so many bytes of blanks when it is unpacked.
    GzipBomb {
        /// Bytes after unpacking.
        bytes: usize,
    },
    /// The operation runs; its pages go round in a circle of so many: the answer names a next page that was
    /// there before, and promises more. With 1 it is the same page again and again.
    PageCycle {
        /// Pages in the circle.
        length: u64,
    },
}

impl Fault {
    /// An error answer with a code of your choice.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error { status, code: code.to_owned(), message: message.to_owned() }
    }

    /// The names by which command lines know faults. What a fault needs to be told has a usual value there.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// The fault of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, fault)| fault())
    }
}

/// A name, and how to make its fault.
type Named = (&'static str, fn() -> Fault);

const NAMED: &[Named] = &[
    ("reset-before-read", || Fault::ResetBeforeRead),
    ("reset-mid-body", || Fault::ResetMidBody),
    ("reset-before-execute", || Fault::ResetBeforeExecute),
    ("reset-after-execute", || Fault::ResetAfterExecute),
    ("cut-reply", || Fault::CutReply { after: 40 }),
    ("stall-reply", || Fault::StallReply { after: 40 }),
    ("no-reply", || Fault::StallReply { after: 0 }),
    ("drip-reply", || Fault::DripReply { bytes: 1, every: Duration::from_secs(1) }),
    ("slice-reply", || Fault::SliceReply),
    ("wrong-length", || Fault::WrongLength),
    ("endless-body", || Fault::EndlessBody),
    ("gzip-bomb", || Fault::GzipBomb { bytes: 128 << 20 }),
    ("header-flood", || Fault::HeaderFlood(200)),
    ("interim-flood", || Fault::InterimFlood(1000)),
    ("html-502", || Fault::Html502),
    ("xml-error", || Fault::XmlError { status: 503, code: "ServiceUnavailable".to_owned() }),
    ("error-500", || Fault::error(500, "InternalError", "The request processing has failed due to an unknown error.")),
    ("error-503", || Fault::error(503, "ServiceUnavailable", "The request has failed due to a temporary failure.")),
    ("empty-200", || Fault::Empty200),
    ("truncated-json", || Fault::TruncatedJson),
    ("wrong-content-type", || Fault::WrongContentType),
    ("redirect", || Fault::Redirect { to: "http://elsewhere.invalid/".to_owned() }),
    ("throttle", || Fault::Throttle { retry_after: Some(1000) }),
    ("delay", || Fault::Delay(Duration::from_secs(5))),
    ("page-cycle", || Fault::PageCycle { length: 2 }),
];

/// Which requests a fault befalls: all, until the methods narrow it down.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct When {
    operation: Option<String>,
    first: Option<u64>,
    last: Option<u64>,
    probability: Option<f64>,
}

impl When {
    /// Every request.
    pub fn always() -> Self {
        Self::default()
    }

    /// Requests for one operation.
    pub fn operation(operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::default() }
    }

    /// Only the n-th of them, counted from 1.
    pub fn nth(self, n: u64) -> Self {
        Self { first: Some(n), last: Some(n), ..self }
    }

    /// Only the first n of them.
    pub fn first(self, n: u64) -> Self {
        Self { last: Some(n), ..self }
    }

    /// Only some of them, drawn from the gateway's seed.
    pub fn probability(self, probability: f64) -> Self {
        Self { probability: Some(probability), ..self }
    }
}

/// The fault rules of a gateway; the first that fits strikes.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<State>);

#[derive(Debug)]
struct State {
    rules: Vec<Rule>,
    random: Random,
}

#[derive(Debug)]
struct Rule {
    when: When,
    fault: Fault,
    met: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(State { rules: Vec::new(), random: Random::new(seed, &["faults"]) }))
    }

    pub(crate) fn add(&self, when: When, fault: Fault) {
        lock(&self.0).rules.push(Rule { when, fault, met: 0 });
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).rules.is_empty()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).rules.clear();
    }

    /// What befalls a request for this operation.
    pub(crate) fn strike(&self, operation: &str) -> Option<Fault> {
        let mut state = lock(&self.0);
        let State { rules, random } = &mut *state;
        let mut struck = None;
        for rule in rules {
            if rule.when.operation.as_deref().is_some_and(|name| name != operation) {
                continue;
            }
            rule.met += 1;
            let due = rule.when.first.is_none_or(|first| rule.met >= first)
                && rule.when.last.is_none_or(|last| rule.met <= last)
                && rule.when.probability.is_none_or(|probability| random.chance(probability));
            if due && struck.is_none() {
                struck = Some(rule.fault.clone());
            }
        }
        struck
    }
}
