//! The loop: sends until the call succeeds, or must not or cannot be sent again.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, SystemTime},
};

use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::{
    Client, Sink,
    attempt::Heard,
    guard::shielded_call,
    place::Prepared,
    scrub::{Cleaner, Scrub},
};
use crate::{
    config::CallOptions,
    credentials::{Credentials, CredentialsKind},
    endpoint::is_loopback,
    error::{ErrorKind, TimeoutError},
    interceptor::{AttemptReport, CallInfo, Interceptor},
    operation::{Operation, RetryClass},
    response::ResponseMeta,
    retry::{Expense, History, Pause, RetryConfig, RetryMode, Share, Signal, classify, delay},
    runtime::later,
    transport::Body,
};

/// Limits beyond this are as good as none, and can be added to the time without overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A successful answer.
pub(super) struct Sent {
    pub(super) meta: ResponseMeta,
    /// What the sink has left unread.
    pub(super) body: Body,
    /// What takes the secrets out of errors while it is read.
    pub(super) cleaner: Option<Cleaner>,
}

/// A failed attempt.
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    /// What it says.
    pub(super) signal: Signal,
}

/// A failed attempt of which nobody knows yet what it says.
pub(super) struct Failed {
    pub(super) kind: ErrorKind,
    /// Headers of the answer, when there was one.
    pub(super) headers: http::HeaderMap,
    /// Our clock when the request was stamped, and the stamp.
    pub(super) sent: SystemTime,
    pub(super) stamped: SystemTime,
}

/// The limits of time of a call.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) total: Duration,
    pub(super) deadline: Instant,
    pub(super) attempt: Duration,
}

impl Limits {
    /// When a step must have ended that moves no stream.
    pub(super) fn end(self) -> Instant {
        self.deadline.min(later(Instant::now(), self.total))
    }

    /// The limit for the whole call has passed, by the name of what was waited for.
    pub(super) fn passed(self, limit: &'static str) -> ErrorKind {
        ErrorKind::Timeout(TimeoutError { limit, after: self.total })
    }

    /// Waits for a step until a point in time. What does not wait needs no timer: a call with fixed
    /// credentials can be signed in any runtime.
    pub(super) async fn within<T>(
        self,
        end: Instant,
        step: impl Future<Output = Result<T, ErrorKind>>,
        limit: &'static str,
    ) -> Result<T, ErrorKind> {
        let mut step = pin!(step);
        if let Poll::Ready(result) = poll_fn(|context| Poll::Ready(step.as_mut().poll(context))).await {
            return result;
        }
        timeout_at(end, step).await.unwrap_or_else(|_| Err(self.passed(limit)))
    }
}

/// Which attempt it is, counted from 1, and how long the wait before it was.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) number: u32,
    pub(super) waited: Duration,
    /// Whether the connection is closed afterwards.
    pub(super) close: bool,
}

impl Client {
    pub(super) async fn repeat(
        &self,
        call: &Prepared<'_>,
        retry: &RetryConfig,
        limits: Limits,
        sink: &mut Sink<'_>,
        attempts: &mut u32,
    ) -> Result<Sent, ErrorKind> {
        let mut history = History::default();
        let mut expense = Expense::default();
        let mut turn = Turn { number: 0, waited: Duration::ZERO, close: false };
        loop {
            let fail = |history: &History, kind| Err(history.conclude(kind, call.class));
            let credentials = match self.credentials_until(call, limits).await {
                Ok(credentials) => credentials,
                Err(kind) => return fail(&history, kind),
            };
            let share = self.share(call, &credentials);
            if retry.mode == RetryMode::Adaptive {
                let pace = share.pace.next(Instant::now());
                if !sleep_within(pace, limits.deadline).await {
                    return fail(&history, limits.passed("total"));
                }
            }
            turn.number = turn.number.saturating_add(1);
            *attempts = turn.number;
            expense.spend();
            turn.close = share.wants_other_server();
            let attempt = self.attempt(call, &credentials, turn, limits, sink);
            let Failure { kind, signal } = match attempt.instrument(attempt_span(turn)).await {
                Ok(mut sent) => {
                    share.answered(true);
                    expense.refund(&share.budget);
                    if let Sink::Stream = sink {
                        sent.cleaner = Some(Cleaner { scrub: Scrub::of(call.parameters), credentials });
                    }
                    return Ok(sent);
                }
                Err(failure) => failure,
            };
            share.answered(signal != Signal::ServerFault);
            if signal == Signal::Throttled {
                share.pace.throttled(Instant::now());
            }
            if signal == Signal::ExpiredToken {
                _ = shielded_call(|| self.provider(call).invalidate(&credentials));
            }
            let Some(pause) = history.next(signal, call.class) else { return fail(&history, kind) };
            // What has left a source that cannot be read again cannot be sent again.
            if turn.number >= retry.attempts() || call.upload.as_ref().is_some_and(|upload| upload.source.is_spent()) {
                return fail(&history, kind);
            }
            if retry.budget && !expense.hold(&share, matches!(kind, ErrorKind::Timeout(_))) {
                tracing::debug!("the retry budget is spent");
                return fail(&history, kind);
            }
            turn.waited = match pause {
                Pause::None => Duration::ZERO,
                Pause::Backoff | Pause::ThrottledBackoff => {
                    let asked = kind.service().and_then(|error| error.retry_after);
                    let throttled = pause == Pause::ThrottledBackoff;
                    delay(retry, turn.number, throttled, asked, &*self.settings().entropy)
                }
            };
            tracing::debug!(attempt = turn.number, signal = signal.name(), wait_ms = millis(turn.waited), "retry");
            // Waiting beyond the deadline would only delay the same answer.
            if !sleep_within(turn.waited, limits.deadline).await {
                return fail(&history, kind);
            }
        }
    }

