//! Data without a Rust type: what a JSON or XML body says, exactly.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::value::RawValue;

/// Deepest nesting that is read from text.
const MAX_DEPTH: usize = 128;

/// A JSON value whose numbers keep every digit.
///
/// It is what requests are made of and answers are read into, and the type of fields for which the
/// vendor documents no shape. Objects are sorted by name.
///
/// ```
/// use alicloud_core::Document;
///
/// let document = Document::parse(r#"{"Id": 123456789012345678901234567890}"#)?;
/// assert_eq!(document.get("Id").and_then(Document::as_number), Some("123456789012345678901234567890"));
/// # Ok::<(), alicloud_core::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Document {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, in the digits of its source.
    Number(String),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Document>),
    /// An object.
    Object(BTreeMap<String, Document>),
    /// Bytes of a body; base64 when written as JSON.
    Binary(Bytes),
}

/// Text that is not JSON.
#[derive(Debug)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not valid JSON: {}", self.0)
    }
}

impl std::error::Error for ParseError {}

impl Document {
    /// Reads JSON text. A byte order mark is skipped, a repeated member keeps its last value.
    ///
    /// # Errors
    /// The text is not JSON, or is nested more than 128 levels deep.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match (Reader { exact: true }).deserialize(&mut deserializer) {
            Ok(document) if deserializer.end().is_ok() => Ok(document),
            _ => parse(text, 0),
        }
    }

    /// An object made of members.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Document)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Document> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text, when it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The digits, when it is a number.
    pub fn as_number(&self) -> Option<&str> {
        match self {
            Self::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// The truth value, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements, when it is a list.
    pub fn as_list(&self) -> Option<&[Document]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, when it is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Document>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Binary(_) => "bytes",
        }
    }

    /// The text of a scalar: a string as it is, a number in its digits, `true` or `false`.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Number(digits) => Some(digits.clone()),
            Self::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

/// Compact JSON.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Reads one value. Members and elements are taken as raw text first, because a parsed number would
/// lose digits. Slower than [`Reader`], which does for documents without decimal numbers.
fn parse(text: &str, depth: usize) -> Result<Document, ParseError> {
    if depth > MAX_DEPTH {
        return Err(ParseError(format!("nested more than {MAX_DEPTH} levels deep")));
    }
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let error = |error: serde_json::Error| ParseError(error.to_string());
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: Members<'_> = serde_json::from_str(text).map_err(error)?;
            let mut object = BTreeMap::new();
            for (name, raw) in members.0 {
                object.insert(name, parse(raw.get(), depth.saturating_add(1))?);
            }
            Ok(Document::Object(object))
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(error)?;
            elements
                .into_iter()
                .map(|raw| parse(raw.get(), depth.saturating_add(1)))
                .collect::<Result<_, _>>()
                .map(Document::List)
        }
        Some(b'"') => serde_json::from_str(text).map(Document::String).map_err(error),
        Some(b't' | b'f') => serde_json::from_str(text).map(Document::Bool).map_err(error),
        Some(b'n') => serde_json::from_str::<()>(text).map(|()| Document::Null).map_err(error),
        _ => serde_json::from_str::<&RawValue>(text).map(|raw| Document::Number(raw.get().to_owned())).map_err(error),
    }
}

/// The members of an object, unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(digits) => serialize_number(digits, serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(elements) => {
                let mut list = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    list.serialize_element(element)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    object.serialize_entry(name, value)?;
                }
                object.end()
            }
            Self::Binary(bytes) => serializer.serialize_str(&encode_base64(bytes)),
        }
    }
}

fn encode_base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}

/// Numbers that fit go out as numbers in every format; longer ones keep their digits in JSON.
fn serialize_number<S: Serializer>(digits: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(value) = digits.parse::<i64>() {
        return serializer.serialize_i64(value);
    }
    match RawValue::from_string(digits.to_owned()) {
        Ok(raw) => raw.serialize(serializer),
        Err(_) => serializer.serialize_str(digits),
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { exact: false }.deserialize(deserializer)
    }
}

/// Reads a document in one pass. With `exact` it gives up at a number that has lost digits.
#[derive(Clone, Copy)]
struct Reader {
    exact: bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Document;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Document;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
        Ok(Document::Number(value.to_string()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Document, E> {
        if self.exact { Err(E::custom("a decimal number")) } else { Ok(value.into()) }
    }
    fn visit_str<E>(self, value: &str) -> Result<Document, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Document, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }
    fn visit_none<E>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        self.deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Document, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Document::List(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key()? {
            members.insert(name, map.next_value_seed(self)?);
        }
        Ok(Document::Object(members))
    }
}

impl From<bool> for Document {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Document {
    fn from(value: i64) -> Self {
        Self::Number(value.to_string())
    }
}

/// Whole numbers have no fraction (`1`, not `1.0`), very small and large ones an exponent, as the vendor's
/// services know it; what is no number becomes `null`.
impl From<f64> for Document {
    fn from(value: f64) -> Self {
        let plain = value == 0.0 || (1e-6..1e21).contains(&value.abs());
        match value {
            value if !value.is_finite() => Self::Null,
            value if plain => Self::Number(value.to_string()),
            value if value.abs() < 1.0 => Self::Number(format!("{value:e}")),
            value => Self::Number(format!("{value:e}").replace('e', "e+")),
        }
    }
}

impl From<&str> for Document {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Document {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl<T: Into<Document>> From<Vec<T>> for Document {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl From<serde_json::Value> for Document {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text),
            Value::Array(elements) => elements.into(),
            Value::Object(members) => Self::object(members.into_iter().map(|(name, value)| (name, value.into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse(text).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for digits in ["0", "-1", "123456789012345678901234567890", "1e400", "1.10", "-0.5E-3", "18446744073709551615"]
        {
            assert_eq!(parse(&format!(r#"{{"A":[{digits}]}}"#)).to_string(), format!(r#"{{"A":[{digits}]}}"#));
        }
    }

    #[test]
    fn both_ways_of_reading_agree() {
        let text = r#" {"a": [1, true, null, "x\u00e9"], "b": {"c": {}}, "a2": [], "b": {"c": "last"}} "#;
        let with_decimal = text.replacen('{', r#"{"d": 1.5, "#, 1);
        let Document::Object(mut slow) = parse(&with_decimal) else { panic!() };
        assert_eq!(slow.remove("d"), Some(Document::Number("1.5".into())));
        assert_eq!(parse(text), Document::Object(slow));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(parse("\u{feff}1"), Document::Number("1".into()));
    }

    #[test]
    fn nesting_is_bounded_both_ways() {
        for inner in ["1", "1.5"] {
            let nested = |depth| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
            assert!(Document::parse(&nested(100)).is_ok(), "{inner}");
            let error = Document::parse(&nested(100_000)).unwrap_err().to_string();
            assert!(error.contains("nested more than 128 levels"), "{error}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", "{1}", "[1,]", "1 2", "nul", "'a'", "01", "+1", "NaN", "{\"a\":1.5.5}", "\u{feff}"] {
            assert!(Document::parse(text).is_err(), "{text:?}");
        }
    }
}
