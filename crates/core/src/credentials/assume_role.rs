//! A RAM role, assumed with other credentials.

use std::{sync::Arc, time::Duration};

use super::{BoxFuture, Credentials, Environment, ProvideCredentials, Secret, keeping, role::Role, sts::Sts};
use crate::error::CredentialsError;

/// Assumes a RAM role with the credentials of any other source (`AssumeRole` of STS).
///
/// ```
/// use alicloud_core::credentials::{AssumeRoleProvider, Credentials};
///
/// let deploy = AssumeRoleProvider::new(Credentials::access_key("id", "secret"), "acs:ram::1234567890:role/deploy")
///     .session_name("ci")
///     .region("cn-hangzhou");
/// // A role can be assumed with another role.
/// let audit = AssumeRoleProvider::new(deploy, "acs:ram::9876543210:role/audit").external_id("42");
/// ```
///
/// The call is signed with ACS3-HMAC-SHA256, its parameters travel in the body, and it is made up to 4
/// times if it has to be.
#[derive(Clone, Debug)]
pub struct AssumeRoleProvider {
    source: Arc<dyn ProvideCredentials>,
    role: Role,
    sts: Sts,
}

impl AssumeRoleProvider {
    /// A role by its ARN, for example `acs:ram::1234567890:role/deploy`.
    pub fn new(source: impl ProvideCredentials, role_arn: impl Into<String>) -> Self {
        Self { source: Arc::new(source), role: Role::new(role_arn.into()), sts: Sts::default() }.kept()
    }

    pub(super) fn with_role(source: Arc<dyn ProvideCredentials>, role: Role) -> Self {
        Self { source, role, sts: Sts::default() }
    }

    /// The name under which the session appears in the audit trail: 2 to 64 letters, digits or `.@-_`.
    /// Default: `ALIBABA_CLOUD_ROLE_SESSION_NAME`, else a random one.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.role.session_name = Some(name.into());
        self
    }

    /// How long the temporary keys work: 15 minutes at least, the role's own limit at most. Default: 1 h.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.role.duration = Some(duration);
        self
    }

    /// A policy, as JSON, that narrows what the role may do.
    #[must_use]
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.role.policy = Some(Secret::new(policy));
        self
    }

    /// The external id that the role's trust policy asks for.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.role.external_id = Some(Secret::new(id));
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

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.role.environment = environment.clone();
        self.kept()
    }

    /// Sees to it that the source is not asked for every renewal.
    fn kept(mut self) -> Self {
        let environment = &self.role.environment;
        self.source = keeping(self.source, environment.clock_ref(), environment.entropy_ref());
        self
    }
}

impl ProvideCredentials for AssumeRoleProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.sts.assume_role(&self.role, &self.source))
    }
}
