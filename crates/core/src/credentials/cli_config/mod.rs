//! The configuration file of the vendor's command line tool.

mod cloud_sso;
mod oauth;
mod profile;
mod write;

use std::{path::PathBuf, sync::Arc};

use self::profile::Profile;
use super::{
    AssumeRoleProvider, BoxFuture, Credentials, EcsRoleProvider, Environment, OidcRoleProvider, ProcessProvider,
    ProvideCredentials, UriProvider, file,
};
use crate::{Document, error::CredentialsError};

/// Longest chain of roles that are assumed one with another.
const MAX_CHAIN: usize = 8;

/// Takes credentials from a profile of `~/.aliyun/config.json`, which the vendor's command line tool
/// writes.
///
/// | mode of the profile | what happens |
/// |---|---|
/// | `AK`, `StsToken`, `BearerToken` | the keys or the token are used |
/// | `RamRoleArn` | the role is assumed with the profile's keys |
/// | `EcsRamRole` | the role of this ECS instance is used |
/// | `RamRoleArnWithRoleName` | the role is assumed with the role of this ECS instance |
/// | `ChainableRamRoleArn` | the role is assumed with the credentials of the profile `source_profile` |
/// | `OIDC` | the role is assumed with an OIDC token |
/// | `CloudSSO` | keys are got with the access token of the last sign-in |
/// | `OAuth` | keys are got with the tokens of the last sign-in; new tokens are written back to the file |
/// | `External` | a command is run, see [`ProcessProvider`] |
/// | `CredentialsURI` | keys are got from a URL, see [`UriProvider`] |
///
/// The file is read again for every renewal, so that a new sign-in takes effect without a restart.
#[derive(Clone, Debug, Default)]
pub struct CliConfigProvider {
    profile: Option<String>,
    path: Option<PathBuf>,
    environment: Environment,
    /// Tokens that could not be written back.
    unsaved: oauth::Unsaved,
}

/// The file, read, and what belongs to it.
pub(super) struct CliConfig<'a> {
    pub(super) path: PathBuf,
    document: Document,
    /// Another user has written it.
    is_anothers: bool,
    environment: &'a Environment,
    unsaved: &'a oauth::Unsaved,
}

impl CliConfigProvider {
    /// The profile that `ALIBABA_CLOUD_PROFILE` names, else the current one, of the file that
    /// `ALIBABA_CLOUD_CONFIG_FILE` names, else of `~/.aliyun/config.json`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a certain profile.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Reads a certain file.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = environment.clone();
        self
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let environment = &self.environment;
        if environment.is_true("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(CredentialsError::not_configured("ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true"));
        }
        let read = |path| file::read(path, Some(environment.access()));
        let named = self.path.clone().or_else(|| environment.get("ALIBABA_CLOUD_CONFIG_FILE").map(PathBuf::from));
        let (path, file) = match (named, environment.home_directory()) {
            (Some(path), _) => (path.clone(), read(path).await.map_err(CredentialsError::configured)?),
            (None, Some(home)) => {
                let path = home.join(".aliyun").join("config.json");
                (path.clone(), read(path).await?)
            }
            (None, None) => return Err(CredentialsError::not_configured("there is no home directory")),
        };
        let document = profile::parse(&file.text).map_err(|error| error.at(path.display()))?;
        let config = CliConfig { path, document, is_anothers: file.is_anothers, environment, unsaved: &self.unsaved };

        let in_environment = environment.get("ALIBABA_CLOUD_PROFILE");
        let named = self.profile.as_deref().or(in_environment).or(config.current());
        let name = named.ok_or_else(|| {
            CredentialsError::not_configured(format!("{} has no current profile", config.path.display()))
        })?;
        let profile = match config.profile(name) {
            Some(profile) => profile,
            // The name may be meant for the other file.
            None if self.profile.is_none() && in_environment.is_some() => {
                return Err(CredentialsError::not_configured(config.lacks(name)));
            }
            None => return Err(CredentialsError::broken(config.lacks(name))),
        };
        let source = config.source(&profile, &mut Vec::new())?;
        // The profile is there: what it describes must work.
        let credentials =
            source.provide().await.map_err(|error| error.configured().at(format_args!("profile {name:?}")))?;
        Ok(credentials.by_way_of("cli_profile"))
    }
}

