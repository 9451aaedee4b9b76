//! How a request proves who sent it.
//!
//! The signers are plain functions over the parts of a request, so that they can be checked against
//! recorded signatures and used on their own.

mod acs3;
mod oss;
mod roa_v1;
mod rpc_v1;
mod sls;
mod v4;

use std::{fmt, time::SystemTime};

use jiff::{Timestamp, fmt::strtime};

pub use self::{
    acs3::{Acs3, Acs3Algorithm},
    oss::{OssV1, OssV4},
    roa_v1::RoaV1,
    rpc_v1::RpcV1,
    sls::{SlsV1, SlsV4},
};
use crate::{
    credentials::{Credentials, CredentialsKind},
    error::ConfigError,
    operation::{Auth, CallStyle, Operation, Protocol, Service},
    wire::WireRequest,
};

/// Which signature requests carry.
///
/// | | default | `V1` | `V4` |
/// |---|---|---|---|
/// | most services | ACS3-HMAC-SHA256 | RPC v1 or ROA v1 | ACS3-HMAC-SHA256 |
/// | log service | `LOG` with HMAC-SHA256 | the same | SLS4-HMAC-SHA256 |
/// | object storage | OSS4-HMAC-SHA256 | `OSS` with HMAC-SHA1 | OSS4-HMAC-SHA256 |
/// | drive and photo service | ROA v1 | the same | the same |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// ACS3-HMAC-SHA256: covers path, query, body and headers. Services with a signature of their own get
    /// the one that the vendor's SDKs use.
    #[default]
    Acs3,
    /// ACS3-HMAC-SM3: the same with the Chinese national hash.
    #[cfg(feature = "sm3")]
    Acs3Sm3,
    /// HMAC-SHA1 as the older documents describe it: RPC v1 or ROA v1, by the style of the operation.
    V1,
    /// The fourth version, where a service has one. It covers the region, which has to be set.
    V4,
}

impl SignatureVersion {
    /// The hash of the body that the signature covers.
    pub(crate) fn body_hash(self) -> Option<Acs3Algorithm> {
        match self {
            Self::Acs3 | Self::V4 => Some(Acs3Algorithm::HmacSha256),
            #[cfg(feature = "sm3")]
            Self::Acs3Sm3 => Some(Acs3Algorithm::HmacSm3),
            Self::V1 => None,
        }
    }
}

/// Of the parts of a request the method alone is printed: the others may hold secrets.
macro_rules! print_method_only {
    ($($parts:ident),*) => {$(
        impl fmt::Debug for $parts<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($parts)).field("method", self.method).finish_non_exhaustive()
            }
        }
    )*};
}
print_method_only!(Acs3, OssV1, OssV4, RoaV1, RpcV1, SlsV1, SlsV4);

/// What a request is stamped with; fresh for every attempt.
pub(crate) struct Stamp {
    pub(crate) time: SystemTime,
    pub(crate) nonce: String,
}

/// Attaches what identifies the operation and proves who calls it.
pub(crate) fn sign(
    request: &mut WireRequest,
    service: &Service,
    operation: &Operation,
    credentials: &Credentials,
    version: SignatureVersion,
    region: Option<&str>,
    stamp: &Stamp,
) -> Result<(), ConfigError> {
    request.header("host", request.authority());
    if operation.auth == Auth::Bearer && !matches!(credentials.kind(), CredentialsKind::Bearer(_)) {
        let message = format!(
            "{} takes a bearer token, and no access key is shown to it: configure Credentials::bearer(…)",
            operation.name
        );
        return Err(ConfigError { message });
    }
    let unsigned = Credentials::anonymous();
    let credentials = if operation.auth == Auth::Anonymous { &unsigned } else { credentials };
    match service.protocol {
        Protocol::Standard => standard(request, service, operation, credentials, version, stamp)?,
        Protocol::Sls => sls::attach(request, credentials, version, region, stamp)?,
        Protocol::Oss => {
            let fixed = operation.path.split_once('?').map_or("", |(_, fixed)| fixed);
            oss::attach(request, fixed, credentials, version, region, stamp)?;
        }
        Protocol::Pds => drive(request, service, operation, credentials, stamp),
    }
    Ok(())
}

/// The protocol of most services.
fn standard(
    request: &mut WireRequest,
    service: &Service,
    operation: &Operation,
    credentials: &Credentials,
    version: SignatureVersion,
    stamp: &Stamp,
) -> Result<(), ConfigError> {
    name_operation(request, service, operation);
    // The vendor's services take unsigned calls in the layout of the first version only.
    let version = if operation.auth == Auth::Anonymous { SignatureVersion::V1 } else { version };
    if !credentials.provider().is_empty() && matches!(credentials.kind(), CredentialsKind::AccessKey { .. }) {
        request.header("x-acs-credentials-provider", credentials.provider());
    }
    match (version, operation.style) {
        (SignatureVersion::Acs3 | SignatureVersion::V4, style) => {
            acs3::attach(request, Acs3Algorithm::HmacSha256, style, credentials, stamp);
        }
        #[cfg(feature = "sm3")]
        (SignatureVersion::Acs3Sm3, style) => {
            acs3::attach(request, Acs3Algorithm::HmacSm3, style, credentials, stamp);
        }
        (SignatureVersion::V1, CallStyle::Rpc) => rpc_v1::attach(request, service, operation, credentials, stamp)?,
        (SignatureVersion::V1, CallStyle::Roa) => roa_v1::attach(request, credentials, stamp),
    }
    Ok(())
}

/// ROA v1, and bearer tokens where the rest of the world has them, too.
fn drive(
    request: &mut WireRequest,
    service: &Service,
    operation: &Operation,
    credentials: &Credentials,
    stamp: &Stamp,
) {
    name_operation(request, service, operation);
    roa_v1::attach(request, credentials, stamp);
    if let CredentialsKind::Bearer(token) = credentials.kind() {
        request.header("authorization", format!("Bearer {}", token.expose()));
    }
}

fn name_operation(request: &mut WireRequest, service: &Service, operation: &Operation) {
    request.header("x-acs-action", operation.name);
    request.header("x-acs-version", service.version);
}

/// `2024-01-02T03:04:05Z`
fn iso8601(time: SystemTime) -> String {
    format_time("%Y-%m-%dT%H:%M:%SZ", time)
}

/// `20240102T030405Z`
fn compact_iso8601(time: SystemTime) -> String {
    format_time("%Y%m%dT%H%M%SZ", time)
}

/// `Tue, 02 Jan 2024 03:04:05 GMT`
pub(crate) fn http_date(time: SystemTime) -> String {
    format_time("%a, %d %b %Y %H:%M:%S GMT", time)
}

fn format_time(format: &str, time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC);
    strtime::format(format, &time).unwrap_or_default()
}

/// HMAC of a text in base64, with SHA-1 as the first version of the signatures has it.
fn hmac_sha1_base64(key: &str, text: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use hmac::{KeyInit as _, Mac as _};
    match hmac::Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(text.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        }
        // HMAC takes keys of any length.
        Err(_) => String::new(),
    }
}
