//! A server on the loopback interface that fails on purpose, below and inside HTTP.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alicloud_core::{Config, config::ConfigBuilder, credentials::Credentials};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    ledger::{Ledger, Received},
    tls::Identity,
};

/// What happens to a request. With a connection that is refused, one that is never answered, a bad
/// certificate and the failures of HTTP/2 these are the kinds of trouble that a client meets.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fault {
    /// Nothing: it is executed and answered.
    #[default]
    None,
    /// The connection is reset before the request is read.
    ResetBeforeReading,
    /// It is reset in the middle of the body.
    ResetWhileReading,
    /// It is reset after the request was read and before it is executed.
    ResetAfterReading,
    /// A fatal alert of TLS follows after the request was executed.
    AlertAfterExecuting,
    /// It is reset after the request was executed.
    ResetAfterExecuting,
    /// It is closed after so many bytes of the answer.
    CutAnswer(usize),
    /// Nothing is read, and nothing is answered.
    Silence,
    /// Nothing follows after the head of the answer.
    StallAfterHead,
    /// Each byte of the answer comes after a pause.
    Drip(Duration),
    /// The answer comes in pieces of 1 to 7 bytes.
    Slices,
    /// The answer is shorter than it says.
    WrongLength,
    /// The body never ends.
    EndlessBody,
    /// Headers never end.
    HeaderFlood,
    /// The answer has so many headers more.
    ManyHeaders(usize),
    /// Informational answers never end.
    InformationFlood,
    /// The answer sends the caller elsewhere.
    Redirect(u16, String),
    /// A small body that says it is compressed and would be large.
    GzipBomb,
    /// Another answer; the request is not executed.
    Answer(u16, String),
    /// The request is executed and answered, and the connection closed without a word.
    CloseAfterwards,
}

/// Which request it is that arrives.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its connection, counted from 0.
    pub connection: u64,
    /// Its place on the connection, counted from 0.
    pub on_connection: u64,
    /// Its place among all, counted from 0.
    pub index: u64,
}

type Plan = dyn Fn(Arrival) -> Fault + Send + Sync;

/// The server. It stops when it is dropped.
pub struct FaultServer {
    address: SocketAddr,
    secure: bool,
    shared: Arc<Shared>,
    _task: JoinSet<()>,
}

struct Shared {
    plan: Box<Plan>,
    ledger: Ledger,
    connections: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    headers: Mutex<BTreeSet<String>>,
}

impl FaultServer {
    /// A server without TLS.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start(plan: impl Fn(Arrival) -> Fault + Send + Sync + 'static) -> io::Result<Self> {
        Self::run(Box::new(plan), None).await
    }

    /// A server with TLS.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start_tls(
        identity: &Identity,
        plan: impl Fn(Arrival) -> Fault + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::run(Box::new(plan), Some(identity.acceptor())).await
    }

    async fn run(plan: Box<Plan>, tls: Option<tokio_rustls::TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            plan,
            ledger: Ledger::default(),
            headers: Mutex::default(),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        });
        let secure = tls.is_some();
        let mut task = JoinSet::new();
        task.spawn(accept(listener, tls, Arc::clone(&shared)));
        Ok(Self { address, secure, shared, _task: task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// What it has done.
    pub fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }

    /// Names of the headers of all requests, in lower case.
    pub fn headers(&self) -> BTreeSet<String> {
        self.shared.headers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections that were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Requests that arrived, read or not.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// Bytes of requests that were read.
    pub fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// A configuration that uses it.
    pub fn builder(&self) -> ConfigBuilder {
        config(&self.endpoint())
    }
}

/// A configuration that uses an endpoint of this machine.
pub fn config(endpoint: &str) -> ConfigBuilder {
    Config::builder()
        .endpoint(endpoint)
        .allow_insecure_http()
        .region("cn-hangzhou")
        .credentials(Credentials::access_key("testid", "testsecret"))
}

async fn accept(listener: TcpListener, tls: Option<tokio_rustls::TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let tls = tls.clone();
        connections.spawn(async move {
            let connection = shared.connections.fetch_add(1, Ordering::Relaxed);
            // How a connection ends is the client's matter.
            let _ = match tls {
                None => serve(stream, connection, &shared).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => serve(stream, connection, &shared).await,
                    Err(error) => Err(error),
                },
            };
        });
        while connections.try_join_next().is_some() {}
    }
}

/// A stream that can be reset.
trait Wire: AsyncRead + AsyncWrite + Unpin {
    fn reset(self) -> io::Result<()>;
    /// The connection below TLS, and a fatal alert to send on it.
    fn alert(&mut self) -> (&mut TcpStream, Vec<u8>);
}

impl Wire for TcpStream {
    fn reset(self) -> io::Result<()> {
        self.set_zero_linger()
    }
    fn alert(&mut self) -> (&mut TcpStream, Vec<u8>) {
        panic!("there are no alerts without TLS")
    }
}

impl Wire for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
    fn alert(&mut self) -> (&mut TcpStream, Vec<u8>) {
        let (socket, session) = self.get_mut();
        // A record that nobody has encrypted: the session answers with the alert `bad_record_mac`.
        let mut record: &[u8] = &[&[23, 3, 3, 0, 32][..], &[0; 32]].concat();
        session.read_tls(&mut record).unwrap();
        session.process_new_packets().unwrap_err();
        let mut alert = Vec::new();
        session.write_tls(&mut alert).unwrap();
        (socket, alert)
    }
}

