//! Answers that are bytes, as they arrive.

use std::{
    fmt,
    future::poll_fn,
    io,
    ops::Deref,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use tokio::io::AsyncWriteExt as _;

use super::{
    ByteStream,
    incoming::Incoming,
    progress::{Listener, Progress},
    stall::Meter,
};
use crate::{
    Error, ResponseMeta,
    client::Opened,
    decode::Answer,
    error::{ErrorKind, LocalError, Stage, TransportError},
    model::Model,
};

/// An answer whose body is bytes that are still arriving. It derefs to the rest of the answer.
///
/// Nothing is read before it is asked for, so that a slow reader slows the sender. The limit of time of
/// the call does not hold here: a download that stands still is ended by
/// [`StallProtection`](super::StallProtection). What cannot be finished is not begun anew.
#[must_use = "nothing is read until it is asked for"]
pub struct Download<T> {
    output: T,
    meta: ResponseMeta,
    incoming: Incoming,
}

impl<T> Download<T> {
    /// The head fills the output; the body is what follows.
    pub(crate) fn new(opened: Opened) -> Result<Self, Error>
    where
        T: Model + Default,
    {
        let meter = Meter::new(opened.protection);
        let (meta, incoming) = Incoming::new(opened, meter);
        let mut output = T::default();
        let answer = Answer { status: meta.status(), headers: meta.headers().clone(), body: Bytes::new() };
        match answer.read_head(&mut output) {
            Ok(()) => Ok(Self { output, meta, incoming }),
            Err(error) => Err(incoming.error(ErrorKind::Decode(error))),
        }
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.meta.status()
    }

    /// HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        self.meta.headers()
    }

    /// The id that the service gave the request: what its support asks for. Empty when it gave none.
    pub fn request_id(&self) -> &str {
        self.meta.request_id()
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.meta.attempts()
    }

    /// Bytes in all, when the service says how many.
    pub fn size(&self) -> Option<u64> {
        self.incoming.total()
    }

    /// Calls a function whenever bytes have come. It should return soon.
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.incoming.listener = Some(Listener::new(listener));
        self
    }

    /// The next bytes, as many as have arrived. The future can be dropped at any time.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| Pin::new(&mut self.incoming).poll_next(context)).await
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// The network fails, or the download stands still.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>, Error> {
        self.next().await.transpose()
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    /// The network fails, or there are more than `limit` bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut collected = BytesMut::new();
        while let Some(piece) = self.try_next().await? {
            if collected.len().saturating_add(piece.len()) > limit {
                let message = format!("there are more than {limit} bytes");
                let error = TransportError { message, stage: Stage::TooLong, source: None };
                return Err(self.incoming.error(ErrorKind::Transport(error)));
            }
            collected.extend_from_slice(&piece);
        }
        Ok(collected.freeze())
    }

    /// Writes everything into a file, which is replaced if it is there. Returns the number of bytes.
    ///
    /// Until the end the bytes are in a file of the same name with `.part` behind it, so that half a
    /// download is never taken for a whole one.
    ///
    /// # Errors
    /// The network fails, or the file cannot be written.
    pub async fn write_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let result = self.write_part(&part).await;
        let failed = |error: io::Error| {
            let what = format!("{} cannot be written", path.display());
            self.incoming.error(ErrorKind::Local(LocalError::new(what, error)))
        };
        match result {
            Ok(length) => {
                tokio::fs::rename(&part, path).await.map_err(failed)?;
                Ok(length)
            }
            Err(error) => {
                // What is left of it is of no use; the error is what counts.
                let _ = tokio::fs::remove_file(&part).await;
                Err(match error {
                    Failed::Reading(error) => error,
                    Failed::Writing(error) => failed(error),
                })
            }
        }
    }

    async fn write_part(&mut self, path: &Path) -> Result<u64, Failed> {
        let mut file = tokio::fs::File::create(path).await.map_err(Failed::Writing)?;
        let mut length: u64 = 0;
        while let Some(piece) = self.try_next().await.map_err(Failed::Reading)? {
            file.write_all(&piece).await.map_err(Failed::Writing)?;
            length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        file.flush().await.map_err(Failed::Writing)?;
        file.sync_all().await.map_err(Failed::Writing)?;
        Ok(length)
    }
}

enum Failed {
    Reading(Error),
    Writing(io::Error),
}

impl<T> Deref for Download<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.output
    }
}

/// Nothing in it is pinned but what is boxed.
impl<T> Unpin for Download<T> {}

impl<T> Stream for Download<T> {
    type Item = Result<Bytes, Error>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.incoming).poll_next(context)
    }
}

impl<T: fmt::Debug> fmt::Debug for Download<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("output", &self.output).field("meta", &self.meta).finish_non_exhaustive()
    }
}

/// What is downloaded can be sent on; it can be read once.
impl<T: Send + 'static> From<Download<T>> for ByteStream {
    fn from(download: Download<T>) -> Self {
        let size = download.size();
        let stream = Self::once(Onward(download.incoming));
        match size {
            Some(size) => stream.size(size),
            None => stream,
        }
    }
}

struct Onward(Incoming);

impl Stream for Onward {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Pin::new(&mut self.0).poll_next(context).map_err(io::Error::other)
    }
}
