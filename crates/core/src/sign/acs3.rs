//! ACS3, the vendor's current signature.

use std::collections::BTreeMap;

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use http::Method;
use sha2::{Digest as _, Sha256, digest::DynDigest};

use super::{Stamp, iso8601};
use crate::{
    credentials::{Credentials, CredentialsKind},
    operation::CallStyle,
    runtime::hex,
    wire::{WireRequest, encode},
};

/// The hash of an ACS3 signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acs3Algorithm {
    /// SHA-256.
    #[default]
    HmacSha256,
    /// SM3, the Chinese national standard.
    #[cfg(feature = "sm3")]
    HmacSm3,
}

impl Acs3Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "ACS3-HMAC-SHA256",
            #[cfg(feature = "sm3")]
            Self::HmacSm3 => "ACS3-HMAC-SM3",
        }
    }

    /// Hash of a text or body in hexadecimal.
    pub fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::HmacSha256 => hex(&Sha256::digest(bytes)),
            #[cfg(feature = "sm3")]
            Self::HmacSm3 => hex(&sm3::Sm3::digest(bytes)),
        }
    }

    /// Hash of a body that is read piece by piece.
    pub(crate) fn hasher(self) -> Hasher {
        match self {
            Self::HmacSha256 => Hasher(Box::new(Sha256::new())),
            #[cfg(feature = "sm3")]
            Self::HmacSm3 => Hasher(Box::new(sm3::Sm3::new())),
        }
    }

    fn hmac(self, key: &str, text: &str) -> String {
        match self {
            Self::HmacSha256 => hmac::<Sha256>(key, text),
            #[cfg(feature = "sm3")]
            Self::HmacSm3 => hmac::<sm3::Sm3>(key, text),
        }
    }
}

/// A hash that is not finished.
pub(crate) struct Hasher(Box<dyn DynDigest + Send>);

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash in hexadecimal.
    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hmac<H: EagerHash>(key: &str, text: &str) -> String {
    match Hmac::<H>::new_from_slice(key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(text.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        // HMAC takes keys of any length.
        Err(_) => String::new(),
    }
}

/// The parts of a request that an ACS3 signature covers.
#[derive(Clone)]
pub struct Acs3<'a> {
    /// The hash.
    pub algorithm: Acs3Algorithm,
    /// HTTP method.
    pub method: &'a Method,
    /// Percent-encoded path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name; `host`, `content-type` and those that begin with `x-acs-` are signed.
    pub headers: &'a BTreeMap<String, String>,
    /// Hash of the body in hexadecimal.
    pub payload_hash: &'a str,
}

impl Acs3<'_> {
    /// The text that the signature is computed from, before hashing.
    pub fn canonical_request(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        let mut query: Vec<_> = self.query.iter().collect();
        query.sort();
        // Names stay as they are: so do the vendor's own signers it.
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let headers: String = self.signed().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{}",
            self.method,
            query.join("&"),
            self.signed_headers(),
            self.payload_hash
        )
    }

    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        format!("{}\n{}", self.algorithm.name(), self.algorithm.hash(self.canonical_request().as_bytes()))
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        let signature = self.algorithm.hmac(access_key_secret, &self.string_to_sign());
        format!(
            "{} Credential={access_key_id},SignedHeaders={},Signature={signature}",
            self.algorithm.name(),
            self.signed_headers()
        )
    }

    fn signed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.headers.iter().filter(|(name, _)| *name == "host" || *name == "content-type" || name.starts_with("x-acs-"))
    }

    fn signed_headers(&self) -> String {
        self.signed().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }
}

/// Adds date, nonce, payload hash and proof to a request.
pub(super) fn attach(
    request: &mut WireRequest,
    algorithm: Acs3Algorithm,
    style: CallStyle,
    credentials: &Credentials,
    stamp: &Stamp,
) {
    let payload_hash = request.body_hash.take().unwrap_or_else(|| algorithm.hash(&request.body));
    request.header("accept", "application/json");
    request.header("x-acs-date", iso8601(stamp.time));
    request.header("x-acs-signature-nonce", &stamp.nonce);
    request.header("x-acs-content-sha256", &payload_hash);
    match credentials.kind() {
        CredentialsKind::AccessKey { id, secret, token } => {
            if let Some(token) = token {
                request.header("x-acs-accesskey-id", id);
                request.header("x-acs-security-token", token.expose());
            }
            let parts = Acs3 {
                algorithm,
                method: &request.method,
                path: &request.path,
                query: &request.query,
                headers: &request.headers,
                payload_hash: &payload_hash,
            };
            let authorization = parts.authorization(id, secret.expose());
            request.header("authorization", authorization);
        }
        CredentialsKind::Bearer(token) => {
            request.header("x-acs-bearer-token", token.expose());
            match style {
                CallStyle::Rpc => request.push_query("SignatureType", "BEARERTOKEN"),
                CallStyle::Roa => request.header("x-acs-signature-type", "BEARERTOKEN"),
            }
        }
        CredentialsKind::Anonymous => {}
    }
}
