//! Checks ACS3 signatures from the bytes of a request, without any code of the client.

use std::collections::BTreeMap;

use alicloud_core::http::Request;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{ledger::Received, scripted::pairs};

/// Whether a request inside the process is signed by a key.
///
/// # Errors
/// What is wrong.
pub fn verify_http(request: &Request<Bytes>, id: &str, secret: &str) -> Result<(), String> {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let received = Received {
        method: request.method().to_string(),
        target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: headers.collect(),
        body: request.body().to_vec(),
    };
    verify(&received, id, secret)
}

/// Whether a request is signed by a key.
///
/// # Errors
/// What is wrong.
pub fn verify(request: &Received, id: &str, secret: &str) -> Result<(), String> {
    let header = |name: &str| request.headers.get(name).map(String::as_str).unwrap_or_default();
    let authorization = header("authorization").strip_prefix("ACS3-HMAC-SHA256 ").ok_or("no ACS3 signature")?;
    let parts: BTreeMap<_, _> = authorization.split(',').filter_map(|part| part.split_once('=')).collect();
    let part = |name: &str| parts.get(name).copied().unwrap_or_default();
    if part("Credential") != id {
        return Err("another key".to_owned());
    }
    let body = hex(&Sha256::digest(&request.body));
    if header("x-acs-content-sha256") != body {
        return Err("the hash of the body is wrong".to_owned());
    }
    let signed: Vec<_> = part("SignedHeaders").split(';').collect();
    let must = |name: &str| name == "host" || name == "content-type" || name.starts_with("x-acs-");
    if let Some(name) = request.headers.keys().find(|name| must(name) && !signed.contains(&name.as_str())) {
        return Err(format!("{name} is not signed"));
    }
    let headers: String = signed.iter().map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut query: Vec<_> = pairs(query.as_bytes()).collect();
    query.sort();
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let canonical =
        format!("{}\n{}\n{}\n{headers}\n{}\n{body}", request.method, path, query.join("&"), signed.join(";"));
    let text = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|error| error.to_string())?;
    mac.update(text.as_bytes());
    match hex(&mac.finalize().into_bytes()) == part("Signature") {
        true => Ok(()),
        false => Err(format!("another signature; canonical request:\n{canonical}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
