//! The vendor's schemas become shapes. Mis-typed schemas are repaired, each repair is a decision.

use alicloud_spec::{Kind, Shape};

use super::constraints;
use super::context::{Context, Outcome, Side};
use super::json::Json;
use super::wrapper;

/// Keywords of other schema languages that the vendor does not use.
const FOREIGN: [&str; 7] = ["allOf", "oneOf", "anyOf", "not", "discriminator", "patternProperties", "const"];

/// Reads a schema. The name, place and style are up to the caller.
pub(crate) fn shape<'a>(context: &mut Context<'a>, schema: &'a Json, side: Side) -> Outcome<Shape> {
    if let Some(keyword) = FOREIGN.iter().find(|keyword| schema.get(keyword).is_some()) {
        return Err(context.unknown(format!("`{keyword}` in a schema")));
    }
    let mut shape = match schema.text_of("$ref") {
        Some(target) => reference(context, target, side)?,
        None => plain(context, schema, side)?,
    };
    shape.required = !matches!(side, Side::Response { .. }) && schema.flag("required");
    shape.deprecated |= schema.flag("deprecated");
    annotate(context, schema, &mut shape);
    Ok(shape)
}

/// Reads a named value: a field of an object.
pub(crate) fn field<'a>(context: &mut Context<'a>, name: &str, schema: &'a Json, side: Side) -> Outcome<Shape> {
    let mut shape = shape(context, schema, side)?;
    shape.name = name.to_owned();
    if matches!(side, Side::Response { wrapped: true }) {
        wrapper::unwrap_list(context, &mut shape);
    }
    Ok(shape)
}

fn reference<'a>(context: &mut Context<'a>, target: &'a str, side: Side) -> Outcome<Shape> {
    let Some(name) = target.strip_prefix("#/components/schemas/") else {
        return Err(context.unknown(format!("reference to `{target}`")));
    };
    let Some((name, schema)) = context.components.get_key_value(name).map(|(name, schema)| (*name, *schema)) else {
        context.decide("dangling reference", format!("there is no shared type `{name}`; taken as any value"));
        return Ok(of_kind(Kind::Any));
    };
    if is_object(schema) {
        context.used.insert(name);
        return Ok(Shape { reference: Some(name.to_owned()), ..Shape::default() });
    }
    if context.inlining.contains(&name) {
        context.decide("endless type", format!("`{name}` contains itself and is no object; taken as any value"));
        return Ok(of_kind(Kind::Any));
    }
    context.inlining.push(name);
    let shape = shape(context, schema, side);
    context.inlining.pop();
    Ok(Shape { required: false, ..shape? })
}

/// Whether a shared schema is an object with fields, and so a type of its own.
pub(crate) fn is_object(schema: &Json) -> bool {
    schema.text_of("$ref").is_none()
        && schema.get("properties").is_some_and(|properties| !properties.members().is_empty())
        && schema.text_of("type") != Some("array")
}

fn of_kind(kind: Kind) -> Shape {
    Shape { kind: Some(kind), ..Shape::default() }
}

fn plain<'a>(context: &mut Context<'a>, schema: &'a Json, side: Side) -> Outcome<Shape> {
    let declared = schema.text_of("type");
    let properties = schema.get("properties").filter(|properties| !properties.members().is_empty());
    let items = schema.get("items").filter(|items| !items.members().is_empty());
    let values = schema.get("additionalProperties");
    let kind = match declared {
        Some("string") => text(context, schema),
        Some("integer") => integer(context, schema),
        Some("number") => number(context, schema),
        Some("boolean") => {
            ignore_format(context, schema, "boolean");
            Kind::Boolean
        }
        Some("array") => {
            ignore_format(context, schema, "array");
            Kind::List
        }
        Some("object") => Kind::Object,
        Some("any") => Kind::Any,
        Some(other) => return Err(context.unknown(format!("type `{other}`"))),
        None => {
            context.decide("no type", "the schema has no type; taken from its members");
            Kind::Any
        }
    };
    match (kind, properties, items, values) {
        (Kind::List, Some(properties), None, _) => {
            context.decide("array with properties", "taken as a list of objects");
            let element = context.inside("[]", |context| object(context, properties, side))?;
            Ok(list_of(element))
        }
        (Kind::List, _, Some(items), _) => {
            let element = context.inside("[]", |context| shape(context, items, side))?;
            Ok(list_of(Shape { required: false, ..element }))
        }
        (Kind::List, None, None, _) => {
            context.decide("array without items", "taken as a list of any values");
            Ok(list_of(of_kind(Kind::Any)))
        }
        (Kind::Object, Some(properties), _, values) => {
            if values.is_some() {
                context.decide("properties and additionalProperties", "the declared fields are kept, others are not");
            }
            object(context, properties, side)
        }
        (Kind::Object | Kind::Any, None, None, Some(values @ Json::Object(_))) => {
            let value = context.inside("{}", |context| shape(context, values, side))?;
            let value = Box::new(Shape { required: false, ..value });
            Ok(Shape { of: Some(value), ..of_kind(Kind::Map) })
        }
        (Kind::Object, None, None, _) => Ok(of_kind(Kind::Any)),
        (kind, Some(properties), _, _) => {
            if declared.is_some() {
                context.decide("scalar with properties", format!("declared as {kind:?}; taken as an object"));
            }
            object(context, properties, side)
        }
        (kind, None, Some(items), _) => {
            if declared.is_some() {
                context.decide("scalar with items", format!("declared as {kind:?}; taken as a list"));
            }
            let element = context.inside("[]", |context| shape(context, items, side))?;
            Ok(list_of(Shape { required: false, ..element }))
        }
        (kind, None, None, _) => {
            let mut shape = of_kind(kind);
            shape.format = format(schema, kind);
            Ok(shape)
        }
    }
}

