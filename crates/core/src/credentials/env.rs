//! Credentials from environment variables.

use super::{BoxFuture, Credentials, CredentialsKind, Environment, ProvideCredentials, Secret};
use crate::error::CredentialsError;

/// Reads `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for temporary keys,
/// `ALIBABA_CLOUD_SECURITY_TOKEN`.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentProvider {
    environment: Environment,
}

impl EnvironmentProvider {
    /// Reads the environment of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = environment.clone();
        self
    }

    fn read(&self) -> Result<Credentials, CredentialsError> {
        let get = |name| self.environment.get(name);
        let (Some(id), Some(secret)) = (get("ALIBABA_CLOUD_ACCESS_KEY_ID"), get("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
        else {
            return Err(CredentialsError::not_configured(
                "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not both set",
            ));
        };
        let token = get("ALIBABA_CLOUD_SECURITY_TOKEN").map(Secret::new);
        let kind = CredentialsKind::AccessKey { id: id.to_owned(), secret: Secret::new(secret), token };
        Ok(Credentials::new(kind, "env"))
    }
}

impl ProvideCredentials for EnvironmentProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { self.read() })
    }

    fn keeps_credentials(&self) -> bool {
        true
    }
}
