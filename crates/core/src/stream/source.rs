//! Where the bytes of a request come from.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::{fs::File, io::AsyncRead as _};

use super::progress::{Listener, Progress};
use crate::sign::Acs3Algorithm;

/// How much of a file is read at a time.
const PIECE: usize = 64 << 10;

/// The bytes of a source, as they are read.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Bytes to send that need not be in memory: those of a file, or whatever a stream gives.
///
/// A source that can be read again may be signed and may be sent again when an attempt fails. That holds
/// for [bytes](Self::from), [files](Self::from_path) and [functions that make streams](Self::replayable). A
/// [stream](Self::once) alone can be read once: it does where the signature does not cover the body, and
/// the call is not repeated after its first byte has left.
///
/// ```
/// use alicloud_core::stream::ByteStream;
///
/// let from_memory = ByteStream::from("text");
/// let from_a_file = ByteStream::from_path("video.mp4")
///     .on_progress(|progress| println!("{} of {:?} bytes", progress.transferred, progress.total));
/// ```
#[derive(Clone)]
pub struct ByteStream {
    source: Source,
    size: Option<u64>,
    listener: Option<Listener>,
}

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    File(Arc<Path>),
    Maker(Arc<dyn Fn() -> Pieces + Send + Sync>),
    Once(Arc<Mutex<Once>>),
}

/// A stream that cannot be made again.
struct Once {
    pieces: Pieces,
    touched: bool,
}

impl ByteStream {
    /// The bytes of a file. It is opened when it is sent; its size is what it has then.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self::new(Source::File(path.into().into()))
    }

    /// The bytes of a stream that a function makes anew whenever they are needed: once for the signature,
    /// once for every attempt. It must give the same bytes every time.
    pub fn replayable<S>(make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        Self::new(Source::Maker(Arc::new(move || Box::pin(make()))))
    }

    /// The bytes of a stream that cannot be made again.
    pub fn once(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::new(Source::Once(Arc::new(Mutex::new(Once { pieces: Box::pin(stream), touched: false }))))
    }

    fn new(source: Source) -> Self {
        Self { source, size: None, listener: None }
    }

    /// Says how many bytes a stream gives. It fails when it gives more or fewer. Bytes and files know
    /// their own size.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Calls a function whenever a piece has left. It should return soon.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener::new(listener));
        self
    }

    /// Whether it can be read more than once.
    pub fn is_replayable(&self) -> bool {
        !matches!(self.source, Source::Once(_))
    }

    /// Whether its bytes are gone.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(&self.source, Source::Once(once) if once.lock().unwrap_or_else(PoisonError::into_inner).touched)
    }

    pub(crate) fn listener(&self) -> Option<Listener> {
        self.listener.clone()
    }

    /// How many bytes there are, when that can be said without reading them.
    pub(crate) async fn length(&self) -> io::Result<Option<u64>> {
        match &self.source {
            Source::Bytes(bytes) => Ok(u64::try_from(bytes.len()).ok()),
            Source::File(path) => match tokio::fs::metadata(path).await {
                Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
                Ok(_) => Err(io::Error::other(format!("{} is not a file", path.display()))),
                Err(error) => Err(about(path, &error)),
            },
            Source::Maker(_) | Source::Once(_) => Ok(self.size),
        }
    }

    /// The bytes from the beginning.
    pub(crate) fn open(&self) -> Pieces {
        match &self.source {
            Source::Bytes(bytes) => Box::pin(AtOnce(bytes.clone())),
            Source::File(path) => Box::pin(FilePieces::Closed(Arc::clone(path))),
            Source::Maker(make) => make(),
            Source::Once(once) => Box::pin(OncePieces(Arc::clone(once))),
        }
    }

    /// Reads everything to count it.
    pub(crate) async fn count(&self) -> io::Result<u64> {
        let mut pieces = self.open();
        let mut length: u64 = 0;
        while let Some(piece) = std::future::poll_fn(|context| pieces.as_mut().poll_next(context)).await {
            length = length.saturating_add(u64::try_from(piece?.len()).unwrap_or(u64::MAX));
        }
        Ok(length)
    }

    /// Reads everything: hash and number of bytes.
    pub(crate) async fn hash(&self, algorithm: Acs3Algorithm) -> io::Result<(String, u64)> {
        let mut hasher = algorithm.hasher();
        let mut pieces = self.open();
        let mut length: u64 = 0;
        while let Some(piece) = std::future::poll_fn(|context| pieces.as_mut().poll_next(context)).await {
            let piece = piece?;
            length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            hasher.update(&piece);
        }
        Ok((hasher.finish(), length))
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self::new(Source::Bytes(bytes))
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&'static [u8]> for ByteStream {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl From<String> for ByteStream {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ByteStream {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<PathBuf> for ByteStream {
    fn from(path: PathBuf) -> Self {
        Self::from_path(path)
    }
}

impl From<&Path> for ByteStream {
    fn from(path: &Path) -> Self {
        Self::from_path(path)
    }
}

/// What is sent may be secret.
impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Bytes(bytes) => write!(f, "ByteStream({} bytes)", bytes.len()),
            Source::File(path) => write!(f, "ByteStream({})", path.display()),
            Source::Maker(_) => f.write_str("ByteStream(stream)"),
            Source::Once(_) => f.write_str("ByteStream(stream, once)"),
        }
    }
}

/// Bytes that are there.
struct AtOnce(Bytes);

impl Stream for AtOnce {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let bytes = std::mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
    }
}

type Opening = Pin<Box<dyn Future<Output = io::Result<File>> + Send>>;

/// A file that is read.
enum FilePieces {
    Closed(Arc<Path>),
    Opening(Arc<Path>, Opening),
    Reading(Arc<Path>, File, BytesMut),
    Done,
}

impl Stream for FilePieces {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match &mut *self {
                Self::Closed(path) => {
                    let path = Arc::clone(path);
                    let opening = Box::pin(File::open(Arc::clone(&path)));
                    *self = Self::Opening(path, opening);
                }
                Self::Opening(path, opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok(file) => {
                        let path = Arc::clone(path);
                        *self = Self::Reading(path, file, BytesMut::new());
                    }
                    Err(error) => {
                        let error = about(path, &error);
                        *self = Self::Done;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                Self::Reading(path, file, buffer) => {
                    buffer.resize(PIECE, 0);
                    let mut read = tokio::io::ReadBuf::new(buffer);
                    let result = ready!(Pin::new(file).poll_read(context, &mut read));
                    let filled = read.filled().len();
                    return Poll::Ready(match result {
                        Ok(()) if filled == 0 => {
                            *self = Self::Done;
                            None
                        }
                        Ok(()) => Some(Ok(buffer.split_to(filled).freeze())),
                        Err(error) => {
                            let error = about(path, &error);
                            *self = Self::Done;
                            Some(Err(error))
                        }
                    });
                }
                Self::Done => return Poll::Ready(None),
            }
        }
    }
}

/// The bytes of a stream that cannot be made again, where they are.
struct OncePieces(Arc<Mutex<Once>>);

impl Stream for OncePieces {
    type Item = io::Result<Bytes>;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let mut once = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let piece = ready!(once.pieces.as_mut().poll_next(context));
        once.touched = true;
        Poll::Ready(piece)
    }
}
