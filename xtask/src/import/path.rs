//! Path templates: what the vendor writes, as the dialect spells it.

use alicloud_spec::{Kind, Place, Protocol, Shape};

use super::context::{Context, Outcome};

/// The name under which some operations take a whole path.
const WHOLE_PATH: &str = "requestPath";

/// Reads the template of an operation and settles which parameters stand in it.
pub(crate) fn template(
    context: &mut Context,
    path: &str,
    protocol: Protocol,
    parameters: &mut Vec<Shape>,
) -> Outcome<String> {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let whole = |shape: &&mut Shape| shape.name == WHOLE_PATH && shape.place == Some(Place::Path);
    if path.contains('*') {
        let Some(parameter) = parameters.iter_mut().find(whole) else {
            return Err(context.unknown(format!("`*` in the path `{path}` without a parameter `{WHOLE_PATH}`")));
        };
        parameter.required = true;
        context.decide("path of any depth", format!("`{path}` is given as a whole in `{WHOLE_PATH}`"));
        return Ok(format!("/{{+{WHOLE_PATH}}}"));
    }
    let mut template = path.to_owned();
    if path.contains('[') {
        template = template.replace('[', "{").replace(']', "}");
        context.decide("path brackets", format!("`{path}` is read as `{template}`"));
    }
    if !template.starts_with('/') {
        template.insert(0, '/');
        context.decide("path without slash", format!("`{path}` is read as `{template}`"));
    }
    let names = placeholders(context, &template)?;
    for name in &names {
        settle(context, &mut template, name, parameters);
    }
    for parameter in parameters.iter_mut().filter(|parameter| parameter.place == Some(Place::Path)) {
        let names = placeholders(context, &template)?;
        if names.contains(&parameter.name) {
            if !parameter.required {
                context.decide_at(&parameter.name, "path parameter not required", "a path has no gaps; required");
            }
            parameter.required = true;
            if !scalar(parameter) {
                return Err(context.refuse(format!("`{}` in the path is no scalar", parameter.name)));
            }
        } else {
            parameter.place = Some(Place::Query);
            context.decide_at(&parameter.name, "path parameter without placeholder", "moved to the query");
        }
    }
    if protocol == Protocol::Oss && template.contains("{key}") {
        template = template.replace("{key}", "{+key}");
        context.decide("object key", "slashes of the key stay as they are");
    }
    if let Some(query) = query {
        if query.contains('{') {
            return Err(context.unknown(format!("placeholder in the fixed query `{query}`")));
        }
        template = format!("{template}?{query}");
    }
    Ok(template)
}

/// Makes sure that a placeholder has its parameter.
fn settle(context: &mut Context, template: &mut String, name: &str, parameters: &mut Vec<Shape>) {
    let in_path = |shape: &&Shape| shape.place == Some(Place::Path);
    if parameters.iter().filter(in_path).any(|shape| shape.name == name) {
        return;
    }
    let near = parameters.iter().filter(in_path).find(|shape| shape.name.eq_ignore_ascii_case(name));
    if let Some(near) = near {
        let detail = format!("`{{{name}}}` is the parameter `{}`", near.name);
        *template = template.replace(&format!("{{{name}}}"), &format!("{{{}}}", near.name));
        context.decide("placeholder spelling", detail);
        return;
    }
    context.decide_at(name, "placeholder without parameter", "added as a required text");
    parameters.push(Shape {
        name: name.to_owned(),
        place: Some(Place::Path),
        kind: Some(Kind::String),
        required: true,
        ..Shape::default()
    });
}

fn placeholders(context: &Context, template: &str) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            return Err(context.unknown(format!("unbalanced braces in the path `{template}`")));
        };
        names.push(name.trim_start_matches('+').to_owned());
        rest = tail;
    }
    Ok(names)
}

fn scalar(shape: &Shape) -> bool {
    !matches!(shape.kind, None | Some(Kind::Object | Kind::List | Kind::Map | Kind::Any | Kind::Binary))
}
