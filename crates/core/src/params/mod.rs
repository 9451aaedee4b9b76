//! Where every parameter travels and how it is written.

mod check;
mod compress;
mod flatten;
mod xml;

use http::Method;

pub(crate) use self::compress::compress;
use self::flatten::{flatten, join, text};
use crate::{
    Document,
    error::InvalidInput,
    model::{Field, Model, Place, Style, View, protobuf},
    operation::{CallStyle, Operation},
    wire::{WireRequest, encode, encode_form, encode_segments},
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json; charset=utf-8";
const XML: &str = "application/xml";
const PROTOBUF: &str = "application/x-protobuf";
pub(crate) const BYTES: &str = "application/octet-stream";

/// The parameters that are set, in the order of the schema.
pub(crate) type Parameters = Vec<(Field, Document)>;

/// Checks that a request can succeed by what is declared: required parameters and limits. Parameters that
/// are `given` in another way are left out.
pub(crate) fn check(request: &dyn Model, given: impl Fn(&Field) -> bool) -> Result<(), InvalidInput> {
    let mut fields = request.schema().fields.iter().enumerate().filter(|(_, field)| !given(field));
    fields.try_for_each(|(index, field)| check::check(field, request.field(index).to_document(View::Wire).as_ref()))
}

/// The parameters of a request.
pub(crate) fn collect(request: &dyn Model) -> Parameters {
    let fields = request.schema().fields.iter().enumerate();
    let value = |index: usize, field: &Field| {
        let value = request.field(index);
        let document = value.to_document(View::Wire)?;
        Some(if field.style == Style::Protobuf { Document::Binary(protobuf::encode(value).into()) } else { document })
    };
    fields.filter_map(|(index, field)| Some((*field, value(index, field)?))).collect()
}

/// Writes the parameters into a request. `declares` lists all fields of the operation, set or not.
pub(crate) fn place(
    operation: &Operation,
    declares: &[Field],
    parameters: &Parameters,
) -> Result<WireRequest, InvalidInput> {
    let (template, fixed) = operation.path.split_once('?').unwrap_or((operation.path, ""));
    let mut request =
        WireRequest { method: operation.method.clone(), path: template.to_owned(), ..WireRequest::default() };
    for pair in fixed.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request.push_query(name, value);
    }
    let mut members = Vec::new();
    let mut payload = None;
    // By name, whatever the order of the schema: so equal parameters make equal bytes.
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort_by_key(|(field, _)| field.name);
    for (field, value) in sorted {
        match place_of(field, operation) {
            Place::Query => pairs(field, value, &mut request.query),
            Place::Form => pairs(field, value, &mut request.form),
            Place::Path => fill(&mut request.path, field, value)?,
            Place::Header => header(&mut request, field, value)?,
            Place::Host => prefix_host(&mut request, field, value)?,
            Place::Body => members.push((field.name, value.clone())),
            Place::Payload => payload = Some((field, value)),
        }
    }
    // Without its value a part of the path or host would be sent as it stands in the template.
    let mut needed = declares.iter().filter(|field| matches!(field.place, Place::Path | Place::Host));
    let is_set = |field: &Field| parameters.iter().any(|(set, _)| set.name == field.name && set.place == field.place);
    needed.try_for_each(|field| if is_set(field) { Ok(()) } else { check::check(field, None) })?;
    let has_members = declares.iter().any(|field| place_of(field, operation) == Place::Body);
    if let Some((field, value)) = payload {
        body(&mut request, field, value);
    } else if has_members {
        request.body = Document::object(members).to_string().into();
        request.header("content-type", JSON);
    } else if !request.form.is_empty() {
        request.body = encode_form(&request.form).into();
        request.header("content-type", FORM);
    }
    Ok(request)
}

/// RPC calls have no JSON body, and those by GET no body at all.
fn place_of(field: &Field, operation: &Operation) -> Place {
    match (operation.style, field.place) {
        (CallStyle::Rpc, Place::Form | Place::Body) if operation.method == Method::GET => Place::Query,
        (CallStyle::Rpc, Place::Body) => Place::Form,
        (_, place) => place,
    }
}

fn pairs(field: &Field, value: &Document, output: &mut Vec<(String, String)>) {
    match field.style {
        Style::Flat => flatten(field.name, value, output),
        Style::Json => output.push((field.name.to_owned(), json(value))),
        Style::Simple => output.push((field.name.to_owned(), join(value))),
        Style::Xml => output.push((field.name.to_owned(), xml::write(field.name, value))),
        // Bytes are a body: neither the dialect nor the generator lets them stand elsewhere.
        Style::Protobuf => output.extend(text(value).map(|text| (field.name.to_owned(), text))),
    }
}

/// JSON text; text that is given is taken to be JSON already.
fn json(value: &Document) -> String {
    match value {
        Document::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn fill(path: &mut String, field: &Field, value: &Document) -> Result<(), InvalidInput> {
    let value = scalar(field, value)?;
    let (one, many) = (format!("{{{}}}", field.name), format!("{{+{}}}", field.name));
    let filled = if path.contains(&many) {
        check::segments(field, &value)?;
        path.replace(&many, encode_segments(value.trim_start_matches('/')).as_ref())
    } else {
        check::segment(field, &value)?;
        path.replace(&one, &encode(&value))
    };
    *path = filled;
    Ok(())
}

fn header(request: &mut WireRequest, field: &Field, value: &Document) -> Result<(), InvalidInput> {
    // `x-oss-meta-*` stands for one header per member of a map.
    if let (Some(prefix), Document::Object(members)) = (field.name.strip_suffix('*'), value) {
        for (name, value) in members {
            let name = format!("{prefix}{name}").to_ascii_lowercase();
            check::header_name(field, &name)?;
            let value = scalar(field, value)?;
            check::header_value(field, &value)?;
            request.header(&name, value);
        }
        return Ok(());
    }
    let text = match (field.style, value) {
        (Style::Simple, value) => join(value),
        (_, Document::List(_) | Document::Object(_)) => value.to_string(),
        (_, value) => scalar(field, value)?,
    };
    check::header_value(field, &text)?;
    request.header(&field.name.to_ascii_lowercase(), text);
    Ok(())
}

fn prefix_host(request: &mut WireRequest, field: &Field, value: &Document) -> Result<(), InvalidInput> {
    let label = scalar(field, value)?;
    crate::endpoint::check_label(&label)
        .map_err(|problem| check::invalid(field, format!("{label:?} {problem}, and becomes part of the host name")))?;
    request.label = Some(match request.label.take() {
        Some(inner) => format!("{label}.{inner}"),
        None => label,
    });
    Ok(())
}

fn body(request: &mut WireRequest, field: &Field, value: &Document) {
    let (content_type, body) = match (field.style, value) {
        (Style::Xml, value) => (XML, xml::write(field.name, value).into()),
        (Style::Protobuf, Document::Binary(bytes)) => (PROTOBUF, bytes.clone()),
        (_, Document::Binary(bytes)) => (BYTES, bytes.clone()),
        // A body that is text is sent as it is.
        (_, Document::String(text)) => (JSON, text.clone().into()),
        (_, value) => (JSON, value.to_string().into()),
    };
    request.body = body;
    if !request.headers.contains_key("content-type") {
        request.header("content-type", content_type);
    }
}

fn scalar(field: &Field, value: &Document) -> Result<String, InvalidInput> {
    text(value).ok_or_else(|| check::invalid(field, format!("is {} where text is needed", value.kind())))
}
