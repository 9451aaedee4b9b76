//! ROA HMAC-SHA1: a signature over method, some headers, path and query; the body takes part by its MD5, if at
//! all.

use alicloud_spec::Operation;

use super::diagnose::{self, Witness};
use super::time::Format;
use super::{Claim, Verifier, base64, hmac_sha1, same};
use crate::error::ServiceError;
use crate::keys::Key;
use crate::request::Request;

fn authorization(request: &Request) -> Result<(&str, &str), ServiceError> {
    let text = request.header("authorization").unwrap_or_default();
    text.strip_prefix("acs ").and_then(|rest| rest.split_once(':')).ok_or_else(|| {
        let reason = "The request signature is incomplete: Authorization has to be `acs <key>:<signature>`.";
        ServiceError::entry(400, "IncompleteSignature", reason)
    })
}

pub(super) fn claim(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: authorization(request)?.0,
        token: request.header("x-acs-security-token"),
        time: request.header("date").map(|text| (text, Format::Http)),
        nonce: request.header("x-acs-signature-nonce"),
        replayable: false,
    })
}

pub(super) fn verify(
    verifier: &Verifier,
    request: &Request,
    key: &Key,
    operation: &Operation,
) -> Result<Vec<&'static str>, ServiceError> {
    for (name, only) in [("x-acs-signature-method", "HMAC-SHA1"), ("x-acs-signature-version", "1.0")] {
        let value = request.header(name).unwrap_or_default();
        if value != only {
            let reason = format!("The header {name} is `{value}`; only `{only}` is verified here.");
            return Err(ServiceError::entry(400, "InvalidSignatureMethod", reason));
        }
    }
    let (_, sent) = authorization(request)?;
    // Go and Python sign an empty value as the bare name, TypeScript as `name=`.
    for bare in [true, false] {
        let signature = base64(&hmac_sha1(key.secret.as_bytes(), &to_sign(request, bare)));
        if same(signature.as_bytes(), sent.as_bytes()) {
            return verifier.digest(request);
        }
    }
    Err(diagnose::roa_v1(&Witness { request, key, operation, sent }))
}

/// What the client has to have signed.
pub(super) fn to_sign(request: &Request, bare_empty: bool) -> String {
    let mut text = request.method.to_string();
    text.push('\n');
    for name in ["accept", "content-md5", "content-type", "date"] {
        text.push_str(request.header(name).unwrap_or_default());
        text.push('\n');
    }
    let mut names: Vec<&str> =
        request.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-acs-")).collect();
    names.sort_unstable();
    for name in names {
        text.push_str(name);
        text.push(':');
        text.push_str(request.header(name).unwrap_or_default());
        text.push('\n');
    }
    text.push_str(request.path());
    let mut pairs: Vec<(&str, &str)> =
        request.query.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
    pairs.sort_unstable();
    for (at, (name, value)) in pairs.into_iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(name);
        if !(bare_empty && value.is_empty()) {
            text.push('=');
            text.push_str(value);
        }
    }
    text
}
