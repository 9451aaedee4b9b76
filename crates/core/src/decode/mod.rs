//! Answers into documents, and error bodies of any kind into errors.

mod compressed;
mod error;
mod xml;

use std::{collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use self::error::business_error;
pub(crate) use self::{
    compressed::decompress,
    error::{refusal_by_head, service_error},
};
use crate::{
    Document,
    error::{BodyError, ErrorKind, SNIPPET, TransportError},
    model::{Field, Model, Place, decode},
    operation::ResponseBody,
};

/// Names of headers that hold the request id, the usual one first.
const REQUEST_ID_HEADERS: [&str; 3] = ["x-acs-request-id", "x-log-requestid", "x-oss-request-id"];

/// An answer whose body has been read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).filter(|value| !value.is_empty())
    }

    fn is_xml(&self) -> bool {
        self.header(CONTENT_TYPE.as_str()).is_some_and(|value| value.to_ascii_lowercase().contains("xml"))
            || (self.body.trim_ascii_start().starts_with(b"<") && !self.looks_like_html())
    }

    fn looks_like_html(&self) -> bool {
        is_page(&self.body)
    }

    /// The id that the service gave the request, from the header or the body.
    pub(crate) fn request_id(&self, document: Option<&Document>) -> Option<String> {
        let in_header = REQUEST_ID_HEADERS.iter().find_map(|name| self.header(name)).map(printable);
        in_header
            .or_else(|| error::text(document?, &["RequestId", "requestId", "requestid", "request_id", "RequestID"]))
    }

    /// The body as data.
    pub(crate) fn document(&self) -> Result<Document, String> {
        if self.header(CONTENT_TYPE.as_str()).is_some_and(|value| value.starts_with("application/x-protobuf")) {
            return Ok(Document::Binary(self.body.clone()));
        }
        if self.is_xml() {
            return xml::parse(&self.body);
        }
        let text = self.text()?;
        if text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty() {
            return Ok(Document::Null);
        }
        Document::parse(text).map_err(|error| error.to_string())
    }

    /// The body as one text. Some services send the text itself, others a JSON string: where the text is JSON
    /// of another kind, it was meant as text all the same.
    fn one_text(&self) -> Result<Document, String> {
        Ok(match self.text()? {
            "" => Document::Null,
            text => match Document::parse(text) {
                Ok(Document::String(said)) => Document::String(said),
                _ => text.into(),
            },
        })
    }

    fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(&self.body).map_err(|error| format!("the body is not UTF-8: {error}"))
    }

    /// An answer that cannot be read, as an error.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> BodyError {
        BodyError::new(self.status, self.request_id(None), message.into(), self.body.clone())
    }

    /// An answer whose body did not arrive whole, as an error.
    pub(crate) fn broken(&self, failure: TransportError, arrived: Bytes) -> BodyError {
        BodyError::broken(self.status, self.request_id(None), failure, arrived)
    }

    /// Fills the output from the headers alone.
    pub(crate) fn read_head(&self, output: &mut dyn Model) -> Result<(), BodyError> {
        let headers = output.schema().fields.iter().filter(|field| field.place == Place::Header);
        let members = headers.filter_map(|field| self.header_member(field)).collect();
        decode::decode(output, Document::Object(members)).map_err(|error| self.unreadable(error.to_string()))
    }

    /// Fills the output from headers and body.
    pub(crate) fn read(&self, kind: ResponseBody, document: Document, output: &mut dyn Model) -> Result<(), BodyError> {
        let fields = output.schema().fields;
        let mut members = match (kind, payload(fields), document) {
            (ResponseBody::Binary, Some(field), _) => only(field, Document::Binary(self.body.clone())),
            (_, Some(_), Document::Null) => BTreeMap::new(),
            (_, Some(field), document) => only(field, document),
            (_, None, Document::Object(members)) => members,
            // An operation without an answer may send anything.
            (_, None, _) if fields.iter().all(|field| field.place != Place::Body) => BTreeMap::new(),
            (_, None, Document::Null) => BTreeMap::new(),
            (_, None, other) => {
                return Err(self.unreadable(format!("expected an object, found {}", other.kind())));
            }
        };
        for field in fields.iter().filter(|field| field.place == Place::Header) {
            members.extend(self.header_member(field));
        }
        decode::decode(output, Document::Object(members)).map_err(|error| self.unreadable(error.to_string()))
    }

    fn header_member(&self, field: &Field) -> Option<(String, Document)> {
        let value = match field.name.strip_suffix('*') {
            Some(prefix) => Document::object(self.headers.iter().filter_map(|(name, value)| {
                Some((name.as_str().strip_prefix(&prefix.to_ascii_lowercase())?, value.to_str().ok()?.into()))
            })),
            None => self.header(field.name)?.into(),
        };
        Some((field.name.to_owned(), value))
    }
}

