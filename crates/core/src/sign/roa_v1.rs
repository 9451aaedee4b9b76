//! HMAC-SHA1 of ROA calls, the vendor's first signature for paths.

use std::collections::BTreeMap;

use http::Method;

use super::{Stamp, hmac_sha1_base64, http_date};
use crate::{
    credentials::{Credentials, CredentialsKind},
    wire::WireRequest,
};

/// The parts of a request that a ROA v1 signature covers; the body is not among them.
#[derive(Clone)]
pub struct RoaV1<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Percent-encoded path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name.
    pub headers: &'a BTreeMap<String, String>,
}

impl RoaV1<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        let mut text = format!("{}\n", self.method);
        for name in ["accept", "content-md5", "content-type", "date"] {
            text.push_str(self.headers.get(name).map_or("", String::as_str));
            text.push('\n');
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")) {
            text.push_str(&format!("{name}:{}\n", value.trim()));
        }
        text.push_str(self.path);
        let mut query: Vec<_> = self.query.iter().collect();
        query.sort();
        for (index, (name, value)) in query.into_iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            if !value.is_empty() {
                text.push('=');
                text.push_str(value);
            }
        }
        text
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        format!("acs {access_key_id}:{}", hmac_sha1_base64(access_key_secret, &self.string_to_sign()))
    }
}

/// Adds date, nonce and proof to a request.
pub(super) fn attach(request: &mut WireRequest, credentials: &Credentials, stamp: &Stamp) {
    request.header("accept", "application/json");
    request.header("date", http_date(stamp.time));
    request.header("x-acs-signature-nonce", &stamp.nonce);
    request.header("x-acs-signature-method", "HMAC-SHA1");
    request.header("x-acs-signature-version", "1.0");
    match credentials.kind() {
        CredentialsKind::AccessKey { id, secret, token } => {
            if let Some(token) = token {
                request.header("x-acs-accesskey-id", id);
                request.header("x-acs-security-token", token.expose());
            }
            let parts = RoaV1 {
                method: &request.method,
                path: &request.path,
                query: &request.query,
                headers: &request.headers,
            };
            let authorization = parts.authorization(id, secret.expose());
            request.header("authorization", authorization);
        }
        CredentialsKind::Bearer(token) => {
            request.header("x-acs-bearer-token", token.expose());
            request.header("x-acs-signature-type", "BEARERTOKEN");
        }
        CredentialsKind::Anonymous => {}
    }
}
