//! The bytes of a request or of an answer.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::error::{Stage, TransportError};

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Bytes that are there, or that arrive piece by piece.
pub struct Body(Kind);

enum Kind {
    Bytes(Bytes),
    /// The mutex is never locked: it makes the body `Sync`, which HTTP libraries ask for.
    Stream(Mutex<Pieces>, Option<u64>),
}

impl Body {
    /// A body that arrives piece by piece.
    pub fn stream(stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Kind::Stream(Mutex::new(Box::pin(stream)), None))
    }

    /// A body that arrives piece by piece and has so many bytes in all.
    pub fn sized(stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static, size: u64) -> Self {
        Self(Kind::Stream(Mutex::new(Box::pin(stream)), Some(size)))
    }

    /// The bytes, when they are there already.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes),
            Kind::Stream(..) => None,
        }
    }

    /// Bytes in all, when that is known.
    pub fn size(&self) -> Option<u64> {
        match &self.0 {
            Kind::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Kind::Stream(_, size) => *size,
        }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// The network fails, or the body is longer than `limit` bytes.
    pub async fn collect(self, limit: usize) -> Result<Bytes, TransportError> {
        self.collect_or_part(limit).await.map_err(|(error, _)| error)
    }

    /// Reads the whole body; what has arrived comes with the error.
    pub(crate) async fn collect_or_part(mut self, limit: usize) -> Result<Bytes, (TransportError, Bytes)> {
        let mut collected = BytesMut::new();
        loop {
            let piece = match &mut self.0 {
                Kind::Bytes(bytes) if bytes.len() <= limit => return Ok(std::mem::take(bytes)),
                Kind::Bytes(bytes) => return Err((too_long(limit), bytes.slice(..limit.min(bytes.len())))),
                Kind::Stream(stream, _) => {
                    let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                    std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
                }
            };
            match piece {
                None => return Ok(collected.freeze()),
                Some(piece) => {
                    let piece = match piece {
                        Ok(piece) => piece,
                        Err(error) => return Err((error, collected.freeze())),
                    };
                    if collected.len().saturating_add(piece.len()) > limit {
                        return Err((too_long(limit), collected.freeze()));
                    }
                    collected.extend_from_slice(&piece);
                }
            }
        }
    }

    /// Reads what arrives, up to `limit` bytes, and leaves the rest. A failure ends the body.
    pub(crate) async fn collect_some(mut self, limit: usize) -> Bytes {
        let mut collected = BytesMut::new();
        while collected.len() < limit
            && let Some(Ok(piece)) = std::future::poll_fn(|context| Pin::new(&mut self).poll_next(context)).await
        {
            let room = limit.saturating_sub(collected.len());
            collected.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        }
        collected.freeze()
    }
}

fn too_long(limit: usize) -> TransportError {
    TransportError {
        message: format!(
            "the body is longer than {limit} bytes; raise the limit in the configuration if that is expected"
        ),
        stage: Stage::TooLong,
        source: None,
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Bytes(bytes))
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Kind::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Bytes(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Kind::Stream(stream, _) => {
                stream.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(context)
            }
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(..) => f.write_str("Body(stream)"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = TransportError;
    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        self.poll_next(context).map_ok(http_body::Frame::data)
    }
    fn size_hint(&self) -> http_body::SizeHint {
        self.size().map_or_else(http_body::SizeHint::default, http_body::SizeHint::with_exact)
    }
}
