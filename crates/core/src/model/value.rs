//! What a field can hold, and what it makes of data that is not quite of its type.
//!
//! Services change types without notice, so reading is lenient where the meaning is plain:
//! text, numbers and booleans stand in for each other; an empty text is an absent number, list or
//! object; one element stands for a list of one; a list or object may arrive as JSON text; a list may
//! arrive inside an object with a single member.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{DecodeError, Model, Parts, View, decode, encode};
use crate::Document;

/// A value that can be written to and read from a document.
pub trait Value: Send + Sync {
    /// The value as data; `None` when it is not set.
    fn to_document(&self, view: View) -> Option<Document>;

    /// Takes the value from data.
    ///
    /// # Errors
    /// The data has no meaning for this type.
    fn set(&mut self, document: Document) -> Result<(), DecodeError>;

    /// What the value is made of.
    fn parts(&self) -> Parts<'_> {
        Parts::None
    }
}

/// A model without fields has nothing to give.
impl Value for () {
    fn to_document(&self, _: View) -> Option<Document> {
        None
    }
    fn set(&mut self, _: Document) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T: Value + Default> Value for Option<T> {
    #[inline]
    fn to_document(&self, view: View) -> Option<Document> {
        self.as_ref().and_then(|value| value.to_document(view))
    }
    #[inline]
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        *self = None;
        if document == Document::Null {
            return Ok(());
        }
        let mut value = T::default();
        match value.set(document) {
            Ok(()) => *self = Some(value),
            Err(error) if error.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
    #[inline]
    fn parts(&self) -> Parts<'_> {
        self.as_ref().map_or(Parts::None, Value::parts)
    }
}

impl Value for String {
    fn to_document(&self, _: View) -> Option<Document> {
        Some(Document::String(self.clone()))
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        *self = match document {
            Document::String(text) => text,
            Document::Number(digits) => digits,
            Document::Binary(bytes) => match String::from_utf8(bytes.into()) {
                Ok(text) => text,
                Err(other) => Document::Binary(other.into_bytes().into()).to_string(),
            },
            // A list or object where text is declared is kept as its JSON text.
            other => other.to_string(),
        };
        Ok(())
    }
}

impl Value for i64 {
    fn to_document(&self, _: View) -> Option<Document> {
        Some((*self).into())
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        const EXPECTED: &str = "a whole number of 64 bits";
        *self = match number(&document, EXPECTED)? {
            Digits::Text(digits) => match digits.parse() {
                Ok(value) => value,
                Err(_) => whole(digits).ok_or_else(|| DecodeError::range(EXPECTED))?,
            },
            Digits::Bool(value) => value.into(),
        };
        Ok(())
    }
}

impl Value for f64 {
    fn to_document(&self, _: View) -> Option<Document> {
        Some((*self).into())
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        const EXPECTED: &str = "a number";
        *self = match number(&document, EXPECTED)? {
            Digits::Text(digits) => match digits.parse::<f64>() {
                Ok(value) if value.is_finite() => value,
                _ => return Err(DecodeError::range(EXPECTED)),
            },
            Digits::Bool(value) => u8::from(value).into(),
        };
        Ok(())
    }
}

impl Value for bool {
    fn to_document(&self, _: View) -> Option<Document> {
        Some((*self).into())
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        let text = match &document {
            Document::Bool(value) => {
                *self = *value;
                return Ok(());
            }
            Document::Number(text) => text,
            Document::String(text) => text.trim(),
            other => return Err(DecodeError::mismatch("a boolean", other)),
        };
        *self = match text {
            "" => return Err(DecodeError::empty()),
            "1" => true,
            "0" => false,
            text if text.eq_ignore_ascii_case("true") => true,
            text if text.eq_ignore_ascii_case("false") => false,
            _ => return Err(DecodeError::mismatch("a boolean", &document)),
        };
        Ok(())
    }
}

impl Value for Document {
    fn to_document(&self, _: View) -> Option<Document> {
        Some(self.clone())
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        *self = document;
        Ok(())
    }
    fn parts(&self) -> Parts<'_> {
        match self {
            Self::List(elements) => Parts::List(elements.iter().map(|element| element as _).collect()),
            Self::Object(members) => {
                Parts::Map(members.iter().map(|(name, value)| (name.as_str(), value as _)).collect())
            }
            _ => Parts::None,
        }
    }
}

/// Bytes of a body. Inside JSON they are base64.
impl Value for Bytes {
    fn to_document(&self, _: View) -> Option<Document> {
        Some(Document::Binary(self.clone()))
    }
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        *self = match document {
            Document::Binary(bytes) => bytes,
            Document::String(text) => {
                use base64::{Engine as _, prelude::BASE64_STANDARD};
                BASE64_STANDARD.decode(&text).map_or_else(|_| text.into(), Into::into)
            }
            other => other.to_string().into(),
        };
        Ok(())
    }
}

