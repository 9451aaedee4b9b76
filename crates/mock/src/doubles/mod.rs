//! What surrounds the API: instance metadata, sign-in exchanges, credential sources, the location service,
//! and the open platform with the object storage that takes files for it.
//!
//! Sources of credentials hand out temporary ones that the gateway then accepts.

mod exchange;
mod imds;
mod location;
mod metadata;
mod sts;
mod upload;

pub use self::upload::UploadedFile;
use self::upload::Uploads;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alicloud_spec::Spec;
use serde_json::{Value, json};

use crate::answer::Random;
use crate::clock::{self, Clock};
use crate::error::{Error, ServiceError};
use crate::keys::Keyring;
use crate::lock::lock;
use crate::reply::Reply;
use crate::request::Request;
use crate::stub::Call;

/// The settings of the services around the API.
///
/// Clones share the same settings. Their requests can be struck by faults and are counted by the ledger
/// under the names `imds/token`, `imds/role`, `imds/credentials`, `imds/data`, `oauth/exchange`,
/// `oauth/token`, `cloudsso/credentials`, `credentials-uri`, `metadata` and `oss/PostObject`.
#[derive(Clone, Debug)]
pub struct Doubles(Arc<Mutex<Settings>>);

#[derive(Debug)]
struct Settings {
    role: String,
    lifetime: Duration,
    only_v2: bool,
    /// Metadata tokens and when they expire.
    tokens: Vec<(String, i64)>,
    access_token: String,
    refresh_token: String,
    metadata: Option<PathBuf>,
    endpoint: String,
    random: Random,
    uploads: Uploads,
}

macro_rules! doubles {
    ($($name:ident = $text:literal,)+) => {
        /// A request to one of the doubles.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Double {
            $($name,)+
        }

        impl Double {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// The name by which faults and the ledger know it.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

doubles! {
    ImdsToken = "imds/token",
    ImdsRole = "imds/role",
    ImdsCredentials = "imds/credentials",
    ImdsData = "imds/data",
    OauthExchange = "oauth/exchange",
    OauthToken = "oauth/token",
    CloudSso = "cloudsso/credentials",
    CredentialsUri = "credentials-uri",
    Metadata = "metadata",
    PostObject = "oss/PostObject",
}

impl Double {
    /// The double that a request is for. API calls name their action or are signed, these do neither.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        const ROLE: &str = "/latest/meta-data/ram/security-credentials";
        if request.headers.contains_key("x-acs-action") || request.headers.contains_key("x-acs-version") {
            return None;
        }
        if upload::is_form(request) {
            return Some(Self::PostObject);
        }
        Some(match request.path() {
            "/latest/api/token" => Self::ImdsToken,
            path if path.trim_end_matches('/') == ROLE => Self::ImdsRole,
            path if path.starts_with(ROLE) => Self::ImdsCredentials,
            path if path.starts_with("/latest/") => Self::ImdsData,
            "/v1/exchange" => Self::OauthExchange,
            "/v1/token" => Self::OauthToken,
            "/cloud-credentials" => Self::CloudSso,
            "/credentials" => Self::CredentialsUri,
            path if path.starts_with("/meta/v1/") => Self::Metadata,
            _ => return None,
        })
    }
}

/// Temporary credentials, just issued.
struct Issued {
    id: String,
    secret: String,
    token: String,
    expiration: String,
}

impl Doubles {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Settings {
            role: "test-role".to_owned(),
            lifetime: Duration::from_secs(3600),
            only_v2: false,
            tokens: Vec::new(),
            access_token: "test-access-token".to_owned(),
            refresh_token: "test-refresh-token".to_owned(),
            metadata: None,
            endpoint: String::new(),
            random: Random::new(seed, &["credentials"]),
            uploads: Uploads::default(),
        })))
    }

    /// The RAM role of the instance; `test-role` at first.
    pub fn role(&self, name: &str) {
        name.clone_into(&mut lock(&self.0).role);
    }

    /// How long issued credentials are good when the caller does not ask for a duration; 1 hour at first.
    pub fn lifetime(&self, lifetime: Duration) {
        lock(&self.0).lifetime = lifetime;
    }

    /// Refuses metadata requests without a token, as instances in hardened mode do.
    pub fn require_imds_v2(&self) {
        lock(&self.0).only_v2 = true;
    }

    /// The access token that the exchanges of OAuth and CloudSSO take; `test-access-token` at first.
    pub fn access_token(&self, token: &str) {
        token.clone_into(&mut lock(&self.0).access_token);
    }

    /// The refresh token that OAuth takes; `test-refresh-token` at first.
    pub fn refresh_token(&self, token: &str) {
        token.clone_into(&mut lock(&self.0).refresh_token);
    }

    /// Serves API metadata for download from `<folder>/<product>/<version>.json`.
    pub fn metadata(&self, folder: impl Into<PathBuf>) {
        lock(&self.0).metadata = Some(folder.into());
    }

    /// Tells callers to upload files to another host than the gateway.
    pub fn upload_endpoint(&self, host: &str) {
        lock(&self.0).uploads.endpoint = Some(host.to_owned());
    }

    /// The files that were uploaded, in the order of their arrival.
    pub fn uploads(&self) -> Vec<UploadedFile> {
        lock(&self.0).uploads.arrived.clone()
    }

    pub(crate) fn at(&self, endpoint: &str) {
        endpoint.clone_into(&mut lock(&self.0).endpoint);
    }

    /// Answers a request to a double.
    pub(crate) fn answer(&self, double: Double, request: &Request, keys: &Keyring, clock: &Clock) -> Reply {
        let mut settings = lock(&self.0);
        let reply = match double {
            Double::ImdsToken | Double::ImdsRole | Double::ImdsCredentials | Double::ImdsData => {
                imds::answer(&mut settings, double, request, keys, clock)
            }
            Double::OauthExchange => exchange::oauth(&mut settings, request, keys, clock),
            Double::OauthToken => exchange::refresh(&mut settings, request),
            Double::CloudSso => exchange::cloud_sso(&mut settings, request, keys, clock),
            Double::CredentialsUri => {
                issue(&mut settings, None, keys, clock).map(|issued| Reply::document(200, success(&issued, clock)))
            }
            Double::Metadata => metadata::answer(&settings, request),
            Double::PostObject => Ok(upload::store(&mut settings, request, clock)),
        };
        reply.unwrap_or_else(Reply::from)
    }

    /// The answer of an operation that issues credentials, tells endpoints or grants uploads.
    pub(crate) fn operation(&self, call: &Call, keys: &Keyring, clock: &Clock) -> Option<Result<Value, ServiceError>> {
        match call.product.as_str() {
            "sts" => sts::answer(&mut lock(&self.0), call, keys, clock),
            "location" => location::answer(&lock(&self.0), call),
            "openplatform" => upload::authorize(&mut lock(&self.0), call, clock),
            _ => None,
        }
    }
}

