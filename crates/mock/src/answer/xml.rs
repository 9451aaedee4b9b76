//! JSON documents as the XML that the services write.

use serde_json::Value;

/// Writes a document under a root element.
pub(crate) fn write(root: &str, document: &Value) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(root, document, &mut text);
    text
}

fn element(name: &str, value: &Value, text: &mut String) {
    match value {
        // A list has no element of its own: its elements repeat the name.
        Value::Array(elements) => elements.iter().for_each(|value| element(name, value, text)),
        Value::Null => {}
        value => {
            text.push_str(&format!("<{name}>"));
            match value {
                Value::Object(members) => members.iter().for_each(|(name, member)| element(name, member, text)),
                Value::String(content) => escape(content, text),
                scalar => text.push_str(&scalar.to_string()),
            }
            text.push_str(&format!("</{name}>"));
        }
    }
}

fn escape(content: &str, text: &mut String) {
    for character in content.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            // XML has no way to write other control characters.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => {}
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn writes_wrapped_and_bare_lists() {
        let document =
            json!({"Regions": {"Region": [{"Id": "a&b"}, {"Id": "c"}]}, "Names": ["x", "y"], "N": 1, "Z": null});
        assert_eq!(
            super::write("R", &document),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R><N>1</N><Names>x</Names><Names>y</Names>\
             <Regions><Region><Id>a&amp;b</Id></Region><Region><Id>c</Id></Region></Regions></R>"
        );
    }
}
