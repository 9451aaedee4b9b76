//! Secrets stay out of logs, archives and pages.

use alicloud_spec::Operation;
use serde_json::Value;

use crate::keys;
use crate::request::{self, Pair};

pub(crate) const MASK: &str = "***";

/// Whether a parameter, member or header of that name holds a secret.
pub(crate) fn is_secret(name: &str, operation: Option<&Operation>) -> bool {
    if operation.is_some_and(|operation| operation.parameters.iter().any(|shape| shape.secret && shape.name == name)) {
        return true;
    }
    let name: String = name.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | '.')).collect();
    const HARMLESS: [&str; 5] = ["accesskeyid", "clienttoken", "nexttoken", "pagetoken", "tokenexpiration"];
    const TELLING: [&str; 11] = [
        "password",
        "passwd",
        "secret",
        "token",
        "privatekey",
        "credential",
        "signature",
        "kubeconfig",
        "samlassertion",
        "cookie",
        "authcode",
    ];
    // `SignatureMethod` and the like say how, not what.
    let protocol = ["signaturemethod", "signatureversion", "signaturenonce", "signaturetype", "credentialsprovider"];
    !HARMLESS.iter().chain(&protocol).any(|harmless| name.ends_with(harmless))
        && TELLING.iter().any(|telling| name.contains(telling))
}

/// A header value without what must not be shown.
pub(crate) fn header(name: &str, value: &str) -> String {
    if name == "authorization" {
        // The key id and the list of headers help to find mistakes; the signature does not.
        return match (value.split_once("Signature="), value.strip_prefix("acs ").and_then(|rest| rest.split_once(':')))
        {
            (Some((head, _)), _) => format!("{}Signature={MASK}", real_keys(head)),
            (None, Some((id, _))) => format!("acs {}:{MASK}", real_keys(id)),
            _ => MASK.to_owned(),
        };
    }
    if is_secret(name, None) { MASK.to_owned() } else { real_keys(value) }
}

/// Text in which the ids of real access keys are cut short.
fn real_keys(text: &str) -> String {
    let mut pieces = text.split(keys::REAL);
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let id = piece.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(piece.len());
        shown.push_str(keys::REAL);
        shown.push_str(MASK);
        shown.push_str(piece.get(id..).unwrap_or_default());
    }
    shown
}

/// A request target, its secret values masked.
pub(crate) fn target(target: &str, operation: Option<&Operation>) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{path}?{}", form(query.as_bytes(), operation)),
        None => target.to_owned(),
    }
}

/// A body, its secret members masked.
pub(crate) fn body(bytes: &[u8], operation: Option<&Operation>) -> String {
    const LONGEST: usize = 64 * 1024;
    if bytes.is_empty() {
        return String::new();
    }
    if bytes.len() > LONGEST {
        return format!("({} bytes)", bytes.len());
    }
    if let Ok(mut document) = serde_json::from_slice::<Value>(bytes) {
        mask(&mut document, operation);
        return document.to_string();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with('<') => text.to_owned(),
        Ok(_) => form(bytes, operation),
        Err(_) => format!("({} bytes)", bytes.len()),
    }
}

fn form(text: &[u8], operation: Option<&Operation>) -> String {
    let Some(pairs) = request::pairs(text) else { return format!("({} bytes)", text.len()) };
    let mut out = String::with_capacity(text.len());
    for Pair { name, value } in &pairs {
        if !out.is_empty() {
            out.push('&');
        }
        request::encode(name, &mut out);
        out.push('=');
        if is_secret(name, operation) { out.push_str(MASK) } else { request::encode(&real_keys(value), &mut out) }
    }
    out
}

/// Masks secret members at any depth.
pub(crate) fn mask(document: &mut Value, operation: Option<&Operation>) {
    match document {
        Value::Object(members) => {
            for (name, member) in members {
                let whole = !matches!(member, Value::Object(_) | Value::Array(_) | Value::Null);
                if whole && is_secret(name, operation) { *member = MASK.into() } else { mask(member, operation) }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| mask(element, operation)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_secrets_and_nothing_else() {
        assert_eq!(
            target("/?AccessKeyId=a&Signature=s&SignatureNonce=n&SecurityToken=t&NextToken=x&Password=p", None),
            "/?AccessKeyId=a&Signature=***&SignatureNonce=n&SecurityToken=***&NextToken=x&Password=***"
        );
        assert_eq!(header("authorization", "acs id:sig"), "acs id:***");
        assert_eq!(header("authorization", "acs LTAI5tReal:sig"), "acs LTAI***:***");
        assert_eq!(target("/?AccessKeyId=LTAI5tReal&A=b", None), "/?AccessKeyId=LTAI%2A%2A%2A&A=b");
        assert_eq!(
            header("authorization", "ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host,Signature=ff"),
            "ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host,Signature=***"
        );
        assert_eq!(header("authorization", "Bearer abc"), "***");
        assert_eq!(header("x-acs-security-token", "t"), "***");
        assert_eq!(header("x-acs-signature-nonce", "n"), "n");
        assert_eq!(
            body(br#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"s","SecurityToken":"t"}}"#, None),
            r#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"***","SecurityToken":"***"}}"#
        );
    }
}
