//! The common signatures, written from their description, with a place for a mistake in every step.

#[path = "services.rs"]
mod services;

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Digest as _;

#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

/// Time and nonce of one attempt.
#[derive(Clone, Debug)]
pub struct Moment {
    pub iso8601: String,
    pub http_date: String,
    pub nonce: String,
}

impl Moment {
    pub fn now() -> Self {
        Self::at(Timestamp::now().as_second())
    }

    pub fn at(second: i64) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let time = Timestamp::from_second(second).unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            iso8601: time.to_string(),
            http_date: time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            nonce: format!("{:016x}{number:016x}", std::process::id()),
        }
    }
}

/// A call before it is signed.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub action: String,
    pub version: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn rpc(action: &str, version: &str) -> Self {
        Self {
            method: "POST".into(),
            path: "/".into(),
            action: action.into(),
            version: version.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn roa(method: &str, path: &str, action: &str, version: &str) -> Self {
        Self { method: method.into(), path: path.into(), ..Self::rpc(action, version) }
    }

    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.query.extend(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        self
    }

    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let text: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.body = text.join("&").into_bytes();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn json(mut self, document: &serde_json::Value) -> Self {
        self.body = document.to_string().into_bytes();
        self.header("content-type", "application/json; charset=utf-8")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Acs3,
    RpcV1,
    RoaV1,
    SlsV1,
    SlsV4,
    OssV1,
    OssV4,
    Bearer,
    Anonymous,
}

/// Signs requests, correctly unless told otherwise.
#[derive(Clone, Debug)]
pub struct Signer {
    pub kind: Kind,
    pub key: Key,
    pub bug: Option<&'static str>,
    pub host: String,
}

impl Signer {
    pub fn new(kind: Kind, key: Key) -> Self {
        let host = match kind {
            Kind::SlsV1 | Kind::SlsV4 => "project.127.0.0.1",
            Kind::OssV1 | Kind::OssV4 => "bucket.127.0.0.1",
            _ => "127.0.0.1",
        };
        Self { kind, key, bug: None, host: host.into() }
    }

    pub fn acs3(key: Key) -> Self {
        Self::new(Kind::Acs3, key)
    }

    fn has(&self, bug: &str) -> bool {
        self.bug == Some(bug)
    }

    /// The request as bytes on the wire.
    pub fn sign(&self, request: &Request, moment: &Moment) -> Vec<u8> {
        let mut request = request.clone();
        request.headers.push(("host".into(), self.host.clone()));
        match self.kind {
            Kind::Acs3 => self.sign_acs3(&mut request, moment),
            Kind::RpcV1 => self.sign_rpc_v1(&mut request, moment),
            Kind::RoaV1 => self.sign_roa_v1(&mut request, moment),
            Kind::SlsV1 => self.sign_sls_v1(&mut request, moment),
            Kind::SlsV4 => self.sign_sls_v4(&mut request, moment),
            Kind::OssV1 => self.sign_oss_v1(&mut request, moment),
            Kind::OssV4 => self.sign_oss_v4(&mut request, moment),
            Kind::Bearer => {
                self.acs3_headers(&mut request, moment);
                request.headers.push(("x-acs-bearer-token".into(), self.key.token.clone().unwrap_or_default()));
                request.headers.push(("x-acs-signature-type".into(), "BEARERTOKEN".into()));
            }
            Kind::Anonymous => {
                let common =
                    [("Action", &request.action), ("Version", &request.version), ("Timestamp", &moment.iso8601)];
                let common = common.map(|(name, value)| (name.to_owned(), value.clone()));
                request.query.extend(common);
                request.query.push(("Format".into(), "json".into()));
            }
        }
        if self.has("body changed after signing") {
            request.body.push(b' ');
        }
        if self.has("query changed after signing") {
            request.query.push(("Late".into(), "1".into()));
        }
        wire(&request)
    }

    fn acs3_headers(&self, request: &mut Request, moment: &Moment) {
        let hash = if self.has("payload hash of nothing") {
            sha256_hex(b"")
        } else if self.has("payload hash in upper case") {
            sha256_hex(&request.body).to_uppercase()
        } else if self.has("payload hash in base64") {
            base64(&sha2::Sha256::digest(&request.body))
        } else {
            sha256_hex(&request.body)
        };
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("x-acs-action", &request.action);
        put("x-acs-version", &request.version);
        put("x-acs-date", &moment.iso8601);
        put("x-acs-signature-nonce", &moment.nonce);
        put("x-acs-content-sha256", &hash);
        put("accept", "application/json");
    }

    fn sign_acs3(&self, request: &mut Request, moment: &Moment) {
        self.acs3_headers(request, moment);
        if let Some(token) = &self.key.token
            && !self.has("security token not sent")
        {
            request.headers.push(("x-acs-accesskey-id".into(), self.key.id.clone()));
            request.headers.push(("x-acs-security-token".into(), token.clone()));
        }
        let hash = request.headers.iter().find(|(name, _)| name == "x-acs-content-sha256").unwrap().1.clone();

        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .filter(|(name, _)| match name.as_str() {
                "host" => !self.has("host not signed"),
                "content-type" => !self.has("content-type not signed"),
                "x-acs-security-token" => !self.has("security token not signed"),
                "x-acs-signature-nonce" => !self.has("nonce not signed"),
                "x-acs-date" => !self.has("date not signed"),
                "x-acs-action" => !self.has("action not signed"),
                name => name.starts_with("x-acs-"),
            })
            .map(|(name, value)| (name.clone(), value.trim().to_owned()))
            .collect();
        headers.sort();
        if self.has("headers in reverse order") {
            headers.reverse();
        }
        if self.has("header names in upper case") {
            headers.iter_mut().for_each(|(name, _)| *name = name.to_uppercase());
        }
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let separator = if self.has("signed headers joined by commas") { "," } else { ";" };
        let names = names.join(separator);
        let lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| {
                let blank = if self.has("blank after the colon") { " " } else { "" };
                let value = if self.has("header values in lower case") { value.to_lowercase() } else { value.clone() };
                format!("{name}:{blank}{value}\n")
            })
            .collect();

        let mut pairs = request.query.clone();
        if !self.has("query not sorted") {
            pairs.sort();
        }
        if self.has("query sorted without regard to case") {
            pairs.sort_by_key(|(name, _)| name.to_lowercase());
        }
        if self.has("empty values left out") {
            pairs.retain(|(_, value)| !value.is_empty());
        }
        let query: Vec<String> = pairs
            .iter()
            .map(|(name, value)| match value.as_str() {
                "" if self.has("empty value without equals sign") => name.clone(),
                value => format!("{name}={}", self.value(value)),
            })
            .collect();
        let query = if self.has("query left out") { String::new() } else { query.join("&") };

        let path = match request.path.as_str() {
            path if self.has("path encoded again") => encode(path).replace("%2F", "/"),
            path if self.has("path decoded") => path.replace("%2F", "/").replace("%20", " "),
            path if self.has("path with query") => format!("{path}?{query}"),
            path => path.to_owned(),
        };
        let method = match request.method.as_str() {
            method if self.has("method in lower case") => method.to_lowercase(),
            _ if self.has("wrong method") => "GET".to_owned(),
            method => method.to_owned(),
        };
        let blank = if self.has("no blank line after headers") { "" } else { "\n" };
        let mut canonical = format!("{method}\n{path}\n{query}\n{}{blank}{names}\n{hash}", lines.concat());
        if self.has("trailing line feed") {
            canonical.push('\n');
        }
        if self.has("carriage returns") {
            canonical = canonical.replace('\n', "\r\n");
        }
        let hashed = if self.has("canonical request hashed by SHA-1") {
            hex(&sha1::Sha1::digest(canonical.as_bytes()))
        } else if self.has("canonical request not hashed") {
            canonical
        } else {
            sha256_hex(canonical.as_bytes())
        };
        let text = if self.has("algorithm left out of the string to sign") {
            hashed
        } else {
            format!("ACS3-HMAC-SHA256\n{hashed}")
        };
        let secret = match self.key.secret.as_str() {
            secret if self.has("ampersand after the secret") => format!("{secret}&"),
            secret if self.has("derived key") => hex(&hmac_sha256(secret.as_bytes(), &moment.iso8601)),
            secret => secret.to_owned(),
        };
        let mac = if self.has("HMAC-SHA1 for HMAC-SHA256") {
            hmac_sha1(secret.as_bytes(), &text)
        } else {
            hmac_sha256(secret.as_bytes(), &text)
        };
        let signature = match mac {
            mac if self.has("signature in base64") => base64(&mac),
            mac if self.has("signature in upper case") => hex(&mac).to_uppercase(),
            mac if self.has("signature cut short") => hex(&mac)[..32].to_owned(),
            mac => hex(&mac),
        };
        let id = if self.has("another key id") { "otherid" } else { &self.key.id };
        let authorization = format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}");
        request.headers.push(("Authorization".into(), authorization));
    }

    /// The value of a query parameter in the text to sign.
    fn value(&self, value: &str) -> String {
        match encode(value) {
            text if self.has("blank as plus") => text.replace("%20", "+"),
            text if self.has("star not encoded") => text.replace("%2A", "*"),
            text if self.has("tilde encoded") => text.replace('~', "%7E"),
            text if self.has("slash not encoded") => text.replace("%2F", "/"),
            text if self.has("escapes in lower case") => lower_escapes(&text),
            text if self.has("values encoded twice") => encode(&text),
            _ if self.has("values not encoded") => value.to_owned(),
            _ if self.has("values encoded as Latin-1") => {
                value.chars().map(|c| if c.is_ascii() { encode(&c.to_string()) } else { "%3F".to_owned() }).collect()
            }
            text => text,
        }
    }

    fn sign_rpc_v1(&self, request: &mut Request, moment: &Moment) {
        let mut put = |name: &str, value: &str| request.query.push((name.into(), value.into()));
        put("Action", &request.action);
        put("Version", &request.version);
        put("Format", "json");
        put("AccessKeyId", &self.key.id);
        put("SignatureMethod", "HMAC-SHA1");
        put("SignatureVersion", "1.0");
        put("Timestamp", &moment.iso8601);
        put("SignatureNonce", &moment.nonce);
        if let Some(token) = &self.key.token {
            put("SecurityToken", token);
        }
        let mut pairs = request.query.clone();
        let form = request.headers.iter().any(|(_, value)| value.contains("form-urlencoded"));
        if form && !self.has("form left out") {
            pairs.extend(String::from_utf8_lossy(&request.body).split('&').map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (decode(name), decode(value))
            }));
        }
        if !self.has("query not sorted") {
            pairs.sort();
        }
        let all: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), self.value(value))).collect();
        let all = all.join("&");
        let all = if self.has("values encoded once") { all } else { encode(&all) };
        let slash = if self.has("slash not encoded") { "/" } else { "%2F" };
        let text = format!("{}&{slash}&{all}", request.method);
        let secret = match self.key.secret.as_str() {
            secret if self.has("no ampersand after the secret") => secret.to_owned(),
            secret => format!("{secret}&"),
        };
        let mac = match () {
            () if self.has("HMAC-SHA256 for HMAC-SHA1") => hmac_sha256(secret.as_bytes(), &text),
            () => hmac_sha1(secret.as_bytes(), &text),
        };
        let signature = if self.has("signature in hex") { hex(&mac) } else { base64(&mac) };
        request.query.push(("Signature".into(), signature));
    }

    fn sign_roa_v1(&self, request: &mut Request, moment: &Moment) {
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("date", &moment.http_date);
        put("accept", "application/json");
        put("x-acs-action", &request.action);
        put("x-acs-version", &request.version);
        put("x-acs-signature-nonce", &moment.nonce);
        put("x-acs-signature-method", "HMAC-SHA1");
        put("x-acs-signature-version", "1.0");
        if let Some(token) = &self.key.token {
            put("x-acs-accesskey-id", &self.key.id);
            put("x-acs-security-token", token);
        }
        let header = |name: &str| {
            request.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value).to_owned()
        };
        let kind = if self.has("content-type not signed") { String::new() } else { header("content-type") };
        let mut text = format!(
            "{}\n{}\n{}\n{kind}\n{}\n",
            request.method,
            header("accept"),
            header("content-md5"),
            header("date")
        );
        let mut signed: Vec<&(String, String)> =
            request.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")).collect();
        signed.sort();
        if self.has("headers in reverse order") {
            signed.reverse();
        }
        for (name, value) in signed {
            text.push_str(&format!("{name}:{value}\n"));
        }
        text.push_str(&request.path);
        let mut pairs = request.query.clone();
        pairs.sort();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let value = if self.has("values encoded") { encode(value) } else { value.clone() };
            let pair = if value.is_empty() { name.clone() } else { format!("{name}={value}") };
            text.push_str(&format!("{}{pair}", if at == 0 { '?' } else { '&' }));
        }
        let secret = match self.key.secret.as_str() {
            secret if self.has("ampersand after the secret") => format!("{secret}&"),
            secret => secret.to_owned(),
        };
        let signature = base64(&hmac_sha1(secret.as_bytes(), &text));
        request.headers.push(("Authorization".into(), format!("acs {}:{signature}", self.key.id)));
    }
}

fn wire(request: &Request) -> Vec<u8> {
    let mut target = request.path.clone();
    for (at, (name, value)) in request.query.iter().enumerate() {
        target.push(if at == 0 { '?' } else { '&' });
        target.push_str(&format!("{}={}", encode(name), encode(value)));
    }
    let mut text = format!("{} {target} HTTP/1.1\r\n", request.method);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&request.body);
    bytes
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn lower_escapes(text: &str) -> String {
    let parts: Vec<&str> = text.split('%').collect();
    let rest = parts[1..].iter().map(|part| format!("%{}{}", part[..2].to_lowercase(), &part[2..]));
    format!("{}{}", parts[0], rest.collect::<String>())
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha1(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
