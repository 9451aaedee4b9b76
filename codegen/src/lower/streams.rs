//! Bodies and files that need not be in memory, into methods.

use alicloud_spec::{Kind, Place, Shape, Spec};

use super::names::{self, Scope};
use crate::{
    error::Error,
    model::{self, Field, ResponseBody, Setter, StreamSetter, StreamTarget},
};

/// How a spec marks a text that is the URL of a file.
const FILE: &str = "fileUrl";

/// What a call can do besides, by what its answer is.
pub(crate) fn methods(body: ResponseBody) -> &'static [&'static str] {
    match body {
        ResponseBody::Document | ResponseBody::Text => &[],
        ResponseBody::Binary => &["download"],
        ResponseBody::Events => &["events"],
    }
}

/// The methods that take streams, with names that no setter has. `shapes` and `fields` are the same
/// parameters.
pub(crate) fn setters(
    spec: &Spec,
    shapes: &[Shape],
    fields: &[Field],
    request: &str,
    setters: &[Setter],
) -> Result<Vec<StreamSetter>, Error> {
    let taken: Vec<String> = setters.iter().map(|setter| model::plain(&setter.name)).collect();
    let mut scope = Scope::reserving(&taken.iter().map(String::as_str).collect::<Vec<_>>());
    let mut streams = Vec::new();
    for (shape, field) in shapes.iter().zip(fields) {
        let plain = model::plain(&field.name);
        let link = format!("[`{plain}`]({request}::{plain})");
        let mut add = |name: String, docs: [String; 1], target: StreamTarget| {
            let name = names::ident(&scope.take(&[name.clone(), format!("set_{name}")]))?;
            streams.push(StreamSetter { name, docs: docs.into(), target });
            Ok::<(), Error>(())
        };
        if shape.place == Some(Place::Payload) && shape.kind == Some(Kind::Binary) {
            let docs = [format!("Sends bytes that need not be in memory as {link}.")];
            add(format!("{plain}_stream"), docs, StreamTarget::Body)?;
        } else if is_file(shape) {
            let docs = [format!("Uploads a file before the call and sets {link} to where it is.")];
            add(format!("{plain}_file"), docs, StreamTarget::File(shape.name.clone()))?;
        } else if let Some(element) = shape.of.as_deref().filter(|_| shape.kind == Some(Kind::List)) {
            for member in members(spec, element).iter().filter(|member| is_file(member)) {
                let docs = [format!(
                    "Uploads a file before the call and sets a member of an element of {link} to where it is; the \
                     element after the last one is added."
                )];
                let target = StreamTarget::FileOfElement(shape.name.clone(), member.name.clone());
                add(format!("{plain}_{}_file", names::snake(&member.name)), docs, target)?;
            }
        }
    }
    Ok(streams)
}

fn is_file(shape: &Shape) -> bool {
    shape.kind == Some(Kind::String) && shape.format.as_deref() == Some(FILE)
}

/// The fields of an object, or of the shared type that it is.
fn members<'s>(spec: &'s Spec, shape: &'s Shape) -> &'s [Shape] {
    let shared = shape.reference.as_ref().and_then(|name| spec.types.get(name));
    &shared.unwrap_or(shape).fields
}
