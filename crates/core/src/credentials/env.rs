//! Credentials from environment variables.

use super::{BoxFuture, Credentials, CredentialsKind, ProvideCredentials, Secret};
use crate::{config::env, error::CredentialsError};

/// Reads `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for temporary keys,
/// `ALIBABA_CLOUD_SECURITY_TOKEN`.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentProvider;

impl ProvideCredentials for EnvironmentProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { read() })
    }
}

fn read() -> Result<Credentials, CredentialsError> {
    let (Some(id), Some(secret)) = (env("ALIBABA_CLOUD_ACCESS_KEY_ID"), env("ALIBABA_CLOUD_ACCESS_KEY_SECRET")) else {
        return Err(CredentialsError::not_configured(
            "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        ));
    };
    let token = env("ALIBABA_CLOUD_SECURITY_TOKEN").map(Secret::new);
    Ok(Credentials::new(CredentialsKind::AccessKey { id, secret: Secret::new(secret), token }, "env"))
}
