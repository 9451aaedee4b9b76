//! The open platform, which grants uploads, and the object storage that takes them as forms.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use super::Settings;
use crate::clock::{self, Clock};
use crate::error::ServiceError;
use crate::reply::Reply;
use crate::request::Request;
use crate::stub::Call;

/// How long a grant is good.
const LIFETIME: i64 = 3_600_000;

/// Everything about uploads.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// Where files are sent instead of to the gateway.
    pub(super) endpoint: Option<String>,
    grants: Vec<Grant>,
    pub(super) arrived: Vec<UploadedFile>,
}

/// The right to upload one file.
#[derive(Clone, Debug)]
struct Grant {
    product: String,
    key_id: String,
    key: String,
    policy: String,
    signature: String,
    until: i64,
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// Product code that the upload was granted for.
    pub product: String,
    /// Where it is in the bucket.
    pub key: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Whether the request said how long it was.
    pub sized: bool,
}

/// Whether a request uploads a form. It carries no API headers.
pub(super) fn is_form(request: &Request) -> bool {
    request.method == http::Method::POST && request.path() == "/" && request.media_type() == "multipart/form-data"
}

/// Grants an upload.
pub(super) fn authorize(settings: &mut Settings, call: &Call, clock: &Clock) -> Option<Result<Value, ServiceError>> {
    if call.operation != "AuthorizeFileUpload" {
        return None;
    }
    let mut word = || settings.random.word();
    let (key_id, secret) = (format!("upload-{}", word()), word());
    let product = call.text("Product").unwrap_or_default();
    let key = format!("{}/{}/{}{}", product.to_ascii_lowercase(), word(), word(), word());
    let until = clock.millis().saturating_add(LIFETIME);
    let policy = json!({"expiration": clock::iso8601(until), "conditions": [["eq", "$key", key]]});
    let policy = BASE64_STANDARD.encode(policy.to_string());
    let signature = match Hmac::<Sha1>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(policy.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        }
        Err(_) => return Some(Err(ServiceError::new(500, "InternalError", "The key has a wrong length."))),
    };
    let here = settings.endpoint.split("://").nth(1).unwrap_or_default().to_owned();
    let answer = json!({
        "AccessKeyId": key_id,
        "Bucket": "upload-bucket",
        "EncodedPolicy": policy,
        "Endpoint": settings.uploads.endpoint.clone().unwrap_or(here),
        "ObjectKey": key,
        "Signature": signature,
        "UseAccelerate": false,
    });
    settings.uploads.grants.push(Grant { product, key_id, key, policy, signature, until });
    Some(Ok(answer))
}

/// Takes a file.
pub(super) fn store(settings: &mut Settings, request: &Request, clock: &Clock) -> Reply {
    match read(request).and_then(|form| keep(settings, request, &form, clock)) {
        Ok(key) => xml(201, format!("<PostResponse><Bucket>upload-bucket</Bucket><Key>{key}</Key></PostResponse>")),
        Err((status, code, message)) => xml(
            status,
            format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>oss-request</RequestId></Error>"),
        ),
    }
}

fn xml(status: u16, body: String) -> Reply {
    let mut reply = Reply::raw(status, "application/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}"));
    reply.headers.push(("x-oss-request-id".to_owned(), "oss-request".to_owned()));
    reply
}

type Refusal = (u16, &'static str, &'static str);

/// A form: its texts, then its file.
struct Form {
    texts: Vec<(String, String)>,
    file: Bytes,
}

impl Form {
    fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }
}

fn keep(settings: &mut Settings, request: &Request, form: &Form, clock: &Clock) -> Result<String, Refusal> {
    if form.text("success_action_status") != "201" {
        return Err((400, "InvalidArgument", "success_action_status is not 201."));
    }
    let uploads = &mut settings.uploads;
    let Some(grant) = uploads.grants.iter().find(|grant| grant.key_id == form.text("OSSAccessKeyId")) else {
        return Err((403, "InvalidAccessKeyId", "The access key id is not known."));
    };
    if grant.policy != form.text("policy") || grant.signature != form.text("Signature") {
        return Err((403, "SignatureDoesNotMatch", "The signature is not that of the policy."));
    }
    if grant.key != form.text("key") {
        return Err((403, "AccessDenied", "The policy is for another key."));
    }
    if grant.until < clock.millis() {
        return Err((403, "AccessDenied", "The policy has expired."));
    }
    let file = UploadedFile {
        product: grant.product.clone(),
        key: grant.key.clone(),
        bytes: form.file.clone(),
        sized: request.headers.contains_key(http::header::CONTENT_LENGTH),
    };
    let key = file.key.clone();
    // The same file again replaces itself.
    uploads.arrived.retain(|known| known.key != key);
    uploads.arrived.push(file);
    Ok(key)
}

fn read(request: &Request) -> Result<Form, Refusal> {
    const MALFORMED: Refusal = (400, "MalformedPOSTRequest", "The body is not well-formed multipart/form-data.");
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary=")).ok_or(MALFORMED)?;
    let boundary = boundary.trim_matches('"');
    let mut texts = Vec::new();
    // As if a line had ended before the first boundary, too.
    let whole = [b"\r\n", request.body.as_ref()].concat();
    let line = format!("\r\n--{boundary}");
    let mut rest = after(&whole, line.as_bytes()).ok_or(MALFORMED)?.1;
    loop {
        if rest.starts_with(b"--") {
            return Err((400, "InvalidArgument", "The form has no file."));
        }
        let (head, body) = after(rest, b"\r\n\r\n").ok_or(MALFORMED)?;
        let head = String::from_utf8_lossy(head);
        let name = head.split("name=\"").nth(1).and_then(|name| name.split('"').next()).ok_or(MALFORMED)?;
        let (content, next) = after(body, line.as_bytes()).ok_or(MALFORMED)?;
        if name == "file" {
            return Ok(Form { texts, file: Bytes::copy_from_slice(content) });
        }
        texts.push((name.to_owned(), String::from_utf8_lossy(content).into_owned()));
        rest = next;
    }
}

/// What is before and after the first occurrence.
fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}
