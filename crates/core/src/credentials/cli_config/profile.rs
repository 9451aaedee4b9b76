//! One profile of the file.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use crate::{
    Document,
    credentials::{Credentials, CredentialsKind, Environment, Secret, answer, role::Role},
    error::CredentialsError,
};

/// Reads the file. What is wrong with the text is not said: it may hold keys.
pub(super) fn parse(text: &str) -> Result<Document, CredentialsError> {
    let document = Document::parse(text).ok().filter(|document| document.as_object().is_some());
    document.ok_or_else(|| CredentialsError::broken("is not a JSON object"))
}

/// The profile of a name.
pub(super) fn find<'a>(document: &'a Document, name: &str) -> Option<Profile<'a>> {
    let profiles = document.get("profiles")?.as_list()?;
    profiles.iter().map(Profile).find(|profile| profile.text("name") == Some(name))
}

/// A profile as the file has it.
#[derive(Clone, Copy)]
pub(super) struct Profile<'a>(&'a Document);

impl<'a> Profile<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.text("name").unwrap_or_default()
    }

    /// A member that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn need(&self, name: &str) -> Result<&'a str, CredentialsError> {
        self.text(name).ok_or_else(|| self.wrong(format_args!("lacks {name}")))
    }

    /// A time in seconds since 1970.
    pub(super) fn time(&self, name: &str) -> Option<SystemTime> {
        answer::epoch(self.0.get(name)?)
    }

    pub(super) fn wrong(&self, problem: impl fmt::Display) -> CredentialsError {
        CredentialsError::broken(format!("profile {:?} {problem}", self.name()))
    }

    /// A long-lived key. A profile without any is one that was never filled in.
    pub(super) fn access_key(&self) -> Result<Credentials, CredentialsError> {
        if self.text("access_key_id").is_none() && self.text("access_key_secret").is_none() {
            return Err(CredentialsError::not_configured(format!("profile {:?} holds no keys", self.name())));
        }
        Ok(Credentials::access_key(self.need("access_key_id")?, self.need("access_key_secret")?))
    }

    /// A temporary key. The tool leaves `sts_expiration` behind when a profile was a sign-in before: an end
    /// that has passed says nothing about this key.
    pub(super) fn temporary_key(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let key =
            Credentials::sts(self.need("access_key_id")?, self.need("access_key_secret")?, self.need("sts_token")?);
        Ok(match self.time("sts_expiration").filter(|end| now < *end) {
            Some(end) => key.expiring_at(end),
            None => key,
        })
    }

    /// The key to assume a role with: a temporary one if there is a token.
    pub(super) fn key_for_role(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        if self.text("sts_token").is_some() { self.temporary_key(now) } else { self.access_key() }
    }

    pub(super) fn bearer(&self) -> Result<Credentials, CredentialsError> {
        match self.text("bearer_token_header_key") {
            Some(header) if !header.eq_ignore_ascii_case("x-acs-bearer-token") => {
                Err(self.wrong("sends its token in a header of its own, which is not supported"))
            }
            _ => Ok(Credentials::bearer(self.need("bearer_token")?)),
        }
    }

    /// Temporary keys that an earlier sign-in has left in the file, while they work.
    pub(super) fn kept_keys(&self, provider: &str, now: SystemTime) -> Option<Credentials> {
        let end = self.time("sts_expiration").filter(|end| now < *end)?;
        let kind = CredentialsKind::AccessKey {
            id: self.text("access_key_id")?.to_owned(),
            secret: Secret::new(self.text("access_key_secret")?),
            token: Some(Secret::new(self.text("sts_token")?)),
        };
        Some(Credentials::new(kind, provider).expiring_at(end))
    }

    pub(super) fn role(&self, environment: &Environment) -> Result<Role, CredentialsError> {
        let mut role = Role::new(self.need("ram_role_arn")?.to_owned());
        role.environment = environment.clone();
        let session_name = self.text("ram_session_name").or_else(|| self.text("role_session_name"));
        role.session_name = session_name.map(str::to_owned);
        role.policy = self.text("policy").map(Secret::new);
        role.external_id = self.text("external_id").map(Secret::new);
        role.region = self.text("sts_region").map(str::to_owned);
        role.vpc = self.0.get("enable_vpc").and_then(Document::as_bool).unwrap_or_default();
        let seconds = self.0.get("expired_seconds").and_then(Document::scalar);
        role.duration = match seconds.filter(|seconds| seconds != "0") {
            None => None,
            Some(seconds) => {
                let seconds = seconds.parse().map_err(|_| self.wrong("has expired_seconds that are no number"))?;
                Some(Duration::from_secs(seconds))
            }
        };
        Ok(role)
    }
}
