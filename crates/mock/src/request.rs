//! A request as it arrived: raw target, headers, body bytes, and their decoded pairs.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

const FORM: &str = "application/x-www-form-urlencoded";
const UNREADABLE_FORM: &str = "the form body is not percent-encoded UTF-8";

/// A decoded `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// One request, undecoded where decoding would lose what was signed.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The request target exactly as sent.
    pub(crate) target: String,
    /// Where the query begins in the target (its length when there is none).
    path_len: usize,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) query: Vec<Pair>,
    /// Decoded body when it is a form.
    pub(crate) form: Vec<Pair>,
    /// What could not be decoded, if anything.
    pub(crate) malformed: Option<String>,
}

impl Request {
    pub(crate) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        Self::from_target(method, target, headers, body)
    }

    pub(crate) fn from_target(method: Method, target: String, headers: HeaderMap, body: Bytes) -> Self {
        let (path_len, query_text) = match target.split_once('?') {
            Some((path, query)) => (path.len(), query),
            None => (target.len(), ""),
        };
        let query = pairs(query_text.as_bytes());
        let malformed = query.is_none().then(|| "the query string is not percent-encoded UTF-8".to_owned());
        let query = query.unwrap_or_default();
        let mut request =
            Self { method, target, path_len, headers, body: Bytes::new(), query, form: Vec::new(), malformed };
        request.arrived(body);
        request
    }

    /// Adds the body to a request of which only the head was known.
    pub(crate) fn arrived(&mut self, body: Bytes) {
        if self.media_type() == FORM {
            self.form = pairs(&body).unwrap_or_else(|| {
                self.malformed = Some(UNREADABLE_FORM.to_owned());
                Vec::new()
            });
        }
        self.body = body;
    }

    /// The path exactly as sent.
    pub(crate) fn path(&self) -> &str {
        self.target.get(..self.path_len).unwrap_or("/")
    }

    /// A header as text; absent when it is not UTF-8.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::trim)
    }

    /// A decoded parameter of the query or, failing that, of the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().chain(&self.form).find(|pair| pair.name == name).map(|pair| pair.value.as_str())
    }

    /// The media type of the body in lower case, without its parameters.
    pub(crate) fn media_type(&self) -> String {
        media_type(&self.headers)
    }

    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap_or_default()
    }

    /// The first label of the host, where it may be a parameter: numbers alone are an address.
    pub(crate) fn label(&self) -> Option<&str> {
        let host = self.host().rsplit_once(':').map_or(self.host(), |(host, _)| host);
        let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
        host.split_once('.').map(|(label, _)| label).filter(|_| !is_address)
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Splits and decodes `a=b&c=d`; nothing when it is not percent-encoded UTF-8.
pub(crate) fn pairs(text: &[u8]) -> Option<Vec<Pair>> {
    text.split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = match part.iter().position(|byte| *byte == b'=') {
                Some(at) => part.split_at(at),
                None => (part, [].as_slice()),
            };
            let value = value.strip_prefix(b"=").unwrap_or(value);
            Some(Pair { name: decode(name, true)?, value: decode(value, true)? })
        })
        .collect()
}

/// Decodes `%XX`, and `+` as a blank where forms and queries do so.
pub(crate) fn decode(text: &[u8], plus_is_blank: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            b'+' if plus_is_blank => b' ',
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Percent-encodes everything but letters, digits and `-_.~`.
pub(crate) fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for nibble in [byte >> 4, byte & 15] {
                into.push(DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_pairs_as_browsers_and_clients_write_them() {
        let pair = |name: &str, value: &str| Pair { name: name.into(), value: value.into() };
        assert_eq!(
            pairs(b"a=1&b=x+y%2Bz&&c&d==&%E9%94%AE=%e5%80%bc"),
            Some(vec![pair("a", "1"), pair("b", "x y+z"), pair("c", ""), pair("d", "="), pair("键", "值")])
        );
        for broken in [b"a=%".as_slice(), b"a=%2", b"a=%zz", b"a=%ff"] {
            assert_eq!(pairs(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn encodes_all_but_unreserved() {
        let mut text = String::new();
        encode("aZ0-_.~ +*/%é", &mut text);
        assert_eq!(text, "aZ0-_.~%20%2B%2A%2F%25%C3%A9");
    }

    #[test]
    fn keeps_the_target_as_sent() {
        let target = "//a/./b/../%7Ec?x=1?2".to_owned();
        let request = Request::from_target(Method::GET, target, HeaderMap::new(), Bytes::new());
        assert_eq!(request.path(), "//a/./b/../%7Ec");
        assert_eq!(request.parameter("x"), Some("1?2"));
    }
}
