//! Documents into models.

use super::{DecodeError, Model, protobuf};
use crate::Document;

/// Fills the fields that the document names; members without a field are ignored.
pub(crate) fn decode(model: &mut dyn Model, document: Document) -> Result<(), DecodeError> {
    let mut members = match document {
        Document::Object(members) => members,
        Document::Null => return Ok(()),
        Document::Binary(message) => protobuf::members(model.schema().fields, &message)?,
        Document::String(text) if text.trim().is_empty() => return Err(DecodeError::empty()),
        // Some services send an object as JSON text.
        Document::String(text) if text.trim_start().starts_with('{') => return decode(model, Document::parse(&text)?),
        other => return Err(DecodeError::mismatch("an object", &other)),
    };
    let fields = model.schema().fields;
    for (index, field) in fields.iter().enumerate() {
        // One name may be in two places, path and body for example; data has it once.
        let again = fields.iter().skip(index.saturating_add(1)).any(|other| other.name == field.name);
        let value = if again { members.get(field.name).cloned() } else { members.remove(field.name) };
        let Some(value) = value else { continue };
        let value = match field.wrapper {
            Some(wrapper) => unwrap(value, wrapper),
            None => value,
        };
        model.field_mut(index).set(value).map_err(|error| error.inside(field.name))?;
    }
    Ok(())
}

/// Takes a list out of the member that wraps it; services leave the wrapper out at times.
fn unwrap(value: Document, wrapper: &str) -> Document {
    match value {
        Document::Object(mut members) => match members.remove(wrapper) {
            Some(list) => list,
            None if members.is_empty() => Document::List(Vec::new()),
            None => Document::Object(members),
        },
        other => other,
    }
}
