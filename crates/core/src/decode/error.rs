//! What the service says when it refuses a call.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use http::HeaderMap;

use super::{Answer, printable, snippet};
use crate::{
    Document,
    error::ServiceError,
    model::{Model, Place},
};

/// Reads a refusal. Whatever the body is, the status survives; code, message and request id do when the
/// body or the headers hold them.
pub(crate) fn service_error(answer: &Answer, now: SystemTime) -> ServiceError {
    let document = if answer.looks_like_html() { None } else { answer.document().ok() };
    let mut error = match &document {
        Some(document @ Document::Object(_)) => read(unwrap(document)),
        Some(_) => ServiceError::default(),
        None => salvage(answer),
    };
    error.status = answer.status.as_u16();
    error.request_id = error.request_id.or_else(|| answer.request_id(document.as_ref()));
    (error.retry_after, error.throttled) = retry_after(&answer.headers, now);
    // A body that cannot be read whole may say more than its code.
    if error.message.is_empty() && (error.code.is_empty() || document.is_none()) {
        error.message = snippet(&answer.body);
    }
    error.document = document.filter(|document| !matches!(document, Document::Null | Document::Binary(_)));
    error
}

/// A refusal whose head alone is read, because the rest is of no use.
pub(crate) fn refusal_by_head(answer: &Answer, message: String, now: SystemTime) -> ServiceError {
    ServiceError { message, ..service_error(answer, now) }
}

/// A failure that a service reports in a successful answer: `Success` is false, where the operation
/// declares it. A code alone is no failure: many services send one with every answer.
pub(crate) fn business_error(
    output: &dyn Model,
    document: &Document,
    answer: &Answer,
    now: SystemTime,
) -> Option<ServiceError> {
    let declared = output
        .schema()
        .fields
        .iter()
        .find(|field| field.place == Place::Body && field.name.eq_ignore_ascii_case("success"))?;
    let failed = match document.get(declared.name)? {
        Document::Bool(value) => !value,
        Document::Number(text) => text == "0",
        Document::String(text) => text.trim().eq_ignore_ascii_case("false") || text.trim() == "0",
        _ => false,
    };
    if !failed {
        return None;
    }
    let mut error = read(document);
    error.status = answer.status.as_u16();
    error.request_id = error.request_id.or_else(|| answer.request_id(Some(document)));
    (error.retry_after, _) = retry_after(&answer.headers, now);
    Some(error)
}

fn read(document: &Document) -> ServiceError {
    ServiceError {
        status: 0,
        code: text(document, &["Code", "code", "ErrorCode", "errorCode", "error_code"]).unwrap_or_default(),
        message: text(
            document,
            &["Message", "message", "ErrorMessage", "errorMessage", "Msg", "msg", "Description", "description"],
        )
        .unwrap_or_default(),
        request_id: text(document, &["RequestId", "requestId", "requestid", "request_id", "RequestID"]),
        recommend: text(document, &["Recommend", "recommend"]),
        host_id: text(document, &["HostId", "hostId"]),
        access_denied_detail: ["AccessDeniedDetail", "accessDeniedDetail"]
            .iter()
            .find_map(|name| document.get(name))
            .filter(|detail| **detail != Document::Null)
            .cloned(),
        ..ServiceError::default()
    }
}

/// What can be found in a body that is cut, too long, or not in UTF-8: the first member of each name.
fn salvage(answer: &Answer) -> ServiceError {
    if answer.looks_like_html() {
        return ServiceError::default();
    }
    let text = String::from_utf8_lossy(&answer.body);
    let find = |names: &[&str]| names.iter().find_map(|name| member(&text, name));
    ServiceError {
        code: find(&["Code", "code", "ErrorCode", "errorCode"]).unwrap_or_default(),
        request_id: find(&["RequestId", "requestId", "requestid", "request_id"]),
        ..ServiceError::default()
    }
}

/// `"name": "value"` or `<name>value</name>`.
fn member(text: &str, name: &str) -> Option<String> {
    let json = || {
        let rest = text.split_once(&format!("\"{name}\""))?.1.trim_start().strip_prefix(':')?.trim_start();
        match rest.strip_prefix('"') {
            Some(rest) => rest.split_once('"').map(|(value, _)| value),
            None => {
                rest.split_once([',', '}', ' ', '\n', '\r']).map(|(value, _)| value).filter(|value| !is_nothing(value))
            }
        }
    };
    let xml = || Some(text.split_once(&format!("<{name}>"))?.1.split_once("</")?.0);
    let is_plain = |value: &&str| !value.is_empty() && value.len() <= 256 && !value.contains(['&', '\\']);
    json().or_else(xml).filter(is_plain).map(printable)
}

