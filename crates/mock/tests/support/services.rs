//! The signatures of services with a protocol of their own, written from their description, with a place for
//! a mistake in every step.

use md5::Digest as _;

use super::{Moment, Request, Signer, base64, encode, hex, hmac_sha1, hmac_sha256, lower_escapes, sha256_hex};

/// `20240102T030405Z`
fn compact(moment: &Moment) -> String {
    moment.iso8601.replace(['-', ':'], "")
}

fn header(request: &Request, name: &str) -> String {
    request.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value).to_owned()
}

impl Signer {
    /// `name:value` lines of the headers that are signed, and their names.
    fn lines(&self, request: &Request, signed: impl Fn(&str) -> bool) -> (String, String) {
        let mut headers: Vec<_> = request.headers.iter().filter(|(name, _)| signed(name)).collect();
        headers.sort();
        if self.has("headers in reverse order") {
            headers.reverse();
        }
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let value =
            |value: &str| if self.has("header values in lower case") { value.to_lowercase() } else { value.into() };
        let lines = headers.iter().map(|(name, text)| format!("{name}:{}\n", value(text)));
        (lines.collect(), names)
    }

    fn query(&self, request: &Request) -> Vec<(String, String)> {
        let mut pairs = request.query.clone();
        if !self.has("query not sorted") {
            pairs.sort();
        }
        if self.has("query left out") {
            pairs.clear();
        }
        pairs
    }

    fn log_headers(&self, request: &mut Request) {
        let size = if self.has("wrong size of the body") { 1 } else { request.body.len() };
        let version = if self.has("wrong protocol version") { "0.5.0" } else { "0.6.0" };
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("x-log-apiversion", version);
        put("x-log-bodyrawsize", &size.to_string());
        if let Some(token) = self.key.token.as_ref().filter(|_| !self.has("security token not sent")) {
            put("x-acs-security-token", token);
        }
    }

    pub(super) fn sign_sls_v1(&self, request: &mut Request, moment: &Moment) {
        self.log_headers(request);
        let md5 = match () {
            () if self.has("payload hash of nothing") => String::new(),
            () if self.has("payload hash in lower case") => hex(&md5::Md5::digest(&request.body)),
            () if request.body.is_empty() => String::new(),
            () => hex(&md5::Md5::digest(&request.body)).to_uppercase(),
        };
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("date", &moment.http_date);
        put("content-md5", &md5);
        put("x-log-signaturemethod", "hmac-sha256");
        let md5 = if self.has("content-md5 not signed") { String::new() } else { md5 };
        let kind = if self.has("content-type not signed") { String::new() } else { header(request, "content-type") };
        let date = if self.has("date not signed") { "" } else { &moment.http_date };
        let own = |name: &str| match name {
            "x-acs-security-token" => !self.has("security token not signed"),
            name => name.starts_with("x-log-") && !self.has("own headers not signed"),
        };
        let (lines, _) = self.lines(request, own);
        let pair = |(name, value): &(String, String)| match value {
            value if self.has("values encoded") => format!("{name}={}", encode(value)),
            value => format!("{name}={value}"),
        };
        let query: Vec<String> = self.query(request).iter().map(pair).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let text =
            format!("{}\n{md5}\n{kind}\n{date}\n{lines}{}{mark}{}", request.method, request.path, query.join("&"));
        let secret = match self.key.secret.as_str() {
            secret if self.has("ampersand after the secret") => format!("{secret}&"),
            secret => secret.to_owned(),
        };
        let mac = match () {
            () if self.has("HMAC-SHA1 for HMAC-SHA256") => hmac_sha1(secret.as_bytes(), &text),
            () => hmac_sha256(secret.as_bytes(), &text),
        };
        let signature = if self.has("signature in hex") { hex(&mac) } else { base64(&mac) };
        request.headers.push(("Authorization".into(), format!("LOG {}:{signature}", self.key.id)));
    }

    pub(super) fn sign_sls_v4(&self, request: &mut Request, moment: &Moment) {
        self.log_headers(request);
        let hash = if self.has("payload hash of nothing") { sha256_hex(b"") } else { sha256_hex(&request.body) };
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("x-log-date", &compact(moment));
        put("x-log-content-sha256", &hash);
        let signed = |name: &str| match name {
            "host" => !self.has("host not signed"),
            "content-type" => !self.has("content-type not signed"),
            "x-acs-security-token" => !self.has("security token not signed"),
            "x-log-date" => !self.has("date not signed"),
            name => name.starts_with("x-log-"),
        };
        let (lines, names) = self.lines(request, signed);
        let canonical =
            format!("{}\n{}\n{}\n{lines}\n{names}\n{hash}", request.method, request.path, self.encoded_query(request));
        self.scoped(request, moment, "SLS4-HMAC-SHA256", "sls", &canonical);
    }

