//! One operation: how it is called, what it takes and returns.

use alicloud_spec::{Access, Auth, Method, Operation, Place, Protocol, RetryClass, Shape, Style};

use super::context::{Context, Outcome, Refusal};
use super::json::Json;
use super::parameters::{self, Call};
use super::{path, response};

/// What the product says about its operations.
pub(crate) struct Family<'a> {
    /// The vendor's style: `RPC`, `ROA`, `V3`, `OSS` …
    pub(crate) style: &'a str,
    pub(crate) protocol: Protocol,
    /// Product code and version, as references to other operations spell them.
    pub(crate) code: &'a str,
    pub(crate) version: &'a str,
    /// All operations of the product.
    pub(crate) names: &'a [(String, Json)],
}

/// Reads an operation. What cannot be supported stays in the spec with the reason.
pub(crate) fn read<'a>(
    context: &mut Context<'a>,
    operation: &'a Json,
    family: &Family,
) -> (Operation, Option<Refusal>) {
    let mut result = Operation::default();
    let refusal = fill(context, operation, family, &mut result).err();
    if let Some(refusal) = &refusal {
        let kept = Operation {
            style: result.style,
            method: result.method,
            also: result.also,
            path: result.path,
            ..Operation::default()
        };
        result = Operation { skip: Some(refusal.to_string()), deprecated: operation.flag("deprecated"), ..kept };
    }
    (result, refusal)
}

fn fill<'a>(context: &mut Context<'a>, operation: &'a Json, family: &Family, result: &mut Operation) -> Outcome<()> {
    let path = operation.text_of("path");
    let style = match family.style {
        "RPC" => Style::Rpc,
        "V3" if path.is_none() => Style::Rpc,
        _ => Style::Roa,
    };
    result.style = (style != product_style(family.style)).then_some(style);
    let positions = operation.get("parameters").map(Json::elements).unwrap_or_default();
    let has_body = positions.iter().any(|parameter| matches!(parameter.text_of("in"), Some("body" | "formData")));
    (result.method, result.also) = methods(context, operation, style, has_body)?;
    result.deprecated = operation.flag("deprecated");
    result.access = access(context, operation);
    schemes(context, operation)?;
    let call = Call {
        style,
        protocol: family.protocol,
        form: !matches!(result.method, Method::Get | Method::Head | Method::Delete | Method::Options | Method::Trace),
        xml: style == Style::Roa && response::only_xml(operation.get("consumes")),
        protobuf: response::names(operation.get("consumes"), "application/x-protobuf"),
    };
    result.parameters = parameters::read(context, operation, &call)?;
    multipart(context, operation, &result.parameters);
    if style == Style::Roa {
        let Some(path) = path else { return Err(context.refuse("the vendor documents no path for it")) };
        result.path = Some(path::template(context, path, family.protocol, &mut result.parameters)?);
    }
    result.auth = auth(context, operation, result)?;
    result.response = response::read(context, operation, style)?;
    result.errors = response::errors(context, operation);
    relations(context, operation, family, result);
    if context.prose {
        let text = |key| operation.text_of(key).unwrap_or_default().to_owned();
        result.summary = if text("summary").is_empty() { text("title") } else { text("summary") };
        result.description = text("description");
    }
    Ok(())
}

/// The style that most operations of a product have.
pub(crate) fn product_style(style: &str) -> Style {
    if matches!(style, "RPC" | "V3") { Style::Rpc } else { Style::Roa }
}

