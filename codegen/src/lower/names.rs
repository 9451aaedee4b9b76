//! Words into Rust names, and names that do not collide.

use std::collections::BTreeSet;

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, Span};
use unicode_ident::is_xid_start;

use super::words;
use crate::error::Error;

/// What a scope already contains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(BTreeSet<String>);

impl Scope {
    pub(crate) fn reserving(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Takes the first of the candidates that is free; when none is, the last with a number.
    pub(crate) fn take(&mut self, candidates: &[String]) -> String {
        let last = candidates.last().map(String::as_str).unwrap_or_default();
        let pascal = last.contains(char::is_uppercase) && last.contains(char::is_lowercase);
        let separator = if pascal { "" } else { "_" };
        let numbered = (2..).map(|number| format!("{last}{separator}{number}"));
        let free = candidates.iter().cloned().chain(numbered).find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// `service_mesh_id`: fields, methods, modules.
pub(crate) fn snake(name: &str) -> String {
    leading(readable(name).join("_").to_snake_case())
}

/// `ServiceMeshId`: types, variants.
pub(crate) fn pascal(name: &str) -> String {
    pascal_of(&readable(name))
}

/// `Instance` for a list named `Instances` or `InstanceList`.
pub(crate) fn pascal_singular(name: &str) -> String {
    let mut words = readable(name);
    match words.as_slice() {
        [_, .., last] if last == "list" => drop(words.pop()),
        _ => {
            if let Some(last) = words.last_mut() {
                *last = words::singular(last);
            }
        }
    }
    pascal_of(&words)
}

/// `INVALID_PARAMETER`: constants.
pub(crate) fn screaming(name: &str) -> String {
    leading(readable(name).join("_").to_shouty_snake_case())
}

fn pascal_of(words: &[String]) -> String {
    let mut name = String::new();
    for word in words {
        // `1.2` and `12` stay apart.
        if word.starts_with(char::is_numeric) && name.ends_with(char::is_numeric) {
            name.push('_');
        }
        name.push_str(&word.to_upper_camel_case());
    }
    leading(name)
}

/// A name cannot begin with a digit.
fn leading(name: String) -> String {
    if name.starts_with(|first| !is_xid_start(first)) { format!("_{name}") } else { name }
}

/// The words of a name; signs count as words where there is nothing else or where a sign tells `-1` from
/// `1`.
fn readable(name: &str) -> Vec<String> {
    let mut words = words::split(name);
    if words.is_empty() {
        words = name.chars().map(sign).collect();
    } else if name.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        words.insert(0, "minus".to_owned());
    }
    if words.is_empty() {
        words.push("empty".to_owned());
    }
    words
}

fn sign(character: char) -> String {
    let word = match character {
        '*' => "star",
        '_' => "underscore",
        '-' => "minus",
        '+' => "plus",
        '<' => "less",
        '>' => "greater",
        '=' => "equal",
        '!' => "not",
        '/' => "slash",
        '\\' => "backslash",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        ';' => "semicolon",
        '|' => "pipe",
        '&' => "and",
        '%' => "percent",
        '$' => "dollar",
        '#' => "hash",
        '@' => "at",
        '~' => "tilde",
        '^' => "caret",
        '?' => "question",
        ' ' => "space",
        other => return format!("u{:x}", u32::from(other)),
    };
    word.to_owned()
}

/// The identifier of a name: keywords become raw, or get a trailing `_` where raw ones do not exist.
pub(crate) fn ident(name: &str) -> Result<Ident, Error> {
    if syn::parse_str::<Ident>(name).is_ok() {
        return Ok(Ident::new(name, Span::call_site()));
    }
    let patched = match name {
        "self" | "Self" | "super" | "crate" | "_" => format!("{name}_"),
        _ => format!("r#{name}"),
    };
    syn::parse_str(&patched).map_err(|_| Error::new(format!("`{name}` cannot be made into a Rust name")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_becomes_an_identifier() {
        let table = [
            ("ServiceMeshId", "service_mesh_id", "ServiceMeshId"),
            ("DescribeVMsInServiceMesh", "describe_vms_in_service_mesh", "DescribeVmsInServiceMesh"),
            ("type", "r#type", "Type"),
            ("Self", "self_", "Self_"),
            ("super", "super_", "Super"),
            ("_", "underscore", "Underscore"),
            ("*", "star", "Star"),
            ("<=", "less_equal", "LessEqual"),
            ("", "empty", "Empty"),
            ("-1", "minus_1", "Minus1"),
            ("1", "_1", "_1"),
            ("1.2", "_1_2", "_1_2"),
            ("405Pv", "_405_pv", "_405Pv"),
            ("Content-Type", "content_type", "ContentType"),
            ("通过", "通过", "通过"),
            ("\u{1f600}", "u1f600", "U1f600"),
        ];
        for (name, field, class) in table {
            assert_eq!(ident(&snake(name)).unwrap().to_string(), field, "{name}");
            assert_eq!(ident(&pascal(name)).unwrap().to_string(), class, "{name}");
        }
    }

    #[test]
    fn a_taken_name_gets_the_next_candidate_and_then_a_number() {
        let mut scope = Scope::reserving(&["send"]);
        let mut take = |names: &[&str]| scope.take(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(take(&["send", "set_send"]), "set_send");
        assert_eq!(take(&["send", "set_send"]), "set_send_2");
        assert_eq!(take(&["Tag", "InstanceTag"]), "Tag");
        assert_eq!(take(&["Tag", "InstanceTag"]), "InstanceTag");
        assert_eq!(take(&["Tag", "InstanceTag"]), "InstanceTag2");
    }

    #[test]
    fn lists_name_their_elements() {
        let table =
            [("Instances", "Instance"), ("InstanceList", "Instance"), ("VSwitches", "Vswitch"), ("List", "List")];
        for (list, element) in table {
            assert_eq!(pascal_singular(list), element);
        }
    }
}
