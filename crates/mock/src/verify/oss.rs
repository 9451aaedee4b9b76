//! Object storage: OSS4-HMAC-SHA256, and `OSS` signatures by HMAC-SHA1. Neither has a nonce.

use alicloud_spec::{Operation, Place};

use super::diagnose::{self, Witness};
use super::time::Format;
use super::{Claim, Scoped, Verifier, base64, hmac_sha1, same, sha256_hex, sls};
use crate::checks::Check;
use crate::error::ServiceError;
use crate::keys::Key;
use crate::request::{Request, decode};

pub(crate) const V4: &str = "OSS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Query parameters that the older signature covers, besides those that begin with `x-oss-`.
const SIGNED: &str = " acl append bucketInfo callback callback-var cloudboxes cname comp continuation-token cors \
    delete encryption endTime img inventory inventoryId lifecycle live location logging objectMeta partNumber policy \
    position qos referer regionList replication requestPayment resourceGroup response-cache-control \
    response-content-disposition response-content-encoding response-content-language response-content-type \
    response-expires restore security-token sequential startTime stat status style styleName symlink tagging transferAcceleration \
    uploadId uploads versionId versioning versions vod website worm wormExtend wormId ";

fn authorization(request: &Request) -> Result<(&str, &str), ServiceError> {
    let text = request.header("authorization").unwrap_or_default();
    text.strip_prefix("OSS ").and_then(|rest| rest.split_once(':')).ok_or_else(|| {
        let reason = "The request signature is incomplete: Authorization has to be `OSS <key>:<signature>`.";
        ServiceError::entry(400, "InvalidArgument", reason)
    })
}

pub(super) fn claim(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: authorization(request)?.0,
        token: request.header("x-oss-security-token"),
        time: request.header("date").map(|text| (text, Format::Http)),
        nonce: None,
        replayable: true,
    })
}

pub(super) fn claim_v4(request: &Request) -> Result<Claim<'_>, ServiceError> {
    Ok(Claim {
        access_key_id: Scoped::read(request, V4)?.access_key_id,
        token: request.header("x-oss-security-token"),
        time: request.header("x-oss-date").map(|text| (text, Format::Compact)),
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
    let text = to_sign(request, operation)?;
    if same(base64(&hmac_sha1(key.secret.as_bytes(), &text)).as_bytes(), sent.as_bytes()) {
        return verifier.digest(request);
    }
    Err(diagnose::sls_v1(&Witness { request, key, operation, sent }, &text, hmac_sha1))
}

pub(super) fn verify_v4(
    verifier: &Verifier,
    request: &Request,
    key: &Key,
    operation: &Operation,
) -> Result<Vec<&'static str>, ServiceError> {
    let scoped = Scoped::read(request, V4)?;
    let time = request.header("x-oss-date").unwrap_or_default();
    scoped.check("oss", time)?;
    let claimed = request.header("x-oss-content-sha256").unwrap_or_default();
    if claimed != UNSIGNED && claimed != sha256_hex(&request.body) && verifier.checks.enforces(Check::PayloadHash) {
        let reason = format!("x-oss-content-sha256 is `{claimed}`; it is `{UNSIGNED}` or the hash of the body.");
        return Err(ServiceError::entry(400, "InvalidArgument", reason));
    }
    let canonical = canonical(request, operation, &scoped, claimed);
    if same(scoped.signature(&key.secret, V4, time, &canonical).as_bytes(), scoped.signature.as_bytes()) {
        return Ok(if claimed == UNSIGNED { vec!["unsigned-payload"] } else { Vec::new() });
    }
    Err(diagnose::scoped(&Witness { request, key, operation, sent: scoped.signature }, &canonical))
}

/// Bucket and key, wherever the bucket is.
fn resource(request: &Request, operation: &Operation) -> String {
    let names_bucket = operation.parameters.iter().any(|shape| shape.place == Some(Place::Host));
    match request.label().filter(|_| names_bucket) {
        Some(bucket) => format!("/{bucket}{}", request.path()),
        None => request.path().to_owned(),
    }
}

fn to_sign(request: &Request, operation: &Operation) -> Result<String, ServiceError> {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let mut text =
        format!("{}\n{}\n{}\n{}\n", request.method, header("content-md5"), header("content-type"), header("date"));
    let mut names: Vec<&str> = request.headers.keys().map(http::HeaderName::as_str).collect();
    names.retain(|name| name.starts_with("x-oss-"));
    names.sort_unstable();
    names.into_iter().for_each(|name| text.push_str(&format!("{name}:{}\n", header(name))));
    let resource = decode(resource(request, operation).as_bytes(), false);
    text.push_str(&resource.ok_or_else(|| ServiceError::entry(400, "InvalidURI", "The path is not UTF-8."))?);
    let covered = |name: &str| SIGNED.contains(&format!(" {name} ")) || name.starts_with("x-oss-");
    let fixed = operation.path.as_deref().and_then(|path| path.split_once('?')).map_or("", |(_, fixed)| fixed);
    let fixed = |name: &str| fixed.split('&').any(|pair| pair.split('=').next() == Some(name));
    let mut pairs: Vec<_> = request.query.iter().filter(|pair| covered(&pair.name) || fixed(&pair.name)).collect();
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    for (at, pair) in pairs.into_iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(&pair.name);
        if !pair.value.is_empty() {
            text.push_str(&format!("={}", pair.value));
        }
    }
    Ok(text)
}

fn canonical(request: &Request, operation: &Operation, scoped: &Scoped<'_>, hash: &str) -> String {
    let additional: Vec<&str> = scoped.additional.split(';').filter(|name| !name.is_empty()).collect();
    let own = |name: &&str| {
        name.starts_with("x-oss-") || matches!(*name, "content-type" | "content-md5") || additional.contains(name)
    };
    let mut names: Vec<&str> = request.headers.keys().map(http::HeaderName::as_str).filter(own).collect();
    names.sort_unstable();
    let lines = names.into_iter().map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default()));
    format!(
        "{}\n{}\n{}\n{}\n{}\n{hash}",
        request.method,
        resource(request, operation),
        sls::query(request),
        lines.collect::<String>(),
        additional.join(";")
    )
}
