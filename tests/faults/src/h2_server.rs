//! The failures that only HTTP/2 has.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use alicloud_core::http::Response;
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::server::TlsStream;

use crate::tls::Identity;

/// What a server that speaks HTTP/2 does to the first request; later ones on other connections are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum H2Fault {
    /// It is answered.
    None,
    /// Its stream is refused.
    RefusedStream,
    /// The server goes away without having looked at it.
    GoAway,
    /// Frames without meaning follow the head of the answer for ever.
    Flood,
    /// The head of the answer never ends.
    EndlessHead,
}

/// The server. It stops when it is dropped.
pub struct H2Server {
    address: SocketAddr,
    flood: Arc<Flood>,
    _task: JoinSet<()>,
}

/// What became of a flood.
#[derive(Default)]
struct Flood {
    /// Bytes that the client's side has taken.
    sent: AtomicU64,
    cut: AtomicBool,
}

impl H2Server {
    /// Starts the server.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start(identity: Identity, fault: H2Fault) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let acceptor = identity.with_http2().acceptor();
        let flood = Arc::new(Flood::default());
        let shared = Arc::clone(&flood);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            let first = Arc::new(AtomicBool::new(true));
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, first, flood) = (acceptor.clone(), Arc::clone(&first), Arc::clone(&shared));
                connections.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let is_first = first.swap(false, Ordering::Relaxed);
                    let is_flood = matches!(fault, H2Fault::Flood | H2Fault::EndlessHead);
                    let fault = if is_first || is_flood { fault } else { H2Fault::None };
                    // How a connection ends is the client's matter.
                    let _ = match fault {
                        H2Fault::Flood | H2Fault::EndlessHead => {
                            let end = flood.run(stream, fault).await;
                            flood.cut.store(true, Ordering::Relaxed);
                            end
                        }
                        H2Fault::GoAway => go_away(stream).await,
                        H2Fault::None | H2Fault::RefusedStream => serve(stream, fault).await,
                    };
                });
            }
        });
        Ok(Self { address, flood, _task: task })
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Bytes of a flood that were taken, and whether the client has cut the connection since.
    pub fn flooded(&self) -> (u64, bool) {
        (self.flood.sent.load(Ordering::Relaxed), self.flood.cut.load(Ordering::Relaxed))
    }
}

async fn serve(stream: TlsStream<TcpStream>, fault: H2Fault) -> io::Result<()> {
    let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
    let mut fault = fault;
    while let Some(request) = connection.accept().await {
        let (request, mut respond) = request.map_err(io::Error::other)?;
        match std::mem::replace(&mut fault, H2Fault::None) {
            H2Fault::RefusedStream => respond.send_reset(h2::Reason::REFUSED_STREAM),
            _ => {
                let mut body = request.into_body();
                while let Some(piece) = body.data().await {
                    let length = piece.map_err(io::Error::other)?.len();
                    let _ = body.flow_control().release_capacity(length);
                }
                let response =
                    Response::builder().header("content-type", "application/json").body(()).unwrap_or_default();
                let mut stream = respond.send_response(response, false).map_err(io::Error::other)?;
                let answer = Bytes::from_static(br#"{"RequestId": "R-H2", "Success": true}"#);
                stream.send_data(answer, true).map_err(io::Error::other)?;
            }
        }
    }
    Ok(())
}

/// Greets, and waits for the frame that opens a stream (type 1). Before it nothing is about a request.
async fn opened(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.read_exact(&mut [0; 24]).await?;
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await?;
        if head[3] == 1 {
            return Ok(());
        }
    }
}

/// Waits for the request and says that no stream was looked at.
async fn go_away(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    opened(&mut stream).await?;
    stream.write_all(&[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).await?;
    stream.flush().await?;
    let mut sink = [0; 4096];
    while stream.read(&mut sink).await? > 0 {}
    Ok(())
}

impl Flood {
    /// Answers the request with frames without end.
    async fn run(&self, mut stream: TlsStream<TcpStream>, fault: H2Fault) -> io::Result<()> {
        const END_HEADERS: u8 = 4;
        opened(&mut stream).await?;
        let (flags, frames) = match fault {
            H2Fault::EndlessHead => {
                // A header of two letters and 126 bytes, seven times.
                let header = [&[0, 2, b'x', b'y', 126][..], &[b'z'; 126]].concat().repeat(7);
                let length = u16::try_from(header.len()).unwrap_or_default().to_be_bytes();
                (0, [&[0, length[0], length[1], 9, 0, 0, 0, 0, 1][..], &header].concat())
            }
            _ => {
                let settings: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
                let empty_data: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 1];
                (END_HEADERS, [settings, empty_data, empty_data, empty_data].concat().repeat(16))
            }
        };
        // Status 200 on the first stream.
        stream.write_all(&[0, 0, 1, 1, flags, 0, 0, 0, 1, 0x88]).await?;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut sink = [0; 4096];
        loop {
            tokio::select! {
                read = reader.read(&mut sink) => if read? == 0 { return Ok(()); },
                written = writer.write_all(&frames) => {
                    written?;
                    self.sent.fetch_add(frames.len() as u64, Ordering::Relaxed);
                }
            }
        }
    }
}
