//! What a successful call returns, and the documented errors.

use std::collections::BTreeSet;

use alicloud_spec::{ErrorCode, Kind, Place, Response, Shape, Style};

use super::context::{Context, Outcome, Side};
use super::json::Json;
use super::schema;

/// Reads the answer of an operation.
pub(crate) fn read<'a>(context: &mut Context<'a>, operation: &'a Json, style: Style) -> Outcome<Response> {
    let mut response = Response::default();
    let mut answers: Vec<(u16, &'a Json)> = Vec::new();
    for (key, answer) in operation.get("responses").map(Json::members).unwrap_or_default() {
        match key.trim().parse::<u16>() {
            Ok(status @ 200..400) => answers.push((status, answer)),
            Ok(400..600) => {}
            _ if key.to_ascii_lowercase().ends_with("xx") => {}
            _ => context.decide("status", format!("`{key}` is no HTTP status; dropped")),
        }
    }
    answers.sort_by_key(|(status, _)| *status);
    answers.dedup_by_key(|(status, _)| *status);
    response.status = answers.iter().map(|(status, _)| *status).collect();
    if response.status == [200] {
        response.status.clear();
    }
    if answers.is_empty() && operation.get("responses").is_some() {
        context
            .decide("no success status", "no answer of a successful call is documented; taken as 200 without a body");
    }
    response.events = names(operation.get("schemes"), "sse") || names(operation.get("produces"), "text/event-stream");
    response.xml = only_xml(operation.get("produces"));
    let bodies =
        answers.iter().filter(|(_, answer)| answer.get("schema").is_some_and(|schema| !schema.members().is_empty()));
    if let Some((status, answer)) = bodies.clone().next() {
        if bodies.count() > 1 {
            context.decide("several bodies", format!("the body of status {status} is taken"));
        }
        let wrapped = style == Style::Rpc;
        if let Some(schema) = answer.get("schema") {
            let fields = context.inside(format!("{status}!"), |context| body(context, schema, wrapped))?;
            response.fields = if response.xml && style == Style::Roa { inside_root(context, fields) } else { fields };
        }
    }
    headers(context, &answers, &mut response)?;
    if context.prose {
        response.example = sample(operation);
    }
    Ok(response)
}

/// Whether a list of content types names XML and nothing else.
pub(crate) fn only_xml(types: Option<&Json>) -> bool {
    let types = types.map(Json::elements).unwrap_or_default();
    !types.is_empty() && types.iter().all(|kind| kind.text().is_some_and(|kind| kind.ends_with("/xml")))
}

/// Whether a list of schemes or content types names one.
pub(crate) fn names(list: Option<&Json>, name: &str) -> bool {
    list.map(Json::elements).unwrap_or_default().iter().any(|entry| entry.text() == Some(name))
}

fn body<'a>(context: &mut Context<'a>, declared: &'a Json, wrapped: bool) -> Outcome<Vec<Shape>> {
    let mut root = schema::shape(context, declared, Side::Response { wrapped })?;
    if !root.fields.is_empty() && root.kind == Some(Kind::Object) {
        return Ok(root.fields);
    }
    if root.kind == Some(Kind::String) && matches!(root.format.as_deref(), Some("binary" | "stream" | "byte")) {
        root = Shape { kind: Some(Kind::Binary), format: None, ..root };
    }
    root.name = "body".to_owned();
    Ok(vec![Shape { place: Some(Place::Payload), ..root }])
}

/// The only member of an XML answer is its root element, which says nothing.
fn inside_root(context: &mut Context, mut fields: Vec<Shape>) -> Vec<Shape> {
    let [root] = fields.as_mut_slice() else { return fields };
    if root.place.is_some() || (root.kind != Some(Kind::Object) && root.reference.is_none()) {
        return fields;
    }
    context.decide("root element", format!("`{}` is the root of the XML; the answer is what it holds", root.name));
    if root.reference.is_some() {
        root.place = Some(Place::Payload);
        return fields;
    }
    std::mem::take(&mut root.fields)
}

fn headers<'a>(context: &mut Context<'a>, answers: &[(u16, &'a Json)], response: &mut Response) -> Outcome<()> {
    const NOTHING: &Json = &Json::Null;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (_, answer) in answers {
        let answer: &'a Json = answer;
        for (name, header) in answer.get("headers").map(Json::members).unwrap_or_default() {
            let plain: String = name.trim().replace(['\u{2010}', '\u{2011}', '\u{2013}'], "-");
            if plain != *name {
                context.decide("header name", format!("`{name}` is read as `{plain}`"));
            }
            if !seen.insert(plain.to_ascii_lowercase()) {
                context.decide("header listed twice", format!("`{plain}`; the first is kept"));
                continue;
            }
            let declared = header.get("schema").unwrap_or(NOTHING);
            let mut shape = match declared {
                Json::Object(_) => context.inside(plain.clone(), |context| {
                    schema::shape(context, declared, Side::Response { wrapped: false })
                })?,
                _ => Shape { kind: Some(Kind::String), ..Shape::default() },
            };
            shape.name = plain;
            shape.place = Some(Place::Header);
            response.fields.push(shape);
        }
    }
    Ok(())
}

/// The sample answer of a real download: JSON text inside of a list of samples.
fn sample(operation: &Json) -> Option<serde_json::Value> {
    let demo = operation.get("responseDemo")?;
    let list = demo.text().and_then(|text| serde_json::from_str::<Json>(text).ok());
    let samples = list.as_ref().unwrap_or(demo).elements();
    let text = samples.iter().find(|sample| sample.text_of("type") == Some("json"))?.text_of("example")?;
    serde_json::from_str(text).ok()
}

/// Reads the documented errors. Codes under a number that is no HTTP status are kept without a status, unless
/// the operation documents them under another one as well.
pub(crate) fn errors(context: &mut Context, operation: &Json) -> Vec<ErrorCode> {
    let mut errors: Vec<ErrorCode> = Vec::new();
    let (mut seen, mut lost) = (BTreeSet::new(), Vec::new());
    for (key, entries) in operation.get("errorCodes").map(Json::members).unwrap_or_default() {
        let status = key.trim().parse::<u16>().ok().filter(|status| (200..600).contains(status));
        if status.is_none() {
            let count = entries.elements().len();
            context.decide("status of errors", format!("`{key}` is no HTTP status; {count} codes stay without one"));
        }
        for entry in entries.elements() {
            let Some(code) = entry.text_of("errorCode") else {
                context.decide("error code", format!("an error of status {key} has no code; dropped"));
                continue;
            };
            if !seen.insert((status, code.to_owned())) {
                continue;
            }
            let summary = entry.text_of("errorMessage").filter(|_| context.prose).unwrap_or_default();
            let error = ErrorCode { status, code: code.to_owned(), summary: summary.to_owned(), note: None };
            if status.is_some() { errors.push(error) } else { lost.push(error) }
        }
    }
    lost.retain(|lost| !errors.iter().any(|error| error.code == lost.code));
    errors.extend(lost);
    errors
}