fn methods(context: &mut Context, operation: &Json, style: Style, has_body: bool) -> Outcome<(Method, Vec<Method>)> {
    let mut offered: Vec<Method> = Vec::new();
    let mut connect = false;
    for method in operation.get("methods").map(Json::elements).unwrap_or_default() {
        let method = match method.text().map(str::trim) {
            Some("get") => Method::Get,
            Some("post") => Method::Post,
            Some("put") => Method::Put,
            Some("delete") => Method::Delete,
            Some("patch") => Method::Patch,
            Some("head") => Method::Head,
            Some("options") => Method::Options,
            Some("trace") => Method::Trace,
            Some("connect") => {
                connect = true;
                continue;
            }
            other => return Err(context.unknown(format!("method `{}`", other.unwrap_or_default()))),
        };
        if !offered.contains(&method) {
            offered.push(method);
        }
    }
    if connect && offered.is_empty() {
        return Err(context.refuse("its only method is CONNECT, which is for proxies"));
    }
    let preference: &[Method] = if has_body {
        &[Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Get]
    } else {
        &[Method::Post, Method::Get, Method::Put, Method::Patch, Method::Delete, Method::Head]
    };
    let Some(chosen) = preference.iter().find(|method| offered.contains(method)).or(offered.first()).copied() else {
        let method = if style == Style::Rpc || has_body { Method::Post } else { Method::Get };
        context.decide("no method", format!("no usable method is documented; {method:?} is used"));
        return Ok((method, Vec::new()));
    };
    offered.retain(|method| *method != chosen);
    offered.sort();
    Ok((chosen, offered))
}

/// What the operation does to resources. The vendor's labels err both ways, and its tags (`get`, `create` …)
/// are a second opinion: a call is taken as reading only when two of name, label and tag say so.
fn access(context: &mut Context, operation: &Json) -> Option<Access> {
    let looks = only_looks(&context.operation);
    let tag = operation.get("systemTags").and_then(|tags| tags.text_of("operationType"));
    let label = match operation.text_of("operationType") {
        None | Some("none") => None,
        Some("read") => Some(Access::Read),
        Some("write") => Some(Access::Write),
        Some("readAndWrite") => Some(Access::ReadWrite),
        Some(other) => {
            context.decide("operation type", format!("`{other}` is not known; dropped"));
            None
        }
    };
    match (label, tag) {
        (Some(Access::Read), _) if !looks => {
            context.decide("read by label only", "labelled as reading, but not named so; a repetition may not be safe");
            None
        }
        (Some(Access::Write | Access::ReadWrite), Some("get" | "list")) if looks => {
            context.decide("written by label only", "labelled as writing, but named and tagged as reading; it reads");
            Some(Access::Read)
        }
        (None, Some("create" | "update" | "delete")) if looks => {
            context.decide("read by name only", "named as reading, but tagged as writing; it is not repeated");
            Some(Access::Write)
        }
        (label, _) => label,
    }
}

/// Whether the name of an operation says that it changes nothing. The label alone does not: the vendor puts
/// `read` on hundreds of operations that delete, create and send.
fn only_looks(name: &str) -> bool {
    alicloud_codegen::retry_class(name, &Operation::default()) == RetryClass::Read
}

fn schemes(context: &mut Context, operation: &Json) -> Outcome<()> {
    let schemes = operation.get("schemes").map(Json::elements).unwrap_or_default();
    let schemes: Vec<&str> = schemes.iter().filter_map(Json::text).collect();
    if let Some(other) =
        schemes.iter().find(|scheme| !matches!(**scheme, "http" | "https" | "sse" | "ws" | "wss" | "websocket"))
    {
        return Err(context.unknown(format!("scheme `{other}`")));
    }
    let plain = schemes.iter().any(|scheme| matches!(*scheme, "http" | "https" | "sse"));
    if schemes.contains(&"websocket") || (!plain && !schemes.is_empty()) {
        return Err(context.refuse("it talks over a WebSocket, which the SDK does not support"));
    }
    if schemes.contains(&"wss") {
        context.decide("scheme", "offered over a WebSocket as well; called over HTTPS");
    }
    Ok(())
}

