//! The failures that only HTTP/2 has.

use std::{io, net::SocketAddr, sync::Arc};

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
    /// Frames without meaning follow one another for ever.
    Flood,
}

/// The server. It stops when it is dropped.
pub struct H2Server {
    address: SocketAddr,
    _task: JoinSet<()>,
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
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            let first = Arc::new(std::sync::atomic::AtomicBool::new(true));
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, first) = (acceptor.clone(), Arc::clone(&first));
                connections.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let is_first = first.swap(false, std::sync::atomic::Ordering::Relaxed);
                    let fault = if is_first || fault == H2Fault::Flood { fault } else { H2Fault::None };
                    // How a connection ends is the client's matter.
                    let _ = match fault {
                        H2Fault::Flood => flood(stream).await,
                        H2Fault::GoAway => go_away(stream).await,
                        H2Fault::None | H2Fault::RefusedStream => serve(stream, fault).await,
                    };
                });
            }
        });
        Ok(Self { address, _task: task })
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
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

/// Waits for the request and says that no stream was looked at.
async fn go_away(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let mut received = vec![0; 24];
    stream.read_exact(&mut received).await?;
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await?;
    // Frames until the one that opens a stream (type 1).
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await?;
        if head[3] == 1 {
            break;
        }
    }
    stream.write_all(&[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).await?;
    stream.flush().await?;
    let mut sink = [0; 4096];
    while stream.read(&mut sink).await? > 0 {}
    Ok(())
}

/// Settings and pings without end, and headers that never end.
async fn flood(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    let settings: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let empty_data: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 1];
    stream.write_all(settings).await?;
    // The head of an answer to the first stream, so that empty data is legal after it.
    stream.write_all(&[0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88]).await?;
    let frames = [settings, empty_data, empty_data, empty_data].concat().repeat(256);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut sink = [0; 4096];
    loop {
        tokio::select! {
            read = reader.read(&mut sink) => if read? == 0 { return Ok(()); },
            written = writer.write_all(&frames) => written?,
        }
    }
}
