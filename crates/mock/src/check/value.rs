//! Values: from text or JSON, checked against their shape.

use std::cell::Cell;

use alicloud_spec::{Kind, ListStyle, Shape};
use serde_json::{Map, Number, Value};

use super::flat::Tree;
use super::limits;
use crate::catalog::{Product, nearest};
use crate::checks::{Check, Checks};
use crate::error::ServiceError;

pub(super) struct Reader<'a> {
    pub(super) product: &'a Product,
    pub(super) checks: Checks,
    /// A pattern was met that cannot be applied.
    pub(super) unknown_pattern: Cell<bool>,
}

type Read = Result<Value, ServiceError>;

impl Reader<'_> {
    pub(super) fn enforces(&self, check: Check) -> bool {
        self.checks.enforces(check)
    }

    /// A value that arrived as one text.
    pub(super) fn text(&self, name: &str, shape: &Shape, text: &str) -> Read {
        let resolved = self.product.resolve(shape);
        let value = match resolved.kind.unwrap_or(Kind::Any) {
            Kind::String | Kind::Any | Kind::Binary => Value::String(text.to_owned()),
            Kind::Int32 | Kind::Int64 => {
                text.parse::<i64>().map(Value::from).or_else(|_| self.mistyped(name, shape, text))?
            }
            Kind::Float | Kind::Double => match text.parse::<f64>().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => self.mistyped(name, shape, text)?,
            },
            Kind::Boolean => match text {
                "true" | "True" => Value::Bool(true),
                "false" | "False" => Value::Bool(false),
                _ => self.mistyped(name, shape, text)?,
            },
            Kind::List if shape.style == Some(ListStyle::Simple) => {
                let of = resolved.of.as_deref();
                let elements = text.split(',').filter(|part| !part.is_empty()).map(|part| match of {
                    Some(of) => self.text(name, of, part),
                    None => Ok(Value::String(part.to_owned())),
                });
                Value::Array(elements.collect::<Result<_, _>>()?)
            }
            Kind::List | Kind::Object | Kind::Map => return self.json_text(name, shape, text),
        };
        self.limits(name, shape, &value)?;
        Ok(value)
    }

    /// JSON in a text.
    fn json_text(&self, name: &str, shape: &Shape, text: &str) -> Read {
        if matches!(shape.style, Some(ListStyle::Flat | ListStyle::RepeatList)) && self.enforces(Check::Encoding) {
            return Err(ServiceError::invalid(name, "it is sent in numbered or dotted parts, not as one text"));
        }
        match super::json::read(text.as_bytes(), self.enforces(Check::Encoding)) {
            Ok(value) => self.json(name, shape, value),
            Err(error) if self.enforces(Check::Encoding) => {
                Err(ServiceError::invalid(name, format!("its text is not JSON ({error})")))
            }
            Err(_) => Ok(Value::String(text.to_owned())),
        }
    }

    /// A value that arrived in parts with dotted names.
    pub(super) fn tree(&self, name: &str, shape: &Shape, tree: &Tree) -> Read {
        if let Some(text) = &tree.text {
            if !tree.branches.is_empty() && self.enforces(Check::Encoding) {
                return Err(ServiceError::invalid(name, "it is sent whole and in parts"));
            }
            return self.text(name, shape, text);
        }
        let resolved = self.product.resolve(shape);
        let value = match resolved.kind.unwrap_or(Kind::Any) {
            Kind::List => {
                let (elements, fault) = tree.elements();
                if let Some(fault) = fault.filter(|_| self.enforces(Check::Encoding)) {
                    return Err(ServiceError::invalid(name, fault));
                }
                let any = Shape::default();
                let of = resolved.of.as_deref().unwrap_or(&any);
                let read = |(branch, number): (&Tree, usize)| self.tree(&format!("{name}.{number}"), of, branch);
                Value::Array(elements.into_iter().zip(1..).map(read).collect::<Result<_, _>>()?)
            }
            Kind::Object => {
                let mut object = Map::new();
                for (step, branch) in &tree.branches {
                    let path = format!("{name}.{step}");
                    let value = match resolved.fields.iter().find(|field| field.name == *step) {
                        Some(field) => self.tree(&path, field, branch)?,
                        None => {
                            self.stranger(&path, step, resolved)?;
                            loose(branch)
                        }
                    };
                    object.insert(step.clone(), value);
                }
                self.complete(name, resolved, &object)?;
                Value::Object(object)
            }
            Kind::Map => {
                let any = Shape::default();
                let of = resolved.of.as_deref().unwrap_or(&any);
                let read = |(step, branch): &(String, Tree)| {
                    self.tree(&format!("{name}.{step}"), of, branch).map(|value| (step.clone(), value))
                };
                Value::Object(tree.branches.iter().map(read).collect::<Result<_, _>>()?)
            }
            Kind::Any => loose(tree),
            _ if self.enforces(Check::Encoding) => {
                return Err(ServiceError::invalid(name, "it is one value and has no parts"));
            }
            _ => Value::Null,
        };
        self.limits(name, shape, &value)?;
        Ok(value)
    }

    /// A value that arrived as JSON.
    pub(super) fn json(&self, name: &str, shape: &Shape, value: Value) -> Read {
        let resolved = self.product.resolve(shape);
        if value.is_null() {
            return Ok(value);
        }
        let value = match (resolved.kind.unwrap_or(Kind::Any), value) {
            (Kind::List, Value::Array(elements)) => {
                let any = Shape::default();
                let of = resolved.of.as_deref().unwrap_or(&any);
                let read = |(at, element)| self.json(&format!("{name}[{at}]"), of, element);
                Value::Array(elements.into_iter().enumerate().map(read).collect::<Result<_, _>>()?)
            }
            (Kind::Map, Value::Object(members)) => {
                let any = Shape::default();
                let of = resolved.of.as_deref().unwrap_or(&any);
                let read = |(key, member)| self.json(&format!("{name}.{key}"), of, member).map(|value| (key, value));
                Value::Object(members.into_iter().map(read).collect::<Result<_, _>>()?)
            }
            (Kind::Object, Value::Object(members)) => {
                let mut object = Map::new();
                for (key, member) in members {
                    let path = format!("{name}.{key}");
                    let value = match resolved.fields.iter().find(|field| field.name == key) {
                        Some(field) => self.json(&path, field, member)?,
                        None if says_nothing(&member) => continue,
                        None => {
                            self.stranger(&path, &key, resolved)?;
                            member
                        }
                    };
                    object.insert(key, value);
                }
                self.complete(name, resolved, &object)?;
                Value::Object(object)
            }
            (Kind::Any, value)
            | (Kind::String | Kind::Binary, value @ Value::String(_))
            | (Kind::Boolean, value @ Value::Bool(_))
            | (Kind::Float | Kind::Double, value @ Value::Number(_)) => value,
            (Kind::Int32 | Kind::Int64, Value::Number(number)) if number.is_i64() => Value::Number(number),
            (_, value) => self.mistyped(name, shape, &value.to_string())?,
        };
        self.limits(name, shape, &value)?;
        Ok(value)
    }

    fn mistyped(&self, name: &str, shape: &Shape, text: &str) -> Read {
        if !self.enforces(Check::Types) {
            return Ok(Value::String(text.to_owned()));
        }
        let what = match self.product.kind(shape) {
            Kind::String | Kind::Any | Kind::Binary => "a text",
            Kind::Int32 | Kind::Int64 => "a whole number",
            Kind::Float | Kind::Double => "a number",
            Kind::Boolean => "`true` or `false`",
            Kind::Object | Kind::Map => "an object",
            Kind::List => "a list",
        };
        let shown: String = text.chars().take(40).collect();
        let shown = if shape.secret { "***".to_owned() } else { shown };
        Err(ServiceError::invalid(name, format!("`{shown}` is not {what}")))
    }

    fn stranger(&self, path: &str, name: &str, object: &Shape) -> Result<(), ServiceError> {
        // An object without declared fields takes any.
        if object.fields.is_empty() || !self.enforces(Check::Unknown) {
            return Ok(());
        }
        let near = nearest(name, object.fields.iter().map(|field| field.name.as_str()));
        let hint = near.map(|near| format!(", is {near} meant?")).unwrap_or_default();
        Err(ServiceError::invalid(path, format!("the object does not know it{hint}")))
    }

    fn complete(&self, path: &str, object: &Shape, given: &Map<String, Value>) -> Result<(), ServiceError> {
        if !self.enforces(Check::Required) {
            return Ok(());
        }
        let absent = |field: &&Shape| field.required && given.get(&field.name).is_none_or(Value::is_null);
        match object.fields.iter().find(absent) {
            Some(field) => Err(ServiceError::missing(&format!("{path}.{}", field.name))),
            None => Ok(()),
        }
    }

    fn limits(&self, name: &str, shape: &Shape, value: &Value) -> Result<(), ServiceError> {
        // An empty text is as good as none; whether it may be absent is another question.
        if value.as_str() == Some("") {
            return Ok(());
        }
        let resolved = self.product.resolve(shape);
        if self.enforces(Check::Types)
            && resolved.kind == Some(Kind::Int32)
            && let Some(number) = value.as_i64().filter(|number| i32::try_from(*number).is_err())
        {
            return Err(ServiceError::invalid(name, format!("{number} does not fit into 32 bits")));
        }
        for shape in if std::ptr::eq(shape, resolved) { vec![shape] } else { vec![shape, resolved] } {
            if self.enforces(Check::Limits) {
                if shape.pattern.as_deref().is_some_and(|pattern| !limits::is_known(pattern)) {
                    self.unknown_pattern.set(true);
                }
                if let Some(reason) = limits::broken(shape, value) {
                    return Err(ServiceError::invalid(name, reason));
                }
            }
            if let Some(values) = shape.values.as_ref().filter(|_| self.enforces(Check::Values)) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let known = values.iter().any(|known| known.value().eq_ignore_ascii_case(&text));
                if !known && !matches!(value, Value::Array(_) | Value::Object(_)) && !text.is_empty() {
                    let known: Vec<&str> = values.iter().map(alicloud_spec::EnumValue::value).collect();
                    return Err(ServiceError::invalid(name, format!("it is none of {}", known.join(", "))));
                }
            }
        }
        Ok(())
    }
}

/// Whether a member is as good as none. SDKs send such for parameters that only their edition of the API has.
pub(super) fn says_nothing(member: &Value) -> bool {
    member.is_null() || member.as_array().is_some_and(Vec::is_empty)
}

/// A tree without a shape: lists where all steps are numbers.
fn loose(tree: &Tree) -> Value {
    if let Some(text) = &tree.text {
        return Value::String(text.clone());
    }
    match tree.elements() {
        (elements, None) => Value::Array(elements.into_iter().map(loose).collect()),
        _ => Value::Object(tree.branches.iter().map(|(step, branch)| (step.clone(), loose(branch))).collect()),
    }
}
