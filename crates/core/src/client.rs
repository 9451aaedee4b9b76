//! The order in which a call meets the parts of the runtime. Nothing else knows it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::{
    Config, Document, Error,
    config::{CallOptions, Settings, check_extras, lower_case, parse_endpoint},
    credentials::{Credentials, CredentialsKind},
    decode::{Answer, business_error, service_error},
    endpoint,
    error::{ErrorKind, InvalidInput, TimeoutError},
    model::Model,
    operation::{Auth, Operation, ResponseBody, RetryClass, Service},
    params::{self, Parameters},
    response::ResponseMeta,
    retry::{RetryConfig, RetryMode, Signal, Skew, Verdict, classify, delay, verdict},
    runtime,
    sign::{Stamp, sign},
    wire::WireRequest,
};

/// Makes the calls of one service. Generated clients wrap it.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    config: Config,
    service: &'static Service,
    skew: Skew,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("service", &self.0.service.product).field("config", &self.0.config).finish()
    }
}

/// A call whose parameters are placed; what is left is done once per attempt.
struct Prepared<'a> {
    operation: &'static Operation,
    request: WireRequest,
    options: &'a CallOptions,
    class: RetryClass,
    client_token: Option<String>,
}

/// How an attempt ended.
struct Attempt {
    result: Result<Answer, ErrorKind>,
    credentials: Credentials,
    sent: SystemTime,
}

impl Client {
    /// A client of a service.
    pub fn new(config: &Config, service: &'static Service) -> Self {
        Self(Arc::new(Inner { config: config.clone(), service, skew: Skew::default() }))
    }

    fn settings(&self) -> &Settings {
        &self.0.config.0
    }

