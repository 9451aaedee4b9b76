//! Bearer tokens: unsigned, but known and not expired.

use super::time::Format;
use super::{Caller, Scheme, Verifier};
use crate::checks::Check;
use crate::error::ServiceError;
use crate::request::Request;

pub(super) fn verify(verifier: &Verifier, request: &Request) -> Result<Caller, ServiceError> {
    let refuse = |code: &str, reason: &str| ServiceError::entry(401, code, reason);
    let token = request.header("x-acs-bearer-token").or_else(|| request.parameter("BearerToken")).unwrap_or_default();
    if verifier.checks.enforces(Check::SecurityToken) {
        let expires = verifier
            .keys
            .bearer(token)
            .ok_or_else(|| refuse("InvalidBearerToken", "Specified bearer token is not found."))?;
        if expires.is_some_and(|at| at <= verifier.clock.millis()) {
            return Err(refuse("InvalidBearerToken.Expired", "Specified bearer token is expired."));
        }
    }
    let kind = request.header("x-acs-signature-type").or_else(|| request.parameter("SignatureType"));
    if kind.is_some_and(|kind| kind != "BEARERTOKEN") {
        return Err(ServiceError::entry(400, "InvalidSignatureType", "A bearer token has the type BEARERTOKEN."));
    }
    if request.headers.contains_key("authorization") || request.parameter("Signature").is_some() {
        return Err(ServiceError::entry(400, "InvalidSignatureType", "A bearer token travels without a signature."));
    }
    let time = if let Some(text) = request.header("x-acs-date") {
        Some((text, Format::Iso8601))
    } else if let Some(text) = request.parameter("Timestamp") {
        Some((text, Format::Iso8601))
    } else {
        request.header("date").map(|text| (text, Format::Http))
    };
    verifier.timely(time)?;
    let nonce = request.header("x-acs-signature-nonce").or_else(|| request.parameter("SignatureNonce"));
    verifier.fresh(token, nonce)?;
    Ok(Caller { nonce: nonce.map(str::to_owned), ..Caller::unsigned(Scheme::Bearer) })
}
