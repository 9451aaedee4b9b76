//! The body of an answer while it arrives: watched, counted, its errors made those of the call.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{progress::Listener, stall::Meter};
use crate::{
    Error, ResponseMeta,
    client::{Cleaner, Opened},
    error::{BodyError, ErrorKind, TimeoutError, TransportError},
    transport::Body,
};

/// The body of an answer while it arrives. After an error nothing follows.
pub(crate) struct Incoming {
    body: Option<Body>,
    meter: Meter,
    timer: Pin<Box<Sleep>>,
    received: u64,
    total: Option<u64>,
    pub(crate) listener: Option<Listener>,
    context: ErrorContext,
}

/// What turns a failure into an error of the call.
pub(crate) struct ErrorContext {
    operation: String,
    attempts: u32,
    status: StatusCode,
    request_id: Option<String>,
    cleaner: Option<Cleaner>,
}

impl ErrorContext {
    pub(crate) fn error(&self, mut kind: ErrorKind) -> Error {
        if let Some(cleaner) = &self.cleaner {
            cleaner.clean(&mut kind);
        }
        Error::new(kind, self.operation.clone()).after(self.attempts, None)
    }
}

impl Incoming {
    /// The rest of an answer whose head is there.
    pub(crate) fn new(opened: Opened, meter: Meter) -> (ResponseMeta, Self) {
        let Opened { meta, body, operation, cleaner, .. } = opened;
        let length = meta.headers().get(http::header::CONTENT_LENGTH);
        let total = length.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let incoming = Self {
            body: Some(body),
            meter,
            timer: Box::pin(sleep_until(Instant::now())),
            received: 0,
            total,
            listener: None,
            context: ErrorContext {
                operation,
                attempts: meta.attempts(),
                status: meta.status(),
                request_id: meta.request_id.clone(),
                cleaner,
            },
        };
        (meta, incoming)
    }

    /// Bytes in all, when the service says how many.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        self.context.error(kind)
    }

    /// An error of a body that broke off or is too long. What had arrived was handed on.
    pub(crate) fn broken(&self, failure: TransportError) -> Error {
        let ErrorContext { status, request_id, .. } = &self.context;
        self.error(ErrorKind::Decode(BodyError::broken(*status, request_id.clone(), failure, Bytes::new())))
    }

    /// Ends the body: the connection is closed unless all has arrived.
    pub(crate) fn end(&mut self) {
        self.body = None;
    }

    fn stalled(&mut self, context: &mut Context<'_>) -> bool {
        self.meter.run();
        let Some(end) = self.meter.stalls_at() else { return false };
        if self.timer.deadline() != end {
            self.timer.as_mut().reset(end);
        }
        self.timer.as_mut().poll(context).is_ready()
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let piece = match Pin::new(body).poll_next(context) {
            Poll::Pending if this.stalled(context) => {
                let error = TimeoutError { limit: "stall", after: this.meter.grace() };
                this.body = None;
                return Poll::Ready(Some(Err(this.error(ErrorKind::Timeout(error)))));
            }
            piece => ready!(piece),
        };
        this.meter.pause();
        Poll::Ready(match piece {
            Some(Ok(piece)) => {
                this.meter.credit(piece.len());
                this.received = this.received.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                if let Some(listener) = &this.listener {
                    listener.tell(this.received, this.total);
                }
                Some(Ok(piece))
            }
            Some(Err(error)) => {
                this.body = None;
                Some(Err(this.broken(error)))
            }
            None => {
                this.body = None;
                None
            }
        })
    }
}
