//! Parameters in the body: members of one JSON object, or a body as a whole.

use alicloud_spec::{Kind, ListStyle, Place, Shape, Style};

use super::context::{Context, Outcome, Side};
use super::json::Json;
use super::parameters::Call;
use super::schema;

/// Reads the body parameter. Its name is never sent: an object given in place becomes its members,
/// anything else becomes the payload.
pub(crate) fn read<'a>(
    context: &mut Context<'a>,
    name: &str,
    parameter: &'a Json,
    declared: &'a Json,
    call: &Call,
) -> Outcome<Vec<Shape>> {
    let mut shape = schema::shape(context, declared, Side::Request)?;
    if shape.kind == Some(Kind::String) && matches!(shape.format.as_deref(), Some("binary" | "stream" | "byte")) {
        shape = Shape { kind: Some(Kind::Binary), format: None, ..shape };
    }
    shape.name = name.to_owned();
    shape.deprecated |= parameter.flag("deprecated");
    let members = !shape.fields.is_empty() && shape.reference.is_none();
    if call.style == Style::Rpc && shape.kind != Some(Kind::Binary) {
        return Ok(as_form(context, shape, members));
    }
    if call.xml && shape.kind != Some(Kind::Binary) {
        return Ok(vec![root_element(context, declared, shape)]);
    }
    if call.protobuf {
        shape.style = Some(ListStyle::Protobuf);
    }
    if members && !call.protobuf {
        return Ok(shape.fields.into_iter().map(|field| Shape { place: Some(Place::Body), ..field }).collect());
    }
    shape.place = Some(Place::Payload);
    Ok(vec![shape])
}

/// The body of an XML call: its name is that of the root element, which is the only member of the declared
/// object, or the shared type.
fn root_element(context: &mut Context, declared: &Json, mut shape: Shape) -> Shape {
    if shape.reference.is_none() && shape.fields.len() == 1 {
        if let Some(root) = shape.fields.pop() {
            context.decide("root element", format!("`{}` is the root of the XML that is the body", root.name));
            shape = Shape { required: shape.required || root.required, deprecated: shape.deprecated, ..root };
        }
    } else if let Some(name) = declared.text_of("$ref").and_then(|target| target.rsplit('/').next()) {
        shape.name = name.to_owned();
    }
    Shape { place: Some(Place::Payload), style: Some(ListStyle::Xml), ..shape }
}

/// RPC calls have a form where others have a JSON body.
fn as_form(context: &mut Context, shape: Shape, members: bool) -> Vec<Shape> {
    if !members {
        context.decide("body of an RPC call", "sent as a form parameter");
        let complex = shape.reference.is_some() || matches!(shape.kind, Some(Kind::List | Kind::Map | Kind::Any));
        let style = complex.then_some(ListStyle::Json);
        return vec![Shape { place: Some(Place::Form), style, ..shape }];
    }
    context.decide("body of an RPC call", "its members are sent as form parameters");
    let member = |field: Shape| {
        let complex =
            field.reference.is_some() || matches!(field.kind, Some(Kind::List | Kind::Map | Kind::Any | Kind::Object));
        Shape { place: Some(Place::Form), style: complex.then_some(ListStyle::Json), ..field }
    };
    shape.fields.into_iter().map(member).collect()
}
