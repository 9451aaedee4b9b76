//! Parameters: where each one travels and how it is written there.

use alicloud_spec::{Kind, ListStyle, Place, Protocol, Shape, Style};

use super::context::{Context, Outcome, Side};
use super::json::Json;
use super::{body, dotted, schema};

/// What the operation says about its parameters as a whole.
pub(crate) struct Call {
    pub(crate) style: Style,
    pub(crate) protocol: Protocol,
    /// The method can carry a form.
    pub(crate) form: bool,
    /// The body is XML.
    pub(crate) xml: bool,
    /// The body is a protocol buffer.
    pub(crate) protobuf: bool,
}

/// Reads the parameters of an operation.
pub(crate) fn read<'a>(context: &mut Context<'a>, operation: &'a Json, call: &Call) -> Outcome<Vec<Shape>> {
    let mut parameters: Vec<Shape> = Vec::new();
    for parameter in operation.get("parameters").map(Json::elements).unwrap_or_default() {
        let Some(name) = parameter.text_of("name") else {
            return Err(context.unknown("a parameter without a name"));
        };
        let read = context.inside(name, |context| one(context, name, parameter, call))?;
        for shape in read {
            add(context, &mut parameters, shape);
        }
    }
    if parameters.iter().filter(|shape| shape.place == Some(Place::Payload)).count() > 1 {
        return Err(context.unknown("more than one body"));
    }
    if parameters.iter().any(|shape| shape.place == Some(Place::Payload)) {
        for form in parameters.iter_mut().filter(|shape| shape.place == Some(Place::Form)) {
            context.decide_at(&form.name, "form beside a body", "the body is taken; moved to the query");
            form.place = Some(Place::Query);
        }
    }
    Ok(dotted::fold(context, parameters))
}

/// Adds a parameter unless the vendor lists it twice.
fn add(context: &mut Context, parameters: &mut Vec<Shape>, shape: Shape) {
    let same = |known: &&mut Shape| known.name == shape.name && known.place == shape.place;
    let Some(known) = parameters.iter_mut().find(same) else {
        parameters.push(shape);
        return;
    };
    let differs = if known.kind == shape.kind { "" } else { ", with another type" };
    known.required |= shape.required;
    known.hidden &= shape.hidden;
    context.decide_at(
        &shape.name,
        "listed twice",
        format!("listed twice{differs}; the first is kept, required if either is"),
    );
}

fn one<'a>(context: &mut Context<'a>, name: &str, parameter: &'a Json, call: &Call) -> Outcome<Vec<Shape>> {
    const NOTHING: &Json = &Json::Null;
    let declared = parameter.get("schema").unwrap_or(NOTHING);
    let place = match parameter.text_of("in") {
        Some("query") => Place::Query,
        Some("formData") if is_stream(name, declared) => {
            context.decide("stream in a form", "the bytes are the body");
            return body::read(context, name, parameter, declared, call);
        }
        Some("formData") => Place::Form,
        Some("path") => Place::Path,
        Some("header") => Place::Header,
        Some("host") => Place::Host,
        Some("body") => return body::read(context, name, parameter, declared, call),
        Some(other) => return Err(context.unknown(format!("position `{other}`"))),
        None => return Err(context.unknown("a parameter without a position")),
    };
    let mut shape = schema::shape(context, declared, Side::Request)?;
    shape.name = name.to_owned();
    shape.deprecated |= parameter.flag("deprecated");
    shape.hidden = parameter.flag("x-hidden");
    shape.place = Some(settled(context, name, place, call));
    shape.style = style(context, parameter, &shape, call)?;
    if call.protocol == Protocol::Sls && shape.place == Some(Place::Header) && shape.required && is_compression(name) {
        context.decide("compression", "the service takes and gives bodies without it, too; not required");
        shape.required = false;
    }
    if shape.place == Some(Place::Host) {
        shape.required = true;
    }
    Ok(vec![shape])
}

/// Headers of the log service that ask for compression.
fn is_compression(name: &str) -> bool {
    name.eq_ignore_ascii_case("x-log-compresstype") || name.eq_ignore_ascii_case("accept-encoding")
}

/// Bytes that are called the body are the body, whatever else the vendor says about them.
fn is_stream(name: &str, declared: &Json) -> bool {
    name.eq_ignore_ascii_case("body") && matches!(declared.text_of("format"), Some("stream" | "binary"))
}

/// The position in which the parameter really travels.
fn settled(context: &mut Context, name: &str, place: Place, call: &Call) -> Place {
    match place {
        Place::Form if !call.form => {
            context.decide("form without body", "the method has no body; moved to the query");
            Place::Query
        }
        Place::Path if call.style == Style::Rpc => {
            context.decide("path parameter of an RPC call", "RPC calls have no path; moved to the query");
            Place::Query
        }
        Place::Path if call.protocol == Protocol::Sls && name == "project" => {
            context.decide("project", "the project is a label of the host");
            Place::Host
        }
        Place::Host if call.protocol == Protocol::Standard => {
            context.decide("host parameter", "hosts of this product have no such label; moved to the query");
            Place::Query
        }
        place => place,
    }
}

/// How a value becomes text outside of a body.
pub(crate) fn style(context: &mut Context, parameter: &Json, shape: &Shape, call: &Call) -> Outcome<Option<ListStyle>> {
    let declared = match parameter.text_of("style") {
        None => None,
        Some("flat") => Some(ListStyle::Flat),
        Some("repeatList") => Some(ListStyle::RepeatList),
        Some("json" | "struct") => Some(ListStyle::Json),
        Some("simple") => Some(ListStyle::Simple),
        Some("xml") => Some(ListStyle::Xml),
        Some("protobuf") => Some(ListStyle::Protobuf),
        Some(other) => return Err(context.unknown(format!("style `{other}`"))),
    };
    let kind = if shape.reference.is_some() { Kind::Object } else { shape.kind.unwrap_or(Kind::Any) };
    let chosen = match (kind, declared) {
        (Kind::List | Kind::Object | Kind::Map | Kind::Any, Some(style)) => return Ok(Some(style)),
        (Kind::Object | Kind::Map | Kind::Any, None) if shape.name.ends_with('*') => return Ok(None),
        (Kind::List, None) if shape.place == Some(Place::Header) => ListStyle::Simple,
        (Kind::List | Kind::Object, None) if call.style == Style::Rpc => ListStyle::Flat,
        (Kind::List | Kind::Object | Kind::Map | Kind::Any, None) => ListStyle::Json,
        (_, Some(_)) => {
            context.decide("style of a scalar", "a scalar is written as it is; style dropped");
            return Ok(None);
        }
        (_, None) => return Ok(None),
    };
    context.decide("no style", format!("a {kind:?} without a style; written as {chosen:?}"));
    Ok(Some(chosen))
}
