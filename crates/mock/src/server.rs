//! Listener and connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request as HttpRequest, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Sleep;

use crate::answer::Random;
use crate::engine::{Engine, Foreseen, Outcome};
use crate::error::Error;
use crate::fault::Fault;
use crate::request::Request;
use crate::wire::{Leash, Resettable, Trouble, Wire};

/// Larger bodies are refused, as the vendor's entry does.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// A running server; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on threads of its own, so that neither the caller's runtime nor its paused time matter.
    pub(crate) fn start(engine: Arc<Engine>, address: SocketAddr, workers: usize, tls: Tls) -> Result<Self, Error> {
        let listener =
            std::net::TcpListener::bind(address).map_err(|source| Error::io(format!("listen on {address}"), source))?;
        let prepared = listener.set_nonblocking(true).and_then(|()| listener.local_addr());
        let address = prepared.map_err(|source| Error::io("prepare the listener", source))?;
        let mut runtime = match workers {
            0 | 1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = runtime
            .worker_threads(workers.max(1))
            .enable_all()
            .build()
            .map_err(|source| Error::io("start the gateway's runtime", source))?;
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::Builder::new()
            .name("alicloud-mock".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Ok(listener) = TcpListener::from_std(listener) {
                        accept(listener, engine, stopped, tls).await;
                    }
                });
                runtime.shutdown_background();
            })
            .map_err(|source| Error::io("start the gateway's thread", source))?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Stops accepting and waits for the listener to close.
    pub(crate) fn stop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Configuration of the TLS listener; none serves plain HTTP.
#[cfg(feature = "tls")]
pub(crate) type Tls = Option<Arc<rustls::ServerConfig>>;
#[cfg(not(feature = "tls"))]
pub(crate) type Tls = ();

async fn accept(listener: TcpListener, engine: Arc<Engine>, mut stopped: watch::Receiver<bool>, tls: Tls) {
    #[cfg(not(feature = "tls"))]
    let () = tls;
    loop {
        let stream = tokio::select! {
            _ = stopped.changed() => return,
            accepted = listener.accept() => accepted,
        };
        // Out of file descriptors or a peer that left at once: the next connection may do better.
        let Ok((stream, _)) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let (engine, stopped) = (Arc::clone(&engine), stopped.clone());
        #[cfg(feature = "tls")]
        if let Some(config) = &tls {
            let handshake = tokio_rustls::TlsAcceptor::from(Arc::clone(config)).accept(stream);
            tokio::spawn(async move {
                // A client that refuses the certificate is the point of the bad ones.
                if let Ok(stream) = handshake.await {
                    converse(stream, engine, stopped).await;
                }
            });
            continue;
        }
        tokio::spawn(converse(stream, engine, stopped));
    }
}

/// Serves one connection until either side ends it.
async fn converse<S>(stream: S, engine: Arc<Engine>, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
{
    let (wire, leash) = Wire::new(stream);
    let service = service_fn(move |request| serve(request, Arc::clone(&engine), leash.clone()));
    let mut connection =
        pin!(http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(wire), service));
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {}
    }
}

/// Ends a connection without an answer.
#[derive(Debug)]
struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was reset on order")
    }
}

impl std::error::Error for Gone {}

async fn serve(request: HttpRequest<Incoming>, engine: Arc<Engine>, leash: Leash) -> Result<Response<Answer>, Gone> {
    let (head, body) = request.into_parts();
    let mut request = Request::new(head.method, &head.uri, head.headers, Bytes::new());
    let reset = |leash: &Leash| {
        leash.reset();
        Err(Gone)
    };
    let mut body = Limited::new(body, LARGEST_BODY);
    let foreseen = engine.foresee(&request);
    match &foreseen {
        Foreseen::Yes(Some(Fault::ResetBeforeRead)) => return reset(&leash),
        Foreseen::Yes(Some(Fault::ResetMidBody)) => {
            let _ = body.frame().await;
            return reset(&leash);
        }
        _ => {}
    }
    let Ok(body) = body.collect().await else { return reset(&leash) };
    request.arrived(body.to_bytes());
    let Outcome { mut response, delay, fault } = engine.handle(request, foreseen);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut shape = Shape::Whole;
    match fault {
        Some(Fault::ResetBeforeExecute | Fault::ResetAfterExecute) => return reset(&leash),
        Some(Fault::CutReply { after }) => leash.order(Trouble::Cut(after)),
        Some(Fault::StallReply { after }) => leash.order(Trouble::Stall(after)),
        Some(Fault::DripReply { bytes, every }) => leash.order(Trouble::Drip(bytes, every)),
        Some(Fault::SliceReply) => leash.order(Trouble::Slice(Random::new(engine.seed, &["slices"]))),
        Some(Fault::InterimFlood(count)) => {
            leash.order(Trouble::Before(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(count)));
        }
        Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(Fault::WrongLength) => {
            shape = Shape::Short(Box::pin(tokio::time::sleep(Duration::from_millis(10))));
            let promised = HeaderValue::from(response.body().len() + 100);
            response.headers_mut().insert(CONTENT_LENGTH, promised);
        }
        Some(Fault::EndlessBody) => shape = Shape::Endless,
        _ => {}
    }
    Ok(response.map(|bytes| Answer { bytes: Some(bytes), shape }))
}

/// The body of an answer.
#[derive(Debug)]
struct Answer {
    bytes: Option<Bytes>,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Whole,
    /// Ends before the promised length; a moment later than its bytes, so that these go out.
    Short(Pin<Box<Sleep>>),
    /// Never ends.
    Endless,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Self { bytes, shape } = &mut *self;
        let bytes = match shape {
            Shape::Endless => Some(Bytes::from_static(&[b' '; 1024])),
            Shape::Short(pause) if bytes.is_none() => {
                ready!(pause.as_mut().poll(cx));
                None
            }
            _ => bytes.take().filter(|bytes| !bytes.is_empty()),
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.shape, Shape::Whole) && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.shape, &self.bytes) {
            (Shape::Whole, bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            _ => SizeHint::default(),
        }
    }
}
