//! A role: how it is assumed, and where.

use std::{fmt, time::Duration};

use super::{Environment, Secret};
use crate::{
    Model,
    endpoint::check_label,
    error::CredentialsError,
    model::{Field, Schema, Value},
    runtime::nonce,
};

/// How a role is assumed, and where.
#[derive(Clone)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session_name: Option<String>,
    pub(super) duration: Option<Duration>,
    pub(super) policy: Option<Secret>,
    pub(super) external_id: Option<Secret>,
    pub(super) region: Option<String>,
    pub(super) vpc: bool,
    pub(super) endpoint: Option<String>,
    pub(super) environment: Environment,
}

/// Shortest and longest lifetime of temporary keys that the service grants, and the usual one.
const LIFETIMES: std::ops::RangeInclusive<u64> = 900..=43200;
const USUAL_LIFETIME: Duration = Duration::from_secs(3600);

impl Role {
    pub(super) fn new(arn: String) -> Self {
        Self {
            arn,
            session_name: None,
            duration: None,
            policy: None,
            external_id: None,
            region: None,
            vpc: false,
            endpoint: None,
            environment: Environment::default(),
        }
    }

    /// Checks what can be checked here.
    pub(super) fn request(&self) -> Result<RoleRequest, CredentialsError> {
        if self.arn.is_empty() {
            return Err(CredentialsError::broken("the role's ARN is empty"));
        }
        let seconds = self.lifetime().as_secs();
        if !LIFETIMES.contains(&seconds) {
            return Err(CredentialsError::broken(format!(
                "a role cannot be assumed for {seconds} s: choose {} to {} s",
                LIFETIMES.start(),
                LIFETIMES.end()
            )));
        }
        let session_name = match self.session_name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None => match self.environment.get("ALIBABA_CLOUD_ROLE_SESSION_NAME") {
                Some(name) => name.to_owned(),
                None => self.random_session_name()?,
            },
        };
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
        if !(2..=64).contains(&session_name.len()) || !session_name.bytes().all(is_allowed) {
            return Err(CredentialsError::broken(format!(
                "the session name {session_name:?} is not 2 to 64 letters, digits or .@-_"
            )));
        }
        Ok(RoleRequest {
            role_arn: Some(self.arn.clone()),
            role_session_name: Some(session_name),
            duration_seconds: i64::try_from(seconds).ok(),
            policy: self.policy.as_ref().map(|policy| policy.expose().to_owned()),
            external_id: self.external_id.as_ref().map(|id| id.expose().to_owned()),
            oidc_provider_arn: None,
            oidc_token: None,
        })
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.duration.unwrap_or(USUAL_LIFETIME)
    }

    fn random_session_name(&self) -> Result<String, CredentialsError> {
        let nonce =
            nonce(&**self.environment.entropy_ref()).map_err(|error| CredentialsError::broken(error.to_string()))?;
        Ok(format!("alicloud-{}", nonce.get(..8).unwrap_or_default()))
    }

    /// Where STS is asked. Whoever asks for the VPC never gets the public host.
    pub(super) fn host(&self) -> Result<String, CredentialsError> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let environment = &self.environment;
        let vpc = self.vpc || environment.is_true("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED");
        let region = self.region.as_deref().filter(|region| !region.is_empty());
        let region = region.or_else(|| environment.get("ALIBABA_CLOUD_STS_REGION"));
        let region = if vpc { region.or_else(|| environment.get("ALIBABA_CLOUD_REGION_ID")) } else { region };
        if let Some((region, problem)) = region.and_then(|region| Some((region, check_label(region).err()?))) {
            return Err(CredentialsError::broken(format!("the region {region:?} of STS {problem}")));
        }
        match (region, vpc) {
            (Some(region), true) => Ok(format!("sts-vpc.{region}.aliyuncs.com")),
            (Some(region), false) => Ok(format!("sts.{region}.aliyuncs.com")),
            (None, false) => Ok("sts.aliyuncs.com".to_owned()),
            (None, true) => Err(CredentialsError::broken(
                "STS inside a VPC needs a region: set one on the provider or in ALIBABA_CLOUD_STS_REGION",
            )),
        }
    }
}

/// Policy and external id stay out of logs.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role")
            .field("arn", &self.arn)
            .field("session_name", &self.session_name)
            .field("duration", &self.duration)
            .field("region", &self.region)
            .field("vpc", &self.vpc)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Parameters of both operations; what is not set is not sent. All travel in the form: what is in a URL
/// ends up in logs.
#[derive(Clone, Default)]
pub(super) struct RoleRequest {
    role_arn: Option<String>,
    role_session_name: Option<String>,
    duration_seconds: Option<i64>,
    policy: Option<String>,
    external_id: Option<String>,
    pub(super) oidc_provider_arn: Option<String>,
    pub(super) oidc_token: Option<String>,
}

impl Model for RoleRequest {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new(
            "AssumeRoleRequest",
            &[
                Field::form("RoleArn"),
                Field::form("RoleSessionName"),
                Field::form("DurationSeconds"),
                Field::form("Policy").secret(),
                Field::form("ExternalId").secret(),
                Field::form("OIDCProviderArn"),
                Field::form("OIDCToken").secret(),
            ],
        );
        SCHEMA
    }
    fn field(&self, index: usize) -> &dyn Value {
        match index {
            0 => &self.role_arn,
            1 => &self.role_session_name,
            2 => &self.duration_seconds,
            3 => &self.policy,
            4 => &self.external_id,
            5 => &self.oidc_provider_arn,
            _ => &self.oidc_token,
        }
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn Value {
        match index {
            0 => &mut self.role_arn,
            1 => &mut self.role_session_name,
            2 => &mut self.duration_seconds,
            3 => &mut self.policy,
            4 => &mut self.external_id,
            5 => &mut self.oidc_provider_arn,
            _ => &mut self.oidc_token,
        }
    }
}

/// What both providers of roles can be told.
macro_rules! setters {
    () => {
        /// The name under which the session appears in the audit trail: 2 to 64 letters, digits or `.@-_`.
        /// Default: `ALIBABA_CLOUD_ROLE_SESSION_NAME`, else a random one.
        #[must_use]
        pub fn session_name(mut self, name: impl Into<String>) -> Self {
            self.role.session_name = Some(name.into());
            self
        }

        /// How long the temporary keys work: 15 minutes at least, the role's own limit at most. Default: 1 h.
        #[must_use]
        pub fn duration(mut self, duration: std::time::Duration) -> Self {
            self.role.duration = Some(duration);
            self
        }

        /// A policy, as JSON, that narrows what the role may do.
        #[must_use]
        pub fn policy(mut self, policy: impl Into<String>) -> Self {
            self.role.policy = Some($crate::credentials::Secret::new(policy));
            self
        }

        /// The region whose STS is asked. Default: `ALIBABA_CLOUD_STS_REGION`, else the central host.
        #[must_use]
        pub fn region(mut self, region: impl Into<String>) -> Self {
            self.role.region = Some(region.into());
            self
        }

        /// Asks STS inside the VPC; needs a region. Default: what `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED` says.
        #[must_use]
        pub fn vpc(mut self) -> Self {
            self.role.vpc = true;
            self
        }

        /// Asks another host. Plain HTTP is possible to the loopback interface only.
        #[must_use]
        pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
            self.role.endpoint = Some(endpoint.into());
            self
        }
    };
}
pub(super) use setters;
