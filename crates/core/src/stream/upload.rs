//! A source on its way to the service.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use tokio::{
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};

use super::{
    ByteStream,
    progress::Listener,
    source::Pieces,
    stall::{Meter, StallProtection},
};
use crate::{
    error::{ErrorKind, LocalError, Stage, TimeoutError, TransportError},
    transport::Body,
};

/// Pieces are cut to this size, so that the progress is seen and a slow network is told from a dead one.
const PIECE: usize = 64 << 10;

/// The bytes of one attempt, to be given to the transport, and the eye on them.
pub(crate) fn start(source: &ByteStream, size: Option<u64>, protection: StallProtection) -> (Body, Watch) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State { phase: Phase::Idle, meter: Meter::new(protection), failure: None }),
        changed: Notify::new(),
    });
    let upload = Upload {
        pieces: source.open(),
        rest: Bytes::new(),
        sent: 0,
        size,
        listener: source.listener(),
        shared: Arc::clone(&shared),
    };
    let body = match size {
        Some(size) => Body::sized(upload, size),
        None => Body::stream(upload),
    };
    (body, Watch(shared))
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    phase: Phase,
    /// Runs while the network has a piece and does not ask for the next one.
    meter: Meter,
    /// Why the source failed.
    failure: Option<io::Error>,
}

impl State {
    fn enter(&mut self, phase: Phase, changed: &Notify) {
        // The last byte leaves once, however often somebody asks for more.
        if !matches!(self.phase, Phase::Sent(_)) {
            self.phase = phase;
            changed.notify_one();
        }
    }

    /// When the attempt ends if nothing changes, and what it is then.
    fn end(&self, begun: Instant, attempt: Duration) -> (Option<Instant>, TimeoutError) {
        let late = TimeoutError { limit: "attempt", after: attempt };
        match self.phase {
            Phase::Idle => (begun.checked_add(attempt), late),
            Phase::Sent(at) => (at.checked_add(attempt), late),
            Phase::Sending => (self.meter.stalls_at(), TimeoutError { limit: "stall", after: self.meter.grace() }),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Nothing was asked for yet.
    Idle,
    Sending,
    /// The last byte has left.
    Sent(Instant),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The network asks: from now on it waits for the source.
    fn asked(&self) {
        let mut state = self.lock();
        state.meter.pause();
        if state.phase == Phase::Idle {
            state.enter(Phase::Sending, &self.changed);
        }
    }
}

struct Upload {
    pieces: Pieces,
    /// What is left of the last piece of the source.
    rest: Bytes,
    sent: u64,
    size: Option<u64>,
    listener: Option<Listener>,
    shared: Arc<Shared>,
}

impl Upload {
    fn fail(&self, error: io::Error) -> TransportError {
        let message = format!("the source of the body failed: {error}");
        self.shared.lock().failure = Some(error);
        TransportError { message, stage: Stage::MaybeSent, source: None }
    }

    fn gives_more(&mut self, context: &mut Context<'_>) -> bool {
        while self.rest.is_empty() {
            match self.pieces.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                Poll::Ready(Some(Err(_)) | None) | Poll::Pending => return false,
            }
        }
        true
    }

    fn is_complete(&self) -> bool {
        self.size.is_none_or(|size| self.sent == size)
    }
}

impl Stream for Upload {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.shared.asked();
        while this.rest.is_empty() {
            match ready!(this.pieces.as_mut().poll_next(context)) {
                Some(Ok(piece)) => this.rest = piece,
                Some(Err(error)) => return Poll::Ready(Some(Err(this.fail(error)))),
                None if this.is_complete() => {
                    this.shared.lock().enter(Phase::Sent(Instant::now()), &this.shared.changed);
                    return Poll::Ready(None);
                }
                None => {
                    let error = io::Error::other(format!("it gave {} bytes, fewer than it has", this.sent));
                    return Poll::Ready(Some(Err(this.fail(error))));
                }
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        this.sent = this.sent.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        // Nobody asks for more when all is there, so what would be too much is looked for now.
        if this.size.is_some_and(|size| this.sent > size || (this.sent == size && this.gives_more(context))) {
            let error = io::Error::other("it gives more bytes than it has said");
            return Poll::Ready(Some(Err(this.fail(error))));
        }
        if let Some(listener) = &this.listener {
            listener.tell(this.sent, this.size);
        }
        let mut state = this.shared.lock();
        state.meter.credit(piece.len());
        state.meter.run();
        // Nobody asks for more when the size is known.
        if this.size == Some(this.sent) {
            state.enter(Phase::Sent(Instant::now()), &this.shared.changed);
        }
        drop(state);
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Sees how an upload goes.
pub(crate) struct Watch(Arc<Shared>);

impl Watch {
    /// Returns when the upload has stalled, or when the answer is not there in time after the last byte.
    pub(crate) async fn expire(&self, attempt: Duration) -> TimeoutError {
        let begun = Instant::now();
        loop {
            let (end, error) = self.0.lock().end(begun, attempt);
            match end {
                Some(end) if end <= Instant::now() => return error,
                // Whether something changes or the time has come, the next look tells.
                Some(end) => drop(timeout_at(end, self.0.changed.notified()).await),
                // The source is slow: a moment later the network may be what is waited for.
                None => drop(timeout(Duration::from_millis(250), self.0.changed.notified()).await),
            }
        }
    }

    /// Why the source failed, if it did.
    pub(crate) fn failure(&self) -> Option<ErrorKind> {
        let error = self.0.lock().failure.take()?;
        Some(ErrorKind::Local(LocalError::new("the body of the request cannot be read", error)))
    }
}
