//! The credentials file that the vendor's SDKs share.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use super::{
    AssumeRoleProvider, BoxFuture, Credentials, EcsRoleProvider, Environment, OidcRoleProvider, ProvideCredentials,
    Secret, file, role::Role,
};
use crate::error::CredentialsError;

/// Takes credentials from a section of `~/.alibabacloud/credentials`, or `credentials.ini` beside it.
///
/// ```ini
/// [default]
/// type = access_key
/// access_key_id = …
/// access_key_secret = …
///
/// [deploy]
/// type = ram_role_arn
/// access_key_id = …
/// access_key_secret = …
/// role_arn = acs:ram::1234567890:role/deploy
/// role_session_name = ci
/// ```
///
/// Types are `access_key`, `sts` (with `security_token`), `bearer` (`bearer_token`), `ram_role_arn`
/// (optionally with `policy`, `external_id`), `ecs_ram_role` (`role_name`) and `oidc_role_arn` (`role_arn`,
/// `oidc_provider_arn`, `oidc_token_file_path`). For roles, `role_session_expiration` says for how many
/// seconds the keys work. A comment begins with `#` or `;` at the beginning of a line or after a blank:
/// a `#` inside a secret belongs to it.
#[derive(Clone, Debug, Default)]
pub struct IniFileProvider {
    section: Option<String>,
    path: Option<PathBuf>,
    environment: Environment,
}

impl IniFileProvider {
    /// The section that `ALIBABA_CLOUD_PROFILE` names, else `default`, of the file that
    /// `ALIBABA_CLOUD_CREDENTIALS_FILE` names, else of the one in the home directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a certain section.
    #[must_use]
    pub fn profile(mut self, section: impl Into<String>) -> Self {
        self.section = Some(section.into());
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
        let (path, text) = self.read().await?;
        let in_environment = self.environment.get("ALIBABA_CLOUD_PROFILE");
        let name = self.section.as_deref().or(in_environment).unwrap_or("default");
        let values = section(&text, name).ok_or_else(|| {
            let message = format!("{} has no section [{}]", path.display(), name.escape_debug());
            match self.section {
                Some(_) => CredentialsError::broken(message),
                None => CredentialsError::not_configured(message),
            }
        })?;
        let section = Section { name, values, environment: &self.environment };
        let source = section.source().map_err(|error| error.at(path.display()))?;
        // The section is there: what it describes must work.
        let place = |error: CredentialsError| error.configured().at(format_args!("section [{}]", name.escape_debug()));
        let credentials = source.provide().await.map_err(place)?;
        Ok(credentials.by_way_of("profile"))
    }

    /// The first file that is there.
    async fn read(&self) -> Result<(PathBuf, String), CredentialsError> {
        let environment = &self.environment;
        let named = self.path.clone().or_else(|| environment.get("ALIBABA_CLOUD_CREDENTIALS_FILE").map(PathBuf::from));
        let read = |path| file::read(path, Some(environment.access()));
        let candidates = match (named, environment.home_directory()) {
            (Some(path), _) => {
                let file = read(path.clone()).await.map_err(CredentialsError::configured)?;
                return Ok((path, file.text));
            }
            (None, Some(home)) => {
                let directory = home.join(".alibabacloud");
                [directory.join("credentials"), directory.join("credentials.ini")]
            }
            (None, None) => return Err(CredentialsError::not_configured("there is no home directory")),
        };
        let mut missing = None;
        for path in candidates {
            match read(path.clone()).await {
                Ok(file) => return Ok((path, file.text)),
                Err(error) if error.not_configured => missing = missing.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(missing.unwrap_or_else(|| CredentialsError::not_configured("there is no credentials file")))
    }
}

struct Section<'a> {
    name: &'a str,
    values: BTreeMap<String, &'a str>,
    environment: &'a Environment,
}

impl<'a> Section<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).copied().filter(|value| !value.is_empty())
    }

    fn need(&self, key: &str) -> Result<&'a str, CredentialsError> {
        self.get(key)
            .ok_or_else(|| CredentialsError::broken(format!("section [{}] lacks {key}", self.name.escape_debug())))
    }

    fn source(&self) -> Result<Arc<dyn ProvideCredentials>, CredentialsError> {
        Ok(match self.need("type")? {
            "access_key" => Arc::new(self.access_key()?),
            "sts" => {
                let token = self.need("security_token")?;
                Arc::new(Credentials::sts(self.need("access_key_id")?, self.need("access_key_secret")?, token))
            }
            "bearer" => Arc::new(Credentials::bearer(self.need("bearer_token")?)),
            "ram_role_arn" => Arc::new(AssumeRoleProvider::with_role(Arc::new(self.access_key()?), self.role()?)),
            "ecs_ram_role" => {
                let provider = EcsRoleProvider::expected().environment(self.environment);
                match self.get("role_name") {
                    Some(name) => Arc::new(provider.role_name(name)),
                    None => Arc::new(provider),
                }
            }
            "oidc_role_arn" => {
                let (provider, token) = (self.need("oidc_provider_arn")?, self.need("oidc_token_file_path")?);
                Arc::new(OidcRoleProvider::with_role(self.role()?, provider.to_owned(), token.into()))
            }
            other => {
                return Err(CredentialsError::broken(format!(
                    "section [{}] has the type {other:?}, which is not supported; use access_key, sts, bearer, \
                     ram_role_arn, ecs_ram_role or oidc_role_arn",
                    self.name.escape_debug()
                )));
            }
        })
    }

    fn access_key(&self) -> Result<Credentials, CredentialsError> {
        Ok(Credentials::access_key(self.need("access_key_id")?, self.need("access_key_secret")?))
    }

    fn role(&self) -> Result<Role, CredentialsError> {
        let mut role = Role::new(self.need("role_arn")?.to_owned());
        role.environment = self.environment.clone();
        role.session_name = self.get("role_session_name").map(str::to_owned);
        role.policy = self.get("policy").map(Secret::new);
        role.external_id = self.get("external_id").map(Secret::new);
        role.region = self.get("sts_region").map(str::to_owned);
        role.duration = match self.get("role_session_expiration").filter(|seconds| *seconds != "0") {
            None => None,
            Some(seconds) => Some(Duration::from_secs(seconds.parse().map_err(|_| {
                let section = self.name.escape_debug();
                CredentialsError::broken(format!("section [{section}] has a role_session_expiration that is no number"))
            })?)),
        };
        Ok(role)
    }
}

/// The values of a section. What is repeated counts last; lines that say nothing are skipped.
fn section<'a>(text: &'a str, name: &str) -> Option<BTreeMap<String, &'a str>> {
    let mut found = None;
    let mut inside = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            inside = rest.split(']').next().is_some_and(|title| title.trim() == name);
            if inside {
                found.get_or_insert_with(BTreeMap::new);
            }
        } else if let (true, Some(values), Some((key, value))) = (inside, &mut found, line.split_once('=')) {
            values.insert(key.trim().to_ascii_lowercase(), without_comment(value));
        }
    }
    found
}

fn without_comment(value: &str) -> &str {
    let end = value.char_indices().zip(value.chars().skip(1)).find_map(|((index, character), next)| {
        (character.is_whitespace() && matches!(next, '#' | ';')).then_some(index)
    });
    value.get(..end.unwrap_or(value.len())).unwrap_or(value).trim()
}

impl ProvideCredentials for IniFileProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.environment.adopt(client);
    }
}