    pub(super) fn sign_oss_v4(&self, request: &mut Request, moment: &Moment) {
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("x-oss-date", &compact(moment));
        put("x-oss-content-sha256", "UNSIGNED-PAYLOAD");
        put("x-oss-meta-author", "Alice");
        if let Some(token) = self.key.token.as_ref().filter(|_| !self.has("security token not sent")) {
            put("x-oss-security-token", token);
        }
        let signed = |name: &str| match name {
            "content-type" => !self.has("content-type not signed"),
            "x-oss-security-token" => !self.has("security token not signed"),
            "x-oss-date" => !self.has("date not signed"),
            name => name.starts_with("x-oss-"),
        };
        let (lines, _) = self.lines(request, signed);
        let hash = if self.has("payload hash of nothing") { sha256_hex(b"") } else { "UNSIGNED-PAYLOAD".to_owned() };
        let blank = if self.has("no blank line after headers") { "" } else { "\n" };
        let canonical = format!(
            "{}\n{}\n{}\n{lines}{blank}\n{hash}",
            request.method,
            self.resource(request),
            self.encoded_query(request)
        );
        self.scoped(request, moment, "OSS4-HMAC-SHA256", "oss", &canonical);
    }

    pub(super) fn sign_oss_v1(&self, request: &mut Request, moment: &Moment) {
        let mut put = |name: &str, value: &str| request.headers.push((name.into(), value.into()));
        put("date", &moment.http_date);
        put("x-oss-meta-author", "Alice");
        if let Some(token) = self.key.token.as_ref().filter(|_| !self.has("security token not sent")) {
            put("x-oss-security-token", token);
        }
        let kind = if self.has("content-type not signed") { String::new() } else { header(request, "content-type") };
        let date = if self.has("date not signed") { "" } else { &moment.http_date };
        let (lines, _) = self.lines(request, |name| name.starts_with("x-oss-"));
        let part = |name: &str| match name {
            "lifecycle" | "versionId" => !self.has("sub-resources left out"),
            _ => self.has("all parameters signed"),
        };
        let pairs: Vec<_> = self.query(request).into_iter().filter(|(name, _)| part(name)).collect();
        let pair = |(name, value): &(String, String)| match value.as_str() {
            "" if self.has("empty value with equals sign") => format!("{name}="),
            "" => name.clone(),
            value => format!("{name}={value}"),
        };
        let query = pairs.iter().map(pair).collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        let resource = match self.resource(request) {
            resource if self.has("path encoded") => resource,
            resource => resource.replace("%20", " "),
        };
        let text = format!("{}\n\n{kind}\n{date}\n{lines}{resource}{mark}{query}", request.method);
        let mac = match () {
            () if self.has("HMAC-SHA256 for HMAC-SHA1") => hmac_sha256(self.key.secret.as_bytes(), &text),
            () => hmac_sha1(self.key.secret.as_bytes(), &text),
        };
        let signature = if self.has("signature in hex") { hex(&mac) } else { base64(&mac) };
        request.headers.push(("Authorization".into(), format!("OSS {}:{signature}", self.key.id)));
    }

    fn resource(&self, request: &Request) -> String {
        let bucket = self.host.split('.').next().unwrap();
        match request.path.as_str() {
            path if self.has("bucket left out") => path.to_owned(),
            path if self.has("slash encoded") => format!("/{bucket}/{}", path[1..].replace('/', "%2F")),
            path => format!("/{bucket}{path}"),
        }
    }

    fn encoded_query(&self, request: &Request) -> String {
        let pair = |(name, value): &(String, String)| {
            let value = match encode(value) {
                text if self.has("blank as plus") => text.replace("%20", "+"),
                text if self.has("star not encoded") => text.replace("%2A", "*"),
                text if self.has("escapes in lower case") => lower_escapes(&text),
                _ if self.has("values not encoded") => value.clone(),
                text => text,
            };
            let bare = value.is_empty() && !self.has("empty value with equals sign");
            if bare { encode(name) } else { format!("{}={value}", encode(name)) }
        };
        self.query(request).iter().map(pair).collect::<Vec<_>>().join("&")
    }

    fn scoped(&self, request: &mut Request, moment: &Moment, algorithm: &str, product: &str, canonical: &str) {
        let time = compact(moment);
        let day = if self.has("another day in the scope") { "20200101" } else { &time[..8] };
        let product = if self.has("another product in the scope") { "ecs" } else { product };
        let scope = format!("{day}/cn-hangzhou/{product}/aliyun_v4_request");
        let hashed = match canonical {
            canonical if self.has("canonical request not hashed") => canonical.to_owned(),
            canonical => sha256_hex(canonical.as_bytes()),
        };
        let text = match () {
            () if self.has("scope left out of the string to sign") => format!("{algorithm}\n{time}\n{hashed}"),
            () => format!("{algorithm}\n{time}\n{scope}\n{hashed}"),
        };
        let prefix = if self.has("prefix of the key left out") { "" } else { "aliyun_v4" };
        let mut key = format!("{prefix}{}", self.key.secret).into_bytes();
        if !self.has("key not derived") {
            scope.split('/').for_each(|part| key = hmac_sha256(&key, part));
        }
        let mac = hmac_sha256(&key, &text);
        let signature = match mac {
            mac if self.has("signature in base64") => base64(&mac),
            mac if self.has("signature in upper case") => hex(&mac).to_uppercase(),
            mac => hex(&mac),
        };
        let authorization = format!("{algorithm} Credential={}/{scope},Signature={signature}", self.key.id);
        request.headers.push(("Authorization".into(), authorization));
    }
}
