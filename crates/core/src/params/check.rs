//! What is checked before anything is sent.

use crate::{
    Document,
    error::InvalidInput,
    model::{Field, Limits},
};

pub(super) fn invalid(field: &Field, message: impl Into<String>) -> InvalidInput {
    InvalidInput { parameter: field.name.to_owned(), message: message.into() }
}

/// Presence and documented limits.
pub(super) fn check(field: &Field, value: Option<&Document>) -> Result<(), InvalidInput> {
    let Some(value) = value else {
        return if field.required { Err(invalid(field, "is required and not set")) } else { Ok(()) };
    };
    match field.limits {
        Some(limits) => check_limits(field, value, limits),
        None => Ok(()),
    }
}

fn check_limits(field: &Field, value: &Document, limits: &Limits) -> Result<(), InvalidInput> {
    match value {
        Document::Number(digits) => {
            let number: f64 = digits.parse().unwrap_or_default();
            if let Some(minimum) = limits.minimum.filter(|minimum| number < *minimum) {
                return Err(invalid(field, format!("is {digits}, the smallest value is {minimum}")));
            }
            if let Some(maximum) = limits.maximum.filter(|maximum| number > *maximum) {
                return Err(invalid(field, format!("is {digits}, the largest value is {maximum}")));
            }
            Ok(())
        }
        Document::String(text) => within(field, text.chars().count(), limits.length, "characters"),
        Document::List(elements) => within(field, elements.len(), limits.items, "elements"),
        _ => Ok(()),
    }
}

fn within(field: &Field, count: usize, limits: Option<(usize, usize)>, unit: &str) -> Result<(), InvalidInput> {
    match limits {
        Some((fewest, _)) if count < fewest => {
            Err(invalid(field, format!("has {count} {unit}, {fewest} are the fewest allowed")))
        }
        Some((_, most)) if count > most => {
            Err(invalid(field, format!("has {count} {unit}, {most} are the most allowed")))
        }
        _ => Ok(()),
    }
}

/// One segment of a path. Encoding alone is not enough: URL parsers take `%2e%2e` for `..`.
pub(super) fn segment(field: &Field, value: &str) -> Result<(), InvalidInput> {
    let problem = match value {
        "" => "is empty",
        "." | ".." => "is a dot segment",
        value if value.chars().any(char::is_control) => "holds a control character",
        _ => return Ok(()),
    };
    Err(invalid(field, format!("{problem}, and is part of the path")))
}

/// Several segments of a path.
pub(super) fn segments(field: &Field, value: &str) -> Result<(), InvalidInput> {
    if value.trim_matches('/').is_empty() {
        return segment(field, "");
    }
    value.split('/').filter(|part| !part.is_empty()).try_for_each(|part| segment(field, part))
}

/// Header values are visible ASCII and blanks: anything else can split a header or be rewritten on the
/// way, which breaks the signature.
pub(super) fn header_value(field: &Field, value: &str) -> Result<(), InvalidInput> {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(())
    } else {
        Err(invalid(field, "holds a character that a header cannot carry (visible ASCII and blanks only)"))
    }
}

/// Names of headers that come from the keys of a map.
pub(super) fn header_name(field: &Field, name: &str) -> Result<(), InvalidInput> {
    match http::HeaderName::from_bytes(name.as_bytes()) {
        Ok(_) => Ok(()),
        Err(_) => Err(invalid(field, format!("has the member {name:?}, which is no header name"))),
    }
}
