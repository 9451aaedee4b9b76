//! How models print and compare.

use std::fmt;

use super::{Model, View, encode::encode};
use crate::Document;

/// Prints the fields that are set; secrets are masked.
///
/// # Errors
/// The formatter fails.
pub fn debug(model: &dyn Model, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut output = f.debug_struct(model.schema().name);
    if let Document::Object(members) = encode(model, View::Redacted) {
        for (name, value) in &members {
            output.field(name, &Printed(value));
        }
    }
    output.finish()
}

/// Whether two models of one type say the same.
pub fn equal(one: &dyn Model, other: &dyn Model) -> bool {
    encode(one, View::Wire) == encode(other, View::Wire)
}

struct Printed<'a>(&'a Document);

impl fmt::Debug for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Document::Null => f.write_str("null"),
            Document::Bool(value) => write!(f, "{value}"),
            Document::Number(digits) => f.write_str(digits),
            Document::String(text) => write!(f, "{text:?}"),
            Document::List(elements) => f.debug_list().entries(elements.iter().map(Printed)).finish(),
            Document::Object(members) => {
                f.debug_map().entries(members.iter().map(|(name, value)| (name, Printed(value)))).finish()
            }
            Document::Binary(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}