/// Whatever the documents say, the vendor's own SDKs send forms urlencoded and objects as JSON.
fn multipart(context: &mut Context, operation: &Json, parameters: &[Shape]) {
    if !response::names(operation.get("consumes"), "multipart/form-data") {
        return;
    }
    let sent =
        |places: &[Place]| parameters.iter().any(|shape| shape.place.is_some_and(|place| places.contains(&place)));
    let detail = if sent(&[Place::Form]) {
        "documented as multipart; the form goes out urlencoded"
    } else if sent(&[Place::Body, Place::Payload]) {
        "documented as multipart as well; the body goes out in the other form"
    } else {
        "documented as multipart, but nothing is sent in a body"
    };
    context.decide("multipart", detail);
}

fn auth(context: &mut Context, operation: &Json, read: &Operation) -> Outcome<Auth> {
    let alternatives = operation.get("security").map(Json::elements).unwrap_or_default();
    let names: Vec<&str> = alternatives.iter().flat_map(Json::members).map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        if operation.get("security").is_none_or(|security| security.elements().is_empty()) {
            context.decide("no security", "nothing is said about authentication; signed");
        }
        return Ok(Auth::Signed);
    }
    if names.contains(&"AK") {
        return Ok(Auth::Signed);
    }
    if names.contains(&"BearerToken") {
        return Ok(Auth::Bearer);
    }
    if names.contains(&"Anonymous") {
        return Ok(Auth::Anonymous);
    }
    let named = names.join(", ");
    if names.contains(&"ARS_OIDC") {
        context.decide("security", format!("`{named}` needs no signature; anonymous"));
        return Ok(Auth::Anonymous);
    }
    let token = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("token") || name == "authorization"
    };
    if read.parameters.iter().any(|parameter| token(&parameter.name)) {
        context.decide("security", format!("`{named}`: the token is an ordinary parameter; nothing else is attached"));
        return Ok(Auth::Anonymous);
    }
    let known =
        ["accessTokenAuth", "rootTokenAuth", "AliGenie_Auth_SPI", "AliGenie_Auth_Token", "OAuth 2.0 Bearer Token"];
    if names.iter().all(|name| known.contains(name) || name.ends_with("TokenAuth")) {
        context.decide(
            "security",
            format!("`{named}`: the token goes into a header of the caller's; nothing is attached"),
        );
        return Ok(Auth::Anonymous);
    }
    Err(context.unknown(format!("security scheme `{named}`")))
}

/// The operation to use instead, and the one that tells how the work goes on.
fn relations(context: &mut Context, operation: &Json, family: &Family, result: &mut Operation) {
    let Some(facts) = operation.get("staticInfo") else { return };
    let here = context.operation.clone();
    let resolve = |reference: &str| {
        let parts: Vec<&str> = reference.split("::").map(str::trim).collect();
        let name = match parts.as_slice() {
            [product, version, name] if product.eq_ignore_ascii_case(family.code) && *version == family.version => {
                *name
            }
            [name] => *name,
            _ => return None,
        };
        (name != here && family.names.iter().any(|(known, _)| known == name)).then(|| name.to_owned())
    };
    for reference in facts.get("substitutions").map(Json::elements).unwrap_or_default().iter().filter_map(Json::text) {
        let itself = format!("{}::{}::{here}", family.code, family.version);
        let elsewhere = || {
            let parts: Vec<&str> = reference.split("::").collect();
            let whole = parts.len() == 3 && parts.iter().all(|part| !part.trim().is_empty());
            (whole && !reference.eq_ignore_ascii_case(&itself)).then(|| reference.to_owned())
        };
        match resolve(reference).or_else(elsewhere) {
            Some(name) if result.replacement.is_none() => result.replacement = Some(name),
            _ => context.decide("replacement", format!("`{reference}` is not taken over")),
        }
    }
    if let Some(reference) = facts.text_of("callback") {
        match resolve(reference) {
            Some(name) => result.completion = Some(name),
            None => {
                context.decide("callback", format!("`{reference}` is not another operation of this version; dropped"))
            }
        }
    }
}
