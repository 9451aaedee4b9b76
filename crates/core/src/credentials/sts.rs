//! The two calls of the Security Token Service that give temporary keys for a role.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Method};

use super::{
    BoxFuture, Credentials, CredentialsKind, ProvideCredentials, Secret, answer,
    role::{Role, RoleRequest},
};
use crate::{
    Client, Config, Document, Error, ErrorKind, Model,
    config::CallOptions,
    endpoint::Endpoints,
    error::CredentialsError,
    model::{Field, Schema, Value},
    operation::{Operation, Protocol, Service},
    runtime::{later_date, parse_http_date},
};

static STS: Service = Service {
    product: "sts",
    code: "Sts",
    version: "2015-04-01",
    // The host is always given: see `Role::host`.
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "sts",
        global: Some("sts.aliyuncs.com"),
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

/// Neither changes anything: they may be repeated.
static ASSUME_ROLE: Operation = Operation::rpc("AssumeRole", Method::POST).read();
static ASSUME_ROLE_WITH_OIDC: Operation = Operation::rpc("AssumeRoleWithOIDC", Method::POST).read().anonymous();

/// Clocks that differ by less agree.
const SKEW: Duration = Duration::from_secs(4 * 60);

#[derive(Default)]
struct RoleResponse {
    credentials: Document,
}

impl Model for RoleResponse {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("AssumeRoleResponse", &[Field::new("Credentials").secret()]);
        SCHEMA
    }
    fn field(&self, _: usize) -> &dyn Value {
        &self.credentials
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        &mut self.credentials
    }
}

/// A client of STS that is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Sts {
    client: OnceLock<Result<Client, CredentialsError>>,
    /// Under which name the source has given the keys that signed the last call.
    source: Arc<Mutex<String>>,
}

impl Clone for Sts {
    /// Settings may change before the clone is used: it makes its own client.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Sts {
    /// Assumes a role with the keys of a source.
    pub(super) async fn assume_role(
        &self,
        role: &Role,
        source: &Arc<dyn ProvideCredentials>,
    ) -> Result<Credentials, CredentialsError> {
        let request = role.request()?;
        let credentials = self.call(role, &ASSUME_ROLE, &request, Some(source)).await?;
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(credentials.named(format!("ram_role_arn/{source}")))
    }

    /// Assumes a role with a token of an identity provider, unsigned.
    pub(super) async fn assume_role_with_oidc(
        &self,
        role: &Role,
        provider_arn: &str,
        token: &Secret,
    ) -> Result<Credentials, CredentialsError> {
        let mut request = role.request()?;
        request.oidc_provider_arn = Some(provider_arn.to_owned());
        request.oidc_token = Some(token.expose().to_owned());
        let credentials = self.call(role, &ASSUME_ROLE_WITH_OIDC, &request, None).await?;
        Ok(credentials.named("oidc_role_arn"))
    }

    async fn call(
        &self,
        role: &Role,
        operation: &'static Operation,
        request: &RoleRequest,
        source: Option<&Arc<dyn ProvideCredentials>>,
    ) -> Result<Credentials, CredentialsError> {
        let client = self.client.get_or_init(|| self.connect(role, source)).as_ref().map_err(Clone::clone)?;
        let mut response = RoleResponse::default();
        let meta = client
            .execute(operation, request, &mut response, &CallOptions::default())
            .await
            .map_err(|error| failure(operation, &error))?;
        let credentials = answer::temporary(&response.credentials, &answer::PASCAL, "")
            .map_err(|problem| CredentialsError::broken(format!("{}: {problem}", operation.name)))?;
        let now = role.environment.clock_ref().now();
        Ok(match credentials.expires_at().and_then(|end| by_our_clock(end, &meta.headers, now)) {
            // Nobody gets more than was asked for.
            Some(end) => credentials.expiring_at(end.min(later_date(now, role.lifetime()))),
            None => credentials,
        })
    }

    fn connect(&self, role: &Role, source: Option<&Arc<dyn ProvideCredentials>>) -> Result<Client, CredentialsError> {
        let environment = &role.environment;
        let host = role.host()?;
        let mut config = Config::builder()
            // The host is given; without a region the process environment would be asked for one.
            .region("cn-hangzhou")
            .endpoint(&host)
            .attempt_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(45))
            .transport(environment.http()?.clone())
            .clock(environment.clock_ref().clone())
            .entropy(environment.entropy_ref().clone());
        if is_loopback(&host) {
            config = config.allow_insecure_http();
        }
        config = match source {
            Some(source) => config.credentials(Noting { source: source.clone(), name: self.source.clone() }),
            None => config.credentials(Credentials::anonymous()),
        };
        let config = config.build().map_err(|error| CredentialsError::broken(format!("STS: {error}")))?;
        Ok(Client::new(&config, &STS))
    }
}

/// Plain HTTP is for doubles on this machine.
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.parse::<http::Uri>().ok().and_then(|uri| super::direct::ip(uri.host()?));
    host.is_some_and(|ip| ip.is_loopback())
}

/// The end of temporary keys, as this machine's clock counts, when that clock and the service's differ.
fn by_our_clock(end: SystemTime, headers: &HeaderMap, now: SystemTime) -> Option<SystemTime> {
    let date = headers.get(http::header::DATE).and_then(|date| parse_http_date(date.to_str().ok()?));
    let Some(date) = date else { return Some(end) };
    let difference = date.duration_since(now).unwrap_or_else(|error| error.duration());
    if difference < SKEW {
        return Some(end);
    }
    now.checked_add(end.duration_since(date).ok()?)
}

/// What went wrong, without what was answered: an answer may hold keys, and a refused signature comes
/// back with all that was signed.
fn failure(operation: &Operation, error: &Error) -> CredentialsError {
    let message = match error.kind() {
        ErrorKind::Credentials(error) => {
            return error.clone().configured().at("the credentials to assume the role with");
        }
        ErrorKind::Service(service) => {
            let mut text = format!("STS answered {}", service.status);
            if !service.code.is_empty() {
                text.push_str(&format!(" {}", service.code));
                if !service.code.contains("Signature") && !service.code.contains("Token") {
                    text.push_str(&format!(": {}", service.message));
                }
            }
            if let Some(id) = &service.request_id {
                text.push_str(&format!("; request id {id}"));
            }
            text
        }
        ErrorKind::Decode(error) => format!("the answer with status {} cannot be read", error.status.as_u16()),
        ErrorKind::Transport(_) | ErrorKind::Timeout(_) => error.kind().to_string(),
        ErrorKind::Config(error) => error.message.clone(),
        ErrorKind::InvalidInput(error) => format!("{} {}", error.parameter, error.message),
        _ => "the outcome is unknown".to_owned(),
    };
    CredentialsError::broken(format!("{}: {message}", operation.name))
}

/// Notes under which name a source gives its keys.
struct Noting {
    source: Arc<dyn ProvideCredentials>,
    name: Arc<Mutex<String>>,
}

impl ProvideCredentials for Noting {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            let credentials = self.source.provide().await?;
            // An unsigned call would be refused without saying why.
            if matches!(credentials.kind(), CredentialsKind::Anonymous) {
                return Err(CredentialsError::broken("a role cannot be assumed anonymously"));
            }
            credentials.provider().clone_into(&mut self.name.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(credentials)
        })
    }

    fn invalidate(&self, refused: &Credentials) {
        self.source.invalidate(refused);
    }

    fn keeps_credentials(&self) -> bool {
        // What it stands for is kept where that makes sense.
        true
    }
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
