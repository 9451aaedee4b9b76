//! A connection that can be told to misbehave.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::answer::Random;
use crate::lock::lock;

/// How long a stalled connection is kept before it is dropped.
const PATIENCE: Duration = Duration::from_secs(600);

/// What happens to the bytes of the next answer.
#[derive(Debug, Default)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Resets the connection when so many bytes have gone out.
    Cut(usize),
    /// Stops when so many bytes have gone out.
    Stall(usize),
    /// Sends so many bytes at a time, with pauses.
    Drip(usize, Duration),
    /// Sends 1 to 7 bytes at a time.
    Slice(Random),
    /// Sends these bytes first.
    Before(Vec<u8>),
}

/// The string by which the service pulls at its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leash(Arc<Orders>);

#[derive(Debug, Default)]
struct Orders {
    /// Whether there is anything to look at; keeps the usual write free of locks.
    troubled: AtomicBool,
    trouble: Mutex<Trouble>,
    reset: AtomicBool,
}

impl Leash {
    pub(crate) fn order(&self, trouble: Trouble) {
        *lock(&self.0.trouble) = trouble;
        self.0.troubled.store(true, Ordering::Release);
    }

    /// Makes the connection end with a reset instead of an orderly close.
    pub(crate) fn reset(&self) {
        self.0.reset.store(true, Ordering::Release);
    }
}

/// Streams that can be closed by a reset.
pub(crate) trait Resettable {
    fn make_close_reset(&self);
}

impl Resettable for TcpStream {
    fn make_close_reset(&self) {
        // Without it the peer sees an orderly end: not what was ordered, but an end.
        let _ = self.set_zero_linger();
    }
}

/// A stream on a leash.
#[derive(Debug)]
pub(crate) struct Wire<S: Resettable> {
    stream: S,
    leash: Leash,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S: Resettable> Wire<S> {
    pub(crate) fn new(stream: S) -> (Self, Leash) {
        let leash = Leash::default();
        (Self { stream, leash: leash.clone(), pause: None }, leash)
    }
}

impl<S: Resettable> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.leash.0.reset.load(Ordering::Acquire) {
            self.stream.make_close_reset();
        }
    }
}

impl<S: AsyncRead + Resettable + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Resettable + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let orders = Arc::clone(&self.leash.0);
        if !orders.troubled.load(Ordering::Acquire) {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let mut trouble = lock(&orders.trouble);
        let portion = |most: usize| bytes.get(..most.min(bytes.len())).unwrap_or(bytes);
        match &mut *trouble {
            Trouble::None => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Trouble::Cut(0) => {
                orders.reset.store(true, Ordering::Release);
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            Trouble::Stall(0) => {
                let pause = self.pause.insert(Box::pin(sleep(PATIENCE)));
                ready!(pause.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Trouble::Cut(left) | Trouble::Stall(left) => {
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, portion(*left)))?;
                *left = left.saturating_sub(written);
                Poll::Ready(Ok(written))
            }
            Trouble::Drip(most, every) => {
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, portion((*most).max(1))))?;
                self.pause = Some(Box::pin(sleep(*every)));
                Poll::Ready(Ok(written))
            }
            Trouble::Slice(random) => {
                let most = usize::try_from(random.between(1, 7)).unwrap_or(1);
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, portion(most)))?;
                // Without a pause the peer would find the pieces joined.
                self.pause = Some(Box::pin(sleep(Duration::from_millis(1))));
                Poll::Ready(Ok(written))
            }
            Trouble::Before(first) => {
                while !first.is_empty() {
                    let written = ready!(Pin::new(&mut self.stream).poll_write(cx, first))?;
                    first.drain(..written);
                }
                *trouble = Trouble::None;
                Pin::new(&mut self.stream).poll_write(cx, bytes)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
