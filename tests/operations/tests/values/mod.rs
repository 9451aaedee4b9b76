//! Values that a spec allows.

use alicloud_spec::{Kind, Operation, Place, Shape, Spec};
use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// Shared types may contain themselves; deeper than this nothing is given.
const DEEPEST: usize = 5;

/// Text with everything that has to be escaped somewhere.
const TEXT: &str = "a b+c/d~é通&=%\"'*";

/// A value for every parameter.
pub(super) fn input(spec: &Spec, operation: &Operation) -> Value {
    members(spec, &operation.parameters, 0)
}

fn members(spec: &Spec, shapes: &[Shape], depth: usize) -> Value {
    let members = shapes.iter().map(|shape| (shape.name.clone(), value(spec, shape, depth)));
    Value::Object(members.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

fn value(spec: &Spec, shape: &Shape, depth: usize) -> Value {
    if let Some(name) = &shape.reference {
        let shared = &spec.types[name];
        return if depth > DEEPEST { Value::Null } else { value(spec, shared, depth + 1) };
    }
    if let Some(known) = known(shape).filter(|_| shape.values.is_none()) {
        return known;
    }
    let documented = shape.values.iter().flatten().map(|value| value.value().to_owned()).next();
    let of = |depth| shape.of.as_ref().map_or_else(|| json!("a"), |of| value(spec, of, depth));
    match shape.kind.unwrap_or(Kind::Any) {
        Kind::String => documented.unwrap_or_else(|| text(shape)).into(),
        Kind::Int32 | Kind::Int64 => match documented {
            Some(value) => value.parse::<i64>().map_or(Value::Null, Value::from),
            None => whole(number(shape)),
        },
        Kind::Float | Kind::Double => number(shape).into(),
        Kind::Boolean => documented.is_none_or(|value| value == "true").into(),
        Kind::Object => members(spec, &shape.fields, depth + 1),
        Kind::List => {
            let count = shape.min_items.unwrap_or(1).max(2).min(shape.max_items.unwrap_or(u64::MAX));
            Value::Array((0..count).map(|_| of(depth + 1)).filter(|element| !element.is_null()).collect())
        }
        Kind::Map => match of(depth + 1) {
            Value::Null => json!({}),
            entry => json!({"key 1": entry, "key2": entry}),
        },
        Kind::Any => json!({"free": ["form", 1, true, null]}),
        Kind::Binary => "bytes".into(),
    }
}

fn least(number: &serde_json::Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

fn whole(number: f64) -> Value {
    format!("{:.0}", number.trunc()).parse::<i64>().map_or(Value::Null, Value::from)
}

fn number(shape: &Shape) -> f64 {
    let (low, high) = (shape.minimum.as_ref().map(least), shape.maximum.as_ref().map(least));
    match (low, high) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        (Some(low), None) => low,
        (None, Some(high)) => high.min(1.5),
        (None, None) => 1.5,
    }
}

/// Values that specs do not tell and the gateway insists on.
fn known(shape: &Shape) -> Option<Value> {
    Some(match shape.name.as_str() {
        "DurationSeconds" => json!(900),
        "OIDCProviderArn" => json!("acs:ram::1234567890123456:oidc-provider/a"),
        "Policy" if shape.kind == Some(Kind::String) => json!(r#"{"Version":"1","Statement":[]}"#),
        "RoleArn" => json!("acs:ram::1234567890123456:role/a"),
        "SAMLProviderArn" => json!("acs:ram::1234567890123456:saml-provider/a"),
        _ => return None,
    })
}

fn text(shape: &Shape) -> String {
    if let Some(pattern) = &shape.pattern {
        let pattern = Regex::new(pattern).unwrap();
        let fitting = ["1", "a1", "/a"].into_iter().find(|text| pattern.is_match(text));
        return fitting.unwrap_or_else(|| panic!("nothing fits {pattern}")).to_owned();
    }
    let plain = match (shape.format.as_deref(), shape.place) {
        (Some("iso8601"), _) => "2024-01-02T03:04:05Z",
        // One label of a host.
        (_, Some(Place::Host)) => "label",
        (_, Some(Place::Header)) => "a b",
        // Texts that are a body are JSON.
        (_, Some(Place::Payload)) => r#"{"a":"b"}"#,
        _ => TEXT,
    };
    let most = usize::try_from(shape.max_length.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let fewest = usize::try_from(shape.min_length.unwrap_or(0)).unwrap_or(0);
    plain.chars().chain(std::iter::repeat('x')).take(plain.chars().count().max(fewest).min(most)).collect()
}
