//! A call before its first attempt: endpoint, parameters, client token, extras.

use bytes::Bytes;

use super::{Client, repeat::Limits};
use crate::{
    Document,
    config::{CallOptions, Endpoint, check_extras, lower_case, parse_endpoint},
    endpoint::{self, Found},
    error::{ErrorKind, InvalidInput, LocalError},
    model::{Field, Model},
    operation::{Auth, Operation, Protocol, RetryClass},
    params::{self, Parameters},
    runtime,
    stream::ByteStream,
    wire::WireRequest,
};

/// A call whose parameters are placed; what is left is done once per attempt.
pub(super) struct Prepared<'a> {
    pub(super) operation: &'static Operation,
    pub(super) request: WireRequest,
    pub(super) options: &'a CallOptions,
    pub(super) class: RetryClass,
    pub(super) client_token: Option<String>,
    /// The parameters as they were given.
    pub(super) parameters: &'a dyn Model,
    /// The body, when it is a stream.
    pub(super) upload: Option<Upload<'a>>,
}

/// A body that is not in memory.
pub(super) struct Upload<'a> {
    pub(super) source: &'a ByteStream,
    pub(super) size: Option<u64>,
}

impl Client {
    /// Places the parameters, within the deadline of the call: to know the host may take a question to the
    /// location service, to sign a stream takes reading it.
    pub(super) async fn place<'a>(
        &self,
        operation: &'static Operation,
        request: &'a dyn Model,
        options: &'a CallOptions,
        fill_token: bool,
        limits: Limits,
    ) -> Result<Prepared<'a>, ErrorKind> {
        let place = self.place_unlimited(operation, request, options, fill_token);
        limits.within(limits.deadline, place, "total").await
    }

    async fn place_unlimited<'a>(
        &self,
        operation: &'static Operation,
        request: &'a dyn Model,
        options: &'a CallOptions,
        fill_token: bool,
    ) -> Result<Prepared<'a>, ErrorKind> {
        let fields = request.schema().fields;
        let mut parameters = params::collect(request);
        let fill_token = fill_token && operation.class != RetryClass::Read;
        let client_token = self.client_token(fields, fill_token, &mut parameters)?;
        let class = match operation.class {
            RetryClass::Mutating if options.assume_idempotent => RetryClass::Idempotent,
            // It is the token that makes repeating harmless.
            RetryClass::Idempotent if client_token.is_none() && fields.iter().any(Field::is_client_token) => {
                RetryClass::Mutating
            }
            class => class,
        };
        let mut placed = params::place(operation, fields, &parameters).map_err(ErrorKind::InvalidInput)?;
        if self.0.service.protocol == Protocol::Sls {
            params::compress(&mut placed).map_err(ErrorKind::InvalidInput)?;
        }
        let endpoint = self.endpoint(options).await?;
        placed.https = endpoint.https;
        placed.host = endpoint.authority;
        self.extras(options, &mut placed)?;
        let upload = match &options.body {
            Some(source) => Some(self.upload(operation, options, source, &mut placed).await?),
            None => None,
        };
        Ok(Prepared { operation, request: placed, options, class, client_token, parameters: request, upload })
    }

    /// Reads a streamed body once when the signature covers it.
    async fn upload<'a>(
        &self,
        operation: &Operation,
        options: &CallOptions,
        source: &'a ByteStream,
        placed: &mut WireRequest,
    ) -> Result<Upload<'a>, ErrorKind> {
        let unreadable = |error| {
            ErrorKind::Local(LocalError::new("nothing was sent: the body of the request cannot be read", error))
        };
        let invalid = |message: &str| {
            ErrorKind::InvalidInput(InvalidInput { parameter: String::new(), message: message.to_owned() })
        };
        placed.body = Bytes::new();
        placed.headers.entry("content-type".to_owned()).or_insert_with(|| params::BYTES.to_owned());
        let signature = options.overrides.signature.unwrap_or(self.settings().signature);
        let covered = match self.0.service.protocol {
            Protocol::Standard if operation.auth != Auth::Anonymous => signature.body_hash(),
            Protocol::Standard | Protocol::Oss | Protocol::Pds => None,
            Protocol::Sls => return Err(invalid("the log service takes its bodies whole: set it as bytes")),
        };
        let Some(algorithm) = covered else {
            return Ok(Upload { source, size: source.length().await.map_err(unreadable)? });
        };
        if !source.is_replayable() {
            return Err(invalid(
                "the signature covers the body, which is read for it first; this stream can be read once only: use \
                 ByteStream::from_path, ByteStream::replayable or bytes",
            ));
        }
        let (hash, size) = source.hash(algorithm).await.map_err(unreadable)?;
        placed.body_hash = Some(hash);
        Ok(Upload { source, size: Some(size) })
    }

    /// Where the call goes.
    async fn endpoint(&self, options: &CallOptions) -> Result<Endpoint, ErrorKind> {
        let settings = self.settings();
        let overrides = &options.overrides;
        if let Some(text) = &overrides.endpoint {
            return parse_endpoint(text, settings.allow_insecure_http).map_err(ErrorKind::Config);
        }
        if let Some(endpoint) = &settings.endpoint {
            return Ok(endpoint.clone());
        }
        let service = self.0.service;
        if let Some(endpoint) = settings.configured_endpoint(service.product).map_err(ErrorKind::Config)? {
            return Ok(endpoint);
        }
        let region = overrides.region.as_deref().or(settings.region.as_deref());
        let suffix = settings.endpoint_suffix.as_deref();
        let found = endpoint::resolve(&service.endpoints, region, settings.network, suffix);
        let authority = match found.map_err(ErrorKind::Config)? {
            Found::Host(host) => host,
            Found::AskLocationService { code, region } => self.locate(code, region, options).await?,
        };
        let https = !(settings.allow_insecure_http && endpoint::is_loopback(&authority));
        Ok(Endpoint { https, authority })
    }

    /// Headers and query parameters that the user adds. Those of the client stand back behind the
    /// parameters of the call, those of the call replace them.
    fn extras(&self, options: &CallOptions, placed: &mut WireRequest) -> Result<(), ErrorKind> {
        let settings = self.settings();
        let overrides = &options.overrides;
        check_extras(&overrides.headers, &overrides.queries).map_err(ErrorKind::Config)?;
        for (name, value) in &settings.headers {
            placed.headers.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for (name, value) in &settings.queries {
            if placed.query.iter().all(|(other, _)| other != name) {
                placed.push_query(name, value);
            }
        }
        for (name, value) in lower_case(&overrides.headers) {
            placed.header(&name, value);
        }
        for (name, value) in &overrides.queries {
            placed.query.retain(|(other, _)| other != name);
            placed.push_query(name, value);
        }
        placed.header("user-agent", &settings.user_agent);
        Ok(())
    }

    /// The client token of a call that has one. One that is empty makes no call recognisable: it counts as
    /// missing.
    fn client_token(
        &self,
        fields: &'static [Field],
        fill: bool,
        parameters: &mut Parameters,
    ) -> Result<Option<String>, ErrorKind> {
        let is_given = |value: &Document| value.as_str() != Some("");
        if let Some((_, value)) = parameters.iter().find(|(field, value)| field.is_client_token() && is_given(value)) {
            return Ok(value.as_str().map(str::to_owned));
        }
        match fields.iter().find(|field| field.is_client_token()) {
            Some(field) if fill => {
                let token = runtime::uuid(&*self.settings().entropy).map_err(super::attempt::no_entropy)?;
                parameters.retain(|(field, _)| !field.is_client_token());
                parameters.push((*field, Document::from(token.as_str())));
                Ok(Some(token))
            }
            _ => Ok(None),
        }
    }
}