    /// Sends a call, repeats it as its class allows, and fills the output.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn execute(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        output: &mut dyn Model,
        options: &CallOptions,
    ) -> Result<ResponseMeta, Error> {
        let retry = options.retry.as_ref().unwrap_or(&self.settings().retry);
        let fill_token = retry.mode != RetryMode::Off;
        let call = self.place(operation, request, options, fill_token).map_err(|kind| self.error(operation, kind))?;
        let mut attempts = 0;
        let result = self.repeat(&call, retry, output, &mut attempts).await;
        result.map_err(|kind| self.error(operation, kind).after(attempts, call.client_token))
    }

    /// Signs a call without sending it. No client token is filled in: the request is what the parameters
    /// say.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn prepare(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        options: &CallOptions,
    ) -> Result<http::Request<Bytes>, Error> {
        let prepared = async {
            let call = self.place(operation, request, options, false)?;
            let credentials = self.credentials(&call).await?;
            self.stamp(&call, &credentials, self.now(), 1, Duration::ZERO)
        };
        prepared.await.map_err(|kind| self.error(operation, kind))
    }

    pub(crate) fn error(&self, operation: &Operation, kind: ErrorKind) -> Error {
        Error::new(kind, format!("{}:{}", self.0.service.product, operation.name))
    }

    /// Our time, corrected by what the service has told us.
    fn now(&self) -> SystemTime {
        self.0.skew.correct(self.settings().clock.now())
    }

    /// Endpoint and parameters.
    fn place<'a>(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        options: &'a CallOptions,
        fill_token: bool,
    ) -> Result<Prepared<'a>, ErrorKind> {
        let settings = self.settings();
        let overrides = &options.overrides;
        let mut parameters = params::collect(request).map_err(ErrorKind::InvalidInput)?;
        let class = if options.assume_idempotent && operation.class == RetryClass::Mutating {
            RetryClass::Idempotent
        } else {
            operation.class
        };
        let fields = request.schema().fields;
        let client_token = self.client_token(fields, class, fill_token, &mut parameters)?;
        let mut placed = params::place(operation, fields, &parameters).map_err(ErrorKind::InvalidInput)?;

        let endpoint = match &overrides.endpoint {
            // An override may be plain HTTP only where the configuration is, too.
            Some(text) => {
                let allow_http = settings.endpoint.as_ref().is_some_and(|endpoint| !endpoint.https);
                Some(parse_endpoint(text, allow_http).map_err(ErrorKind::Config)?)
            }
            None => settings.endpoint.clone(),
        };
        let (https, host) = match endpoint {
            Some(endpoint) => (endpoint.https, endpoint.authority),
            None => {
                let region = overrides.region.as_deref().or(settings.region.as_deref());
                let suffix = settings.endpoint_suffix.as_deref();
                let host = endpoint::resolve(&self.0.service.endpoints, region, settings.network, suffix);
                (true, host.map_err(ErrorKind::Config)?)
            }
        };
        placed.https = https;
        placed.host.push_str(&host);

        check_extras(&overrides.headers, &overrides.queries).map_err(ErrorKind::Config)?;
        let headers = lower_case(overrides.headers.clone());
        for (name, value) in settings.headers.iter().chain(&headers) {
            placed.header(name, value);
        }
        for (name, value) in settings.queries.iter().filter(|(name, _)| !overrides.queries.contains_key(*name)) {
            placed.push_query(name, value);
        }
        for (name, value) in &overrides.queries {
            placed.push_query(name, value);
        }
        placed.header("user-agent", &settings.user_agent);
        Ok(Prepared { operation, request: placed, options, class, client_token })
    }

    /// The client token of a call that has one; filled in when the call may be sent more than once.
    fn client_token(
        &self,
        fields: &'static [crate::model::Field],
        class: RetryClass,
        fill: bool,
        parameters: &mut Parameters,
    ) -> Result<Option<String>, ErrorKind> {
        let is_token = |name: &str| name.eq_ignore_ascii_case("ClientToken");
        if let Some((_, value)) = parameters.iter().find(|(field, _)| is_token(field.name)) {
            return Ok(value.as_str().map(str::to_owned));
        }
        match fields.iter().find(|field| is_token(field.name)) {
            Some(field) if fill && class != RetryClass::Read => {
                let token = runtime::uuid(&*self.settings().entropy).map_err(no_entropy)?;
                parameters.push((*field, Document::from(token.as_str())));
                Ok(Some(token))
            }
            _ => Ok(None),
        }
    }

    /// Sends until the call succeeds, or must not or cannot be sent again.
    async fn repeat(
        &self,
        call: &Prepared<'_>,
        retry: &RetryConfig,
        output: &mut dyn Model,
        attempts: &mut u32,
    ) -> Result<ResponseMeta, ErrorKind> {
        let settings = self.settings();
        let attempt_limit = self.attempt_limit(call);
        let total = call.options.timeout.or(settings.timeouts.total);
        let total = total.unwrap_or_else(|| Duration::from_secs(60).max(attempt_limit.saturating_mul(3) / 2));
        let deadline = Instant::now() + total;
        let (mut may_have_happened, mut resigned, mut refreshed) = (false, false, false);
        let (mut paid, mut waited) = (0, Duration::ZERO);
        loop {
            *attempts = attempts.saturating_add(1);
            let attempt = self.attempt(call, *attempts, waited, attempt_limit, deadline, total).await;
            let (kind, headers) = match attempt.result {
                Ok(answer) => match self.read(call, &answer, output) {
                    Ok(request_id) => {
                        self.budget(call, &attempt.credentials).succeeded(paid);
                        let Answer { status, headers, .. } = answer;
                        return Ok(ResponseMeta { status, headers, request_id, attempts: *attempts });
                    }
                    Err(kind) => (kind, answer.headers),
                },
                Err(kind) => (kind, http::HeaderMap::new()),
            };
            let temporary = matches!(attempt.credentials.kind(), CredentialsKind::AccessKey { token: Some(_), .. });
            let signal = match classify(&kind, call.class, temporary) {
                // Our time was not the reason: it would be refused again.
                Signal::ClockSkew if !self.0.skew.learn(&headers, attempt.sent, settings.clock.now()) => {
                    Signal::Permanent
                }
                signal => signal,
            };
            let verdict = verdict(signal, call.class);
            may_have_happened |= matches!(signal, Signal::Lost | Signal::Unreadable | Signal::NonceUsed);
            let again = match verdict {
                Verdict::Retry | Verdict::RetryThrottled => true,
                Verdict::ResignOnce => !std::mem::replace(&mut resigned, true),
                Verdict::RefreshOnce => {
                    settings.credentials.invalidate(&attempt.credentials);
                    !std::mem::replace(&mut refreshed, true)
                }
                Verdict::Fail | Verdict::OutcomeUnknown => false,
            };
            let give_up = |kind: ErrorKind| {
                if may_have_happened && call.class != RetryClass::Read {
                    Err(ErrorKind::OutcomeUnknown(Box::new(kind)))
                } else {
                    Err(kind)
                }
            };
            if !again || *attempts >= retry.attempts() {
                return give_up(kind);
            }
            if retry.budget {
                let timeout = matches!(kind, ErrorKind::Timeout(_));
                match self.budget(call, &attempt.credentials).pay(timeout) {
                    Some(cost) => paid += cost,
                    None => return give_up(kind),
                }
            }
            waited = match verdict {
                Verdict::ResignOnce | Verdict::RefreshOnce => Duration::ZERO,
                _ => {
                    let asked = kind.service().and_then(|error| error.retry_after);
                    delay(retry, *attempts, verdict == Verdict::RetryThrottled, asked, &*settings.entropy)
                }
            };
            // Waiting beyond the deadline would only delay the same answer.
            if Instant::now() + waited >= deadline {
                return give_up(kind);
            }
            tokio::time::sleep(waited).await;
        }
    }

    /// One attempt: credentials, stamp and signature, transport.
    async fn attempt(
        &self,
        call: &Prepared<'_>,
        number: u32,
        waited: Duration,
        limit: Duration,
        deadline: Instant,
        total: Duration,
    ) -> Attempt {
        let settings = self.settings();
        let mut sent = settings.clock.now();
        let timed_out = |limit, after| ErrorKind::Timeout(TimeoutError { limit, after });
        let credentials = match timeout_at(deadline, self.credentials(call)).await {
            Ok(Ok(credentials)) => credentials,
            Ok(Err(kind)) => return Attempt { result: Err(kind), credentials: Credentials::anonymous(), sent },
            Err(_) => {
                let result = Err(timed_out("credentials", total));
                return Attempt { result, credentials: Credentials::anonymous(), sent };
            }
        };
        sent = settings.clock.now();
        let request = match self.stamp(call, &credentials, self.0.skew.correct(sent), number, waited) {
            Ok(request) => request,
            Err(kind) => return Attempt { result: Err(kind), credentials, sent },
        };
        let attempt_deadline = Instant::now() + limit;
        let result = match timeout_at(attempt_deadline.min(deadline), self.exchange(request)).await {
            Ok(result) => result,
            Err(_) if attempt_deadline < deadline => Err(timed_out("attempt", limit)),
            Err(_) => Err(timed_out("total", total)),
        };
        Attempt { result, credentials, sent }
    }

    /// Sends a request and reads the answer, bounded.
    async fn exchange(&self, request: http::Request<Bytes>) -> Result<Answer, ErrorKind> {
        let settings = self.settings();
        let response = settings.transport.send(request.map(Into::into)).await.map_err(ErrorKind::Transport)?;
        let (head, body) = response.into_parts();
        let limit = if head.status.is_success() { settings.limits.success } else { settings.limits.error };
        let body = match body.collect(limit).await {
            Ok(body) => body,
            // The status alone says enough.
            Err(_) if !head.status.is_success() => Bytes::new(),
            Err(error) => return Err(ErrorKind::Transport(error)),
        };
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    /// Reads the answer; returns the request id.
    fn read(&self, call: &Prepared<'_>, answer: &Answer, output: &mut dyn Model) -> Result<Option<String>, ErrorKind> {
        // Some operations answer with a redirection that is their result.
        let has_location = answer.status.is_redirection()
            && output.schema().fields.iter().any(|field| field.name.eq_ignore_ascii_case("location"));
        if !answer.status.is_success() && !has_location {
            let error = service_error(answer, self.settings().clock.now());
            return Err(ErrorKind::Service(Box::new(error)));
        }
        let kind = call.operation.response;
        let document = match kind {
            ResponseBody::Binary => Document::Null,
            ResponseBody::Document | ResponseBody::Events => {
                answer.document().map_err(|message| ErrorKind::Decode(answer.unreadable(message)))?
            }
        };
        if let Some(error) = business_error(output, &document, answer) {
            return Err(ErrorKind::Service(Box::new(error)));
        }
        let request_id = answer.request_id(Some(&document));
        answer.read(kind, document, output).map_err(ErrorKind::Decode)?;
        Ok(request_id)
    }

    async fn credentials(&self, call: &Prepared<'_>) -> Result<Credentials, ErrorKind> {
        if call.operation.auth == Auth::Anonymous {
            return Ok(Credentials::anonymous());
        }
        let provider = call.options.overrides.credentials.as_ref().unwrap_or(&self.settings().credentials);
        provider.provide().await.map_err(ErrorKind::Credentials)
    }

    /// Date, nonce and signature, fresh for every attempt.
    fn stamp(
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
        let version = call.options.overrides.signature.unwrap_or(settings.signature);
        sign(&mut request, self.0.service, call.operation, credentials, version, &Stamp { time, nonce });
        request.into_http().map_err(|error| {
            ErrorKind::InvalidInput(InvalidInput { parameter: String::new(), message: error.to_string() })
        })
    }

    fn attempt_limit(&self, call: &Prepared<'_>) -> Duration {
        let declared = call.operation.attempt_timeout.map(|seconds| Duration::from_secs(seconds.into()));
        let default = match call.class {
            RetryClass::Read => Duration::from_secs(30),
            RetryClass::Idempotent | RetryClass::Mutating => Duration::from_secs(60),
        };
        self.settings().timeouts.attempt.or(declared).unwrap_or(default)
    }

    fn budget(&self, call: &Prepared<'_>, credentials: &Credentials) -> Arc<crate::retry::Budget> {
        let account = match credentials.kind() {
            CredentialsKind::AccessKey { id, .. } => id.as_str(),
            CredentialsKind::Bearer(_) | CredentialsKind::Anonymous => "",
        };
        self.settings().budgets.of(&call.request.host, account)
    }
}

fn no_entropy(error: runtime::NoEntropy) -> ErrorKind {
    ErrorKind::Config(crate::error::ConfigError { message: error.to_string() })
}