impl CliConfig<'_> {
    fn current(&self) -> Option<&str> {
        self.document.get("current").and_then(Document::as_str).filter(|name| !name.is_empty())
    }

    fn profile(&self, name: &str) -> Option<Profile<'_>> {
        profile::find(&self.document, name)
    }

    fn lacks(&self, name: &str) -> String {
        format!("{} has no profile {name:?}", self.path.display())
    }

    /// The source that a profile describes. `chain` holds the profiles that have led here.
    fn source(
        &self,
        profile: &Profile<'_>,
        chain: &mut Vec<String>,
    ) -> Result<Arc<dyn ProvideCredentials>, CredentialsError> {
        let name = profile.name();
        if chain.iter().any(|link| link == name) {
            return Err(profile.wrong(format_args!("is its own source, by way of {}", chain.join(", "))));
        }
        if chain.len() >= MAX_CHAIN {
            return Err(profile.wrong(format_args!("is the end of a chain of more than {MAX_CHAIN} roles")));
        }
        chain.push(name.to_owned());
        let environment = self.environment;
        let now = environment.clock_ref().now();
        let assume = |source| -> Result<Arc<dyn ProvideCredentials>, CredentialsError> {
            Ok(Arc::new(AssumeRoleProvider::with_role(source, profile.role(environment)?)))
        };
        let mode = profile.text("mode").unwrap_or_default().to_ascii_lowercase();
        if self.is_anothers && matches!(mode.as_str(), "external" | "credentialsuri") {
            return Err(profile.wrong(format_args!(
                "runs a command or asks a URL, which is not done because {} belongs to another user",
                self.path.display()
            )));
        }
        Ok(match mode.as_str() {
            "ak" => Arc::new(profile.access_key()?),
            "ststoken" => Arc::new(profile.temporary_key(now)?),
            "bearertoken" => Arc::new(profile.bearer()?),
            "ramrolearn" => {
                let key = profile.key_for_role(now).map_err(CredentialsError::configured)?;
                assume(Arc::new(key))?
            }
            "ecsramrole" => Arc::new(self.ecs_role(profile)),
            "ramrolearnwithrolename" => assume(Arc::new(self.ecs_role(profile)))?,
            "chainableramrolearn" => {
                let source = profile.need("source_profile")?;
                let source = self
                    .profile(source)
                    .ok_or_else(|| profile.wrong(format_args!("names the source {source:?}, which is not there")))?;
                assume(self.source(&source, chain).map_err(CredentialsError::configured)?)?
            }
            "oidc" => {
                let (provider, token) = (profile.need("oidc_provider_arn")?, profile.need("oidc_token_file")?);
                Arc::new(OidcRoleProvider::with_role(profile.role(environment)?, provider.to_owned(), token.into()))
            }
            "credentialsuri" => {
                let uri = profile.text("credentials_uri").or_else(|| environment.get("ALIBABA_CLOUD_CREDENTIALS_URI"));
                let uri = uri.ok_or_else(|| profile.wrong("lacks credentials_uri"))?;
                Arc::new(UriProvider::new(uri).environment(environment))
            }
            "external" => Arc::new(ProcessProvider::new(profile.need("process_command")?).environment(environment)),
            "cloudsso" => Arc::new(cloud_sso::CloudSso::new(profile, environment)?),
            "oauth" => Arc::new(oauth::OAuth::new(profile, self.path.clone(), environment, self.unsaved)?),
            "" => return Err(profile.wrong("has no mode")),
            _ => {
                return Err(profile.wrong(format_args!(
                    "has the mode {:?}, which is not supported; use AK, StsToken, BearerToken, RamRoleArn, \
                     EcsRamRole, ChainableRamRoleArn, OIDC, CloudSSO, OAuth, External or CredentialsURI",
                    profile.text("mode").unwrap_or_default()
                )));
            }
        })
    }

    fn ecs_role(&self, profile: &Profile<'_>) -> EcsRoleProvider {
        let provider = EcsRoleProvider::expected().environment(self.environment);
        match profile.text("ram_role_name") {
            Some(name) => provider.role_name(name),
            None => provider,
        }
    }
}

impl ProvideCredentials for CliConfigProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.environment.adopt(client);
    }
}
