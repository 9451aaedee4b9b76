//! A RAM role, assumed with other credentials.

use std::sync::Arc;

use super::{
    BoxFuture, Credentials, Environment, ProvideCredentials, Secret, keeping,
    role::{Role, setters},
    sts::Sts,
};
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

    setters!();

    /// The external id that the role's trust policy asks for.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.role.external_id = Some(Secret::new(id));
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
        self.source = keeping(self.source, &self.role.environment);
        self
    }
}

impl ProvideCredentials for AssumeRoleProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.sts.assume_role(&self.role, &self.source))
    }

    fn adopt(&self, client: &Environment) {
        self.role.environment.adopt(client);
        // The source works as the role does.
        self.source.adopt(&self.role.environment);
    }
}
