//! A whole `api-docs.json`.

use std::collections::BTreeMap;
use std::fmt;

use alicloud_spec::{Operation, Protocol, Shape, Spec};

use super::context::{Context, Decision, Side};
use super::json::Json;
use super::operation::{self, Family};
use super::{endpoints, protobuf, schema, secret};

/// How to import.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Take the vendor's titles, descriptions and samples: for private use, because they are the vendor's.
    pub(crate) prose: bool,
    /// Skip operations with constructs that the importer does not know, instead of refusing the file.
    pub(crate) skip_unknown: bool,
    /// Name of the product in plain words.
    pub(crate) title: Option<String>,
}

/// Why a file cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportError {
    /// Product and version, as far as known.
    pub(crate) product: String,
    /// Operation; empty when the matter is the product's.
    pub(crate) operation: String,
    /// What is the matter, with the parameter.
    pub(crate) reason: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [self.product.as_str(), self.operation.as_str()].join(" ");
        match place.trim() {
            "" => formatter.write_str(&self.reason),
            place => write!(formatter, "{place}: {}", self.reason),
        }
    }
}

impl std::error::Error for ImportError {}

/// Turns the vendor's description of a product version into a spec, with every decision on the way.
///
/// # Errors
/// The text is no `api-docs.json`, or uses a construct that the importer does not know.
pub(crate) fn convert(docs: &Json, options: &Options) -> Result<(Spec, Vec<Decision>), ImportError> {
    let fail = |product: &str, operation: &str, reason: String| ImportError {
        product: product.to_owned(),
        operation: operation.to_owned(),
        reason,
    };
    let Identity { code, version, style: vendor_style } = identity(docs).map_err(|reason| fail("", "", reason))?;
    let product = short_name(code);
    let name = format!("{product}/{version}");
    let apis = docs.get("apis").ok_or_else(|| fail(&name, "", "there are no `apis`".to_owned()))?;

    let schemas = docs.get("components").and_then(|components| components.get("schemas"));
    let components: BTreeMap<&str, &Json> =
        schemas.map(Json::members).unwrap_or_default().iter().map(|(name, schema)| (name.as_str(), schema)).collect();
    let mut context = Context::new(name.clone(), components, options.prose);
    let protocol = protocol(&mut context, code, vendor_style)
        .ok_or_else(|| fail(&name, "", format!("style `{vendor_style}` is not known")))?;
    let family = Family { style: vendor_style, protocol, code, version, names: apis.members() };
    let endpoints = endpoints::read(&mut context, docs, &product, protocol)
        .map_err(|refusal| fail(&name, "", refusal.to_string()))?;

    let mut operations: BTreeMap<String, Operation> = BTreeMap::new();
    for (operation, declared) in apis.members() {
        context.operation.clone_from(operation);
        let (read, refusal) = operation::read(&mut context, declared, &family);
        if let Some(refusal) = refusal {
            if refusal.unknown && !options.skip_unknown {
                return Err(fail(&name, operation, refusal.to_string()));
            }
            context.decide("skipped", refusal.to_string());
        }
        if operations.insert(operation.trim().to_owned(), read).is_some() {
            context.decide("operation listed twice", "the last is kept");
        }
    }
    context.operation.clear();
    let types = types(&mut context).map_err(|reason| fail(&name, "", reason))?;
    let mut spec = Spec {
        schema: Some("../schema.json".to_owned()),
        product,
        code: code.to_owned(),
        version: version.to_owned(),
        preferred: false,
        title: options.title.clone().unwrap_or_else(|| code.to_owned()),
        summary: String::new(),
        documentation: None,
        style: operation::product_style(vendor_style),
        protocol,
        endpoints,
        notes: Vec::new(),
        operations,
        types,
        waiters: BTreeMap::new(),
    };
    protobuf::number(&mut spec);
    secret::mark(&mut spec);
    context.decisions.sort();
    Ok((spec, context.decisions))
}

/// What a description says about itself.
pub(crate) struct Identity<'a> {
    pub(crate) code: &'a str,
    pub(crate) version: &'a str,
    pub(crate) style: &'a str,
}

/// Reads product code, version and style of a description. Code and version become parts of paths.
pub(crate) fn identity(docs: &Json) -> Result<Identity<'_>, String> {
    let Some(info) = docs.get("info") else {
        let one = ["parameters", "methods", "responses"].iter().any(|key| docs.get(key).is_some());
        return Err(if one {
            "this describes a single operation; the api-docs.json of the whole product version is needed".to_owned()
        } else {
            "there is no `info`; is it an api-docs.json?".to_owned()
        });
    };
    let need = |key| info.text_of(key).ok_or_else(|| format!("`info` has no `{key}`; is it an api-docs.json?"));
    let name = |key| {
        let text = need(key)?;
        is_name(text).then_some(text).ok_or_else(|| format!("`{text}` in `info` is no name of a {key}"))
    };
    Ok(Identity { code: name("product")?, version: name("version")?, style: need("style")? })
}

/// Whether a text can name a product or a version, and so a folder, a file and a part of an address.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    // The vendor has versions that are called `_`.
    text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') && text.chars().all(plain)
}

/// The folder and crate name of a product: its code in lower case, with dashes for other signs.
pub(crate) fn short_name(code: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' };
    code.to_lowercase().chars().map(plain).collect()
}

fn protocol(context: &mut Context, code: &str, style: &str) -> Option<Protocol> {
    Some(match style {
        "RPC" | "V3" => Protocol::Standard,
        "ROA" if code.eq_ignore_ascii_case("sls") => Protocol::Sls,
        "ROA" => Protocol::Standard,
        "SLS" => Protocol::Sls,
        "OSS" => Protocol::Oss,
        "PDS" => Protocol::Pds,
        "AliGenie" => Protocol::Aligenie,
        "FC" if code.eq_ignore_ascii_case("fc-open") => Protocol::Fc,
        "FC" => {
            context.decide("style FC", "this version is called like other path-based services");
            Protocol::Standard
        }
        _ => return None,
    })
}

/// Writes out the shared types that something refers to.
fn types(context: &mut Context) -> Result<BTreeMap<String, Shape>, String> {
    let mut types: BTreeMap<String, Shape> = BTreeMap::new();
    loop {
        let next = context.used.iter().copied().find(|name| !types.contains_key(*name));
        let Some(name) = next else { break };
        let Some(schema) = context.components.get(name).copied() else { break };
        let read = context.inside(format!("#{name}"), |context| schema::shape(context, schema, Side::Shared));
        let shape = read.map_err(|refusal| refusal.to_string())?;
        types.insert(name.to_owned(), Shape { required: false, ..shape });
    }
    let unused: Vec<&str> = context.components.keys().copied().filter(|name| !context.used.contains(name)).collect();
    for name in unused {
        let object = context.components.get(name).is_some_and(|schema| schema::is_object(schema));
        let detail =
            if object { "no operation uses this type; left out" } else { "no object; written where it is used" };
        context.decide_at(&format!("#{name}"), "shared type", detail);
    }
    Ok(types)
}
