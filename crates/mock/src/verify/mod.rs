//! Who makes a request, judged from its raw bytes alone.
//!
//! Nothing here is shared with the client runtime: this is the second opinion about signatures.

pub(crate) mod acs3;
mod anonymous;
mod bearer;
pub(crate) mod diagnose;
mod nonce;
mod oss;
pub(crate) mod roa_v1;
pub(crate) mod rpc_v1;
mod scoped;
mod sls;
#[cfg(test)]
mod tests;
mod time;

use alicloud_spec::{Auth, Operation};
use base64::Engine as _;
use subtle::ConstantTimeEq as _;

pub(crate) use nonce::Nonces;
use scoped::Scoped;

use crate::checks::{Check, Checks};
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::keys::{Key, Keyring, is_real};
use crate::request::Request;

/// How a request authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Acs3,
    RpcV1,
    RoaV1,
    SlsV1,
    SlsV4,
    OssV1,
    OssV4,
    Bearer,
    Anonymous,
}

impl Scheme {
    /// Decides by what the request carries, not by what the operation wants.
    pub(crate) fn of(request: &Request) -> Self {
        let authorization = request.header("authorization").unwrap_or_default();
        if authorization.starts_with("ACS3-") {
            Self::Acs3
        } else if authorization.starts_with("acs ") {
            Self::RoaV1
        } else if authorization.starts_with("LOG ") {
            Self::SlsV1
        } else if authorization.starts_with("SLS4-") {
            Self::SlsV4
        } else if authorization.starts_with("OSS ") {
            Self::OssV1
        } else if authorization.starts_with("OSS4-") {
            Self::OssV4
        } else if request.header("x-acs-bearer-token").is_some() || request.parameter("BearerToken").is_some() {
            Self::Bearer
        } else if request.parameter("Signature").is_some() || request.parameter("AccessKeyId").is_some() {
            Self::RpcV1
        } else {
            Self::Anonymous
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Acs3 => "ACS3-HMAC-SHA256",
            Self::RpcV1 => "RPC HMAC-SHA1",
            Self::RoaV1 => "ROA HMAC-SHA1",
            Self::SlsV1 => "LOG",
            Self::SlsV4 => sls::V4,
            Self::OssV1 => "OSS HMAC-SHA1",
            Self::OssV4 => oss::V4,
            Self::Bearer => "bearer token",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A verified caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) scheme: Scheme,
    /// Access key id; absent for bearer tokens and anonymous calls.
    pub(crate) access_key_id: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Rules that could not be applied to this request.
    pub(crate) unverified: Vec<&'static str>,
}

/// What verification needs to know.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) keys: Keyring,
    pub(crate) clock: Clock,
    pub(crate) nonces: Nonces,
    pub(crate) checks: Checks,
}

/// What a scheme reads from a request before anything is judged.
struct Claim<'a> {
    access_key_id: &'a str,
    token: Option<&'a str>,
    /// Timestamp as sent, and how that scheme writes it.
    time: Option<(&'a str, time::Format)>,
    nonce: Option<&'a str>,
    /// The scheme has no nonce: the same request is accepted again.
    replayable: bool,
}

impl Verifier {
    /// Refuses requests that are signed by what looks like a key of a real account, whatever they ask for.
    pub(crate) fn refuse_real_keys(&self, request: &Request) -> Result<(), ServiceError> {
        if !self.checks.enforces(Check::RealKeys) {
            return Ok(());
        }
        let authorization = request.header("authorization").unwrap_or_default();
        let ids = authorization.split(':').next().unwrap_or_default().split([' ', '=', ',']);
        let parameters = ["AccessKeyId", "OSSAccessKeyId"].into_iter().filter_map(|name| request.parameter(name));
        if !ids.chain(parameters).any(is_real) {
            return Ok(());
        }
        let reason = "The access key looks like one of a real account. This is a test double: take the key out of \
                      this program's configuration and use an invented one, such as `testid`.";
        Err(ServiceError::entry(403, "RealAccessKey", reason))
    }

