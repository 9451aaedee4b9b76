//! ACS3-HMAC-SHA256: one signature over method, path, query, headers and body.

use alicloud_spec::Operation;

use super::diagnose::{self, Witness};
use super::time::Format;
use super::{Claim, Verifier, hex, hmac_sha256, same, sha256_hex};
use crate::checks::Check;
use crate::error::ServiceError;
use crate::keys::Key;
use crate::request::{Request, encode};

pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The three parts of the `Authorization` header.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn read(request: &'a Request) -> Result<Self, ServiceError> {
        let text = request.header("authorization").unwrap_or_default();
        let (algorithm, parts) = text.split_once(' ').unwrap_or((text, ""));
        if algorithm != ALGORITHM {
            let reason = format!("The signature algorithm `{algorithm}` is not one that is verified here.");
            return Err(ServiceError::entry(400, "InvalidSignatureMethod", reason));
        }
        let part = |name: &str| {
            parts
                .split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, v)| v)
        };
        match (part("Credential"), part("SignedHeaders"), part("Signature")) {
            (Some(credential), Some(signed_headers), Some(signature)) => {
                Ok(Self { credential, signed_headers, signature })
            }
            _ => Err(incomplete("the Authorization header needs Credential, SignedHeaders and Signature")),
        }
    }
}

fn incomplete(reason: &str) -> ServiceError {
    ServiceError::entry(400, "IncompleteSignature", format!("The request signature is incomplete: {reason}."))
}

pub(super) fn claim(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: Authorization::read(request)?.credential,
        token: request.header("x-acs-security-token"),
        time: request.header("x-acs-date").map(|text| (text, Format::Iso8601)),
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
    let authorization = Authorization::read(request)?;
    if request.header("x-acs-accesskey-id").is_some_and(|id| id != authorization.credential) {
        return Err(incomplete("x-acs-accesskey-id names another key than Credential"));
    }
    let mut names: Vec<&str> = authorization.signed_headers.split(';').collect();
    if verifier.checks.enforces(Check::SignedHeaders) {
        covered(request, &names)?;
    }
    names.sort_unstable();

    let hash = sha256_hex(&request.body);
    let claimed = request.header("x-acs-content-sha256").unwrap_or_default();
    let hash_matches = same(hash.as_bytes(), claimed.as_bytes());

    // The vendor's SDKs differ in two details that no usual request shows; each of them is right.
    for path in paths(request.path()) {
        for query in queries(request) {
            let text = to_sign(request, &path, &query, &names, claimed);
            let signature = hex(&hmac_sha256(key.secret.as_bytes(), &text));
            if same(signature.as_bytes(), authorization.signature.as_bytes()) {
                if !hash_matches && verifier.checks.enforces(Check::PayloadHash) {
                    return Err(ServiceError::entry(
                        400,
                        "SignatureDoesNotMatch",
                        format!(
                            "Specified signature is not matched with our calculation. The body has the hash {hash}, \
                             x-acs-content-sha256 says `{claimed}`."
                        ),
                    ));
                }
                return Ok(Vec::new());
            }
        }
    }
    let witness = Witness { request, key, operation, sent: authorization.signature };
    Err(diagnose::acs3(&witness, &names, &hash))
}

/// Every header that carries meaning has to be signed.
fn covered(request: &Request, names: &[&str]) -> Result<(), ServiceError> {
    let mut due: Vec<&str> = vec!["host"];
    due.extend(
        request
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| *name == "content-type" || name.starts_with("x-acs-")),
    );
    if let Some(unsigned) = due.iter().find(|name| !names.contains(name)) {
        return Err(incomplete(&format!("SignedHeaders does not list `{unsigned}`")));
    }
    if let Some(absent) = names.iter().find(|name| !request.headers.contains_key(**name)) {
        return Err(incomplete(&format!("SignedHeaders lists `{absent}`, which the request does not have")));
    }
    Ok(())
}

/// The path as sent, and with the three replacements that Go, Java and TypeScript make before signing.
fn paths(path: &str) -> Vec<String> {
    let path = if path.is_empty() { "/" } else { path };
    let mut forms = vec![path.to_owned()];
    let replaced = path.replace('+', "%20").replace('*', "%2A").replace("%7E", "~");
    if replaced != path {
        forms.push(replaced);
    }
    forms
}

/// The canonical query with names as they are, and with encoded names; sorted by either.
fn queries(request: &Request) -> Vec<String> {
    let mut pairs: Vec<(&str, &str)> =
        request.query.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
    pairs.sort_unstable();
    let write = |pairs: &[(&str, &str)], encode_names: bool| {
        let mut text = String::with_capacity(request.target.len());
        for (name, value) in pairs {
            if !text.is_empty() {
                text.push('&');
            }
            if encode_names {
                encode(name, &mut text)
            } else {
                text.push_str(name)
            }
            text.push('=');
            encode(value, &mut text);
        }
        text
    };
    let plain = write(&pairs, false);
    let encoded = write(&pairs, true);
    if plain == encoded {
        return vec![plain];
    }
    let mut by_encoded: Vec<&str> = encoded.split('&').collect();
    by_encoded.sort_unstable();
    let by_encoded = by_encoded.join("&");
    vec![plain, encoded, by_encoded]
}

/// What the client has to have signed.
pub(super) fn to_sign(request: &Request, path: &str, query: &str, names: &[&str], hash: &str) -> String {
    let canonical = canonical(request, path, query, names, hash);
    format!("{ALGORITHM}\n{}", sha256_hex(canonical.as_bytes()))
}

/// The canonical request.
pub(super) fn canonical(request: &Request, path: &str, query: &str, names: &[&str], hash: &str) -> String {
    let mut text = format!("{}\n{path}\n{query}\n", request.method);
    for name in names {
        text.push_str(name);
        text.push(':');
        text.push_str(&header_value(request, name));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&names.join(";"));
    text.push('\n');
    text.push_str(hash);
    text
}

/// Trimmed values of a header; several are sorted and joined by commas.
fn header_value(request: &Request, name: &str) -> String {
    let mut values: Vec<String> = request
        .headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        .collect();
    values.sort_unstable();
    values.join(",")
}

/// The first of the accepted canonical forms, for messages.
pub(super) fn expected(request: &Request, names: &[&str], hash: &str) -> String {
    let path = paths(request.path()).into_iter().next().unwrap_or_default();
    let query = queries(request).into_iter().next().unwrap_or_default();
    canonical(request, &path, &query, names, hash)
}
