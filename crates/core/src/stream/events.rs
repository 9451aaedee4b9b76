//! Answers that are server-sent events, as they arrive.

use std::{
    fmt,
    future::poll_fn,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::{
    incoming::Incoming,
    parser::{Parser, RawEvent, TooLong},
    stall::Meter,
};
use crate::{
    Error, ResponseMeta,
    client::Opened,
    decode::Answer,
    error::{ErrorKind, Stage, TransportError},
    model::Model,
    operation::ResponseBody,
};

/// One event of a stream.
#[derive(Clone)]
#[non_exhaustive]
pub struct Event<T> {
    /// Name of the event; `message` when the service gives none.
    pub name: String,
    /// Id of the event, when the service gives one.
    pub id: Option<String>,
    /// How long to wait before the stream is opened again, when the service says so.
    pub retry: Option<Duration>,
    /// What the event says.
    pub data: T,
    /// The text that `data` was read from.
    pub raw: String,
}

/// The text may be secret: its length alone is printed.
impl<T: fmt::Debug> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("name", &self.name)
            .field("id", &self.id)
            .field("retry", &self.retry)
            .field("data", &self.data)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .finish()
    }
}

/// The events of an answer, as a stream. [The module](super) explains streams.
#[must_use = "nothing is read until the stream is"]
pub struct Events<T> {
    raw: RawEvents,
    event: PhantomData<fn() -> T>,
}

/// What does not depend on the type of the events.
struct RawEvents {
    meta: ResponseMeta,
    incoming: Incoming,
    parser: Parser,
    /// What has arrived of an answer that is one document.
    document: Option<BytesMut>,
    limit: usize,
    /// Status and headers, with the data of the event that is being read.
    answer: Answer,
    last_id: Option<String>,
    ended: bool,
}

impl<T: Model + Default> Events<T> {
    pub(crate) fn new(opened: Opened) -> Self {
        let (meter, limit) = (Meter::of_events(opened.protection), opened.limit);
        let (meta, incoming) = Incoming::new(opened, meter);
        let answer = Answer { status: meta.status(), headers: meta.headers().clone(), body: Bytes::new() };
        let parser = Parser::new(limit);
        let document = (!is_stream(meta.headers())).then(BytesMut::new);
        let raw = RawEvents { meta, incoming, parser, document, limit, answer, last_id: None, ended: false };
        Self { raw, event: PhantomData }
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.raw.meta.status()
    }

    /// HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        self.raw.meta.headers()
    }

    /// The id that the service gave the request: what its support asks for. Empty when it gave none.
    pub fn request_id(&self) -> &str {
        self.raw.meta.request_id()
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.raw.meta.attempts()
    }

    /// The id of the last event that had one.
    pub fn last_event_id(&self) -> Option<&str> {
        self.raw.last_id.as_deref()
    }

    /// The next event; `None` at the end. The future can be dropped at any time.
    pub async fn next(&mut self) -> Option<Result<Event<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// See [the module](super).
    pub async fn try_next(&mut self) -> Result<Option<Event<T>>, Error> {
        self.next().await.transpose()
    }
}

impl<T: Model + Default> Stream for Events<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(event) = ready!(self.raw.poll(context)) else { return Poll::Ready(None) };
        let event = event.and_then(|event| {
            let mut data = T::default();
            self.raw.read(&event, &mut data)?;
            let RawEvent { name, id, retry, data: raw } = event;
            Ok(Event { name: name.unwrap_or_else(|| "message".to_owned()), id, retry, data, raw })
        });
        Poll::Ready(Some(event))
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("meta", &self.raw.meta).finish_non_exhaustive()
    }
}

impl RawEvents {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RawEvent, Error>>> {
        loop {
            match self.parser.next() {
                Ok(Some(event)) if is_done(&event) => {}
                Ok(Some(event)) => {
                    if event.id.is_some() {
                        self.last_id.clone_from(&event.id);
                    }
                    return Poll::Ready(Some(Ok(event)));
                }
                Ok(None) if self.ended => return Poll::Ready(None),
                Ok(None) => match ready!(Pin::new(&mut self.incoming).poll_next(context)) {
                    Some(Ok(piece)) => match &mut self.document {
                        Some(document) if document.len().saturating_add(piece.len()) > self.limit => {
                            return Poll::Ready(Some(Err(self.give_up())));
                        }
                        Some(document) => document.extend_from_slice(&piece),
                        None => self.parser.push(piece),
                    },
                    Some(Err(error)) => {
                        // What has arrived of an event is not the event.
                        self.stop();
                        return Poll::Ready(Some(Err(error)));
                    }
                    None => {
                        self.ended = true;
                        self.parser.end();
                        let document = self.document.take().filter(|document| !document.is_empty());
                        if let Some(document) = document {
                            let data = String::from_utf8_lossy(&document).into_owned();
                            return Poll::Ready(Some(Ok(RawEvent { data, ..RawEvent::default() })));
                        }
                    }
                },
                Err(TooLong) => return Poll::Ready(Some(Err(self.give_up()))),
            }
        }
    }

    fn stop(&mut self) {
        self.parser = Parser::new(0);
        self.document = None;
        self.ended = true;
    }

    fn give_up(&mut self) -> Error {
        self.stop();
        self.incoming.end();
        self.incoming.broken(too_long())
    }

    fn read(&mut self, event: &RawEvent, data: &mut dyn Model) -> Result<(), Error> {
        // Headers are from the beginning of the stream: a time to wait until has no meaning any more.
        read(&mut self.answer, event, data, SystemTime::UNIX_EPOCH).map(drop).map_err(|kind| self.incoming.error(kind))
    }
}

/// Some services say with a word that nothing follows.
fn is_done(event: &RawEvent) -> bool {
    event.data.trim() == "[DONE]"
}

fn is_error(event: &RawEvent) -> bool {
    event.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("error"))
}

fn too_long() -> TransportError {
    let message = "an event is longer than an answer may be; raise `body_limits` if that is expected".to_owned();
    TransportError { message, stage: Stage::TooLong, source: None }
}

/// Decodes the data of an event. Returns the request id that it holds.
fn read(
    answer: &mut Answer,
    event: &RawEvent,
    data: &mut dyn Model,
    now: SystemTime,
) -> Result<Option<String>, ErrorKind> {
    answer.body = Bytes::copy_from_slice(event.data.as_bytes());
    if is_error(event) {
        let error = crate::decode::service_error(answer, now);
        return Err(ErrorKind::Service(Box::new(error)));
    }
    crate::decode::fill(ResponseBody::Document, answer, data, now)
}

/// Whether an answer is a stream of events. Some services do not say so; what names a document is one.
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    !["json", "xml", "html"].iter().any(|document| kind.contains(document))
}

/// Reads a stream that has arrived whole: its last event fills the output, unless one before it is an error.
pub(crate) fn read_last(
    answer: &mut Answer,
    output: &mut dyn Model,
    now: SystemTime,
) -> Result<Option<String>, ErrorKind> {
    let mut parser = Parser::new(usize::MAX);
    parser.push(std::mem::take(&mut answer.body));
    parser.end();
    let mut last = RawEvent::default();
    while let Ok(Some(event)) = parser.next() {
        if is_error(&event) {
            return read(answer, &event, output, now);
        }
        if !is_done(&event) {
            last = event;
        }
    }
    read(answer, &last, output, now)
}
