//! Headers and query parameters that users add to those of a call.

use std::collections::BTreeMap;

use crate::error::ConfigError;

/// Headers that say who calls what: the runtime alone sets them.
const RESERVED_HEADERS: [&str; 15] = [
    "host",
    "authorization",
    "proxy-authorization",
    "date",
    "content-length",
    "transfer-encoding",
    "connection",
    "user-agent",
    "x-log-apiversion",
    "x-log-content-sha256",
    "x-log-date",
    "x-log-signaturemethod",
    "x-oss-content-sha256",
    "x-oss-date",
    "x-oss-security-token",
];
/// Query parameters that say who calls what.
const RESERVED_QUERIES: [&str; 12] = [
    "Action",
    "Version",
    "Format",
    "Timestamp",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "SecurityToken",
    "BearerToken",
];

/// Extra headers and query parameters must not replace those that say who calls what.
pub(crate) fn check_extras(
    headers: &BTreeMap<String, String>,
    queries: &BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    headers.iter().try_for_each(|(name, value)| check_header(name, value))?;
    let is_reserved = |name: &str| RESERVED_QUERIES.iter().any(|reserved| reserved.eq_ignore_ascii_case(name));
    match queries.keys().find(|name| is_reserved(name)) {
        Some(name) => {
            Err(ConfigError { message: format!("query parameter {name:?} is set by the SDK and cannot be replaced") })
        }
        None => Ok(()),
    }
}

/// One extra header.
pub(crate) fn check_header(name: &str, value: &str) -> Result<(), ConfigError> {
    let lower = name.to_ascii_lowercase();
    let problem = if RESERVED_HEADERS.contains(&lower.as_str()) || lower.starts_with("x-acs-") {
        "is set by the SDK and cannot be replaced"
    } else if http::HeaderName::from_bytes(lower.as_bytes()).is_err() {
        "is no header name"
    } else if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        "has a value that a header cannot carry (visible ASCII and blanks only)"
    } else {
        return Ok(());
    };
    Err(ConfigError { message: format!("header {name:?} {problem}") })
}

pub(crate) fn lower_case(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn nobody_replaces_what_says_who_calls_what() {
        for name in [
            "host",
            "Host",
            "Authorization",
            "date",
            "x-acs-action",
            "X-Acs-Security-Token",
            "Content-Length",
            "transfer-encoding",
            "connection",
            "user-agent",
            "Proxy-Authorization",
            "x-log-apiversion",
            "X-Log-Content-SHA256",
            "x-log-date",
            "x-log-signaturemethod",
            "x-oss-content-sha256",
            "X-Oss-Date",
            "x-oss-security-token",
        ] {
            assert!(check_extras(&one(name, "x"), &BTreeMap::new()).is_err(), "{name}");
        }
        for name in
            ["Action", "action", "VERSION", "Signature", "AccessKeyId", "SecurityToken", "BearerToken", "Timestamp"]
        {
            assert!(check_extras(&BTreeMap::new(), &one(name, "x")).is_err(), "{name}");
        }
        assert!(check_extras(&one("x-trace", "a b"), &one("RegionId", "é")).is_ok());
    }

    #[test]
    fn header_values_are_visible_ascii() {
        for value in ["a\r\nb", "a\nb", "a\0", "a\tb", "é", "\u{7f}", "\u{1b}[2J"] {
            let error = check_header("x-trace", value).unwrap_err();
            assert!(error.message.contains("x-trace") && !error.message.contains(value), "{value:?}");
        }
    }
}