async fn serve(mut stream: impl Wire, connection: u64, shared: &Shared) -> io::Result<()> {
    for on_connection in 0.. {
        // A connection that is only opened is no request.
        let mut first = [0; 1];
        let mut head = Vec::new();
        if stream.read(&mut first).await? == 0 {
            return Ok(());
        }
        head.extend_from_slice(&first);
        let index = shared.requests.fetch_add(1, Ordering::Relaxed);
        let fault = (shared.plan)(Arrival { connection, on_connection, index });
        match fault {
            Fault::ResetBeforeReading => return stream.reset(),
            Fault::Silence => return std::future::pending().await,
            _ => {}
        }
        let (received, rest) = read_head(&mut stream, head).await?;
        let names = received.headers.keys().cloned();
        shared.headers.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
        let length: usize = received.headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        if fault == Fault::ResetWhileReading {
            return stream.reset();
        }
        let received = read_body(&mut stream, received, rest, length).await?;
        shared.bytes.fetch_add(received.body.len() as u64, Ordering::Relaxed);
        if fault == Fault::ResetAfterReading {
            return stream.reset();
        }
        let close = received.headers.get("connection").is_some_and(|value| value == "close");
        match answer(&mut stream, &fault, &received, shared).await? {
            Then::Continue => {}
            Then::Reset => return stream.reset(),
            Then::Alert => {
                let (socket, alert) = stream.alert();
                socket.write_all(&alert).await?;
                return socket.shutdown().await;
            }
        }
        if close || matches!(fault, Fault::CutAnswer(_) | Fault::WrongLength | Fault::CloseAfterwards) {
            return stream.shutdown().await;
        }
    }
    Ok(())
}

#[derive(PartialEq)]
enum Then {
    Continue,
    Reset,
    Alert,
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin), mut bytes: Vec<u8>) -> io::Result<(Received, Vec<u8>)> {
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let rest = bytes.split_off(end + 4);
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok((Received { method, target, headers, body: Vec::new() }, rest))
}

async fn read_body(
    stream: &mut (impl AsyncRead + Unpin),
    mut received: Received,
    rest: Vec<u8>,
    length: usize,
) -> io::Result<Received> {
    received.body = rest;
    while received.body.len() < length {
        if stream.read_buf(&mut received.body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(received)
}

fn http(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nx-acs-request-id: H\r\n{headers}");
    let mut bytes = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

async fn answer(
    stream: &mut (impl AsyncWrite + Unpin),
    fault: &Fault,
    received: &Received,
    shared: &Shared,
) -> io::Result<Then> {
    if let Fault::Answer(status, body) = fault {
        stream.write_all(&http(*status, "", body.as_bytes())).await?;
        return Ok(Then::Continue);
    }
    if let Fault::Redirect(status, to) = fault {
        stream.write_all(&http(*status, &format!("Location: {to}\r\nSet-Cookie: session=1\r\n"), b"{}")).await?;
        return Ok(Then::Continue);
    }
    let body = shared.ledger.execute(received);
    let bytes = http(200, "", body.as_bytes());
    match fault {
        Fault::ResetAfterExecuting => return Ok(Then::Reset),
        Fault::AlertAfterExecuting => return Ok(Then::Alert),
        Fault::CutAnswer(length) => stream.write_all(&bytes[..bytes.len().min(*length)]).await?,
        Fault::StallAfterHead => {
            stream.write_all(&bytes[..bytes.len() - body.len()]).await?;
            return std::future::pending().await;
        }
        Fault::Drip(pause) => {
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(*pause).await;
            }
        }
        Fault::Slices => {
            let mut rest = bytes.as_slice();
            let mut size = 1;
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at(rest.len().min(size));
                stream.write_all(piece).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
                (rest, size) = (tail, size % 7 + 1);
            }
        }
        Fault::WrongLength => {
            let text = String::from_utf8_lossy(&bytes).replace(&format!("Length: {}", body.len()), "Length: 100000");
            stream.write_all(text.as_bytes()).await?;
        }
        Fault::EndlessBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x1_0000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Fault::HeaderFlood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            for number in 0_u64.. {
                stream.write_all(format!("X-Flood-{number}: {}\r\n", "x".repeat(100)).as_bytes()).await?;
            }
        }
        Fault::ManyHeaders(count) => {
            let headers: String = (0..*count).map(|number| format!("X-{number}: x\r\n")).collect();
            stream.write_all(&http(200, &headers, body.as_bytes())).await?;
        }
        Fault::InformationFlood => loop {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").await?;
        },
        Fault::GzipBomb => {
            // What a decompressor would make 1,000 times as much of.
            stream.write_all(&http(200, "Content-Encoding: gzip\r\n", &GZIP_BOMB.repeat(1000))).await?;
        }
        _ => stream.write_all(&bytes).await?,
    }
    stream.flush().await?;
    Ok(Then::Continue)
}

/// A gzip member that becomes a kilobyte of zeros.
const GZIP_BOMB: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0x63, 0x60, 0x18, 0x05, 0xa3, 0x60, 0x14, 0x0c, 0x54, 0, 0, 0x2e,
    0xaf, 0xb5, 0xef, 0x00, 0x04, 0, 0,
];

/// An address where nobody listens.
///
/// # Errors
/// There is no port.
pub async fn refusing() -> io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()
}

/// An address where connections are neither accepted nor refused: the queue of its listener is full.
pub struct Blackhole {
    /// The address.
    pub address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Blackhole {
    /// Fills the queue.
    ///
    /// # Errors
    /// There is no port.
    pub async fn open() -> io::Result<Self> {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let mut queue = Vec::new();
        for _ in 0..16 {
            let connect = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address));
            match connect.await {
                Ok(Ok(stream)) => queue.push(stream),
                _ => break,
            }
        }
        Ok(Self { address, _listener: listener, _queue: queue })
    }
}
