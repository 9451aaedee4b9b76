//! Limits, documented values and defaults. The vendor writes most of them as text, and some wrongly.

use alicloud_spec::{EnumValue, Kind, Shape};
use serde_json::{Number, Value};

use super::context::Context;
use super::json::Json;

/// Reads what a schema says about the values of a shape that is no reference.
pub(crate) fn read(context: &mut Context, schema: &Json, shape: &mut Shape) {
    let Some(kind) = shape.kind else { return };
    values(context, schema, shape, kind);
    bounds(context, schema, shape, kind);
    shape.min_length = count(context, schema, "minLength", kind == Kind::String);
    shape.max_length = count(context, schema, "maxLength", kind == Kind::String);
    shape.min_items = count(context, schema, "minItems", kind == Kind::List);
    shape.max_items = count(context, schema, "maxItems", kind == Kind::List);
    if shape.min_length > shape.max_length && shape.max_length.is_some() {
        context.decide("limits crossed", "the shortest length is above the longest; both dropped");
        (shape.min_length, shape.max_length) = (None, None);
    }
    if shape.min_items > shape.max_items && shape.max_items.is_some() {
        context.decide("limits crossed", "the fewest elements are above the most; both dropped");
        (shape.min_items, shape.max_items) = (None, None);
    }
    if let Some(pattern) = schema.text_of("pattern") {
        if kind == Kind::String {
            shape.pattern = Some(pattern.to_owned());
        } else {
            context.decide("limit of another type", "a pattern says nothing about this type; dropped");
        }
    }
    if let Some(default) = schema.get("default").filter(|default| **default != Json::Null) {
        shape.default = coerce(kind, default);
        if shape.default.is_none() {
            let text = default.scalar().unwrap_or_default();
            context.decide("default", format!("`{text}` is not a {kind:?}; dropped"));
        }
    }
}

/// An example, when it fits the type and is a value rather than prose.
pub(crate) fn example(shape: &Shape, example: &Json) -> Option<Value> {
    let prose = example.text().is_some_and(|text| text.len() > 200 || text.contains('\n'));
    if prose { None } else { coerce(shape.kind?, example) }
}

/// Brings a value that the vendor wrote as text to its type.
fn coerce(kind: Kind, value: &Json) -> Option<Value> {
    let text = || value.scalar().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match kind {
        Kind::String => text().map(Value::String),
        Kind::Int32 => text()?.parse::<i32>().ok().map(Value::from),
        Kind::Int64 => text()?.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => Number::from_f64(text()?.parse().ok()?).map(Value::Number),
        Kind::Boolean => match text()?.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::List => structure(value).filter(Value::is_array),
        Kind::Object | Kind::Map => structure(value).filter(Value::is_object),
        Kind::Any => Some(value.into()),
        Kind::Binary => None,
    }
}

fn structure(value: &Json) -> Option<Value> {
    value.text().map_or_else(|| Some(value.into()), |text| serde_json::from_str(text).ok())
}

