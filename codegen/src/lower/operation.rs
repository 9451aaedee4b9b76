//! Operations into methods and modules.

use alicloud_spec::{self as spec, Kind, Place, Spec, Style};
use proc_macro2::Ident;

use super::{
    class::retry_class,
    describe::sentence,
    docs, fields,
    link::{self, Names},
    names, phrase, streams,
    types::{File, References},
};
use crate::{
    error::Error,
    model::{self, Docs, Http, Operation, ResponseBody, Struct},
};

/// One operation. `references` are the shared types as they are called from its module.
pub(crate) fn lower(
    spec: &Spec,
    names: &Names,
    references: &References,
    name: &str,
    operation: &spec::Operation,
) -> Result<Operation, Error> {
    let class = names::pascal(name);
    let mut file = File::new();
    let mut take = |name: String| file.name(&name, &format!("{name}Call"));
    let call = take(class.clone())?;
    let (request, response) = (take(format!("{class}Request"))?, take(format!("{class}Response"))?);

    let parameters = &operation.parameters;
    if let Some(parameter) = parameters.iter().find(|parameter| parameter.place.is_none()) {
        return Err(Error::new("a parameter needs `in`").inside(format!("`{}`", parameter.name)));
    }
    let request_fields = fields::lower(&mut file, references, parameters, &request.to_string(), "Request")?;
    let response_fields =
        fields::lower(&mut file, references, &operation.response.fields, &response.to_string(), "Response")
            .map_err(|error| error.inside("response"))?;
    let types = file.finish(references)?;

    let method = names.method(name)?;
    let body = body(operation);
    let setters = fields::call_setters(&request_fields, &request.to_string(), streams::methods(body))?;
    Ok(Operation {
        api_name: name.to_owned(),
        module: method.clone(),
        summary: summary(name, operation),
        call_docs: docs::comment([format!(
            "A call of {}: [`Client::{}`]({}::Client::{}).",
            docs::name(name),
            model::plain(&method),
            names.root,
            model::plain(&method),
        )]),
        docs: method_docs(spec, names, name, operation),
        deprecated: deprecated(names, operation),
        retired: operation.retired,
        streams: streams::setters(spec, parameters, &request_fields, &request.to_string(), &setters)?,
        setters,
        request: Struct {
            name: request,
            docs: vec![format!("Parameters of [`{call}`].")],
            fields: request_fields,
            setters: Vec::new(),
        },
        response: Struct {
            name: response,
            docs: vec![format!("Answer to [`{call}`].")],
            fields: response_fields,
            setters: Vec::new(),
        },
        types,
        call,
        http: http(spec, operation)?,
        auth: operation.auth,
        class: retry_class(name, operation),
        attempt_timeout: operation.timeout,
        body,
        pages: None,
        method,
    })
}

fn http(spec: &Spec, operation: &spec::Operation) -> Result<Http, Error> {
    match operation.style.unwrap_or(spec.style) {
        // The vendor notes paths for some of these; calls go to `/` all the same.
        Style::Rpc => Ok(Http::Rpc(operation.method)),
        Style::Roa => match &operation.path {
            Some(path) => Ok(Http::Roa(operation.method, path.clone())),
            None => Err(Error::new("an operation of style `roa` needs `path`")),
        },
    }
}

fn body(operation: &spec::Operation) -> ResponseBody {
    let payload = operation.response.fields.iter().find(|field| field.place == Some(Place::Payload));
    match payload.and_then(|field| field.kind) {
        _ if operation.response.events => ResponseBody::Events,
        Some(Kind::Binary) => ResponseBody::Binary,
        Some(Kind::String) => ResponseBody::Text,
        _ => ResponseBody::Document,
    }
}

/// What it does, in one line.
fn summary(name: &str, operation: &spec::Operation) -> String {
    match operation.summary.as_str() {
        "" => docs::escape(&phrase::of(name)),
        summary => sentence(summary),
    }
}

fn method_docs(spec: &Spec, names: &Names, name: &str, operation: &spec::Operation) -> Docs {
    let reference = format!("API reference: [{}]({}).", docs::name(name), link::operation(spec, name, operation));
    let retired =
        operation.retired.then(|| "The vendor no longer documents this operation; it stays callable.".to_owned());
    let notes = operation.notes.iter().map(|note| sentence(note));
    let mut paragraphs = vec![summary(name, operation)];
    paragraphs.extend(operation.description.split("\n\n").map(sentence));
    paragraphs.extend(retired);
    paragraphs.extend(notes);
    paragraphs.extend(goes_on(spec, names, operation));
    paragraphs.push(reference);
    paragraphs.extend(documented_errors(names, operation));
    docs::comment(paragraphs)
}

/// Which operation tells how the work goes on after the answer, and what waits for it.
fn goes_on(spec: &Spec, names: &Names, operation: &spec::Operation) -> Option<String> {
    let completion = operation.completion.as_ref()?;
    let question = spec.operations.get(completion).filter(|question| question.skip.is_none())?;
    let question = method_link(names, &names.method(completion).ok().filter(|_| !question.retired)?);
    let waiters = spec.waiters.iter().filter(|(_, waiter)| waiter.operation == *completion);
    let waiters: Vec<_> = waiters
        .map(|(name, _)| format!("wait_until_{}", names::snake(name)))
        .map(|method| format!("[`{method}`]({}::Client::{method})", names.root))
        .collect();
    let waits = match waiters.as_slice() {
        [] => String::new(),
        [one] => format!(", {one} waits for it"),
        [most @ .., last] => format!(", {} and {last} wait for it", most.join(", ")),
    };
    Some(format!("The work goes on after the answer: {question} says how far it is{waits}."))
}

fn documented_errors(names: &Names, operation: &spec::Operation) -> Option<String> {
    let mut codes: Vec<String> = Vec::new();
    for error in &operation.errors {
        let link = match names.error(&error.code) {
            Some(constant) => {
                format!("[{}]({}::error_codes::{constant})", docs::name(&error.code), names.root)
            }
            None => docs::name(&error.code),
        };
        if !codes.contains(&link) {
            codes.push(link);
        }
    }
    (!codes.is_empty()).then(|| format!("Documented errors: {}.", codes.join(", ")))
}

fn deprecated(names: &Names, operation: &spec::Operation) -> Option<String> {
    operation.deprecated.then(|| match &operation.replacement {
        Some(replacement) => match names.method(replacement) {
            Ok(method) => format!("use `{method}`"),
            Err(_) => format!("use `{replacement}`"),
        },
        None => "the vendor advises against it".to_owned(),
    })
}

/// The module of an operation, as a link from elsewhere in the crate.
pub(crate) fn method_link(names: &Names, method: &Ident) -> String {
    let plain = model::plain(method);
    format!("[`{plain}`]({}::Client::{plain})", names.root)
}
