//! How a request proves who sent it.
//!
//! The signers are plain functions over the parts of a request, so that they can be checked against
//! recorded signatures and used on their own.

mod acs3;
mod roa_v1;
mod rpc_v1;

use std::time::SystemTime;

use jiff::{Timestamp, fmt::strtime};

pub use self::{
    acs3::{Acs3, Acs3Algorithm},
    roa_v1::RoaV1,
    rpc_v1::RpcV1,
};
use crate::{
    credentials::{Credentials, CredentialsKind},
    operation::{Auth, CallStyle, Operation, Service},
    wire::WireRequest,
};

/// Which signature requests carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// ACS3-HMAC-SHA256: covers path, query, body and headers.
    #[default]
    Acs3,
    /// ACS3-HMAC-SM3: the same with the Chinese national hash.
    #[cfg(feature = "sm3")]
    Acs3Sm3,
    /// HMAC-SHA1 as the older documents describe it: RPC v1 or ROA v1, by the style of the operation.
    V1,
}

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
    stamp: &Stamp,
) {
    request.header("host", request.host.clone());
    request.header("x-acs-action", operation.name);
    request.header("x-acs-version", service.version);
    let anonymous = operation.auth == Auth::Anonymous;
    // The vendor's services take unsigned calls in the layout of the first version only.
    let version = if anonymous { SignatureVersion::V1 } else { version };
    let credentials = if anonymous { &Credentials::anonymous() } else { credentials };
    if !credentials.provider().is_empty() && matches!(credentials.kind(), CredentialsKind::AccessKey { .. }) {
        request.header("x-acs-credentials-provider", credentials.provider());
    }
    match (version, operation.style) {
        (SignatureVersion::Acs3, style) => {
            acs3::attach(request, Acs3Algorithm::HmacSha256, style, credentials, stamp);
        }
        #[cfg(feature = "sm3")]
        (SignatureVersion::Acs3Sm3, style) => {
            acs3::attach(request, Acs3Algorithm::HmacSm3, style, credentials, stamp);
        }
        (SignatureVersion::V1, CallStyle::Rpc) => rpc_v1::attach(request, service, operation, credentials, stamp),
        (SignatureVersion::V1, CallStyle::Roa) => roa_v1::attach(request, credentials, stamp),
    }
}

/// `2024-01-02T03:04:05Z`
fn iso8601(time: SystemTime) -> String {
    format_time("%Y-%m-%dT%H:%M:%SZ", time)
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
