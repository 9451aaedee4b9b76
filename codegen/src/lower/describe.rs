//! What the docs of fields and types say.

use alicloud_spec::{Kind, Shape};
use serde_json::Value;

use super::docs;
use crate::model::{Docs, Limits};

/// Text that ends like a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let open = text.chars().next_back().is_some_and(|last| !".!?:;…。".contains(last));
    docs::escape(&if open { format!("{text}.") } else { text.to_owned() })
}

/// Docs of a field: what it means, then the facts, then what differs from the documents.
pub(crate) fn field(shape: &Shape, required: bool, limits: &Limits) -> Docs {
    let summary = sentence(&shape.summary);
    let name = docs::name(&shape.name);
    let facts = facts(shape, required, limits);
    let note = shape.note.as_deref().map(sentence).unwrap_or_default();
    match summary.strip_suffix('.') {
        // A single sentence has room for the name, where there is nothing more to say.
        Some(sentence) if facts.is_empty() && !sentence.contains(". ") => {
            docs::comment([format!("{sentence} ({name})."), note])
        }
        _ => {
            let facts = format!("{}.", std::iter::once(name).chain(facts).collect::<Vec<_>>().join("; "));
            docs::comment([summary, facts, note])
        }
    }
}

/// What is known besides name and meaning.
fn facts(shape: &Shape, required: bool, limits: &Limits) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(required.then(|| "required".to_owned()));
    facts.extend(shape.deprecated.then(|| "deprecated".to_owned()));
    facts.extend(values(shape));
    facts.extend(bounds(limits));
    facts.extend(shape.format.as_deref().and_then(docs::code).map(|format| format!("format {format}")));
    facts.extend(shape.pattern.as_deref().and_then(docs::code).map(|pattern| format!("pattern {pattern}")));
    facts.extend(literal(shape.default.as_ref()).map(|value| format!("default {value}")));
    if !shape.secret {
        facts.extend(literal(shape.example.as_ref()).map(|value| format!("for example {value}")));
    }
    facts
}

/// Documented values of numbers and booleans; those of texts have types of their own.
fn values(shape: &Shape) -> Option<String> {
    const MOST: usize = 16;
    let values = shape.values.as_ref().filter(|values| !values.is_empty() && values.len() <= MOST)?;
    if matches!(shape.kind, Some(Kind::String | Kind::List)) {
        return None;
    }
    let values = values.iter().map(|value| match value.summary() {
        "" => docs::name(value.value()),
        summary => format!("{} ({})", docs::name(value.value()), docs::escape(summary.trim_end_matches('.'))),
    });
    Some(format!("one of {}", values.collect::<Vec<_>>().join(", ")))
}

fn bounds(limits: &Limits) -> Option<String> {
    let count = |(fewest, most): (usize, usize), unit: &str| match (fewest, most) {
        (0, most) => format!("at most {most} {unit}"),
        (fewest, usize::MAX) => format!("at least {fewest} {unit}"),
        (fewest, most) if fewest == most => format!("{most} {unit}"),
        (fewest, most) => format!("{fewest} to {most} {unit}"),
    };
    match (limits.minimum, limits.maximum) {
        (Some(least), Some(most)) => return Some(format!("{least} to {most}")),
        (Some(least), None) => return Some(format!("at least {least}")),
        (None, Some(most)) => return Some(format!("at most {most}")),
        (None, None) => {}
    }
    let length = limits.length.map(|length| count(length, "characters"));
    length.or_else(|| limits.items.map(|items| count(items, "elements")))
}

fn literal(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => docs::code(text),
        Value::Null => None,
        other => docs::code(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_what_it_means_and_then_the_facts() {
        let shape = Shape {
            name: "PageSize".into(),
            kind: Some(Kind::Int32),
            summary: "Entries per page".into(),
            default: Some("10".into()),
            example: Some(20.into()),
            note: Some("The document says [50]".into()),
            ..Shape::default()
        };
        let limits = Limits { minimum: Some(1.0), maximum: Some(100.0), ..Limits::default() };
        assert_eq!(
            field(&shape, true, &limits),
            [
                "Entries per page.",
                "",
                "`PageSize`; required; 1 to 100; default `10`; for example `20`.",
                "",
                r"The document says \[50\].",
            ]
        );
    }
}
