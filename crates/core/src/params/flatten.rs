//! Lists and objects in a query or form.

use crate::Document;

/// `Name.1.Field=value`: elements numbered from 1, members behind dots. Nothing stands for what is
/// absent, but the elements after it keep their number.
pub(super) fn flatten(name: &str, value: &Document, output: &mut Vec<(String, String)>) {
    match value {
        Document::Null => {}
        Document::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(&format!("{name}.{}", index.saturating_add(1)), element, output);
            }
        }
        Document::Object(members) => {
            for (member, value) in members {
                flatten(&format!("{name}.{member}"), value, output);
            }
        }
        scalar => output.extend(text(scalar).map(|text| (name.to_owned(), text))),
    }
}

/// Elements joined by commas.
pub(super) fn join(value: &Document) -> String {
    match value {
        Document::List(elements) => elements.iter().filter_map(text).collect::<Vec<_>>().join(","),
        other => text(other).unwrap_or_else(|| other.to_string()),
    }
}

/// The text of a value that is one.
pub(super) fn text(value: &Document) -> Option<String> {
    match value {
        Document::String(text) | Document::Number(text) => Some(text.clone()),
        Document::Bool(value) => Some(value.to_string()),
        Document::Binary(_) => match serde_json::to_value(value) {
            Ok(serde_json::Value::String(text)) => Some(text),
            _ => None,
        },
        Document::Null | Document::List(_) | Document::Object(_) => None,
    }
}
