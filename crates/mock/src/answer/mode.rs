//! Answers that are odd in the ways in which real ones are.

use serde_json::{Map, Value, json};

use super::Random;

/// How answers made from a spec look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// The sample of the documentation where the spec has one; made from the spec's types otherwise.
    #[default]
    Plain,
    /// Always made from the spec's types.
    Invented,
    /// Some members are missing.
    Absent,
    /// Some members are `null`.
    Null,
    /// Containers are empty, some of them written as `""`.
    Empty,
    /// Numbers and booleans come as text, and some numbers stand where text is declared.
    NumbersAsText,
    /// Values nobody has documented.
    UnknownValues,
    /// Members nobody has documented.
    ExtraFields,
    /// HTTP says 200, the body says that it failed.
    Failure,
}

impl Answers {
    pub(super) fn apply(self, document: &mut Value, random: &mut Random) {
        match self {
            Self::Plain | Self::Invented => {}
            Self::Absent => prune(document, random, None),
            Self::Null => prune(document, random, Some(&Value::Null)),
            Self::Empty => each(document, random, &mut |value, random| match value {
                Value::Array(_) | Value::Object(_) if random.chance(0.3) => *value = "".into(),
                Value::Array(elements) => elements.clear(),
                Value::Object(members) => members.clear(),
                _ => {}
            }),
            Self::NumbersAsText => each(document, random, &mut |value, _| match value {
                Value::Number(_) | Value::Bool(_) => *value = value.to_string().into(),
                Value::String(text) => {
                    if let Ok(number) = text.parse::<i64>() {
                        *value = number.into();
                    }
                }
                _ => {}
            }),
            Self::UnknownValues => each(document, random, &mut |value, random| {
                if value.is_string() && random.chance(0.5) {
                    *value = format!("future_{}", random.word()).into();
                }
            }),
            Self::ExtraFields => extend(document, random),
            Self::Failure => {
                if let Value::Object(members) = document {
                    members.insert("Success".to_owned(), false.into());
                    members.insert("Code".to_owned(), "InternalError".into());
                    members.insert("Message".to_owned(), "The request has failed.".into());
                }
            }
        }
    }
}

/// Visits all values below the document, children first; request ids stay as they are.
fn each(value: &mut Value, random: &mut Random, change: &mut dyn FnMut(&mut Value, &mut Random)) {
    let mut visit = |child: &mut Value, random: &mut Random| {
        each(child, random, change);
        change(child, random);
    };
    match value {
        Value::Object(members) => {
            members.iter_mut().filter(|(name, _)| !is_id(name)).for_each(|(_, v)| visit(v, random))
        }
        Value::Array(elements) => elements.iter_mut().for_each(|v| visit(v, random)),
        _ => {}
    }
}

fn is_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("requestid") || name == "request_id"
}

fn prune(value: &mut Value, random: &mut Random, instead: Option<&Value>) {
    match value {
        Value::Object(members) => {
            let mut kept = Map::new();
            for (name, mut member) in std::mem::take(members) {
                prune(&mut member, random, instead);
                match (is_id(&name) || random.chance(0.6), instead) {
                    (true, _) => kept.insert(name, member),
                    (false, Some(instead)) => kept.insert(name, instead.clone()),
                    (false, None) => None,
                };
            }
            *members = kept;
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| prune(element, random, instead)),
        _ => {}
    }
}

fn extend(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| extend(member, random));
            members.insert(format!("Extra{}", random.word()), json!({"Nested": [1, null, {"Deep": true}]}));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| extend(element, random)),
        _ => {}
    }
}
