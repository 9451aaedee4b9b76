//! The default chain: the first source that is configured.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    BoxFuture, CachedProvider, CliConfigProvider, Credentials, EcsRoleProvider, Environment, EnvironmentProvider,
    IniFileProvider, OidcRoleProvider, ProvideCredentials, UriProvider,
};
use crate::error::CredentialsError;

/// Asks one source after the other and takes the first that is configured:
///
/// 1. the environment variables ([`EnvironmentProvider`])
/// 2. a role and an OIDC token in the environment ([`OidcRoleProvider`]), as ACK sets them for pods
/// 3. `~/.aliyun/config.json` ([`CliConfigProvider`])
/// 4. `~/.alibabacloud/credentials` ([`IniFileProvider`])
/// 5. the RAM role of the ECS instance ([`EcsRoleProvider`])
/// 6. a URL in `ALIBABA_CLOUD_CREDENTIALS_URI` ([`UriProvider`])
///
/// The order is that of the vendor's SDKs. A source that is configured and does not work ends the search
/// with its reason: silently using other credentials would surprise. So does a profile that
/// `ALIBABA_CLOUD_PROFILE` names and no file has. The source that has given credentials
/// is asked first from then on. When none has any, the error says of each source why.
///
/// Nothing is read before the first call, and what is found is kept and renewed as [`CachedProvider`]
/// does it.
#[derive(Clone, Debug)]
pub struct DefaultChain(CachedProvider);

impl DefaultChain {
    /// The chain in the environment of this process.
    pub fn new() -> Self {
        Self::in_environment(Environment::default())
    }

    /// The chain in another environment.
    pub fn in_environment(environment: Environment) -> Self {
        let chain = Chain { environment: environment.clone(), found: Mutex::default() };
        Self(CachedProvider::over(Arc::new(chain), environment))
    }
}

impl Default for DefaultChain {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        self.0.provide()
    }

    fn invalidate(&self, refused: &Credentials) {
        self.0.invalidate(refused);
    }

    fn adopt(&self, client: &Environment) {
        self.0.adopt(client);
    }

    fn keeps_credentials(&self) -> bool {
        true
    }
}

/// How a source is made: cheap, and without looking further than the variables.
type Make = fn(&Environment) -> Result<Arc<dyn ProvideCredentials>, CredentialsError>;

/// The last source that has profiles.
const CREDENTIALS_FILE: &str = "credentials file";

const SOURCES: [(&str, Make); 6] = [
    ("environment variables", |environment| Ok(Arc::new(EnvironmentProvider::new().environment(environment)))),
    ("OIDC role", |environment| Ok(Arc::new(OidcRoleProvider::from_environment(environment)?))),
    ("CLI configuration", |environment| Ok(Arc::new(CliConfigProvider::new().environment(environment)))),
    (CREDENTIALS_FILE, |environment| Ok(Arc::new(IniFileProvider::new().environment(environment)))),
    ("ECS RAM role", |environment| Ok(Arc::new(EcsRoleProvider::new().environment(environment)))),
    ("credentials URI", |environment| Ok(Arc::new(UriProvider::from_environment(environment)?))),
];

struct Chain {
    environment: Environment,
    /// The source that has given credentials.
    found: Mutex<Option<(&'static str, Arc<dyn ProvideCredentials>)>>,
}

impl Chain {
    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        if let Some((name, source)) = self.found() {
            match source.provide().await {
                Ok(credentials) => return Ok(credentials.by_way_of("default")),
                // It was taken away: look for another one.
                Err(error) if error.not_configured => self.remember(None),
                Err(error) => return Err(error.at(name)),
            }
        }
        let mut reasons = Vec::new();
        for (name, make) in SOURCES {
            let result = match make(&self.environment) {
                Ok(source) => source.provide().await.map(|credentials| (credentials, source)),
                Err(error) => Err(error),
            };
            match result {
                Ok((credentials, source)) => {
                    tracing::debug!(source = name, "found credentials");
                    self.remember(Some((name, source)));
                    return Ok(credentials.by_way_of("default"));
                }
                Err(error) if error.not_configured => reasons.push(format!("{name}: {}", error.message)),
                Err(error) => return Err(error.at(name)),
            }
            // Whoever names a profile wants that one and no instance role.
            if let (CREDENTIALS_FILE, Some(profile)) = (name, self.environment.get("ALIBABA_CLOUD_PROFILE")) {
                return Err(CredentialsError::broken(format!(
                    "ALIBABA_CLOUD_PROFILE names {profile:?}, which no file has. Tried {}",
                    reasons.join("; ")
                )));
            }
        }
        Err(CredentialsError::not_configured(format!("no source has any. Tried {}", reasons.join("; "))))
    }

    fn found(&self) -> Option<(&'static str, Arc<dyn ProvideCredentials>)> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, found: Option<(&'static str, Arc<dyn ProvideCredentials>)>) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

impl ProvideCredentials for Chain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn invalidate(&self, refused: &Credentials) {
        if let Some((_, source)) = self.found() {
            source.invalidate(refused);
        }
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("found", &self.found()).finish_non_exhaustive()
    }
}
