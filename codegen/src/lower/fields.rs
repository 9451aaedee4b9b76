//! Parameters and members into fields.

use std::collections::BTreeSet;

use alicloud_spec::{Kind, ListStyle, Place, Shape};

use super::{
    describe,
    names::{self, Scope},
    types::{File, Holder, References, Role},
};
use crate::{
    error::Error,
    model::{self, Field, Limits, Setter, Style, Wire},
};

/// Methods of models and of values; a setter of the same name would hide them.
const MODEL_METHODS: &[&str] = &[
    "borrow",
    "borrow_mut",
    "clone",
    "clone_into",
    "cmp",
    "default",
    "eq",
    "fmt",
    "from",
    "from_document",
    "from_json",
    "into",
    "ne",
    "new",
    "partial_cmp",
    "to_document",
    "to_json",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// What a fluent call can do besides setting parameters.
const CALL_METHODS: &[&str] = &[
    "assume_idempotent",
    "config_override",
    "into_future",
    "items",
    "pages",
    "prepare",
    "request",
    "retry",
    "send",
    "timeout",
];

/// What a waiter can do besides setting parameters.
const WAIT_METHODS: &[&str] =
    &["config_override", "confirm", "delay", "into_future", "on_progress", "request", "timeout", "wait"];

/// The fields of a struct. `prefix` begins the names of types made for them when those are taken.
pub(crate) fn lower<'s>(
    file: &mut File<'s>,
    references: &References,
    shapes: &'s [Shape],
    owner: &str,
    prefix: &str,
) -> Result<Vec<Field>, Error> {
    let mut scope = Scope::default();
    let mut seen = BTreeSet::new();
    let mut fields = Vec::new();
    for shape in shapes {
        let inside = |error: Error| error.inside(format!("`{}`", shape.name));
        if shape.name.is_empty() {
            return Err(Error::new("a parameter or field has no `name`").inside(owner));
        }
        let place = shape.place.unwrap_or(Place::Body);
        if !seen.insert((&shape.name, place_name(place))) {
            return Err(inside(Error::new("is there twice in the same place")));
        }
        let name = names::snake(&shape.name);
        let with_place = format!("{name}_{}", place_name(place));
        let in_two_places = shapes.iter().filter(|other| other.name == shape.name).count() > 1;
        let candidates = if in_two_places { vec![name, with_place] } else { vec![name] };
        let name = scope.take(&candidates);
        let ident = names::ident(&name).map_err(inside)?;
        let holder = Holder { owner, prefix, field: &model::plain(&ident), name: &shape.name, role: Role::Whole };
        let ty = file.resolve(references, shape, holder).map_err(inside)?;
        let wire = wire(shape, place);
        let docs = describe::field(shape, wire.required, &wire.limits);
        fields.push(Field { name: ident, docs, ty, wire, deprecated: shape.deprecated, hidden: shape.hidden });
    }
    Ok(fields)
}

/// Setters for the parameters of a fluent call, which has `more` methods besides those that all have.
pub(crate) fn call_setters(fields: &[Field], request: &str, more: &[&str]) -> Result<Vec<Setter>, Error> {
    setters(fields, request, &[MODEL_METHODS, CALL_METHODS, more].concat())
}

/// Setters for the parameters of a waiter's question.
pub(crate) fn wait_setters(fields: &[Field], request: &str) -> Result<Vec<Setter>, Error> {
    setters(fields, request, &[MODEL_METHODS, WAIT_METHODS].concat())
}

/// Setters for the fields of a struct.
pub(crate) fn model_setters(fields: &[Field], model: &str) -> Result<Vec<Setter>, Error> {
    setters(fields, &format!("field@{model}"), MODEL_METHODS)
}

fn setters(fields: &[Field], owner: &str, reserved: &[&str]) -> Result<Vec<Setter>, Error> {
    let mut scope = Scope::reserving(reserved);
    fields
        .iter()
        .map(|field| {
            let plain = model::plain(&field.name);
            let name = names::ident(&scope.take(&[plain.clone(), format!("set_{plain}")]))?;
            let docs = vec![format!("Sets [`{plain}`]({owner}::{plain}).")];
            let (deprecated, hidden) = (field.deprecated, field.hidden);
            let (field, ty) = (field.name.clone(), field.ty.clone());
            Ok(Setter { name, field, ty, docs, deprecated, hidden })
        })
        .collect()
}

fn wire(shape: &Shape, place: Place) -> Wire {
    Wire {
        name: shape.name.clone(),
        place,
        style: match shape.style {
            None | Some(ListStyle::Flat | ListStyle::RepeatList) => Style::Flat,
            Some(ListStyle::Json) => Style::Json,
            Some(ListStyle::Simple) => Style::Simple,
            Some(ListStyle::Xml) => Style::Xml,
            Some(ListStyle::Protobuf) => Style::Protobuf,
        },
        required: shape.required || matches!(place, Place::Path | Place::Host),
        secret: shape.secret,
        tag: shape.tag.map(|tag| (tag, shape.format.as_deref() == Some("fixed32"))),
        wrapper: shape.wrapper.clone().filter(|_| shape.kind == Some(Kind::List)),
        limits: limits(shape),
    }
}

/// Limits that mean something for the kind of value. The vendor also writes limits of numbers at texts,
/// lists and booleans, where they mean nothing that could be checked.
fn limits(shape: &Shape) -> Limits {
    let range = |fewest: Option<u64>, most: Option<u64>| {
        // Beyond 32 bits it is the vendor's way to say "no limit".
        let size = |number: u64| u32::try_from(number).ok().and_then(|number| usize::try_from(number).ok());
        let fewest = fewest.and_then(size).unwrap_or(0);
        let most = most.and_then(size).unwrap_or(usize::MAX);
        (fewest > 0 || most < usize::MAX).then_some((fewest, most))
    };
    match shape.kind {
        Some(Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double) => Limits {
            minimum: shape.minimum.as_ref().and_then(serde_json::Number::as_f64),
            maximum: shape.maximum.as_ref().and_then(serde_json::Number::as_f64),
            ..Limits::default()
        },
        Some(Kind::String) => Limits { length: range(shape.min_length, shape.max_length), ..Limits::default() },
        Some(Kind::List) => Limits { items: range(shape.min_items, shape.max_items), ..Limits::default() },
        _ => Limits::default(),
    }
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Query => "query",
        Place::Form => "form",
        Place::Path => "path",
        Place::Header => "header",
        Place::Host => "host",
        Place::Body => "body",
        Place::Payload => "payload",
    }
}