fn list_of(element: Shape) -> Shape {
    Shape { of: Some(Box::new(element)), ..of_kind(Kind::List) }
}

fn object<'a>(context: &mut Context<'a>, properties: &'a Json, side: Side) -> Outcome<Shape> {
    let mut fields: Vec<Shape> = Vec::with_capacity(properties.members().len());
    for (name, schema) in properties.members() {
        let name = name.trim();
        if name.is_empty() || fields.iter().any(|field| field.name == name) {
            context.decide("field name", format!("field `{name}` has no name of its own; left out"));
            continue;
        }
        fields.push(context.inside(format!(".{name}"), |context| field(context, name, schema, side))?);
    }
    if fields.is_empty() {
        return Ok(of_kind(Kind::Any));
    }
    Ok(Shape { fields, ..of_kind(Kind::Object) })
}

fn text(context: &mut Context, schema: &Json) -> Kind {
    if matches!(schema.text_of("format"), Some("int32" | "int64" | "float" | "double")) {
        context.decide("format of a string", "declared as text with the format of a number; taken as text");
    }
    Kind::String
}

fn integer(context: &mut Context, schema: &Json) -> Kind {
    match schema.text_of("format") {
        Some("int32") => Kind::Int32,
        Some("int64") => Kind::Int64,
        None => {
            context.decide("integer without format", "taken as 64 bits");
            Kind::Int64
        }
        Some(other) => {
            context.decide("format of an integer", format!("`{other}` is not known; taken as 64 bits"));
            Kind::Int64
        }
    }
}

fn number(context: &mut Context, schema: &Json) -> Kind {
    match schema.text_of("format") {
        Some("float") => Kind::Float,
        Some("double") | None => Kind::Double,
        Some("int32") => Kind::Int32,
        Some("int64") => Kind::Int64,
        Some(other) => {
            context.decide("format of a number", format!("`{other}` is not known; taken as 64 bits"));
            Kind::Double
        }
    }
}

fn ignore_format(context: &mut Context, schema: &Json, kind: &str) {
    if let Some(format) = schema.text_of("format") {
        context
            .decide("format of another type", format!("`{format}` says nothing about a value of type {kind}; dropped"));
    }
}

/// The format that remains after the kind has taken what it says.
fn format(schema: &Json, kind: Kind) -> Option<String> {
    if kind == Kind::String && schema.flag("isFileTransferUrl") {
        return Some("fileUrl".to_owned());
    }
    let format = schema.text_of("format")?;
    let said = kind != Kind::String || matches!(format, "int32" | "int64" | "float" | "double");
    (!said).then(|| format.to_owned())
}

/// Limits, values, default and, on request, prose.
fn annotate(context: &mut Context, schema: &Json, shape: &mut Shape) {
    if schema.get("$ref").is_none() {
        constraints::read(context, schema, shape);
    }
    if context.prose {
        let summary = schema.text_of("title").or_else(|| schema.text_of("description"));
        if let Some(summary) = summary {
            shape.summary = summary.to_owned();
        }
    }
    if let Some(example) = schema.get("example") {
        shape.example = constraints::example(shape, example).or_else(|| shape.example.take());
    }
}
