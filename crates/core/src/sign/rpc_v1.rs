//! HMAC-SHA1 of RPC calls, the vendor's first signature.

use http::Method;

use super::{Stamp, hmac_sha1_base64, iso8601};
use crate::{
    credentials::{Credentials, CredentialsKind},
    error::ConfigError,
    operation::{Operation, Service},
    wire::{WireRequest, encode},
};

/// The parts of a request that an RPC v1 signature covers.
#[derive(Clone)]
pub struct RpcV1<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Parameters of query and form together, decoded, in any order.
    pub parameters: &'a [(String, String)],
}

impl RpcV1<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        let mut parameters: Vec<_> = self.parameters.iter().collect();
        parameters.sort();
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}&%2F&{}", self.method, encode(&parameters.join("&")))
    }

    /// The value of the `Signature` parameter.
    pub fn signature(&self, access_key_secret: &str) -> String {
        hmac_sha1_base64(&format!("{access_key_secret}&"), &self.string_to_sign())
    }
}

/// Parameters of the protocol itself. Some operations have one of their own by such a name, which this
/// version cannot tell apart.
const OWN: [&str; 12] = [
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Adds the protocol parameters and the proof to the query of a request.
pub(super) fn attach(
    request: &mut WireRequest,
    service: &Service,
    operation: &Operation,
    credentials: &Credentials,
    stamp: &Stamp,
) -> Result<(), ConfigError> {
    let mut given = request.query.iter().chain(&request.form).map(|(name, _)| name.as_str());
    if let Some(name) = given.find(|name| OWN.contains(name)) {
        let message = format!(
            "the first version of the signature has a parameter {name} of its own, and so has this call: leave it out, or \
             use SignatureVersion::Acs3"
        );
        return Err(ConfigError { message });
    }
    for (name, value) in [
        ("Action", operation.name),
        ("Format", "json"),
        ("Version", service.version),
        ("Timestamp", &iso8601(stamp.time)),
        ("SignatureNonce", &stamp.nonce),
    ] {
        request.push_query(name, value);
    }
    match credentials.kind() {
        CredentialsKind::AccessKey { id, secret, token } => {
            if let Some(token) = token {
                request.push_query("SecurityToken", token.expose());
            }
            request.push_query("SignatureMethod", "HMAC-SHA1");
            request.push_query("SignatureVersion", "1.0");
            request.push_query("AccessKeyId", id);
            let parameters: Vec<_> = request.query.iter().chain(&request.form).cloned().collect();
            let signature = RpcV1 { method: &request.method, parameters: &parameters }.signature(secret.expose());
            request.push_query("Signature", signature);
        }
        CredentialsKind::Bearer(token) => {
            request.push_query("BearerToken", token.expose());
            request.push_query("SignatureType", "BEARERTOKEN");
        }
        CredentialsKind::Anonymous => {}
    }
    Ok(())
}