    /// Verifies a request for an operation.
    pub(crate) fn verify(&self, request: &Request, operation: &Operation) -> Result<Caller, ServiceError> {
        if let Some(reason) = &request.malformed {
            return Err(ServiceError::entry(400, "InvalidParameter", format!("The request cannot be read: {reason}.")));
        }
        let scheme = Scheme::of(request);
        match (operation.auth, scheme) {
            (Auth::Anonymous, scheme) => anonymous::verify(self, request, operation, scheme),
            (_, Scheme::Bearer) => bearer::verify(self, request),
            (Auth::Bearer, _) if self.checks.enforces(Check::Signature) => {
                Err(ServiceError::entry(401, "InvalidBearerToken", "The operation takes bearer tokens only."))
            }
            (_, Scheme::Acs3) => {
                self.signed(scheme, acs3::claim(request)?, |key| acs3::verify(self, request, key, operation))
            }
            (_, Scheme::RpcV1) => {
                self.signed(scheme, rpc_v1::claim(request)?, |key| rpc_v1::verify(self, request, key, operation))
            }
            (_, Scheme::RoaV1) => {
                self.signed(scheme, roa_v1::claim(request)?, |key| roa_v1::verify(self, request, key, operation))
            }
            (_, Scheme::SlsV1) => {
                self.signed(scheme, sls::claim(request)?, |key| sls::verify(self, request, key, operation))
            }
            (_, Scheme::SlsV4) => {
                self.signed(scheme, sls::claim_v4(request)?, |key| sls::verify_v4(self, request, key, operation))
            }
            (_, Scheme::OssV1) => {
                self.signed(scheme, oss::claim(request)?, |key| oss::verify(self, request, key, operation))
            }
            (_, Scheme::OssV4) => {
                self.signed(scheme, oss::claim_v4(request)?, |key| oss::verify_v4(self, request, key, operation))
            }
            (_, Scheme::Anonymous) if !self.checks.enforces(Check::Signature) => Ok(Caller::unsigned(scheme)),
            (_, Scheme::Anonymous) => {
                Err(ServiceError::entry(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action."))
            }
        }
    }

    /// The steps that all signatures share, in the order of the vendor's entry: key, time, signature,
    /// token, and only then the nonce, so that a bad request does not use one up.
    fn signed<'a>(
        &self,
        scheme: Scheme,
        claim: Claim<'a>,
        verify: impl FnOnce(&Key) -> Result<Vec<&'static str>, ServiceError>,
    ) -> Result<Caller, ServiceError> {
        let key = self.keys.key(claim.access_key_id);
        let key = key.as_ref().filter(|_| self.checks.enforces(Check::Signature));
        if key.is_none() && self.checks.enforces(Check::Signature) {
            let reason = "Specified access key is not found.";
            return Err(ServiceError::entry(404, "InvalidAccessKeyId.NotFound", reason));
        }
        self.timely(claim.time)?;
        let unverified = key.map(verify).transpose()?.unwrap_or_default();
        key.map_or(Ok(()), |key| self.token(key, claim.token))?;
        if !claim.replayable {
            self.fresh(claim.access_key_id, claim.nonce)?;
        }
        Ok(Caller {
            scheme,
            access_key_id: Some(claim.access_key_id.to_owned()),
            nonce: claim.nonce.map(str::to_owned),
            unverified,
        })
    }

    /// Verifies the body of a scheme that leaves it to the header `content-md5`; says when nobody vouches for it.
    fn digest(&self, request: &Request) -> Result<Vec<&'static str>, ServiceError> {
        use md5::Digest as _;
        let Some(claimed) = request.header("content-md5").filter(|_| self.checks.enforces(Check::PayloadHash)) else {
            return Ok(if request.body.is_empty() { Vec::new() } else { vec!["unsigned-payload"] });
        };
        let digest = base64(&md5::Md5::digest(&request.body));
        if claimed == digest {
            return Ok(Vec::new());
        }
        let reason = format!("The body has the MD5 `{digest}`, content-md5 says `{claimed}`.");
        Err(ServiceError::entry(400, "InvalidDigest", reason))
    }

    fn timely(&self, claimed: Option<(&str, time::Format)>) -> Result<(), ServiceError> {
        if self.checks.enforces(Check::Timestamp) { time::verify(claimed, self.clock.millis()) } else { Ok(()) }
    }

    fn fresh(&self, owner: &str, nonce: Option<&str>) -> Result<(), ServiceError> {
        if self.checks.enforces(Check::Nonce) { self.nonces.take(owner, nonce, self.clock.millis()) } else { Ok(()) }
    }

    fn token(&self, key: &Key, token: Option<&str>) -> Result<(), ServiceError> {
        if !self.checks.enforces(Check::SecurityToken) {
            return Ok(());
        }
        match (&key.token, token) {
            (None, None) => Ok(()),
            (Some(_), None) => Err(ServiceError::entry(
                400,
                "MissingSecurityToken",
                "SecurityToken is mandatory for this action: the access key is a temporary one.",
            )),
            (None, Some(_)) => Err(ServiceError::entry(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken does not belong to the AccessKeyId: that key is a permanent one.",
            )),
            (Some(known), Some(sent)) if **known != *sent => Err(ServiceError::entry(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken does not belong to the AccessKeyId.",
            )),
            (Some(_), Some(_)) if key.expires.is_some_and(|at| at <= self.clock.millis()) => {
                Err(ServiceError::entry(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."))
            }
            (Some(_), Some(_)) => Ok(()),
        }
    }
}

impl Caller {
    fn unsigned(scheme: Scheme) -> Self {
        Self { scheme, access_key_id: None, nonce: None, unverified: Vec::new() }
    }
}

/// Compares without telling by time where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    bool::from(a.ct_eq(b))
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

fn hmac_sha1(secret: &[u8], text: &str) -> Vec<u8> {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    // Every length of key is accepted; an empty tag never equals a signature.
    Hmac::<sha1::Sha1>::new_from_slice(secret).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}

fn hmac_sha256(secret: &[u8], text: &str) -> Vec<u8> {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    Hmac::<sha2::Sha256>::new_from_slice(secret).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}

fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(bytes))
}
