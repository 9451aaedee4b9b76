//! HTTP as credential sources need it: few attempts, short limits, and nothing of an answer in an error.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use tokio::time::timeout;

use crate::{
    Document,
    error::{Stage, TransportError},
    runtime::{Entropy, up_to},
    transport::Transport,
};

/// Answers of credential sources are small.
const MAX_BODY: usize = 256 << 10;
const BASE_DELAY: Duration = Duration::from_millis(100);

/// How often and how long a source is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) attempts: u32,
    /// One attempt, connection included.
    pub(super) attempt: Duration,
}

impl Patience {
    /// For services on the network: 5 s to connect, 10 s to answer.
    pub(super) const NETWORK: Self = Self { attempts: 4, attempt: Duration::from_secs(15) };
    /// For services on this machine or its link: 1 s to connect, 1 s to answer.
    pub(super) const LINK: Self = Self { attempts: 4, attempt: Duration::from_secs(2) };
}

/// Why a source gave nothing. What it answered is not part of it.
#[derive(Debug)]
pub(super) enum FetchError {
    /// Nobody is there.
    Unreachable(String),
    /// The answer did not come, or cannot be read.
    Broken(String),
    /// It would be the same at another attempt: a refused certificate, an answer that is too long.
    Final(String),
    /// The source refused.
    Status(StatusCode, Option<String>),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "not reachable: {reason}"),
            Self::Broken(reason) | Self::Final(reason) => f.write_str(reason),
            Self::Status(status, code) => {
                write!(f, "answered {}", status.as_u16())?;
                if status.is_redirection() {
                    f.write_str(", a redirection, which is never followed")?;
                }
                code.as_ref().map_or(Ok(()), |code| write!(f, " {code}"))
            }
        }
    }
}

/// Sends a request until it is answered, at most as often as patience allows.
pub(super) async fn fetch(
    transport: &dyn Transport,
    entropy: &dyn Entropy,
    patience: Patience,
    request: &http::Request<Bytes>,
) -> Result<Bytes, FetchError> {
    let mut attempt = 1;
    loop {
        let error = match timeout(patience.attempt, exchange(transport, request)).await {
            Ok(Ok(body)) => return Ok(body),
            Ok(Err(error)) => error,
            Err(_) => FetchError::Broken(format!("no answer within {:?}", patience.attempt)),
        };
        let permanent = match &error {
            FetchError::Unreachable(_) | FetchError::Broken(_) => false,
            FetchError::Final(_) => true,
            FetchError::Status(status, _) => !status.is_server_error() && *status != StatusCode::TOO_MANY_REQUESTS,
        };
        if permanent || attempt >= patience.attempts {
            return Err(error);
        }
        tokio::time::sleep(up_to(BASE_DELAY.saturating_mul(1 << attempt.min(16).saturating_sub(1)), entropy)).await;
        attempt = attempt.saturating_add(1);
    }
}

/// Sends a request and reads the answer as JSON.
pub(super) async fn fetch_json(
    transport: &dyn Transport,
    entropy: &dyn Entropy,
    patience: Patience,
    request: &http::Request<Bytes>,
) -> Result<Document, FetchError> {
    let body = fetch(transport, entropy, patience, request).await?;
    json(&body).ok_or_else(|| FetchError::Broken("the answer is not JSON".to_owned()))
}

async fn exchange(transport: &dyn Transport, request: &http::Request<Bytes>) -> Result<Bytes, FetchError> {
    let response = transport.send(request.clone().map(Into::into)).await.map_err(failure)?;
    let (head, body) = response.into_parts();
    let body = body.collect(MAX_BODY).await;
    if head.status != StatusCode::OK {
        let code = body.ok().as_deref().and_then(json).as_ref().and_then(error_code);
        return Err(FetchError::Status(head.status, code));
    }
    body.map_err(failure)
}

fn failure(error: TransportError) -> FetchError {
    match error.stage {
        Stage::NotSent => FetchError::Unreachable(error.message),
        Stage::MaybeSent | Stage::Refused => FetchError::Broken(error.message),
        Stage::Impossible | Stage::Certificate | Stage::TooLong => FetchError::Final(error.message),
    }
}

fn json(body: &[u8]) -> Option<Document> {
    Document::parse(std::str::from_utf8(body).ok()?).ok()
}

/// The code of a refusal, if it looks like one: a single short word.
fn error_code(document: &Document) -> Option<String> {
    let code =
        ["Code", "code", "ErrorCode", "errorCode", "error"].iter().find_map(|name| document.get(name)?.as_str())?;
    let is_word = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_' | b'-');
    (!code.is_empty() && code.len() <= 64 && code.bytes().all(is_word)).then(|| code.to_owned())
}
