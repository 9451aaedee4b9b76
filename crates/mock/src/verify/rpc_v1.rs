//! RPC HMAC-SHA1: a signature over all parameters of query and form.

use alicloud_spec::Operation;

use super::diagnose::{self, Witness};
use super::time::Format;
use super::{Claim, Verifier, base64, hmac_sha1, same};
use crate::error::ServiceError;
use crate::keys::Key;
use crate::request::{Request, encode};

pub(super) fn claim(request: &Request) -> Result<Claim<'_>, ServiceError> {
    let access_key_id = request.parameter("AccessKeyId").ok_or_else(|| missing("AccessKeyId"))?;
    Ok(Claim {
        access_key_id,
        token: request.parameter("SecurityToken"),
        time: request.parameter("Timestamp").map(|text| (text, Format::Iso8601)),
        nonce: request.parameter("SignatureNonce"),
        replayable: false,
    })
}

fn missing(name: &str) -> ServiceError {
    ServiceError::entry(400, &format!("Missing{name}"), format!("{name} is mandatory for this action."))
}

pub(super) fn verify(
    _: &Verifier,
    request: &Request,
    key: &Key,
    operation: &Operation,
) -> Result<Vec<&'static str>, ServiceError> {
    for (name, only) in [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")] {
        let value = request.parameter(name).ok_or_else(|| missing(name))?;
        if value != only {
            let reason = format!("{name} is `{value}`; only `{only}` is verified here.");
            return Err(ServiceError::entry(400, &format!("Invalid{name}"), reason));
        }
    }
    let sent = request.parameter("Signature").ok_or_else(|| missing("Signature"))?;
    let text = to_sign(request);
    let secret = format!("{}&", key.secret);
    let signature = base64(&hmac_sha1(secret.as_bytes(), &text));
    if same(signature.as_bytes(), sent.as_bytes()) {
        return Ok(Vec::new());
    }
    Err(diagnose::rpc_v1(&Witness { request, key, operation, sent }, &text))
}

/// What the client has to have signed.
pub(super) fn to_sign(request: &Request) -> String {
    let mut pairs: Vec<(&str, &str)> = request
        .query
        .iter()
        .chain(&request.form)
        .map(|pair| (pair.name.as_str(), pair.value.as_str()))
        .filter(|(name, _)| *name != "Signature")
        .collect();
    pairs.sort_unstable();
    let mut all = String::with_capacity(request.target.len() + request.body.len());
    for (name, value) in pairs {
        if !all.is_empty() {
            all.push('&');
        }
        encode(name, &mut all);
        all.push('=');
        encode(value, &mut all);
    }
    let mut text = format!("{}&%2F&", request.method);
    encode(&all, &mut text);
    text
}