    /// The limits of a call that begins now.
    pub(super) fn limits(&self, operation: &Operation, options: &CallOptions) -> Limits {
        let timeouts = &self.settings().timeouts;
        let declared = operation.attempt_timeout.map(|seconds| Duration::from_secs(seconds.into()));
        let default = match operation.class {
            RetryClass::Read => Duration::from_secs(30),
            RetryClass::Idempotent | RetryClass::Mutating => Duration::from_secs(60),
        };
        let attempt = timeouts.attempt.or(declared).unwrap_or(default).min(LONGEST);
        let set = options.timeout.or(timeouts.total);
        let total = set
            .unwrap_or_else(|| Duration::from_secs(60).max(attempt.saturating_add(attempt.div_f64(2.0))))
            .min(LONGEST);
        // Nobody knows how long a stream takes: unless a limit is set, it may take as long as it moves.
        let until = if set.is_none() && options.body.is_some() { LONGEST } else { total };
        Limits { total, deadline: later(Instant::now(), until), attempt }
    }

    pub(super) async fn credentials_until(
        &self,
        call: &Prepared<'_>,
        limits: Limits,
    ) -> Result<Credentials, ErrorKind> {
        limits.within(limits.end(), self.credentials(call), "credentials").await
    }

    /// Takes the secrets out of a failure and reads it, once for all who ask.
    pub(super) fn judge(&self, call: &Prepared<'_>, credentials: &Credentials, mut failed: Failed) -> Failure {
        Scrub::of(call.parameters).clean(&mut failed.kind, credentials);
        let signal = self.signal(call, &failed, credentials);
        Failure { kind: failed.kind, signal }
    }

    /// Reads a failure; a wrong time is a reason only when our time was indeed wrong.
    fn signal(&self, call: &Prepared<'_>, failure: &Failed, credentials: &Credentials) -> Signal {
        let temporary = matches!(credentials.kind(), CredentialsKind::AccessKey { token: Some(_), .. });
        match classify(&failure.kind, call.class, temporary) {
            // Over plain HTTP anybody could set our clock.
            Signal::ClockSkew if !call.request.https && !is_loopback(&call.request.host) => Signal::Permanent,
            Signal::ClockSkew => {
                let now = self.settings().clock.now();
                let wrong = self.0.skew.learn(&failure.headers, failure.sent, now, failure.stamped);
                if wrong { Signal::ClockSkew } else { Signal::Permanent }
            }
            signal => signal,
        }
    }

    /// What calls to one endpoint with one account share.
    fn share(&self, call: &Prepared<'_>, credentials: &Credentials) -> Arc<Share> {
        let account = match credentials.kind() {
            CredentialsKind::AccessKey { id, token: None, .. } => id.clone(),
            CredentialsKind::Anonymous => String::new(),
            // These are renewed; what stays is who gives them.
            CredentialsKind::AccessKey { .. } | CredentialsKind::Bearer(_) => {
                format!("{:p}", Arc::as_ptr(self.provider(call)))
            }
        };
        self.settings().shares.of(&call.request.host, &account)
    }

    /// Runs a hook of every interceptor.
    pub(super) fn hooks(&self, hook: impl Fn(&dyn Interceptor)) {
        for interceptor in &self.settings().interceptors {
            if shielded_call(|| hook(&**interceptor)).is_err() {
                tracing::warn!("an interceptor panicked");
            }
        }
    }

    pub(super) fn attempt_ended(
        &self,
        call: &Prepared<'_>,
        turn: Turn,
        elapsed: Duration,
        failure: Option<&Failure>,
        heard: &Heard,
    ) {
        let failure = failure.map(|failure| failure.signal.name());
        let (status, request_id) = (heard.status, heard.request_id.as_deref());
        let span = tracing::Span::current();
        span.record("status", status.map(|status| status.as_u16()));
        span.record("request_id", request_id);
        tracing::debug!(
            attempt = turn.number,
            status = status.map(|status| status.as_u16()),
            request_id,
            elapsed_ms = millis(elapsed),
            failure,
            "attempt"
        );
        let attempt = turn.number;
        let report = AttemptReport { call: self.info(call), attempt, elapsed, status, request_id, failure };
        self.hooks(|hook| hook.attempt_ended(&report));
    }

    pub(super) fn info(&self, call: &Prepared<'_>) -> CallInfo {
        let service = self.0.service;
        CallInfo { product: service.product, version: service.version, operation: call.operation.name }
    }
}

/// What is said while an attempt runs. The span of the call around it says which call it is.
fn attempt_span(turn: Turn) -> tracing::Span {
    tracing::info_span!(
        "attempt",
        attempt = turn.number,
        status = tracing::field::Empty,
        request_id = tracing::field::Empty,
    )
}

/// Sleeps; `false`, at once, when the time would end after the deadline.
async fn sleep_within(time: Duration, deadline: Instant) -> bool {
    if time.is_zero() {
        return Instant::now() < deadline;
    }
    match Instant::now().checked_add(time) {
        Some(end) if end < deadline => {
            tokio::time::sleep_until(end).await;
            true
        }
        _ => false,
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}
