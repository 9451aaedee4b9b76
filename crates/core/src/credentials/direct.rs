//! HTTP to addresses on this machine and its link, without proxy, name resolution, TLS or redirects.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use super::BoxFuture;
use crate::{
    error::{Stage, TransportError},
    transport::{Body, Transport},
};

/// Longest head of an answer.
const MAX_HEAD: usize = 64 << 10;

/// One connection per request, to an IP address. That there is no proxy to go through, nothing to
/// resolve and nothing to follow is the point of it.
#[derive(Debug)]
pub(super) struct DirectTransport {
    connect_timeout: Duration,
}

impl Default for DirectTransport {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(1) }
    }
}

impl Transport for DirectTransport {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

impl DirectTransport {
    async fn exchange(&self, mut request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let address = address(request.uri())
            .ok_or_else(|| failure(Stage::NotSent, "only plain HTTP to an IP address goes this way"))?;
        let stream = match timeout(self.connect_timeout, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(failure(Stage::NotSent, error)),
            Err(_) => return Err(failure(Stage::NotSent, format!("no connection within {:?}", self.connect_timeout))),
        };
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failure(Stage::NotSent, error))?;
        // Ends when the answer has been read or dropped.
        tokio::spawn(connection);
        // The request line holds path and query only.
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        if let Ok(host) = http::HeaderValue::from_str(&host) {
            request.headers_mut().insert(http::header::HOST, host);
        }
        *request.uri_mut() = target.parse().map_err(|error| failure(Stage::NotSent, error))?;
        let response = sender.send_request(request).await.map_err(|error| failure(Stage::MaybeSent, error))?;
        Ok(response.map(|body| Body::stream(Pieces(body))))
    }
}

/// The address that a URI names itself.
fn address(uri: &http::Uri) -> Option<SocketAddr> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    Some(SocketAddr::new(ip(uri.host()?)?, uri.port_u16().unwrap_or(80)))
}

/// The IP address that a host is. `localhost` is one by definition; resolvers are not asked.
pub(super) fn ip(host: &str) -> Option<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn failure(stage: Stage, error: impl ToString) -> TransportError {
    TransportError { message: error.to_string(), stage, source: None }
}

/// The data of an answer as it arrives.
struct Pieces(hyper::body::Incoming);

impl futures_core::Stream for Pieces {
    type Item = Result<bytes::Bytes, TransportError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        use http_body::Body as _;
        use std::task::Poll;
        loop {
            match std::task::ready!(std::pin::Pin::new(&mut self.0).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(failure(Stage::MaybeSent, error)))),
                // Trailers carry nothing that is needed.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}
