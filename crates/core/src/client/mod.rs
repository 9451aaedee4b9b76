//! The order in which a call meets the parts of the runtime. Nothing else knows it.

mod attempt;
mod files;
mod guard;
mod locate;
mod place;
mod repeat;
mod scrub;

use std::{fmt, sync::Arc, time::Duration};

use tracing::Instrument as _;

pub(crate) use self::{
    guard::{shielded, shielded_call},
    scrub::Cleaner,
};
use self::{place::Prepared, repeat::Sent};
use crate::{
    Config, Error, SignedRequest,
    config::{CallOptions, Settings},
    credentials::{Credentials, ProvideCredentials},
    error::{ErrorKind, InvalidInput},
    interceptor::{CallInfo, CallReport},
    model::{Field, Model, Place},
    operation::{Auth, Operation, RetryClass, Service},
    params,
    response::ResponseMeta,
    retry::{RetryConfig, Skew},
    stream::StallProtection,
    transport::Body,
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

/// What becomes of the body of a successful answer.
pub(crate) enum Sink<'a> {
    /// It is read and decoded within the attempt.
    Model(&'a mut dyn Model),
    /// It is handed on unread.
    Stream,
}

/// An answer whose head is there.
pub(crate) struct Opened {
    pub(crate) meta: ResponseMeta,
    pub(crate) body: Body,
    /// For errors.
    pub(crate) operation: String,
    pub(crate) cleaner: Option<Cleaner>,
    pub(crate) protection: StallProtection,
    /// Bytes that may be held in memory.
    pub(crate) limit: usize,
}

impl Client {
    /// A client of a service.
    pub fn new(config: &Config, service: &'static Service) -> Self {
        Self(Arc::new(Inner { config: config.clone(), service, skew: Skew::default() }))
    }

    /// The configuration that the client was made from.
    pub fn config(&self) -> &Config {
        &self.0.config
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
        let sent = self.call(operation, request, &mut Sink::Model(output), options).await?;
        Ok(sent.meta)
    }

    /// Sends a call like [`execute`](Self::execute) and returns as soon as the head of a successful answer is
    /// there. The deadline of the call does not limit the reading of the body.
    ///
    /// # Errors
    /// See [`Error`].
    pub(crate) async fn open(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        options: &CallOptions,
    ) -> Result<Opened, Error> {
        let Sent { meta, body, cleaner } = self.call(operation, request, &mut Sink::Stream, options).await?;
        let protection = options.overrides.stall_protection.unwrap_or(self.settings().stall_protection);
        let limit = self.settings().limits.success;
        Ok(Opened { meta, body, operation: self.name_of(operation), cleaner, protection, limit })
    }

    async fn call(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        sink: &mut Sink<'_>,
        options: &CallOptions,
    ) -> Result<Sent, Error> {
        let service = self.0.service;
        let region = options.overrides.region.as_deref().or(self.settings().region.as_deref()).unwrap_or_default();
        let span = tracing::info_span!(
            "call",
            product = service.product,
            operation = operation.name,
            region,
            attempts = tracing::field::Empty,
            status = tracing::field::Empty,
            request_id = tracing::field::Empty,
        );
        let info = CallInfo { product: service.product, version: service.version, operation: operation.name };
        let started = tokio::time::Instant::now();
        let mut attempts = 0;
        let result = self.place_and_repeat(operation, request, sink, options, &mut attempts).instrument(span.clone());
        let result = result.await;
        span.record("attempts", attempts);
        let (status, request_id, error) = match &result {
            Ok(sent) => (Some(sent.meta.status), sent.meta.request_id.as_deref(), None),
            Err(error) => (error.status(), error.request_id(), Some(error)),
        };
        span.record("status", status.map(|status| status.as_u16()));
        span.record("request_id", request_id);
        let report = CallReport { call: info, attempts, elapsed: started.elapsed(), status, request_id, error };
        self.hooks(|hook| hook.call_ended(&report));
        result
    }

    async fn place_and_repeat(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        sink: &mut Sink<'_>,
        options: &CallOptions,
        attempts: &mut u32,
    ) -> Result<Sent, Error> {
        let retry = self.retry(options);
        let fills = operation.class != RetryClass::Read;
        let given = |field: &Field| {
            (field.place == Place::Payload && options.body.is_some()) || (fills && field.is_client_token())
        };
        params::check(request, given).map_err(|error| self.error(operation, ErrorKind::InvalidInput(error)))?;
        let limits = self.limits(operation, options);
        let call = self.place(operation, request, options, true, limits).await;
        let call = call.map_err(|kind| self.error(operation, kind))?;
        let sent = self.repeat(&call, retry, limits, sink, attempts).await;
        sent.map_err(|kind| self.error(operation, kind).after(*attempts, call.client_token))
    }

    /// Signs a call without sending it. The request is what the parameters say: no client token is filled
    /// in, and only what cannot be written is refused, not what the service would miss.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn prepare(
        &self,
        operation: &'static Operation,
        request: &dyn Model,
        options: &CallOptions,
    ) -> Result<SignedRequest, Error> {
        let prepared = async {
            if options.body.is_some() || !options.files.is_empty() {
                let message = "what is streamed is not held in memory: a call with a stream or file can only be sent";
                let error = InvalidInput { parameter: String::new(), message: message.to_owned() };
                return Err(ErrorKind::InvalidInput(error));
            }
            let limits = self.limits(operation, options);
            let call = self.place(operation, request, options, false, limits).await?;
            let credentials = self.credentials_until(&call, limits).await?;
            let time = self.0.skew.correct(self.settings().clock.now());
            self.stamp(&call, &credentials, time, 1, Duration::ZERO).map(SignedRequest::new)
        };
        prepared.await.map_err(|kind| self.error(operation, kind))
    }

    fn retry<'a>(&'a self, options: &'a CallOptions) -> &'a RetryConfig {
        options.retry.as_ref().unwrap_or(&self.settings().retry)
    }

    pub(crate) fn error(&self, operation: &Operation, kind: ErrorKind) -> Error {
        Error::new(kind, self.name_of(operation))
    }

    fn name_of(&self, operation: &Operation) -> String {
        format!("{}:{}", self.0.service.product, operation.name)
    }

    fn stall_protection(&self, call: &Prepared<'_>) -> StallProtection {
        call.options.overrides.stall_protection.unwrap_or(self.settings().stall_protection)
    }

    async fn credentials(&self, call: &Prepared<'_>) -> Result<Credentials, ErrorKind> {
        if call.operation.auth == Auth::Anonymous {
            return Ok(Credentials::anonymous());
        }
        match shielded(async { self.provider(call).provide().await }).await {
            Ok(provided) => provided.map_err(ErrorKind::Credentials),
            Err(_) => Err(ErrorKind::Credentials(crate::error::CredentialsError::broken(
                "the provider of credentials panicked; mend it or use another one",
            ))),
        }
    }

    fn provider<'a>(&'a self, call: &'a Prepared<'_>) -> &'a Arc<dyn ProvideCredentials> {
        let settings = self.settings();
        call.options.overrides.credentials.as_ref().map_or(&settings.credentials, |source| source.keeping(settings))
    }
}
