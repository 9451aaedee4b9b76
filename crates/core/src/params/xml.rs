//! Documents as XML, for the few services that take it.

use quick_xml::escape::escape;

use crate::Document;

/// An element per member; a list repeats its element.
pub(super) fn write(name: &str, value: &Document) -> String {
    let mut text = String::new();
    element(name, value, &mut text);
    text
}

fn element(name: &str, value: &Document, output: &mut String) {
    match value {
        Document::Null => {}
        Document::List(elements) => elements.iter().for_each(|value| element(name, value, output)),
        Document::Object(members) => {
            output.push_str(&format!("<{name}>"));
            members.iter().for_each(|(name, value)| element(name, value, output));
            output.push_str(&format!("</{name}>"));
        }
        scalar => {
            let text = super::text(scalar).unwrap_or_default();
            output.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
        }
    }
}
