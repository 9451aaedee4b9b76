//! What programs on the client runtime get: calls without sockets, and answers made of generated models.
//!
//! The only file that knows the client runtime, and of that only its transport and its models: verification
//! shares nothing with it.

use std::sync::Arc;
use std::time::Duration;

use alicloud_core::Model;
use alicloud_core::credentials::BoxFuture;
use alicloud_core::error::{Stage, TransportError};
use alicloud_core::transport::{Body, Transport};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;

use crate::engine::{Engine, Foreseen, Outcome};
use crate::fault::Fault;
use crate::request::Request;
use crate::server::LARGEST_BODY;
use crate::stub::{IntoReply, StubReply};

/// Reaches a gateway without a socket: [`MockGateway::transport`](crate::MockGateway::transport).
///
/// Delays and stalls follow the clock of the caller's runtime, so that `tokio::time::pause` shortens them.
/// Faults look as they do on the wire, except that what an HTTP library keeps to itself (interim answers)
/// does not show.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use alicloud_core::Config;
/// use alicloud_core::credentials::Credentials;
/// use alicloud_mock::MockGateway;
///
/// let gateway = MockGateway::builder().specs_dir("specs").in_process()?;
/// let (id, secret) = gateway.credentials();
/// let config = Config::builder()
///     .endpoint(gateway.endpoint())
///     .allow_insecure_http()
///     .credentials(Credentials::access_key(id, secret))
///     .transport(gateway.transport())
///     .build()?;
/// // … and `alicloud_ecs::Client::new(&config)`, as ever.
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InProcess {
    pub(crate) engine: Arc<Engine>,
}

impl Transport for InProcess {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(exchange(&self.engine, request))
    }
}

/// A model of a generated crate is answered as the service would write it.
impl<M: Model> IntoReply for &M {
    fn into_reply(self) -> StubReply {
        let document = serde_json::from_str(&self.to_json());
        // What a model writes is JSON; a mistake there must not look like an answer.
        StubReply::ok(document.unwrap_or_else(|error| Value::String(format!("not JSON: {error}"))))
    }
}

async fn exchange(engine: &Engine, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
    let (head, body) = request.into_parts();
    let mut request = Request::new(head.method, &head.uri, head.headers, Bytes::new());
    let foreseen = engine.foresee(&request);
    if let Foreseen::Yes(Some(Fault::ResetBeforeRead | Fault::ResetMidBody)) = &foreseen {
        return Err(reset());
    }
    request.arrived(body.collect(LARGEST_BODY).await?);
    let Outcome { response, delay, fault } = engine.handle(request, foreseen);
    pause(delay).await;
    let (head, bytes) = response.into_parts();
    // The bytes before the body, as HTTP/1.1 writes them: faults count from the first.
    let head_len = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + 19;
    let behind_head = |after: usize| after.checked_sub(head_len).map(|after| bytes.slice(..after.min(bytes.len())));
    let body = match fault {
        Some(Fault::ResetBeforeExecute | Fault::ResetAfterExecute) => return Err(reset()),
        Some(Fault::CutReply { after }) => match behind_head(after) {
            Some(part) => pieces(part, usize::MAX, Duration::ZERO, Then::Reset),
            None => return Err(reset()),
        },
        Some(Fault::StallReply { after }) => match behind_head(after) {
            Some(part) => pieces(part, usize::MAX, Duration::ZERO, Then::Stall),
            None => std::future::pending().await,
        },
        Some(Fault::WrongLength) => pieces(bytes, usize::MAX, Duration::ZERO, Then::Reset),
        Some(Fault::DripReply { bytes: most, every }) => pieces(bytes, most, every, Then::End),
        Some(Fault::SliceReply) => pieces(bytes, 3, Duration::ZERO, Then::End),
        Some(Fault::EndlessBody) => Body::stream(stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 1024])))),
        Some(Fault::Delay(delay)) => {
            pause(delay).await;
            bytes.into()
        }
        _ => bytes.into(),
    };
    Ok(http::Response::from_parts(head, body))
}

/// What follows the last piece of a body.
#[derive(Clone, Copy)]
enum Then {
    End,
    Reset,
    Stall,
}

fn pieces(bytes: Bytes, most: usize, every: Duration, then: Then) -> Body {
    Body::stream(stream::unfold(Some(bytes), move |left| async move {
        let mut left = left?;
        if left.is_empty() {
            return match then {
                Then::End => None,
                Then::Reset => Some((Err(reset()), None)),
                Then::Stall => std::future::pending().await,
            };
        }
        let piece = left.split_to(most.clamp(1, left.len()));
        pause(every).await;
        Some((Ok(piece), Some(left)))
    }))
}

/// A timer that need not run needs no runtime.
async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn reset() -> TransportError {
    let message = "the connection was reset on order".to_owned();
    TransportError { message, stage: Stage::MaybeSent, source: None }
}
