//! Looking into a model by path, without copying it.

use super::{Model, Value};

/// What a value is made of.
pub enum Parts<'a> {
    /// It has no parts: text, a number, a boolean, bytes, or nothing at all.
    None,
    /// A struct.
    Model(&'a dyn Model),
    /// A list.
    List(Vec<&'a dyn Value>),
    /// A map.
    Map(Vec<(&'a str, &'a dyn Value)>),
}

/// The values that a path leads to, in order: names of fields and keys of maps joined by dots, `*` for
/// every element of a list or value of a map. `Mesh.Clusters.*.State` has as many as there are clusters.
pub(crate) fn find<'a>(model: &'a dyn Model, path: &str) -> Vec<&'a dyn Value> {
    let mut found = Vec::new();
    in_model(model, path, &mut found);
    found
}

fn in_model<'a>(model: &'a dyn Model, path: &str, found: &mut Vec<&'a dyn Value>) {
    // Names may hold dots, so that the longest one that fits is meant.
    let fields = model.schema().fields.iter().enumerate();
    let fitting = fields.filter_map(|(index, field)| Some((index, field.name.len(), after(path, field.name)?)));
    if let Some((index, _, rest)) = fitting.max_by_key(|(_, length, _)| *length) {
        in_value(model.field(index), rest, found);
    }
}

fn in_value<'a>(value: &'a dyn Value, path: &str, found: &mut Vec<&'a dyn Value>) {
    if path.is_empty() {
        found.push(value);
        return;
    }
    match value.parts() {
        Parts::None => {}
        Parts::Model(model) => in_model(model, path, found),
        Parts::List(elements) => {
            if let Some(rest) = after(path, "*") {
                elements.into_iter().for_each(|element| in_value(element, rest, found));
            }
        }
        Parts::Map(members) => match after(path, "*") {
            Some(rest) => members.into_iter().for_each(|(_, member)| in_value(member, rest, found)),
            None => {
                let fitting = members.into_iter().filter_map(|(key, member)| Some((key, member, after(path, key)?)));
                if let Some((_, member, rest)) = fitting.max_by_key(|(key, ..)| key.len()) {
                    in_value(member, rest, found);
                }
            }
        },
    }
}

/// The path behind a step.
fn after<'p>(path: &'p str, step: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(step)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}