impl<T: Value + Default> Value for Vec<T> {
    #[inline]
    fn to_document(&self, view: View) -> Option<Document> {
        Some(Document::List(self.iter().map(|element| element.to_document(view).unwrap_or_default()).collect()))
    }
    #[inline]
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        self.clear();
        for (index, element) in elements(document)?.into_iter().enumerate() {
            let mut value = T::default();
            match value.set(element) {
                Ok(()) => self.push(value),
                Err(error) if error.is_empty() => {}
                Err(error) => return Err(error.inside(index.to_string())),
            }
        }
        Ok(())
    }
    #[inline]
    fn parts(&self) -> Parts<'_> {
        Parts::List(self.iter().map(|element| element as _).collect())
    }
}

impl<T: Value + Default> Value for BTreeMap<String, T> {
    #[inline]
    fn to_document(&self, view: View) -> Option<Document> {
        Some(Document::Object(
            self.iter().map(|(name, value)| (name.clone(), value.to_document(view).unwrap_or_default())).collect(),
        ))
    }
    #[inline]
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        self.clear();
        for (name, element) in members(document)? {
            let mut value = T::default();
            match value.set(element) {
                Ok(()) => drop(self.insert(name, value)),
                Err(error) if error.is_empty() => {}
                Err(error) => return Err(error.inside(name)),
            }
        }
        Ok(())
    }
    #[inline]
    fn parts(&self) -> Parts<'_> {
        Parts::Map(self.iter().map(|(name, value)| (name.as_str(), value as _)).collect())
    }
}

impl<T: Model> Value for T {
    #[inline]
    fn to_document(&self, view: View) -> Option<Document> {
        Some(encode::encode(self, view))
    }
    #[inline]
    fn set(&mut self, document: Document) -> Result<(), DecodeError> {
        decode::decode(self, document)
    }
    #[inline]
    fn parts(&self) -> Parts<'_> {
        Parts::Model(self)
    }
}

/// A type that contains itself is boxed.
impl<T: Model + Default> Model for Box<T> {
    #[inline]
    fn schema(&self) -> &'static super::Schema {
        (**self).schema()
    }
    #[inline]
    fn field(&self, index: usize) -> &dyn Value {
        (**self).field(index)
    }
    #[inline]
    fn field_mut(&mut self, index: usize) -> &mut dyn Value {
        (**self).field_mut(index)
    }
}

/// An enumeration that keeps values it does not know.
pub trait OpenEnum: Sized {
    /// The value as it is on the wire.
    fn as_str(&self) -> &str;

    /// The variant of a value; every value has one.
    fn from_value(value: String) -> Self;
}

/// What a number is read from.
enum Digits<'a> {
    Text(&'a str),
    Bool(bool),
}

fn number<'a>(document: &'a Document, expected: &'static str) -> Result<Digits<'a>, DecodeError> {
    match document {
        Document::Number(digits) => Ok(Digits::Text(digits)),
        Document::String(text) => match text.trim() {
            "" => Err(DecodeError::empty()),
            text if text.parse::<f64>().is_ok() => Ok(Digits::Text(text)),
            _ => Err(DecodeError::mismatch(expected, document)),
        },
        Document::Bool(value) => Ok(Digits::Bool(*value)),
        other => Err(DecodeError::mismatch(expected, other)),
    }
}

/// `12.0` and `1e3` are whole numbers, too.
fn whole(digits: &str) -> Option<i64> {
    let value: f64 = digits.parse().ok()?;
    // Beyond 2^53 a float no longer tells neighbours apart.
    (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
}

fn elements(document: Document) -> Result<Vec<Document>, DecodeError> {
    Ok(match document {
        Document::List(elements) => elements.into_iter().filter(|element| *element != Document::Null).collect(),
        Document::Null => Vec::new(),
        Document::String(text) if text.trim().is_empty() => Vec::new(),
        Document::String(text) if text.trim_start().starts_with('[') => match Document::parse(&text) {
            Ok(document) => return elements(document),
            Err(_) => vec![Document::String(text)],
        },
        Document::Object(members) if members.is_empty() => Vec::new(),
        // An undeclared wrapper: `{"Region": [..]}`.
        Document::Object(members) if members.len() == 1 && members.values().all(|value| value.as_list().is_some()) => {
            return members.into_values().next().map_or(Ok(Vec::new()), elements);
        }
        one => vec![one],
    })
}

fn members(document: Document) -> Result<BTreeMap<String, Document>, DecodeError> {
    match document {
        Document::Object(members) => Ok(members),
        Document::Null => Ok(BTreeMap::new()),
        Document::String(text) if text.trim().is_empty() => Err(DecodeError::empty()),
        Document::String(text) if text.trim_start().starts_with('{') => members(Document::parse(&text)?),
        other => Err(DecodeError::mismatch("an object", &other)),
    }
}