/// Documented values: `enum`, and the keys of `enumValueTitles`, whose texts are the vendor's prose.
fn values(context: &mut Context, schema: &Json, shape: &mut Shape, kind: Kind) {
    let mut values: Vec<String> = Vec::new();
    let mut dropped = Vec::new();
    let declared = schema.get("enum").map(Json::elements).unwrap_or_default();
    let titled = schema.get("enumValueTitles").map(Json::members).unwrap_or_default();
    let titled = titled.iter().map(|(value, _)| Some(value.clone()));
    for value in declared.iter().map(Json::scalar).chain(titled) {
        let Some(value) = value.map(|value| value.trim().to_owned()) else {
            dropped.push("a value that is no scalar".to_owned());
            continue;
        };
        if value.is_empty() {
            dropped.push("the empty value".to_owned());
        } else if !values.contains(&value) {
            values.push(value);
        }
    }
    if !declared.is_empty() && declared.len() > distinct(declared) {
        context.decide("enum with duplicates", "each value is kept once");
    }
    if !dropped.is_empty() {
        context.decide("enum value", format!("{} dropped", dropped.join(", ")));
    }
    if schema.get("enum").is_some() && declared.is_empty() && values.is_empty() {
        context.decide("empty enum", "an enum without values says nothing; dropped");
    }
    if values.is_empty() {
        return;
    }
    let values: Vec<EnumValue> = values.into_iter().map(EnumValue::Plain).collect();
    match (kind, shape.of.as_mut()) {
        (Kind::String | Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double, _) => shape.values = Some(values),
        (Kind::List, Some(of))
            if of.values.is_none() && matches!(of.kind, Some(Kind::String | Kind::Int32 | Kind::Int64)) =>
        {
            context.decide("enum of a list", "the values belong to the elements");
            of.values = Some(values);
        }
        _ => context.decide("enum of another type", format!("a {kind:?} has no documented values; dropped")),
    }
}

fn distinct(values: &[Json]) -> usize {
    values.iter().filter_map(Json::scalar).collect::<std::collections::BTreeSet<_>>().len()
}

fn bounds(context: &mut Context, schema: &Json, shape: &mut Shape, kind: Kind) {
    for (key, upper) in [("minimum", false), ("maximum", true)] {
        let Some(declared) = schema.get(key).and_then(Json::scalar).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let declared = declared.trim();
        let exclusive = schema.flag(if upper { "exclusiveMaximum" } else { "exclusiveMinimum" });
        let bound = match kind {
            Kind::Int32 => whole(declared, i64::from(i32::MIN), i64::from(i32::MAX)),
            Kind::Int64 => whole(declared, i64::MIN, i64::MAX),
            Kind::Float | Kind::Double => declared.parse().ok().and_then(Number::from_f64),
            _ => {
                context.decide("limit of another type", format!("{key} says nothing about a {kind:?}; dropped"));
                continue;
            }
        };
        let Some(bound) = bound else {
            context.decide("limit", format!("{key} `{declared}` is out of range for {kind:?}; dropped"));
            continue;
        };
        let bound = match bound.as_i64().filter(|_| exclusive) {
            Some(number) => Number::from(if upper { number.saturating_sub(1) } else { number.saturating_add(1) }),
            None => bound,
        };
        if exclusive && bound.as_i64().is_none() {
            context.decide("exclusive limit", format!("{key} `{declared}` itself is let through"));
        }
        if upper { shape.maximum = Some(bound) } else { shape.minimum = Some(bound) }
    }
    let (minimum, maximum) = (shape.minimum.as_ref(), shape.maximum.as_ref());
    if minimum.and_then(Number::as_f64) > maximum.and_then(Number::as_f64) && maximum.is_some() {
        context.decide("limits crossed", "the minimum is above the maximum; both dropped");
        (shape.minimum, shape.maximum) = (None, None);
    }
}

/// A bound of whole numbers; `1.0` and `1e3` count.
fn whole(text: &str, least: i64, most: i64) -> Option<Number> {
    let exact = text.parse::<i64>().ok();
    let near = || text.parse::<f64>().ok().filter(|number| number.fract() == 0.0 && number.abs() < 9.0e15);
    let number = exact.or_else(|| near().map(|number| number as i64))?;
    (least..=most).contains(&number).then(|| number.into())
}

fn count(context: &mut Context, schema: &Json, key: &str, fits: bool) -> Option<u64> {
    let declared = schema.get(key).and_then(Json::scalar)?;
    let Some(number) = declared.trim().parse::<u64>().ok().filter(|number| i64::try_from(*number).is_ok()) else {
        context.decide("limit", format!("{key} `{declared}` is no usable count; dropped"));
        return None;
    };
    if !fits {
        context.decide("limit of another type", format!("{key} says nothing about this type; dropped"));
        return None;
    }
    Some(number)
}