/// The specs of the operations that the doubles answer, for gateways that load none of their own.
pub(crate) fn specs() -> Result<Vec<Spec>, Error> {
    const SPECS: [(&str, &str); 3] = [
        ("sts", include_str!("sts.json")),
        ("location", include_str!("location.json")),
        ("openplatform", include_str!("openplatform.json")),
    ];
    SPECS
        .into_iter()
        .map(|(file, text)| Spec::parse(file, text).map_err(|error| Error::Spec(error.to_string())))
        .collect()
}

fn issue(
    settings: &mut Settings,
    lifetime: Option<Duration>,
    keys: &Keyring,
    clock: &Clock,
) -> Result<Issued, ServiceError> {
    let lifetime = lifetime.unwrap_or(settings.lifetime);
    let mut words = |count: usize| (0..count).map(|_| settings.random.word()).collect::<String>();
    let (id, secret, token) = (format!("STS.{}", words(3)), words(4), format!("{}+/{}==", words(4), words(4)));
    keys.add_temporary(&id, &secret, &token, lifetime)
        .map_err(|error| ServiceError::new(500, "InternalError", error.to_string()))?;
    let seconds = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX / 4);
    Ok(Issued { id, secret, token, expiration: clock::iso8601(clock.millis().saturating_add(seconds)) })
}

/// Credentials as metadata service and credentials URI write them.
fn success(issued: &Issued, clock: &Clock) -> Value {
    json!({
        "Code": "Success",
        "AccessKeyId": issued.id,
        "AccessKeySecret": issued.secret,
        "SecurityToken": issued.token,
        "Expiration": issued.expiration,
        "LastUpdated": clock::iso8601(clock.millis()),
    })
}

fn bearer(request: &Request) -> &str {
    request.header("authorization").and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default()
}
