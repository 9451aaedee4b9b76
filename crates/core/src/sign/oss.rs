//! The signatures of object storage: OSS4-HMAC-SHA256, and the older one with HMAC-SHA1.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

use super::{
    SignatureVersion, Stamp, compact_iso8601, hmac_sha1_base64, http_date,
    sls::v4_query,
    v4::{self, Scope},
};
use crate::{
    credentials::{Credentials, CredentialsKind},
    error::ConfigError,
    wire::WireRequest,
};

/// Stands for the hash of a body that the signature does not cover.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The parts of a request that an OSS4-HMAC-SHA256 signature covers.
#[derive(Clone)]
pub struct OssV4<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Bucket, when the request is for one.
    pub bucket: Option<&'a str>,
    /// Percent-encoded path as it is sent: the key of an object behind a slash.
    pub path: &'a str,
    /// Query parameters, decoded, in any order.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name; `content-type`, `content-md5` and those of the service are signed. The
    /// time is read from `x-oss-date`, the hash of the body from `x-oss-content-sha256`.
    pub headers: &'a BTreeMap<String, String>,
    /// Region of the bucket.
    pub region: &'a str,
}

impl OssV4<'_> {
    /// The text that the signature is computed from, before hashing.
    pub fn canonical_request(&self) -> String {
        let signed = |name: &str| name.starts_with("x-oss-") || name == "content-type" || name == "content-md5";
        let headers = self.headers.iter().filter(|(name, _)| signed(name));
        let headers: String = headers.map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        // The empty line stands for additional headers that are signed.
        format!(
            "{}\n{}\n{}\n{headers}\n\n{}",
            self.method,
            resource(self.bucket, self.path),
            v4_query(self.query),
            self.headers.get("x-oss-content-sha256").map_or(UNSIGNED_PAYLOAD, String::as_str)
        )
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        const ALGORITHM: &str = "OSS4-HMAC-SHA256";
        let time = self.headers.get("x-oss-date").map_or("", String::as_str);
        let scope = Scope { date: time.get(..8).unwrap_or_default(), region: self.region, product: "oss" };
        let signature = scope.sign(ALGORITHM, time, &self.canonical_request(), access_key_secret);
        format!("{ALGORITHM} Credential={access_key_id}/{},Signature={signature}", scope.text())
    }
}

/// The parts of a request that the older signature covers; the body is not among them.
#[derive(Clone)]
pub struct OssV1<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Bucket, when the request is for one.
    pub bucket: Option<&'a str>,
    /// Percent-encoded path as it is sent.
    pub path: &'a str,
    /// Query parameters, decoded, in any order; only those that name a part of the resource are signed.
    pub query: &'a [(String, String)],
    /// Headers by lower-case name.
    pub headers: &'a BTreeMap<String, String>,
    /// Query parameters that name a part of the resource, besides those that always do.
    pub sub_resources: &'a [String],
}

/// Query parameters that name a part of a resource or change how it is answered.
const SUB_RESOURCES: [&str; 65] = [
    "acl",
    "append",
    "asyncFetch",
    "bucketInfo",
    "callback",
    "callback-var",
    "cloudboxes",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "img",
    "inventory",
    "inventoryId",
    "lifecycle",
    "live",
    "location",
    "logging",
    "metaQuery",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "qosInfo",
    "referer",
    "regionList",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "requestPayment",
    "resourceGroup",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "responseHeader",
    "restore",
    "rtc",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "style",
    "styleName",
    "symlink",
    "tagging",
    "transferAcceleration",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
    "withHashContext",
    "worm",
    "wormExtend",
    "wormId",
];

impl OssV1<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        let mut text = format!("{}\n", self.method);
        for name in ["content-md5", "content-type", "date"] {
            text.push_str(self.headers.get(name).map_or("", String::as_str));
            text.push('\n');
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| name.starts_with("x-oss-")) {
            text.push_str(&format!("{name}:{}\n", value.trim()));
        }
        text.push_str(&percent_decode_str(&resource(self.bucket, self.path)).decode_utf8_lossy());
        let names_a_part = |name: &String| {
            SUB_RESOURCES.contains(&name.as_str()) || name.starts_with("x-oss-") || self.sub_resources.contains(name)
        };
        let mut query: Vec<_> = self.query.iter().filter(|(name, _)| names_a_part(name)).collect();
        query.sort();
        for (index, (name, value)) in query.into_iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            if !value.is_empty() {
                text.push_str(&format!("={value}"));
            }
        }
        text
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, access_key_id: &str, access_key_secret: &str) -> String {
        format!("OSS {access_key_id}:{}", hmac_sha1_base64(access_key_secret, &self.string_to_sign()))
    }
}

/// Bucket and key, as if the bucket were not in the host name.
fn resource(bucket: Option<&str>, path: &str) -> String {
    match bucket {
        Some(bucket) => format!("/{bucket}{}", if path.is_empty() { "/" } else { path }),
        None if path.is_empty() => "/".to_owned(),
        None => path.to_owned(),
    }
}

/// Adds date and proof to a request.
pub(super) fn attach(
    request: &mut WireRequest,
    fixed_query: &str,
    credentials: &Credentials,
    version: SignatureVersion,
    region: Option<&str>,
    stamp: &Stamp,
) -> Result<(), ConfigError> {
    request.header("date", http_date(stamp.time));
    let CredentialsKind::AccessKey { id, secret, token } = credentials.kind() else {
        return match credentials.kind() {
            CredentialsKind::Anonymous => Ok(()),
            _ => Err(ConfigError {
                message: "object storage takes access keys, not bearer tokens: configure other credentials".to_owned(),
            }),
        };
    };
    if let Some(token) = token {
        request.header("x-oss-security-token", token.expose());
    }
    if version != SignatureVersion::V1 {
        request.header("x-oss-date", compact_iso8601(stamp.time));
        request.header("x-oss-content-sha256", UNSIGNED_PAYLOAD);
    }
    let (method, path, bucket) = (&request.method, &request.path, request.label.as_deref());
    let (query, headers) = (&request.query, &request.headers);
    let authorization = if version == SignatureVersion::V1 {
        let names = fixed_query.split('&').filter_map(|pair| pair.split('=').next());
        let sub_resources: Vec<String> = names.map(str::to_owned).collect();
        OssV1 { method, bucket, path, query, headers, sub_resources: &sub_resources }.authorization(id, secret.expose())
    } else {
        let region = v4::region(region)?;
        OssV4 { method, bucket, path, query, headers, region }.authorization(id, secret.expose())
    };
    request.header("authorization", authorization);
    Ok(())
}
