//! Writing specs: one form for everybody, made to be read in a diff.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};

use crate::Spec;

/// Lines do not get longer than this when the text can be broken.
const WIDTH: usize = 120;

/// The text of a spec file.
///
/// Keys stand in the order of the types of this crate, operations and types in the order of their
/// names. Whatever fits on one line is on one line, so that a parameter is usually one line of a diff.
/// The same spec always gives the same text, and reading the text gives the same spec.
pub fn to_text(spec: &Spec) -> String {
    let mut text = serde_json::to_string(spec).ok().and_then(|json| layout(&json).ok()).unwrap_or_default();
    text.push('\n');
    text
}

/// Lays out JSON text: two spaces per level, whatever fits on one line on one line, order kept.
///
/// # Errors
/// The text is not JSON.
pub fn layout(json: &str) -> Result<String, serde_json::Error> {
    let node: Node = serde_json::from_str(json)?;
    let mut text = String::with_capacity(json.len() * 2);
    node.write(&mut text, 0, 0);
    Ok(text)
}

/// JSON whose members keep their order, with the width of its one-line form.
struct Node {
    width: usize,
    kind: Kind,
}

enum Kind {
    Scalar(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    fn scalar(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(value)?;
        Ok(Self { width: text.chars().count(), kind: Kind::Scalar(text) })
    }

    fn list(elements: Vec<Node>) -> Self {
        // Brackets, and a comma and a space between elements.
        let width = 2 + elements.iter().map(|element| element.width + 2).sum::<usize>().saturating_sub(2);
        Self { width, kind: Kind::List(elements) }
    }

    fn object(members: Vec<(String, Node)>) -> Self {
        let width = 2 + members.iter().map(|(key, node)| key.chars().count() + node.width + 4).sum::<usize>();
        Self { width: width.saturating_sub(2).max(2), kind: Kind::Object(members) }
    }

    /// `column` is where the node begins, `level` how deep it is nested. One column is kept free for the
    /// comma that may follow.
    fn write(&self, text: &mut String, level: usize, column: usize) {
        let broken = column + self.width >= WIDTH;
        match &self.kind {
            Kind::Scalar(scalar) => text.push_str(scalar),
            Kind::List(elements) => {
                text.push('[');
                for (index, element) in elements.iter().enumerate() {
                    let column = separate(text, broken, index, level + 1);
                    element.write(text, level + 1, column);
                }
                close(text, broken && !elements.is_empty(), level, ']');
            }
            Kind::Object(members) => {
                text.push('{');
                for (index, (key, node)) in members.iter().enumerate() {
                    let column = separate(text, broken, index, level + 1);
                    text.push_str(key);
                    text.push_str(": ");
                    node.write(text, level + 1, column + key.chars().count() + 2);
                }
                close(text, broken && !members.is_empty(), level, '}');
            }
        }
    }
}

/// Goes to where the next element begins and says in which column that is. Within a line the column no
/// longer matters: everything in it fits.
fn separate(text: &mut String, broken: bool, index: usize, level: usize) -> usize {
    if index > 0 {
        text.push(',');
    }
    if broken {
        newline(text, level);
        return level * 2;
    }
    if index > 0 {
        text.push(' ');
    }
    0
}

fn close(text: &mut String, broken: bool, level: usize, bracket: char) {
    if broken {
        newline(text, level);
    }
    text.push(bracket);
}

fn newline(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
                Node::scalar(&()).map_err(E::custom)
            }

            fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Node, E> {
                Node::scalar(&value).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Node, E> {
                Node::scalar(&value).map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Node, E> {
                Node::scalar(&value).map_err(E::custom)
            }

            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
                Node::scalar(&value).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Node, E> {
                Node::scalar(&value).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(Node::list(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut members = Vec::new();
                while let Some((key, node)) = map.next_entry::<String, Node>()? {
                    members.push((serde_json::to_string(&key).map_err(A::Error::custom)?, node));
                }
                Ok(Node::object(members))
            }
        }

        deserializer.deserialize_any(Read)
    }
}
