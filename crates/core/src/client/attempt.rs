//! One attempt: stamp and signature, transport, reading.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

use super::{
    Client, Sink,
    guard::{shielded, shielded_call},
    place::Prepared,
    repeat::{Failed, Failure, Limits, Sent, Turn},
};
use crate::{
    credentials::Credentials,
    decode::{Answer, clear, decompress, fill, refusal_by_head, service_error},
    error::{ConfigError, ErrorKind, InvalidInput, Stage, TimeoutError, TransportError},
    interceptor::Outgoing,
    model::Model,
    operation::{Protocol, ResponseBody},
    response::ResponseMeta,
    runtime,
    sign::{Stamp, sign},
    stream,
    transport::Body,
};

impl Client {
    pub(super) async fn attempt(
        &self,
        call: &Prepared<'_>,
        credentials: &Credentials,
        turn: Turn,
        limits: Limits,
        sink: &mut Sink<'_>,
    ) -> Result<Sent, Failure> {
        let sent = self.settings().clock.now();
        let stamped = self.0.skew.correct(sent);
        let failed = |(kind, headers)| self.judge(call, credentials, Failed { kind, headers, sent, stamped });
        let mut request = self
            .stamp(call, credentials, stamped, turn.number, turn.waited)
            .map_err(|kind| failed((kind, HeaderMap::new())))?;
        if turn.close {
            request.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        let begun = Instant::now();
        let attempt_deadline = runtime::later(begun, limits.attempt);
        let mut heard = Heard::default();
        let result = match &call.upload {
            None => {
                let exchange = self.exchange(call, request.map(Into::into), turn, sink, &mut heard);
                match timeout_at(attempt_deadline.min(limits.deadline), exchange).await {
                    Ok(outcome) => outcome,
                    Err(_) => {
                        let (limit, after) = match attempt_deadline < limits.deadline {
                            true => ("attempt", limits.attempt),
                            false => ("total", limits.total),
                        };
                        Err(expired(TimeoutError { limit, after }))
                    }
                }
            }
            Some(upload) => {
                let (body, watch) = stream::start(upload.source, upload.size, self.stall_protection(call));
                let exchange = self.exchange(call, request.map(|_| body), turn, sink, &mut heard);
                let limited = runtime::before(exchange, watch.expire(limits.attempt));
                let result = match timeout_at(limits.deadline, limited).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(error)) => Err(expired(error)),
                    Err(_) => Err(expired(TimeoutError { limit: "total", after: limits.total })),
                };
                result.map_err(|(kind, headers)| (watch.failure().unwrap_or(kind), headers))
            }
        };
        let result = result.map_err(failed);
        let request_id = match &result {
            Ok(sent) => sent.meta.request_id.as_deref(),
            Err(failure) => failure.kind.request_id(),
        };
        heard.request_id = request_id.map(str::to_owned).or(heard.request_id);
        self.attempt_ended(call, turn, begun.elapsed(), result.as_ref().err(), &heard);
        result
    }

    /// Date, nonce and signature, fresh for every attempt.
    pub(super) fn stamp(
        &self,
        call: &Prepared<'_>,
        credentials: &Credentials,
        time: SystemTime,
        attempt: u32,
        waited: Duration,
    ) -> Result<http::Request<Bytes>, ErrorKind> {
        let settings = self.settings();
        let nonce = runtime::nonce(&*settings.entropy).map_err(no_entropy)?;
        let mut request = call.request.clone();
        if attempt > 1 {
            request.header("x-acs-retry-attempts", attempt.saturating_sub(1).to_string());
            request.header("x-acs-retry-delay", waited.as_millis().to_string());
        }
        for interceptor in &settings.interceptors {
            let mut outgoing = Outgoing { call: self.info(call), attempt, request: &mut request };
            match shielded_call(|| interceptor.before_signing(&mut outgoing)) {
                Ok(result) => result.map_err(ErrorKind::Config)?,
                Err(_) => {
                    let message = "an interceptor panicked before the request was signed".to_owned();
                    return Err(ErrorKind::Config(ConfigError { message }));
                }
            }
        }
        let version = call.options.overrides.signature.unwrap_or(settings.signature);
        let region = call.options.overrides.region.as_deref().or(settings.region.as_deref());
        sign(&mut request, self.0.service, call.operation, credentials, version, region, &Stamp { time, nonce })
            .map_err(ErrorKind::Config)?;
        request.into_http().map_err(|error| {
            ErrorKind::InvalidInput(InvalidInput { parameter: String::new(), message: error.to_string() })
        })
    }

    /// Sends a request and reads the answer, bounded.
    async fn exchange(
        &self,
        call: &Prepared<'_>,
        request: http::Request<Body>,
        turn: Turn,
        sink: &mut Sink<'_>,
        heard: &mut Heard,
    ) -> Outcome {
        let settings = self.settings();
        let sent = shielded(async { settings.transport.send(request).await }).await;
        let response = sent.unwrap_or_else(|_| {
            let message = "the transport panicked".to_owned();
            Err(TransportError { message, stage: Stage::MaybeSent, source: None })
        });
        let (head, body) = match response {
            Ok(response) => response.into_parts(),
            Err(error) => return Err((ErrorKind::Transport(error), HeaderMap::new())),
        };
        let mut answer = Answer { status: head.status, headers: head.headers, body: Bytes::new() };
        *heard = Heard { status: Some(answer.status), request_id: answer.request_id(None) };
        let result = self.read(call, &mut answer, body, turn, sink).await;
        result.map_err(|kind| (kind, answer.headers))
    }

    async fn read(
        &self,
        call: &Prepared<'_>,
        answer: &mut Answer,
        body: Body,
        turn: Turn,
        sink: &mut Sink<'_>,
    ) -> Result<Sent, ErrorKind> {
        // A delay may be given as a date, by the service's clock.
        let (limits, now) = (self.settings().limits, || self.0.skew.correct(self.settings().clock.now()));
        let head = limits.check_head(&answer.headers);
        if !succeeds(answer.status, sink) {
            // The status alone says enough; of the body we take what comes.
            let error = match head {
                Ok(()) => {
                    answer.body = body.collect_some(limits.error).await;
                    service_error(answer, now())
                }
                Err(error) => refusal_by_head(answer, error.to_string(), now()),
            };
            return Err(ErrorKind::Service(Box::new(error)));
        }
        head.map_err(|error| ErrorKind::Decode(answer.broken(error, Bytes::new())))?;
        let (body, request_id) = match sink {
            Sink::Stream => (body, answer.request_id(None)),
            Sink::Model(output) => {
                let body = body.collect_or_part(limits.success).await;
                answer.body = body.map_err(|(error, part)| ErrorKind::Decode(answer.broken(error, part)))?;
                if self.0.service.protocol == Protocol::Sls {
                    let plain = decompress(&answer.headers, answer.body.clone(), limits.success);
                    answer.body = plain.map_err(|message| ErrorKind::Decode(answer.unreadable(message)))?;
                }
                if turn.number > 1 {
                    clear(&mut **output);
                }
                let request_id = match call.operation.response {
                    ResponseBody::Events if stream::is_event_stream(&answer.headers) => {
                        stream::read_last(answer, &mut **output, now())?
                    }
                    kind => fill(kind, answer, &mut **output, now())?,
                };
                (Bytes::new().into(), request_id)
            }
        };
        let meta = ResponseMeta {
            status: answer.status,
            headers: std::mem::take(&mut answer.headers),
            request_id,
            attempts: turn.number,
        };
        if let Sink::Model(output) = sink {
            self.hooks(|hook| hook.after_decoding(&self.info(call), &meta, &**output));
        }
        Ok(Sent { meta, body, cleaner: None })
    }
}

/// What became of a request, with the headers of the answer that failed.
type Outcome = Result<Sent, (ErrorKind, HeaderMap)>;

/// What the head of an answer said, however the attempt went on.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) status: Option<http::StatusCode>,
    pub(super) request_id: Option<String>,
}

fn expired(error: TimeoutError) -> (ErrorKind, HeaderMap) {
    (ErrorKind::Timeout(error), HeaderMap::new())
}

/// Some operations answer with a redirection that is their result.
fn succeeds(status: http::StatusCode, sink: &Sink<'_>) -> bool {
    let declares_location =
        |output: &dyn Model| output.schema().fields.iter().any(|field| field.name.eq_ignore_ascii_case("location"));
    status.is_success()
        || matches!(sink, Sink::Model(output) if status.is_redirection() && declares_location(&**output))
}

pub(super) fn no_entropy(error: runtime::NoEntropy) -> ErrorKind {
    ErrorKind::Config(ConfigError { message: error.to_string() })
}
