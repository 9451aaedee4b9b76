//! Whatever a refusal consists of, what it says is kept.

use alicloud_core::{ErrorKind, RetryConfig};

use super::{Figure, Promise, paused};
use crate::{Act, Scripted, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P21",
    title: "Error bodies of any kind give status + request id",
    pass: "bodies of all kinds x 9 statuses: status always kept, code and request id when present, text <= 1 KiB, 0 panics",
    measure: |_| paused(measure()),
};

const STATUSES: [u16; 9] = [400, 401, 403, 404, 429, 500, 502, 503, 504];

/// Name, content type, body, code and request id that it holds.
struct Body {
    name: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
    code: Option<&'static str>,
    request_id: Option<&'static str>,
}

fn bodies() -> Vec<Body> {
    let body = |name, content_type, body: &[u8], code, request_id| Body {
        name,
        content_type,
        body: body.to_vec(),
        code,
        request_id,
    };
    let json = "application/json";
    let mut long = br#"{"Code": "Long", "RequestId": "R", "Message": ""#.to_vec();
    long.extend(std::iter::repeat_n(b'x', 10 << 20));
    long.extend(br#""}"#);
    let latin: &[u8] = b"{\"Code\": \"Latin\", \"RequestId\": \"R\", \"Message\": \"caf\xe9\"}";
    let gzip: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x72];
    let utf16: Vec<u8> = "\u{feff}{\"Code\": \"Wide\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let xml = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><RequestId>R</RequestId><Code>Xml</Code><Message>m</Message></Error>";
    vec![
        body(
            "upper case",
            json,
            br#"{"RequestId": "R", "HostId": "h", "Code": "Up", "Message": "m"}"#,
            Some("Up"),
            Some("R"),
        ),
        body("lower case", json, br#"{"requestId": "R", "code": "low", "message": "m"}"#, Some("low"), Some("R")),
        body("requestid", json, br#"{"requestid": "R", "code": "low", "message": "m"}"#, Some("low"), Some("R")),
        body("request_id", json, br#"{"request_id": "R", "error_code": "snake"}"#, Some("snake"), Some("R")),
        body("errorCode", "text/plain", br#"{"errorCode": "Log", "errorMessage": "m"}"#, Some("Log"), None),
        body("nested", json, br#"{"error": {"code": "In", "message": "m", "request_id": "R"}}"#, Some("In"), Some("R")),
        body("number", json, br#"{"Code": 1001, "RequestId": "R"}"#, Some("1001"), Some("R")),
        body("byte order mark", json, b"\xef\xbb\xbf{\"Code\": \"Bom\", \"RequestId\": \"R\"}", Some("Bom"), Some("R")),
        body("xml", "text/xml;charset=utf-8", xml, Some("Xml"), Some("R")),
        body("xml without type", "", xml, Some("Xml"), Some("R")),
        body(
            "xml, truncated",
            "text/xml",
            b"<Error><RequestId>R</RequestId><Code>Xml</Code><Mess",
            Some("Xml"),
            Some("R"),
        ),
        body("html", "text/html", b"<html><head><title>502 Bad Gateway</title></head></html>", None, None),
        body("html of another kind", "text/html", b"<!DOCTYPE html>\n<title>x</title>", None, None),
        body("html as json", json, b"<html>502</html>", None, None),
        body("text", "text/plain", b"upstream connect error", None, None),
        body("empty", json, b"", None, None),
        body("blanks", json, b" \r\n ", None, None),
        body("empty object", json, b"{}", None, None),
        body("list", json, b"[1, 2]", None, None),
        body("string", json, b"\"no\"", None, None),
        body("null", json, b"null", None, None),
        body("truncated", json, br#"{"RequestId": "R", "Code": "Cut", "Mess"#, Some("Cut"), Some("R")),
        body("10 MiB", json, &long, Some("Long"), Some("R")),
        body("latin 1", json, latin, Some("Latin"), Some("R")),
        body("utf-16", json, &utf16, None, None),
        body("compressed", json, gzip, None, None),
        body("binary", "application/octet-stream", &(0..=255).collect::<Vec<u8>>(), None, None),
        body("deep", json, "[".repeat(100_000).as_bytes(), None, None),
        body("deep xml", "text/xml", "<a>".repeat(100_000).as_bytes(), None, None),
        body("entities", "text/xml", b"<!DOCTYPE x [<!ENTITY a \"aaaa\">]><Error><Code>&a;</Code></Error>", None, None),
        body(
            "control characters",
            json,
            b"{\"Code\": \"Esc\", \"RequestId\": \"R\\n\\u001b[2J\", \"Message\": \"a\\u0000b\"}",
            Some("Esc"),
            None,
        ),
    ]
}

async fn measure() -> Figure {
    let mut wrong = Vec::new();
    let mut count = 0;
    for Body { name, content_type, body, code, request_id } in bodies() {
        for status in STATUSES {
            for in_header in [false, true] {
                count += 1;
                let copy = body.clone();
                let service = Scripted::new(move |_| {
                    let mut headers = vec![];
                    if !content_type.is_empty() {
                        headers.push(("content-type".to_owned(), content_type.to_owned()));
                    }
                    if in_header {
                        headers.push(("x-acs-request-id".to_owned(), "H".to_owned()));
                    }
                    Act::Answer(status, headers, copy.clone())
                });
                let config = service.builder().retry(RetryConfig::off()).build().unwrap();
                let error = things::create(&things::client(&config), "x").send().await.unwrap_err();
                let ErrorKind::Service(service) = error.kind() else {
                    wrong.push(format!("{name} {status}: {error:?}"));
                    continue;
                };
                let expected_id = request_id.or(in_header.then_some("H"));
                let shown = error.to_string();
                let fits = service.status == status
                    && error.code() == code
                    && (name == "control characters" || error.request_id() == expected_id)
                    && service.message.len() <= 1100
                    && !shown.chars().any(char::is_control)
                    && shown.contains(&status.to_string());
                if !fits {
                    wrong.push(format!(
                        "{name} {status}: code {:?}, request id {:?}, {} bytes",
                        error.code(),
                        error.request_id(),
                        shown.len()
                    ));
                }
            }
        }
    }
    Figure::new(
        wrong.is_empty(),
        format!("{count} refusals, {} wrong {}", wrong.len(), wrong.first().cloned().unwrap_or_default()),
    )
}
