//! The log service: `LOG` signatures and SLS4-HMAC-SHA256. Neither has a nonce.

use alicloud_spec::Operation;
use md5::Digest as _;

use super::diagnose::{self, Witness};
use super::time::Format;
use super::{Claim, Scoped, Verifier, base64, hex, hmac_sha1, hmac_sha256, same, sha256_hex};
use crate::checks::Check;
use crate::error::ServiceError;
use crate::keys::Key;
use crate::request::{Request, encode};

pub(crate) const V4: &str = "SLS4-HMAC-SHA256";

/// `LOG <key>:<signature>`
fn authorization(request: &Request) -> Result<(&str, &str), ServiceError> {
    let text = request.header("authorization").unwrap_or_default();
    text.strip_prefix("LOG ").and_then(|rest| rest.split_once(':')).ok_or_else(|| {
        let reason = "The request signature is incomplete: Authorization has to be `LOG <key>:<signature>`.";
        ServiceError::entry(400, "InvalidAuthorization", reason)
    })
}

pub(super) fn claim(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: authorization(request)?.0,
        token: request.header("x-acs-security-token"),
        time: request.header("date").map(|text| (text, Format::Http)),
        nonce: None,
        replayable: true,
    })
}

pub(super) fn claim_v4(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: Scoped::read(request, V4)?.access_key_id,
        token: request.header("x-acs-security-token"),
        time: request.header("x-log-date").map(|text| (text, Format::Compact)),
        nonce: None,
        replayable: true,
    })
}

pub(super) fn verify(
    verifier: &Verifier,
    request: &Request,
    key: &Key,
    operation: &Operation,
) -> Result<Vec<&'static str>, ServiceError> {
    let (_, sent) = authorization(request)?;
    protocol(request)?;
    let mac: fn(&[u8], &str) -> Vec<u8> = match request.header("x-log-signaturemethod") {
        Some("hmac-sha256") => hmac_sha256,
        Some("hmac-sha1") => hmac_sha1,
        other => {
            let reason =
                format!("x-log-signaturemethod is `{}`; it is `hmac-sha256` or `hmac-sha1`.", other.unwrap_or(""));
            return Err(ServiceError::entry(400, "InvalidParameter", reason));
        }
    };
    // Some SDKs sign an empty value with its `=`, others without.
    let forms = [to_sign(request, false), to_sign(request, true)];
    if forms.iter().any(|text| same(base64(&mac(key.secret.as_bytes(), text)).as_bytes(), sent.as_bytes())) {
        let hash =
            if request.body.is_empty() { String::new() } else { hex(&md5::Md5::digest(&request.body)).to_uppercase() };
        let claimed = request.header("content-md5").unwrap_or_default();
        if hash != claimed && verifier.checks.enforces(Check::PayloadHash) {
            let reason = format!("The body has the MD5 `{hash}`, content-md5 says `{claimed}`.");
            return Err(ServiceError::entry(400, "PostBodyInvalid", reason));
        }
        return Ok(Vec::new());
    }
    let [text, _] = forms;
    Err(diagnose::sls_v1(&Witness { request, key, operation, sent }, &text, mac))
}

pub(super) fn verify_v4(
    verifier: &Verifier,
    request: &Request,
    key: &Key,
    operation: &Operation,
) -> Result<Vec<&'static str>, ServiceError> {
    let scoped = Scoped::read(request, V4)?;
    protocol(request)?;
    let time = request.header("x-log-date").unwrap_or_default();
    scoped.check("sls", time)?;
    let hash = sha256_hex(&request.body);
    let claimed = request.header("x-log-content-sha256").unwrap_or_default();
    let canonical = canonical(request, claimed);
    if same(scoped.signature(&key.secret, V4, time, &canonical).as_bytes(), scoped.signature.as_bytes()) {
        if hash != claimed && verifier.checks.enforces(Check::PayloadHash) {
            let reason = format!("The body has the hash {hash}, x-log-content-sha256 says `{claimed}`.");
            return Err(ServiceError::entry(400, "SignatureNotMatch", reason));
        }
        return Ok(Vec::new());
    }
    Err(diagnose::scoped(&Witness { request, key, operation, sent: scoped.signature }, &canonical))
}

/// Headers without which the service reads nothing.
fn protocol(request: &Request) -> Result<(), ServiceError> {
    let version = request.header("x-log-apiversion").unwrap_or_default();
    if version != "0.6.0" {
        let reason = format!("x-log-apiversion is `{version}`; it has to be `0.6.0`.");
        return Err(ServiceError::entry(400, "InvalidAPIVersion", reason));
    }
    let size = request.header("x-log-bodyrawsize").and_then(|size| size.parse::<usize>().ok());
    let compressed = request.header("x-log-compresstype").is_some_and(|kind| !kind.is_empty());
    if size.is_none_or(|size| !compressed && size != request.body.len()) {
        let reason = "x-log-bodyrawsize has to be the size of the body before compression.";
        return Err(ServiceError::entry(400, "PostBodyInvalid", reason));
    }
    Ok(())
}

/// What the client has to have signed.
pub(super) fn to_sign(request: &Request, bare_empty: bool) -> String {
    let mut text = request.method.to_string();
    for name in ["content-md5", "content-type", "date"] {
        text.push('\n');
        text.push_str(request.header(name).unwrap_or_default());
    }
    text.push('\n');
    for name in own_headers(request, &[]) {
        text.push_str(&format!("{name}:{}\n", request.header(name).unwrap_or_default()));
    }
    text.push_str(request.path());
    let mut pairs: Vec<_> = request.query.iter().map(|pair| (&pair.name, &pair.value)).collect();
    pairs.sort_unstable();
    for (at, (name, value)) in pairs.into_iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(name);
        if !(bare_empty && value.is_empty()) {
            text.push_str(&format!("={value}"));
        }
    }
    text
}

/// What the client has to have hashed.
fn canonical(request: &Request, hash: &str) -> String {
    let names = own_headers(request, &["content-type", "host"]);
    let lines = names.iter().map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default()));
    format!(
        "{}\n{}\n{}\n{}\n{}\n{hash}",
        request.method,
        request.path(),
        query(request),
        lines.collect::<String>(),
        names.join(";")
    )
}

/// The headers that are signed, sorted.
fn own_headers<'a>(request: &'a Request, besides: &[&str]) -> Vec<&'a str> {
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let own = |name: &&str| name.starts_with("x-log-") || name.starts_with("x-acs-") || besides.contains(name);
    let mut names: Vec<&str> = names.filter(own).collect();
    names.sort_unstable();
    names
}

/// Sorted by encoded name; an empty value has no equals sign.
pub(super) fn query(request: &Request) -> String {
    let encoded = |text: &str| {
        let mut output = String::new();
        encode(text, &mut output);
        output
    };
    let mut pairs: Vec<_> = request.query.iter().map(|pair| (encoded(&pair.name), encoded(&pair.value))).collect();
    pairs.sort_unstable();
    let pairs = pairs.into_iter().map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") });
    pairs.collect::<Vec<_>>().join("&")
}
