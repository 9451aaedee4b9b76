//! XML bodies as documents. No document type, no entities but the predefined ones, bounded depth.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event};

use crate::Document;

const MAX_DEPTH: usize = 64;

/// Reads a body. The root element becomes the document unless there are several, as in the samples of
/// some documentation pages, which leave it out.
pub(super) fn parse(body: &[u8]) -> Result<Document, String> {
    let body = std::str::from_utf8(body).map_err(|error| format!("the body is not UTF-8: {error}"))?;
    let mut reader = Reader::from_str(body.trim_start_matches('\u{feff}'));
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| format!("not valid XML: {error}"))?;
        let top = open.last_mut().ok_or("not valid XML: unbalanced elements")?;
        match event {
            Event::Start(start) => {
                if open.len() > MAX_DEPTH {
                    return Err(format!("not readable: XML nested more than {MAX_DEPTH} levels deep"));
                }
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::Empty(start) => {
                top.add(start.local_name().as_ref().to_owned(), Document::from(""));
            }
            Event::End(_) => {
                let done = open.pop().ok_or("not valid XML: unbalanced elements")?;
                let parent = open.last_mut().ok_or("not valid XML: an element ends that did not begin")?;
                let name = done.name.clone();
                parent.add(name, done.finish());
            }
            Event::Text(text) => top.text.push_str(&text),
            Event::CData(data) => top.text.push_str(&data),
            Event::GeneralRef(reference) => top.text.push_str(&resolve(&reference)?),
            Event::DocType(_) => return Err("not readable: XML with a document type".to_owned()),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(root), true) => Ok(root.into_root()),
        _ => Err("not valid XML: the body ends inside an element".to_owned()),
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| format!("not readable: XML with the entity &{};", &**reference))
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: BTreeMap<String, Vec<Document>>,
}

impl Element {
    fn add(&mut self, name: String, value: Document) {
        self.members.entry(name).or_default().push(value);
    }

    /// Text when there is nothing else; an object whose repeated members are lists.
    fn finish(self) -> Document {
        if self.members.is_empty() {
            return Document::String(self.text.trim().to_owned());
        }
        Document::Object(
            self.members
                .into_iter()
                .map(|(name, mut values)| match (values.pop(), values.is_empty()) {
                    (Some(one), true) => (name, one),
                    (last, _) => (name, Document::List(values.into_iter().chain(last).collect())),
                })
                .collect(),
        )
    }

    fn into_root(self) -> Document {
        match self.finish() {
            Document::Object(mut members) if members.len() == 1 => match members.pop_first() {
                Some((_, root @ Document::Object(_))) => root,
                Some((name, only)) => Document::object([(name, only)]),
                None => Document::Null,
            },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        parse(text.as_bytes()).map_or_else(|error| error, |document| document.to_string())
    }

    #[test]
    fn elements_become_members_and_repeated_ones_lists() {
        for (text, expected) in [
            ("<A><B>1</B><C>x</C></A>", r#"{"B":"1","C":"x"}"#),
            ("<A><B>1</B><B>2</B></A>", r#"{"B":["1","2"]}"#),
            ("<A><B/></A>", r#"{"B":""}"#),
            ("<A><B><C>1</C></B></A>", r#"{"B":{"C":"1"}}"#),
            ("<?xml version=\"1.0\"?>\n<A x=\"y\">\n <B> text </B>\n</A>", r#"{"B":"text"}"#),
            ("<A><B>&lt;&amp;&#x41;&#66;</B></A>", r#"{"B":"<&AB"}"#),
            ("<A><B><![CDATA[<raw>]]></B></A>", r#"{"B":"<raw>"}"#),
            ("<n:A xmlns:n=\"u\"><n:B>1</n:B></n:A>", r#"{"B":"1"}"#),
            // Documentation pages leave the root out at times.
            ("<B>1</B><C>2</C>", r#"{"B":"1","C":"2"}"#),
            ("<A>text</A>", r#"{"A":"text"}"#),
            ("\u{feff}<A><B>1</B></A>", r#"{"B":"1"}"#),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_could_harm_is_refused() {
        let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><A>&b;</A>";
        assert!(read(laughs).contains("document type"));
        assert!(read("<A>&unknown;</A>").contains("entity"));
        assert!(read(&"<a>".repeat(100_000)).contains("64 levels"));
        for broken in ["<A>", "<A></B>", "</A>", "<A", "<A><B></A>"] {
            assert!(read(broken).contains("not valid XML"), "{broken}: {}", read(broken));
        }
        assert!(parse(b"<A>\xff</A>").is_err());
    }

    #[test]
    fn attributes_cost_nothing() {
        let many: String = (0..100_000).map(|number| format!(" a{number}=\"x\" xmlns:n{number}=\"u\"")).collect();
        assert_eq!(read(&format!("<A{many}><B>1</B></A>")), r#"{"B":"1"}"#);
    }
}
