//! HTTP through reqwest.

use std::{
    error::Error as StdError,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;

use super::{Body, Transport, TransportConfig, tls};
use crate::{
    credentials::BoxFuture,
    decode::printable,
    error::{Stage, TransportError},
};

/// The default transport: HTTP/1.1 unless HTTP/2 is asked for, TLS 1.2 or newer with the platform's
/// certificates, no redirects, no referer, no cookies, no decompression, no retries of its own.
#[derive(Debug, Default)]
pub struct ReqwestTransport {
    config: TransportConfig,
    /// Built at the first request, so that a client can be made where no certificates are installed.
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl ReqwestTransport {
    /// A transport with settings.
    pub fn new(config: TransportConfig) -> Self {
        Self { config, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        self.client.get_or_init(|| build(&self.config)).as_ref().map_err(|message| TransportError {
            message: message.clone(),
            stage: Stage::Impossible,
            source: None,
        })
    }
}

fn build(config: &TransportConfig) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        // Ours follow below; reqwest's own reading of the environment stays off.
        .no_proxy()
        .http1_max_headers(config.max_headers)
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(config.pool_idle_timeout)
        .pool_max_idle_per_host(config.pool_max_idle)
        .tcp_keepalive(config.tcp_keepalive)
        .tcp_nodelay(true);
    if !(config.http2 && cfg!(feature = "http2")) {
        builder = builder.http1_only();
    }
    #[cfg(feature = "http2")]
    {
        builder = builder.http2_max_header_list_size(u32::try_from(config.max_head).unwrap_or(u32::MAX));
    }
    let rules = config.proxies.rules().map_err(|error| error.message)?;
    if !rules.is_empty() {
        builder = builder.proxy(reqwest::Proxy::custom(move |url| {
            let proxy = rules.proxy_for(url.scheme() == "https", url.host_str()?, url.port_or_known_default())?;
            reqwest::Url::parse(&proxy.expose()).ok()
        }));
    }
    tls::set_up(config, builder)?
        .build()
        .map_err(|error| format!("the HTTP client cannot be set up: {}", error.without_url()))
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            let client = self.client()?;
            let response = client.execute(convert(request)?).await.map_err(failure)?;
            let (status, headers, version) = (response.status(), response.headers().clone(), response.version());
            let mut answer = http::Response::new(Body::stream(Pieces(response.into())));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            *answer.version_mut() = version;
            Ok(answer)
        })
    }
}

/// The data of an answer as it arrives.
struct Pieces(reqwest::Body);

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match std::task::ready!(Pin::new(&mut self.0).poll_frame(context)) {
                None => None,
                Some(Err(error)) => Some(Err(failure(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => Some(Ok(data)),
                    // Trailers carry nothing that is needed.
                    Err(_) => continue,
                },
            });
        }
    }
}

/// Takes over the request as it is. URL parsers rewrite some paths; a request that would not be sent as
/// it was signed is refused.
fn convert(request: http::Request<Body>) -> Result<reqwest::Request, TransportError> {
    let (head, body) = request.into_parts();
    let refused =
        |message: &str| TransportError { message: message.to_owned(), stage: Stage::Impossible, source: None };
    let url = reqwest::Url::parse(&head.uri.to_string()).map_err(|_| refused("the endpoint makes no valid URL"))?;
    if url.path() != head.uri.path() || url.query() != head.uri.query() {
        return Err(refused("the path holds a sequence that would be rewritten on the way, after it was signed"));
    }
    if !is_same_host(url.host_str(), head.uri.host()) {
        return Err(refused("the host would be rewritten on the way, after the request was signed"));
    }
    let mut converted = reqwest::Request::new(head.method, url);
    *converted.headers_mut() = head.headers;
    *converted.body_mut() = match body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(body)),
    };
    Ok(converted)
}

/// Whether two hosts differ in their spelling at most: upper case, and zeros of an IPv6 address.
fn is_same_host(parsed: Option<&str>, signed: Option<&str>) -> bool {
    let (Some(parsed), Some(signed)) = (parsed, signed) else { return false };
    let address = |host: &str| host.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().ok();
    parsed.eq_ignore_ascii_case(signed) || address(parsed).is_some_and(|parsed| address(signed) == Some(parsed))
}

/// The one place where reqwest's errors enter: they hold the signed URL, which is taken out.
fn failure(error: reqwest::Error) -> TransportError {
    let stage = if tls::is_certificate(&error, error.is_connect()) {
        Stage::Certificate
    } else if error.is_connect() {
        Stage::NotSent
    } else if is_refused(&error) {
        Stage::Refused
    } else {
        Stage::MaybeSent
    };
    let error = error.without_url();
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    // A server that goes away may say why, in words of its own.
    TransportError { message: printable(&message), stage, source: Some(Box::new(error)) }
}

/// Whether a server promised over HTTP/2 that it did not look at the request.
#[cfg(feature = "http2")]
fn is_refused(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let turned_away = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            return error.is_remote() && (turned_away || error.reason() == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}

/// HTTP/1.1 has no such promise.
#[cfg(not(feature = "http2"))]
fn is_refused(_: &reqwest::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_parser_would_rewrite_is_refused() {
        let convert = |uri: &str| {
            convert(http::Request::builder().uri(uri).body(Body::from(Bytes::new())).unwrap())
                .map(|request| request.url().to_string())
                .map_err(|error| error.stage)
        };
        for uri in [
            "https://h/a/../b",
            "https://h/a/%2e%2e/b",
            "https://h/a/%2E./b",
            "https://h/a/./b",
            "https://h/a/..",
            "https://127.1/a",
            "https://0x7f000001/a",
            "https://2130706433/a",
        ] {
            assert_eq!(convert(uri), Err(Stage::Impossible), "{uri}");
        }
        for uri in
            ["https://h/a%2Fb/..a/b..?x=..&y=%2F", "http://[::1]:1/a", "https://h/%E5%80%BC", "https://127.0.0.1/"]
        {
            assert_eq!(convert(uri).as_deref(), Ok(uri));
        }
        // Spelling alone.
        assert_eq!(convert("https://H.Example.com/a").as_deref(), Ok("https://h.example.com/a"));
        assert_eq!(convert("https://[0:0::1]/a").as_deref(), Ok("https://[::1]/a"));
    }
}
