//! A RAM role, assumed with a token of an OIDC identity provider: how pods on ACK get their rights (RRSA).

use std::path::{Path, PathBuf};

use super::{
    BoxFuture, Credentials, Environment, ProvideCredentials, Secret, file,
    role::{Role, setters},
    sts::Sts,
};
use crate::error::CredentialsError;

/// Assumes a RAM role with a token of an OIDC identity provider (`AssumeRoleWithOIDC` of STS).
///
/// The token is read from its file every time, because whoever put it there replaces it before it ends.
/// The call is not signed: no other credentials are needed.
#[derive(Clone, Debug)]
pub struct OidcRoleProvider {
    role: Role,
    provider_arn: String,
    token_file: PathBuf,
    sts: Sts,
}

impl OidcRoleProvider {
    /// A role, the identity provider that it trusts, and the file that holds the token.
    pub fn new(role_arn: impl Into<String>, provider_arn: impl Into<String>, token_file: impl Into<PathBuf>) -> Self {
        Self::with_role(Role::new(role_arn.into()), provider_arn.into(), token_file.into())
    }

    pub(super) fn with_role(role: Role, provider_arn: String, token_file: PathBuf) -> Self {
        Self { role, provider_arn, token_file, sts: Sts::default() }
    }

    /// What ACK puts into the environment of a pod: `ALIBABA_CLOUD_ROLE_ARN`,
    /// `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE` and, if it is there,
    /// `ALIBABA_CLOUD_ROLE_SESSION_NAME`.
    ///
    /// # Errors
    /// One of the three is missing.
    pub fn from_environment(environment: &Environment) -> Result<Self, CredentialsError> {
        let get =
            |name| environment.get(name).ok_or_else(|| CredentialsError::not_configured(format!("{name} is not set")));
        let role = get("ALIBABA_CLOUD_ROLE_ARN")?;
        let provider = get("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")?;
        let file = get("ALIBABA_CLOUD_OIDC_TOKEN_FILE")?;
        Ok(Self::new(role, provider, file).environment(environment))
    }

    setters!();

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.role.environment = environment.clone();
        self
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let token = read_token(&self.token_file).await?;
        self.sts.assume_role_with_oidc(&self.role, &self.provider_arn, &token).await
    }
}

/// Tokens are mounted read-only for all, often behind links: whose they are says nothing. The line break
/// at the end is no part of them.
async fn read_token(path: &Path) -> Result<Secret, CredentialsError> {
    let file = file::read(path.to_owned(), None).await.map_err(|error| error.configured().at("the OIDC token"))?;
    match file.text.trim() {
        "" => Err(CredentialsError::broken(format!("the OIDC token file {} is empty", path.display()))),
        token => Ok(Secret::new(token)),
    }
}

impl ProvideCredentials for OidcRoleProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.role.environment.adopt(client);
    }
}
