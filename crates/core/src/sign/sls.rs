//! The signatures of the log service: `LOG`, which its SDKs use, and SLS4-HMAC-SHA256.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::Method;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{
    SignatureVersion, Stamp, compact_iso8601, hmac_sha1_base64, http_date,
    v4::{self, Scope},
};
use crate::{
    credentials::{Credentials, CredentialsKind},
    error::ConfigError,
    runtime::hex,
    wire::{WireRequest, encode},
};

/// The version of the log service's protocol.
const API_VERSION: &str = "0.6.0";

/// The parts of a request that a `LOG` signature covers.
#[derive(Clone)]
pub struct SlsV1<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name. `x-log-signaturemethod` names the hash: `hmac-sha256`, or `hmac-sha1`.
    pub headers: &'a BTreeMap<String, String>,
}

impl SlsV1<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        let mut text = format!("{}\n", self.method);
        for name in ["content-md5", "content-type", "date"] {
            text.push_str(self.headers.get(name).map_or("", String::as_str));
            text.push('\n');
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| is_own(name)) {
            text.push_str(&format!("{name}:{}\n", value.trim()));
        }
        text.push_str(self.path);
        let mut query: Vec<_> = self.query.iter().collect();
        query.sort();
        for (index, (name, value)) in query.into_iter().enumerate() {
            text.push_str(&format!("{}{name}={value}", if index == 0 { '?' } else { '&' }));
        }
        text
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        let text = self.string_to_sign();
        let signature = match self.headers.get("x-log-signaturemethod").map(String::as_str) {
            Some("hmac-sha1") => hmac_sha1_base64(access_key_secret, &text),
            _ => BASE64_STANDARD.encode(v4::hmac_sha256(access_key_secret.as_bytes(), text.as_bytes())),
        };
        format!("LOG {access_key_id}:{signature}")
    }
}

/// The parts of a request that an SLS4-HMAC-SHA256 signature covers.
#[derive(Clone)]
pub struct SlsV4<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name; `host`, `content-type` and those of the service are signed. Time and
    /// hash of the body are read from `x-log-date` and `x-log-content-sha256`.
    pub headers: &'a BTreeMap<String, String>,
    /// Region of the service.
    pub region: &'a str,
}

impl SlsV4<'_> {
    /// The text that the signature is computed from, before hashing.
    pub fn canonical_request(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        let signed =
            || self.headers.iter().filter(|(name, _)| *name == "host" || *name == "content-type" || is_own(name));
        let headers: String = signed().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let names: Vec<_> = signed().map(|(name, _)| name.as_str()).collect();
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{}",
            self.method,
            v4_query(self.query),
            names.join(";"),
            self.header("x-log-content-sha256")
        )
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        const ALGORITHM: &str = "SLS4-HMAC-SHA256";
        let time = self.header("x-log-date");
        let scope = Scope { date: time.get(..8).unwrap_or_default(), region: self.region, product: "sls" };
        let signature = scope.sign(ALGORITHM, time, &self.canonical_request(), access_key_secret);
        format!("{ALGORITHM} Credential={access_key_id}/{},Signature={signature}", scope.text())
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// Names and values encoded, in the order of the encoded names; no equals sign without a value.
pub(super) fn v4_query(query: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let pair = |(name, value): &(_, std::borrow::Cow<'_, str>)| match value.is_empty() {
        true => format!("{name}"),
        false => format!("{name}={value}"),
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Headers that belong to the service.
fn is_own(name: &str) -> bool {
    name.starts_with("x-log-") || name.starts_with("x-acs-")
}

/// Adds the headers of the service, date and proof to a request.
pub(super) fn attach(
    request: &mut WireRequest,
    credentials: &Credentials,
    version: SignatureVersion,
    region: Option<&str>,
    stamp: &Stamp,
) -> Result<(), ConfigError> {
    request.default_header("accept", "application/json");
    request.default_header("content-type", "application/json");
    request.header("x-log-apiversion", API_VERSION);
    request.default_header("x-log-bodyrawsize", request.body.len().to_string());
    let CredentialsKind::AccessKey { id, secret, token } = credentials.kind() else {
        return match credentials.kind() {
            CredentialsKind::Anonymous => Ok(()),
            _ => Err(ConfigError {
                message: "the log service takes access keys, not bearer tokens: configure other credentials".to_owned(),
            }),
        };
    };
    if let Some(token) = token {
        request.header("x-acs-security-token", token.expose());
    }
    let (method, path) = (request.method.clone(), request.path.clone());
    let authorization = if version == SignatureVersion::V4 {
        request.header("x-log-date", compact_iso8601(stamp.time));
        request.header("x-log-content-sha256", hex(&Sha256::digest(&request.body)));
        let region = v4::region(region)?;
        SlsV4 { method: &method, path: &path, query: &request.query, headers: &request.headers, region }
            .authorization(id, secret.expose())
    } else {
        request.default_header("x-log-signaturemethod", "hmac-sha256");
        request.header("date", http_date(stamp.time));
        let md5 = if request.body.is_empty() { String::new() } else { hex(&Md5::digest(&request.body)).to_uppercase() };
        request.header("content-md5", md5);
        SlsV1 { method: &method, path: &path, query: &request.query, headers: &request.headers }
            .authorization(id, secret.expose())
    };
    request.header("authorization", authorization);
    Ok(())
}