/// `<Error>` documents, and services that put their error into a member of that name.
fn unwrap(document: &Document) -> &Document {
    let has_code = |document: &Document| text(document, &["Code", "code", "ErrorCode", "errorCode"]).is_some();
    match document.get("Error").or_else(|| document.get("error")) {
        Some(inner @ Document::Object(_)) if !has_code(document) => inner,
        _ => document,
    }
}

/// The first of some members that holds text. Nothing, zero and false count as absent: services send one
/// spelling of a name empty and the other one filled.
pub(super) fn text(document: &Document, names: &[&str]) -> Option<String> {
    let members: &BTreeMap<_, _> = document.as_object()?;
    let said = |value: &Document| match value {
        Document::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        value => value.scalar().filter(|text| !is_nothing(text)),
    };
    names.iter().find_map(|name| said(members.get(*name)?)).map(|text| printable(&text))
}

/// Values without quotes that say nothing.
fn is_nothing(value: &str) -> bool {
    matches!(value, "null" | "false") || value.parse::<f64>() == Ok(0.0)
}

/// How long the service asks to wait: `x-acs-retry-after` in milliseconds, else `Retry-After` in seconds
/// or as a date. Nothing that is not a positive time counts. The first of them also says that the call
/// was held back at the gateway.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> (Option<Duration>, bool) {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let positive = |text: &str| text.parse::<u64>().ok().filter(|value| *value > 0);
    if let Some(milliseconds) = value("x-acs-retry-after").and_then(positive) {
        return (Some(Duration::from_millis(milliseconds)), true);
    }
    let in_words = |text: &str| {
        let until = crate::runtime::parse_http_date(text)?;
        until.duration_since(now).ok().filter(|wait| !wait.is_zero())
    };
    let wait = value("retry-after").and_then(|text| positive(text).map(Duration::from_secs).or_else(|| in_words(text)));
    (wait, false)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn refusal(body: &str) -> ServiceError {
        let body = body.as_bytes().to_vec().into();
        let answer = Answer { status: StatusCode::BAD_GATEWAY, headers: HeaderMap::new(), body };
        service_error(&answer, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn broken_bodies_give_what_they_hold() {
        for (body, code, request_id) in [
            (r#"{"RequestId":"R","Code":"Cut","Mess"#, "Cut", Some("R")),
            (r#"{"code" : "Cut" , "requestId" :"R"#, "Cut", None),
            (r#"{"Code":404,"RequestId":"R","#, "404", Some("R")),
            ("<Error><Code>Cut</Code><RequestId>R</RequestId><Mess", "Cut", Some("R")),
            (r#"{"Code":"","code":"Cut","requestId":"R","#, "Cut", Some("R")),
            (r#"{"Code":0,"ErrorCode":"Cut","RequestId":null,"requestId":"R","#, "Cut", Some("R")),
            (r#"{"Message":"Code"#, "", None),
            (r#""Code" "Code""#, "", None),
            ("Code: Cut", "", None),
        ] {
            let error = refusal(body);
            assert_eq!(
                (error.code.as_str(), error.request_id.as_deref(), error.status),
                (code, request_id, 502),
                "{body}"
            );
            assert_eq!(error.message, body, "what cannot be read whole is shown");
        }
    }

    #[test]
    fn what_is_empty_does_not_hide_what_is_not() {
        for (body, code, request_id) in [
            (r#"{"Code":"","code":"X"}"#, "X", None),
            (r#"{"Code":" ","code":"X","RequestId":"","requestId":"R"}"#, "X", Some("R")),
            (r#"{"Code":0,"ErrorCode":"X"}"#, "X", None),
            (r#"{"Code":0.0,"errorCode":"X","RequestId":false,"request_id":"R"}"#, "X", Some("R")),
            (r#"{"Code":null,"code":"","error":{"Code":0,"code":"X"}}"#, "X", None),
            (r#"{"Code":"0","code":"X"}"#, "0", None),
            (r#"{"Code":0,"code":""}"#, "", None),
            ("<Error><Code></Code><code>X</code></Error>", "X", None),
        ] {
            let error = refusal(body);
            assert_eq!((error.code.as_str(), error.request_id.as_deref()), (code, request_id), "{body}");
        }
    }

    #[test]
    fn a_page_is_its_own_message() {
        assert_eq!(refusal("<html><p>Bad\nGateway</p></html>").message, "<html><p>Bad Gateway</p></html>");
        assert_eq!(refusal("").message, "");
    }
}
