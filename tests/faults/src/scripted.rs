//! A service inside the process: no sockets, so that it works under a clock that jumps.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Config,
    config::ConfigBuilder,
    credentials::{BoxFuture, Credentials},
    error::{Stage, TransportError},
    http::{HeaderMap, Request, Response, StatusCode},
    runtime::Clock,
    transport::{Body, Transport},
};
use bytes::Bytes;
use tokio::time::Instant;

/// What the service sees of a request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Counted from 0 over all requests.
    pub index: u64,
    /// API name.
    pub operation: String,
    /// Pairs of query and form, decoded.
    pub parameters: BTreeMap<String, String>,
    /// Headers.
    pub headers: HeaderMap,
    /// The request as it was sent.
    pub raw: Arc<Request<Bytes>>,
    /// When it came.
    pub at: Instant,
}

impl Seen {
    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What the service does.
#[derive(Debug)]
pub enum Act {
    /// Answers.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// The connection ends.
    Fail(Stage),
    /// Nothing comes, ever.
    Hang,
    /// Waits first.
    After(Duration, Box<Act>),
}

impl Act {
    /// An answer in JSON.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, vec![("content-type".to_owned(), "application/json".to_owned())], body.into().into_bytes())
    }

    /// A successful answer.
    pub fn ok() -> Self {
        Self::json(200, r#"{"RequestId": "R-OK", "Success": true}"#)
    }

    /// A refusal.
    pub fn refusal(status: u16, code: &str) -> Self {
        Self::json(status, format!(r#"{{"RequestId": "R-NO", "Code": "{code}", "Message": "no"}}"#))
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

type Script = dyn Fn(&Seen) -> Act + Send + Sync;

/// A transport whose other end is a function.
#[derive(Clone)]
pub struct Scripted(Arc<Inner>);

struct Inner {
    script: Box<Script>,
    count: AtomicU64,
    seen: Option<Mutex<Vec<Seen>>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    /// A service that does what the function says, and forgets.
    pub fn new(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { script: Box::new(script), count: AtomicU64::new(0), seen: None }))
    }

    /// The same, and every request is kept.
    pub fn recording(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { script: Box::new(script), count: AtomicU64::new(0), seen: Some(Mutex::default()) }))
    }

    /// How many requests came.
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::Relaxed)
    }

    /// The requests so far; they are forgotten.
    pub fn take(&self) -> Vec<Seen> {
        self.0.seen.as_ref().map(|seen| std::mem::take(&mut *seen.lock().unwrap())).unwrap_or_default()
    }

    /// A configuration that uses it.
    pub fn builder(&self) -> ConfigBuilder {
        Config::builder()
            .endpoint("things.example.com")
            .region("cn-hangzhou")
            .credentials(Credentials::access_key("testid", "testsecret"))
            .transport(self.clone())
    }

    async fn act(act: Act) -> Result<Response<Body>, TransportError> {
        let mut act = act;
        loop {
            match act {
                Act::After(time, next) => {
                    tokio::time::sleep(time).await;
                    act = *next;
                }
                Act::Hang => std::future::pending().await,
                Act::Fail(stage) => {
                    return Err(TransportError { message: "scripted".to_owned(), stage, source: None });
                }
                Act::Answer(status, headers, body) => {
                    let mut response = Response::new(Body::from(Bytes::from(body)));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    for (name, value) in headers {
                        let name = alicloud_core::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                        response.headers_mut().append(name, value.parse().unwrap());
                    }
                    return Ok(response);
                }
            }
        }
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.as_bytes().cloned().unwrap_or_default();
            let raw = Request::from_parts(head, body);
            let query = raw.uri().query().unwrap_or_default().as_bytes();
            let parameters = pairs(query).chain(pairs(raw.body())).collect();
            let headers = raw.headers().clone();
            let operation =
                headers.get("x-acs-action").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let index = self.0.count.fetch_add(1, Ordering::Relaxed);
            let seen = Seen { index, operation, parameters, headers, raw: Arc::new(raw), at: Instant::now() };
            let act = (self.0.script)(&seen);
            if let Some(kept) = &self.0.seen {
                kept.lock().unwrap().push(seen);
            }
            Self::act(act).await
        })
    }
}

/// Pairs of a query or form.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || decode(halves.next().unwrap_or_default());
        (half(), half())
    })
}

/// Percent-decoding.
pub fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let escaped = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The time of day under tokio's clock, wrong by a number of seconds.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    start: Instant,
    /// Seconds by which it is ahead of the service's.
    pub ahead: i64,
}

/// What the time is at the start of a [`VirtualClock`].
pub const EPOCH: u64 = 1_700_000_000;

impl VirtualClock {
    /// A clock that starts now.
    pub fn new(ahead: i64) -> Self {
        Self { start: Instant::now(), ahead }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        let base = EPOCH.checked_add_signed(self.ahead).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(base) + self.start.elapsed()
    }
}

/// A date as HTTP writes it.
pub fn http_date(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::try_from(days % 7).unwrap()];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{weekday}, {day:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", MONTHS[month - 1])
}

/// Seconds since 1970 of `2024-01-02T03:04:05Z`.
pub fn read_iso8601(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let of_day = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    // Two days on either side of an estimate hold the right one.
    let estimate = year.checked_sub(1970)? * 365 + (year - 1969) / 4 + month.checked_sub(1)? * 30 + day;
    let days = (estimate.saturating_sub(8)..estimate + 8).find(|days| {
        let (y, m, d) = civil(*days);
        (y, m as u64, d) == (year, month, day)
    })?;
    Some(days * 86_400 + of_day)
}

/// Year, month and day of a number of days since 1970.
fn civil(days: u64) -> (u64, usize, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut rest) = (1970, days);
    while rest >= 365 + u64::from(is_leap(year)) {
        rest -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while rest >= lengths[month] {
        rest -= lengths[month];
        month += 1;
    }
    (year, month + 1, rest + 1)
}
