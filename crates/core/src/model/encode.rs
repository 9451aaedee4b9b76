//! Models into documents.

use std::collections::BTreeMap;

use super::{Model, View};
use crate::Document;

const MASK: &str = "**";

/// The fields that are set, by API name.
pub(crate) fn encode(model: &dyn Model, view: View) -> Document {
    let mut object = BTreeMap::new();
    for (index, field) in model.schema().fields.iter().enumerate() {
        let Some(value) = model.field(index).to_document(view) else { continue };
        let value = match (field.secret && view == View::Redacted, field.wrapper) {
            (true, _) => MASK.into(),
            (false, Some(wrapper)) => Document::object([(wrapper, value)]),
            (false, None) => value,
        };
        object.insert(field.name.to_owned(), value);
    }
    Document::Object(object)
}
