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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Sleep;

use crate::answer::Random;
use crate::engine::{Engine, Foreseen, Outcome};
use crate::error::Error;
use crate::fault::Fault;
use crate::request::Request;
use crate::wire::{Leash, Resettable, Trouble, Wire};

/// Larger bodies are refused, as the vendor's entry does.
pub(crate) const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// What happens to connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connections {
    /// They are served.
    #[default]
    Accept,
    /// New ones are refused, as if nobody listened, and those that are open are reset.
    Refuse,
    /// New ones are not answered: they are set up, and that is all.
    Ignore,
}

/// What the listener has to do, and where it says that it does so.
type Order = (Connections, std::sync::mpsc::Sender<()>);

/// A running server; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Dropped to stop.
    orders: Option<mpsc::UnboundedSender<Order>>,
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
        let (orders, ordered) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("alicloud-mock".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Ok(listener) = TcpListener::from_std(listener) {
                        Listener { engine, tls, address, closed: watch::channel(()).0 }.listen(listener, ordered).await;
                    }
                });
                runtime.shutdown_background();
            })
            .map_err(|source| Error::io("start the gateway's thread", source))?;
        Ok(Self { address, orders: Some(orders), thread: Some(thread) })
    }

    /// Returns when it is so.
    pub(crate) fn connections(&self, connections: Connections) {
        let (done, when_done) = std::sync::mpsc::channel();
        if self.orders.as_ref().is_some_and(|orders| orders.send((connections, done)).is_ok()) {
            // An error: the listener has ended, and nobody is accepted any more.
            let _ = when_done.recv();
        }
    }

    /// Stops accepting and waits for the listener to close.
    pub(crate) fn stop(&mut self) {
        self.orders = None;
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

struct Listener {
    engine: Arc<Engine>,
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    tls: Tls,
    address: SocketAddr,
    /// Connections end when this changes or goes away.
    closed: watch::Sender<()>,
}

impl Listener {
    /// Accepts connections until nobody gives orders any more.
    async fn listen(self, listener: TcpListener, mut orders: mpsc::UnboundedReceiver<Order>) {
        let (mut listener, mut connections) = (Some(listener), Connections::Accept);
        loop {
            let accepting = listener.as_ref().filter(|_| connections == Connections::Accept);
            let done = tokio::select! {
                order = orders.recv() => match order {
                    Some((ordered, done)) => {
                        connections = ordered;
                        done
                    }
                    None => return,
                },
                accepted = async {
                    match accepting {
                        Some(listener) => listener.accept().await,
                        None => std::future::pending().await,
                    }
                } => {
                    // Out of file descriptors or a peer that left at once: the next connection may do better.
                    if let Ok((stream, _)) = accepted {
                        self.accept(stream);
                    }
                    continue;
                }
            };
            if connections == Connections::Refuse {
                listener = None;
                self.closed.send_replace(());
            } else if listener.is_none() {
                // Nobody else can have taken the port unless they tried hard; then connections stay refused.
                listener = TcpListener::bind(self.address).await.ok();
            }
            let _ = done.send(());
        }
    }

    fn accept(&self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let (engine, closed) = (Arc::clone(&self.engine), self.closed.subscribe());
        #[cfg(feature = "tls")]
        if let Some(config) = &self.tls {
            let handshake = tokio_rustls::TlsAcceptor::from(Arc::clone(config)).accept(stream);
            tokio::spawn(async move {
                // A client that refuses the certificate is the point of the bad ones.
                if let Ok(stream) = handshake.await {
                    converse(stream, engine, closed).await;
                }
            });
            return;
        }
        tokio::spawn(converse(stream, engine, closed));
    }
}

/// Serves one connection until either side ends it.
async fn converse<S>(stream: S, engine: Arc<Engine>, mut closed: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
{
    let (wire, leash) = Wire::new(stream);
    let pulled = leash.clone();
    let service = service_fn(move |request| serve(request, Arc::clone(&engine), pulled.clone()));
    let mut connection =
        pin!(http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(wire), service));
    tokio::select! {
        _ = connection.as_mut() => {}
        ordered = closed.changed() => {
            if ordered.is_ok() {
                leash.reset();
            }
        }
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
