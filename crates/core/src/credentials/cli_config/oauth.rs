//! Keys for the tokens of an OAuth sign-in. The refresh token works once: the new one goes back into the
//! file, under a lock that is held from reading the old one on.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use super::{
    cloud_sso::{KEPT_LONG_ENOUGH, bearer, lasts},
    profile::{self, Profile},
    write,
};
use crate::{
    Document,
    credentials::{
        BoxFuture, Credentials, CredentialsKind, Environment, ProvideCredentials, Secret, answer,
        fetch::{Patience, fetch_json},
        file,
    },
    error::CredentialsError,
    runtime::later_date,
    wire::encode_pairs,
};

/// An access token that ends sooner is replaced first.
const TOKEN_LONG_ENOUGH: Duration = Duration::from_secs(1200);

/// Where the vendor's sign-in services are, and who we are to them.
struct Site {
    base: &'static str,
    client_id: &'static str,
}

const CHINA: Site = Site { base: "https://oauth.aliyun.com", client_id: "4038181954557748008" };
const INTERNATIONAL: Site = Site { base: "https://oauth.alibabacloud.com", client_id: "4103531455503354461" };

/// The tokens of a sign-in.
#[derive(Clone, PartialEq)]
struct Tokens {
    access: Secret,
    access_end: Option<SystemTime>,
    refresh: Option<Secret>,
}

/// Tokens that could not be written back, with the refresh token in the file that they replace.
#[derive(Clone, Default)]
pub(super) struct Unsaved(Arc<Mutex<Option<(Secret, Tokens)>>>);

pub(super) struct OAuth {
    site: &'static Site,
    path: PathBuf,
    profile: String,
    kept: Option<Credentials>,
    environment: Environment,
    unsaved: Unsaved,
}

impl OAuth {
    pub(super) fn new(
        profile: &Profile<'_>,
        path: PathBuf,
        environment: &Environment,
        unsaved: &Unsaved,
    ) -> Result<Self, CredentialsError> {
        let site = match profile.text("oauth_site_type").unwrap_or_default().to_ascii_uppercase().as_str() {
            "CN" => &CHINA,
            "INTL" => &INTERNATIONAL,
            _ => return Err(profile.wrong("has an oauth_site_type that is neither CN nor INTL")),
        };
        Ok(Self {
            site,
            path,
            profile: profile.name().to_owned(),
            kept: profile.kept_keys("oauth", environment.clock_ref().now()),
            environment: environment.clone(),
            unsaved: unsaved.clone(),
        })
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let now = self.environment.clock_ref().now();
        if let Some(kept) = &self.kept
            && lasts(kept, later_date(now, KEPT_LONG_ENOUGH))
        {
            return Ok(kept.clone());
        }
        match (self.renew(now).await, &self.kept) {
            // Better than none.
            (Err(_), Some(kept)) if lasts(kept, now) => Ok(kept.clone()),
            (result, _) => result,
        }
    }

    async fn renew(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let path = self.path.clone();
        let home = self.environment.home_directory().map(Path::to_owned);
        // Where nothing can be written we go on without: the tokens are kept in memory then.
        let lock = match file::blocking(move || write::Lock::take(&path, home.as_deref())).await {
            Ok(Some(lock)) => Some(lock),
            // Whoever has it spends the refresh token right now.
            Ok(None) => return Err(broken(&"another process has been renewing the sign-in for too long")),
            Err(error) => {
                tracing::warn!(error = %error.message, "tokens of the sign-in cannot be written back");
                None
            }
        };
        // Another process may have been faster: what counts is what the file says now.
        let file = file::read(self.path.clone(), Some(self.environment.access())).await?;
        let document = profile::parse(&file.text)?;
        let found = profile::find(&document, &self.profile);
        let profile = found.ok_or_else(|| broken(&"the profile is gone"))?;
        if let Some(kept) =
            profile.kept_keys("oauth", now).filter(|kept| lasts(kept, later_date(now, KEPT_LONG_ENOUGH)))
        {
            return Ok(kept);
        }
        let (mut tokens, in_file) = self.tokens(&profile)?;
        let refresh = tokens.refresh.clone();
        if let Some(refresh) = refresh
            && tokens.access_end.is_none_or(|end| end <= later_date(now, TOKEN_LONG_ENOUGH))
        {
            tokens = self.refresh(&refresh, now).await?;
            // The old refresh token is spent: whatever happens next, the new one must not be lost.
            self.save(lock.as_ref(), in_file.as_ref(), &tokens, None).await;
        }
        let credentials = self.exchange(&tokens).await?;
        self.save(lock.as_ref(), in_file.as_ref(), &tokens, Some(&credentials)).await;
        Ok(credentials)
    }

