//! Declared minima, maxima, lengths, patterns and formats.

use std::cell::RefCell;
use std::collections::HashMap;

use alicloud_spec::Shape;
use jiff::Timestamp;
use regex_lite::Regex;
use serde_json::Value;

/// What limit a value breaks, if any.
pub(super) fn broken(shape: &Shape, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            let least = shape.minimum.as_ref().filter(|least| least.as_f64().is_some_and(|least| number < least));
            let most = shape.maximum.as_ref().filter(|most| most.as_f64().is_some_and(|most| number > most));
            least
                .map(|least| format!("it is less than {least}"))
                .or_else(|| most.map(|most| format!("it is more than {most}")))
        }
        Value::String(text) => {
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            between("characters", length, shape.min_length, shape.max_length)
                .or_else(|| mismatch(shape, text))
                .or_else(|| untimely(shape, text))
        }
        Value::Array(elements) => {
            let length = u64::try_from(elements.len()).unwrap_or(u64::MAX);
            between("elements", length, shape.min_items, shape.max_items)
        }
        _ => None,
    }
}

fn between(what: &str, length: u64, least: Option<u64>, most: Option<u64>) -> Option<String> {
    if let Some(least) = least.filter(|least| length < *least) {
        return Some(format!("it has {length} {what}, fewer than {least}"));
    }
    most.filter(|most| length > *most).map(|most| format!("it has {length} {what}, more than {most}"))
}

thread_local! {
    /// Compiling a pattern costs far more than matching it. `None`: not a pattern this engine knows.
    static PATTERNS: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Whether a pattern can be applied; this engine has no look-around.
pub(super) fn is_known(pattern: &str) -> bool {
    with_pattern(pattern, |regex| regex.is_some())
}

fn mismatch(shape: &Shape, text: &str) -> Option<String> {
    let pattern = shape.pattern.as_ref()?;
    let matches = with_pattern(pattern, |regex| regex.is_none_or(|regex| regex.is_match(text)));
    (!matches).then(|| format!("it does not match {pattern}"))
}

fn with_pattern<T>(pattern: &str, then: impl FnOnce(Option<&Regex>) -> T) -> T {
    PATTERNS.with_borrow_mut(|patterns| {
        if !patterns.contains_key(pattern) {
            patterns.insert(pattern.to_owned(), Regex::new(&format!("^(?:{pattern})$")).ok());
        }
        then(patterns.get(pattern).and_then(Option::as_ref))
    })
}

/// The vendor writes UTC times with seconds, with minutes, or as a date.
fn untimely(shape: &Shape, text: &str) -> Option<String> {
    if shape.format.as_deref() != Some("iso8601") || text.is_empty() {
        return None;
    }
    let with_seconds = text.strip_suffix('Z').map(|minutes| format!("{minutes}:00Z"));
    let time = text.parse::<Timestamp>().is_ok()
        || with_seconds.is_some_and(|text| text.parse::<Timestamp>().is_ok())
        || text.parse::<jiff::civil::Date>().is_ok();
    (!time).then(|| "it is not a time such as 2024-01-02T03:04:05Z".to_owned())
}
