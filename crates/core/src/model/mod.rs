//! Requests, answers and the types they are made of.
//!
//! A generated type is a plain struct with two accessors and a constant [`Schema`]. Everything that
//! thinks — placement, encoding, lenient decoding, redaction, comparison — lives here, once.

mod debug;
pub(crate) mod decode;
pub(crate) mod encode;
mod list;
mod macros;
mod parts;
pub(crate) mod protobuf;
mod schema;
mod value;

use std::fmt;

pub(crate) use self::parts::find;
pub use self::{
    debug::{debug, equal},
    list::IntoList,
    parts::Parts,
    schema::{Field, Limits, Place, Schema, Style},
    value::{OpenEnum, Value},
};
use crate::{Document, document::ParseError};

/// A struct whose fields have API names.
pub trait Model: Send + Sync + 'static {
    /// What is true of the fields on the wire.
    fn schema(&self) -> &'static Schema;

    /// A field, by its position in the schema.
    fn field(&self, _index: usize) -> &dyn Value {
        &()
    }

    /// A field, by its position in the schema.
    fn field_mut(&mut self, _index: usize) -> &mut dyn Value {
        // A model without fields overrides neither method. Leaking a zero-sized value costs nothing.
        Box::leak(Box::new(()))
    }

    /// The fields that are set, by API name, secrets included.
    fn to_document(&self) -> Document
    where
        Self: Sized,
    {
        encode::encode(self, View::Wire)
    }

    /// The fields that are set, as JSON by API name, secrets included.
    fn to_json(&self) -> String
    where
        Self: Sized,
    {
        self.to_document().to_string()
    }

    /// A value filled from data by API name. Unknown members are ignored, as in an answer.
    ///
    /// # Errors
    /// A member has a value that its field cannot take.
    fn from_document(document: Document) -> Result<Self, DecodeError>
    where
        Self: Sized + Default,
    {
        let mut model = Self::default();
        decode::decode(&mut model, document)?;
        Ok(model)
    }

    /// A value filled from JSON by API name. Unknown members are ignored, as in an answer.
    ///
    /// # Errors
    /// The text is not JSON, or a member has a value that its field cannot take.
    fn from_json(text: &str) -> Result<Self, DecodeError>
    where
        Self: Sized + Default,
    {
        Self::from_document(Document::parse(text)?)
    }
}

/// What a model is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The service: everything.
    Wire,
    /// People: secrets are masked.
    Redacted,
}

/// Data that does not fit the type it is read into.
#[derive(Debug)]
pub struct DecodeError {
    /// Names from the outermost member to the offending one.
    path: Vec<String>,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    /// An empty text where something else is declared: the service's way to say "nothing".
    Empty,
    Mismatch {
        expected: &'static str,
        found: &'static str,
    },
    Range(&'static str),
    Syntax(String),
}

impl DecodeError {
    /// An empty text where something else is declared.
    pub(crate) fn empty() -> Self {
        Self { path: Vec::new(), reason: Reason::Empty }
    }

    /// One kind of value where another is declared.
    pub(crate) fn mismatch(expected: &'static str, found: &Document) -> Self {
        Self { path: Vec::new(), reason: Reason::Mismatch { expected, found: found.kind() } }
    }

    /// A number that the declared type cannot hold.
    pub(crate) fn range(expected: &'static str) -> Self {
        Self { path: Vec::new(), reason: Reason::Range(expected) }
    }

    pub(crate) fn syntax(reason: impl fmt::Display) -> Self {
        Self { path: Vec::new(), reason: Reason::Syntax(reason.to_string()) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.reason, Reason::Empty)
    }

    pub(crate) fn inside(mut self, name: impl Into<String>) -> Self {
        self.path.insert(0, name.into());
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.join("."))?;
        }
        match &self.reason {
            Reason::Empty => f.write_str("empty"),
            Reason::Mismatch { expected, found } => write!(f, "expected {expected}, found {found}"),
            Reason::Range(expected) => write!(f, "the number does not fit {expected}"),
            Reason::Syntax(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for DecodeError {}

impl From<ParseError> for DecodeError {
    fn from(error: ParseError) -> Self {
        Self::syntax(error)
    }
}