    /// The tokens to use, and the refresh token that the file holds.
    fn tokens(&self, profile: &Profile<'_>) -> Result<(Tokens, Option<Secret>), CredentialsError> {
        let refresh = profile.text("oauth_refresh_token").map(Secret::new);
        let unsaved = self.unsaved.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some((replaced, tokens)), Some(in_file)) = (&*unsaved, &refresh)
            && replaced == in_file
        {
            return Ok((tokens.clone(), refresh));
        }
        let access = profile.text("oauth_access_token");
        if access.is_none() && refresh.is_none() {
            return Err(broken(&"the profile holds no token; sign in with `aliyun configure --mode OAuth`"));
        }
        let access_end = profile.time("oauth_access_token_expire").filter(|_| access.is_some());
        let access = Secret::new(access.unwrap_or_default());
        Ok((Tokens { access, access_end, refresh: refresh.clone() }, refresh))
    }

    /// Trades the refresh token for new ones.
    async fn refresh(&self, refresh: &Secret, now: SystemTime) -> Result<Tokens, CredentialsError> {
        let time = jiff::Timestamp::try_from(now).map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let form = [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh.expose().to_owned()),
            ("client_id", self.site.client_id.to_owned()),
            ("Timestamp", time.unwrap_or_default()),
        ];
        let form = encode_pairs(&form.map(|(name, value)| (name.to_owned(), value)));
        let request = http::Request::post(format!("{}/v1/token", self.site.base))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form));
        let request = request.map_err(|error| broken(&error))?;
        // Once: a refresh token that was used twice ends the sign-in.
        let answer = self.send(&request, 1).await?;
        let text = |name: &str| answer.get(name).and_then(Document::as_str).filter(|text| !text.is_empty());
        let lifetime = answer.get("expires_in").and_then(Document::scalar).and_then(|seconds| seconds.parse().ok());
        Ok(Tokens {
            access: Secret::new(text("access_token").ok_or_else(|| broken(&"the answer lacks access_token"))?),
            access_end: lifetime.and_then(|seconds| now.checked_add(Duration::from_secs(seconds))),
            refresh: Some(text("refresh_token").map_or_else(|| refresh.clone(), Secret::new)),
        })
    }

    /// Gets keys for the access token.
    async fn exchange(&self, tokens: &Tokens) -> Result<Credentials, CredentialsError> {
        let request = http::Request::post(format!("{}/v1/exchange", self.site.base))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("authorization", bearer(&tokens.access).ok_or_else(|| broken(&"the access token is none"))?)
            .body(Bytes::new());
        let request = request.map_err(|error| broken(&error))?;
        let answer = self.send(&request, Patience::NETWORK.attempts).await?;
        answer::temporary(&answer, &answer::CAMEL, "oauth").map_err(|problem| broken(&problem))
    }

    async fn send(&self, request: &http::Request<Bytes>, attempts: u32) -> Result<Document, CredentialsError> {
        let patience = Patience { attempts, ..Patience::NETWORK };
        let transport = &**self.environment.http()?;
        let answer = fetch_json(transport, &**self.environment.entropy_ref(), patience, request).await;
        answer.map_err(|error| {
            broken(&format_args!("{error}; sign in again with `aliyun configure --mode OAuth` if this persists"))
        })
    }

    /// Writes tokens and keys back, or keeps the tokens in memory.
    async fn save(
        &self,
        lock: Option<&write::Lock>,
        replaced: Option<&Secret>,
        tokens: &Tokens,
        keys: Option<&Credentials>,
    ) {
        let written = match lock {
            Some(lock) => {
                let (lock, profile) = (lock.clone(), self.profile.clone());
                let (access, members) = (self.environment.access(), members(tokens, keys));
                let entropy = self.environment.entropy_ref().clone();
                let write = move || lock.update(access, &*entropy, |config| set(config, &profile, members));
                file::blocking(write).await
            }
            None => Err(broken(&"the file is not locked")),
        };
        let mut unsaved = self.unsaved.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (written, replaced) {
            (Ok(()), _) => *unsaved = None,
            (Err(error), Some(replaced)) => {
                tracing::warn!(error = %error.message, "new tokens of the sign-in are kept in memory only");
                *unsaved = Some((replaced.clone(), tokens.clone()));
            }
            (Err(_), None) => {}
        }
    }
}

fn broken(reason: &dyn fmt::Display) -> CredentialsError {
    CredentialsError::broken(format!("OAuth: {reason}"))
}

/// What changes in the profile.
fn members(tokens: &Tokens, keys: Option<&Credentials>) -> Vec<(&'static str, Document)> {
    let seconds = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Document::Number(since.as_secs().to_string())
    };
    let text = |secret: &Secret| Document::from(secret.expose());
    let mut members = vec![("oauth_access_token", text(&tokens.access))];
    members.extend(tokens.access_end.map(|end| ("oauth_access_token_expire", seconds(end))));
    members.extend(tokens.refresh.as_ref().map(|refresh| ("oauth_refresh_token", text(refresh))));
    if let Some(keys) = keys
        && let CredentialsKind::AccessKey { id, secret, token } = keys.kind()
    {
        members.push(("access_key_id", id.as_str().into()));
        members.push(("access_key_secret", text(secret)));
        members.extend(token.as_ref().map(|token| ("sts_token", text(token))));
        members.extend(keys.expires_at().map(|end| ("sts_expiration", seconds(end))));
    }
    members
}

/// Changes members of one profile and nothing else.
fn set(config: &mut Document, profile: &str, changes: Vec<(&'static str, Document)>) -> Option<()> {
    let Document::Object(config) = config else { return None };
    let Document::List(profiles) = config.get_mut("profiles")? else { return None };
    let of_name = |document: &&mut Document| document.get("name").and_then(Document::as_str) == Some(profile);
    let Document::Object(found) = profiles.iter_mut().find(of_name)? else { return None };
    found.extend(changes.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Some(())
}

impl ProvideCredentials for OAuth {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").field("site", &self.site.base).field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsaved(**)")
    }
}