/// Fills the output from an answer; returns the request id.
pub(crate) fn fill(
    kind: ResponseBody,
    answer: &Answer,
    output: &mut dyn Model,
    now: SystemTime,
) -> Result<Option<String>, ErrorKind> {
    let document = match kind {
        ResponseBody::Binary => Ok(Document::Null),
        ResponseBody::Text => answer.one_text(),
        ResponseBody::Document | ResponseBody::Events => answer.document(),
    };
    let document = document.map_err(|message| ErrorKind::Decode(answer.unreadable(message)))?;
    if let Some(mut error) = business_error(output, &document, answer, now) {
        error.document = Some(document);
        return Err(ErrorKind::Service(Box::new(error)));
    }
    let request_id = answer.request_id(Some(&document));
    answer.read(kind, document, output).map_err(ErrorKind::Decode)?;
    Ok(request_id)
}

/// Empties the output: an answer that could not be read may have filled some fields.
pub(crate) fn clear(output: &mut dyn Model) {
    for index in 0..output.schema().fields.len() {
        // A field that cannot be empty is overwritten by every answer that has it.
        let _ = output.field_mut(index).set(Document::Null);
    }
}

fn payload(fields: &'static [Field]) -> Option<&'static Field> {
    fields.iter().find(|field| field.place == Place::Payload)
}

fn only(field: &Field, value: Document) -> BTreeMap<String, Document> {
    BTreeMap::from([(field.name.to_owned(), value)])
}

/// Whether a body is a web page: that of a proxy or gateway.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let start = start.get(..start.len().min(64)).unwrap_or_default().to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html") || start.starts_with(b"<head")
}

/// The beginning of a body, fit to be printed.
pub(crate) fn snippet(body: &[u8]) -> String {
    printable(&String::from_utf8_lossy(body.get(..body.len().min(SNIPPET)).unwrap_or_default()))
}

/// Text from outside, fit to be printed: bounded, control characters and those that turn the direction of
/// text or end a line escaped. Whatever an answer says passes here on its way into an error or a log.
pub(crate) fn printable(text: &str) -> String {
    let mut output = String::new();
    for character in text.trim().chars() {
        if output.len() >= SNIPPET {
            output.push('…');
            break;
        }
        match character {
            '\n' => output.push(' '),
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => output.extend(character.escape_unicode()),
            character if character.is_control() => output.extend(character.escape_default()),
            character => output.push(character),
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &str, body: &[u8]) -> Answer {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        }
        Answer { status: StatusCode::OK, headers, body: Bytes::copy_from_slice(body) }
    }

    #[test]
    fn the_body_says_what_it_is() {
        for (content_type, body, expected) in [
            ("application/json", "{\"a\":1}", "{\"a\":1}"),
            ("text/plain", "{\"a\":1}", "{\"a\":1}"),
            ("", "<A><a>1</a></A>", "{\"a\":\"1\"}"),
            ("application/xml", "<A><a>1</a></A>", "{\"a\":\"1\"}"),
            ("application/json", "", "null"),
            ("application/json", " \u{feff} \n", "null"),
        ] {
            let document = answer(content_type, body.as_bytes()).document().unwrap();
            assert_eq!(document.to_string(), expected, "{content_type} {body}");
        }
        assert!(answer("application/json", b"\xff").document().unwrap_err().contains("UTF-8"));
        let deep = "[".repeat(100_000);
        assert!(answer("application/json", deep.as_bytes()).document().is_err());
    }

    #[test]
    fn one_text_is_kept_as_it_is() {
        for (body, expected) in [
            ("bash attach.sh\n", "bash attach.sh\n"),
            ("{\"b\": 1, \"a\": 1.0}", "{\"b\": 1, \"a\": 1.0}"),
            ("12", "12"),
            ("null", "null"),
            ("\"curl \\\"x\\\"\"", "curl \"x\""),
        ] {
            assert_eq!(answer("application/json", body.as_bytes()).one_text(), Ok(expected.into()), "{body}");
        }
        assert_eq!(answer("", b"").one_text(), Ok(Document::Null));
        assert!(answer("", b"\xff").one_text().unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn depth_is_bounded_on_a_small_stack() {
        let read = || {
            let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            assert!(answer("", nested(100).as_bytes()).document().is_ok());
            assert!(answer("", nested(1000).as_bytes()).document().is_err());
            assert!(answer("", "{\"a\":".repeat(100_000).as_bytes()).document().is_err());
        };
        // Functions that are not optimised take four times the room.
        let stack = if cfg!(debug_assertions) { 1 << 20 } else { 256 << 10 };
        std::thread::Builder::new().stack_size(stack).spawn(read).unwrap().join().unwrap();
    }

    #[test]
    fn foreign_text_is_bounded_and_escaped() {
        assert_eq!(printable(" a\nb\u{1b}[2J\r\0 "), "a b\\u{1b}[2J\\r\\u{0}");
        assert_eq!(printable("a\u{202e}b\u{2066}c\u{2028}d"), "a\\u{202e}b\\u{2066}c\\u{2028}d");
        let long = printable(&"é".repeat(10_000));
        assert!(long.len() <= SNIPPET + 8 && long.ends_with('…'), "{}", long.len());
        assert!(snippet(&[0xff; 10_000]).len() <= 3 * SNIPPET);
    }
}
