//! The default chain: the first source that is configured.

use super::{BoxFuture, Credentials, EnvironmentProvider, ProvideCredentials};
use crate::error::CredentialsError;

/// Asks one source after the other and takes the first that is configured. A source that is configured
/// and does not work ends the search: silently using other credentials would surprise.
#[derive(Debug, Default)]
pub struct DefaultChain {
    environment: EnvironmentProvider,
}

impl DefaultChain {
    /// The default chain.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        self.environment.provide()
    }
}
