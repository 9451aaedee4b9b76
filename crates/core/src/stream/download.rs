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
    runtime::{self, SystemEntropy},
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
                return Err(self.incoming.broken(error));
            }
            collected.extend_from_slice(&piece);
        }
        Ok(collected.freeze())
    }

    /// Writes everything into a file, which is replaced if it is there. Returns the number of bytes.
    ///
    /// Until the end the bytes are in a new file next to it, of the same name with a number and `.part`
    /// behind it, so that half a download is never taken for a whole one. On Unix the file is for its owner
    /// alone (mode 0600).
    ///
    /// # Errors
    /// The network fails, or the file cannot be written.
    pub async fn write_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let result = self.write_and_rename(path).await;
        result.map_err(|error| match error {
            Failed::Reading(error) => error,
            Failed::Writing(error) => {
                let what = format!("{} cannot be written", path.display());
                self.incoming.error(ErrorKind::Local(LocalError::new(what, error)))
            }
        })
    }

    async fn write_and_rename(&mut self, path: &Path) -> Result<u64, Failed> {
        let (part, file) = new_part(path).await.map_err(Failed::Writing)?;
        let result = match self.write_part(file).await {
            Ok(length) => tokio::fs::rename(&part, path).await.map(|()| length).map_err(Failed::Writing),
            Err(error) => Err(error),
        };
        if result.is_err() {
            // What is left of it is of no use; the error is what counts.
            let _ = tokio::fs::remove_file(&part).await;
        }
        result
    }

    async fn write_part(&mut self, mut file: tokio::fs::File) -> Result<u64, Failed> {
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

/// Makes a file that was not there before: whoever can write into the directory could have put a link to
/// another file where a name can be foretold.
async fn new_part(path: &Path) -> io::Result<(PathBuf, tokio::fs::File)> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..PART_NAMES {
        let mut part = path.as_os_str().to_owned();
        let nonce = runtime::nonce(&SystemEntropy).map_err(|error| io::Error::other(error.to_string()))?;
        part.push(format!(".{nonce}.part"));
        let part = PathBuf::from(part);
        match options.open(&part).await {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            result => return result.map(|file| (part, file)),
        }
    }
    Err(last)
}

/// Names that are tried for it.
const PART_NAMES: u32 = 8;

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
