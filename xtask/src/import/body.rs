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
    schema::name_it(&mut shape, name);
    shape.deprecated |= parameter.flag("deprecated");
    let members = !shape.fields.is_empty() && shape.reference.is_none();
    if call.style == Style::Rpc && shape.kind != Some(Kind::Binary) {
        return Ok(as_form(context, shape, members));
    }
    if call.xml {
        shape.style = Some(ListStyle::Xml);
    }
    if members && !call.xml {
        return Ok(shape.fields.into_iter().map(|field| Shape { place: Some(Place::Body), ..field }).collect());
    }
    shape.place = Some(Place::Payload);
    Ok(vec![shape])
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
