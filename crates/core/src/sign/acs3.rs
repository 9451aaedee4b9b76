//! ACS3-HMAC-SHA256, the vendor's current signature.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use sha2::{Digest as _, Sha256};

use super::{Stamp, iso8601};
use crate::{
    credentials::{Credentials, CredentialsKind},
    operation::CallStyle,
    runtime::hex,
    wire::{WireRequest, encode},
};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The parts of a request that an ACS3 signature covers.
#[derive(Clone, Debug)]
pub struct Acs3<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Percent-encoded path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name; `host`, `content-type` and those that begin with `x-acs-` are signed.
    pub headers: &'a BTreeMap<String, String>,
    /// SHA-256 of the body in hexadecimal.
    pub payload_hash: &'a str,
}

impl Acs3<'_> {
    /// SHA-256 of a body in hexadecimal.
    pub fn hash(body: &[u8]) -> String {
        hex(&Sha256::digest(body))
    }

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
        format!("{ALGORITHM}\n{}", Self::hash(self.canonical_request().as_bytes()))
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        let signature = match Hmac::<Sha256>::new_from_slice(access_key_secret.as_bytes()) {
            Ok(mut mac) => {
                mac.update(self.string_to_sign().as_bytes());
                hex(&mac.finalize().into_bytes())
            }
            // HMAC takes keys of any length.
            Err(_) => String::new(),
        };
        format!("{ALGORITHM} Credential={access_key_id},SignedHeaders={},Signature={signature}", self.signed_headers())
    }

    fn signed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.headers.iter().filter(|(name, _)| *name == "host" || *name == "content-type" || name.starts_with("x-acs-"))
    }

    fn signed_headers(&self) -> String {
        self.signed().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }
}

/// Adds date, nonce, payload hash and proof to a request.
pub(super) fn attach(request: &mut WireRequest, style: CallStyle, credentials: &Credentials, stamp: &Stamp) {
    let payload_hash = Acs3::hash(&request.body);
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
