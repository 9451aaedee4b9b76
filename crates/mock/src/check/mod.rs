//! A request against the spec of its operation.

mod flat;
mod json;
mod limits;
pub(crate) mod path;
mod value;

use std::cell::Cell;

use alicloud_spec::{Kind, ListStyle, Operation, Place, Shape, Style};
use serde_json::{Map, Value};

use crate::catalog::{Target, nearest, takes};
use crate::checks::{Check, Checks};
use crate::error::ServiceError;
use crate::request::{Pair, Request};
use flat::Tree;
use value::Reader;

/// What a request says, by API names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub(crate) parameters: Map<String, Value>,
    /// Rules that could not be applied.
    pub(crate) unverified: Vec<&'static str>,
}

/// Parameters that belong to the protocol, and those that every service tolerates.
pub(crate) fn is_common(name: &str) -> bool {
    const COMMON: [&str; 17] = [
        "Action",
        "Version",
        "Format",
        "Timestamp",
        "SignatureNonce",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureType",
        "AccessKeyId",
        "Signature",
        "SecurityToken",
        "BearerToken",
        "RegionId",
        "OwnerId",
        "OwnerAccount",
        "ResourceOwnerId",
        "ResourceOwnerAccount",
    ];
    COMMON.contains(&name)
}

/// Checks a request and reads its parameters.
pub(crate) fn check(request: &Request, target: &Target, checks: Checks) -> Result<Input, ServiceError> {
    let operation = &*target.operation;
    if checks.enforces(Check::Host) && request.host().contains(".aliyuncs.") && !target.product.has_host(request.host())
    {
        let reason = format!("The host {} does not serve {}.", request.host(), target.product.code);
        return Err(ServiceError::entry(404, "InvalidHost", reason));
    }
    if checks.enforces(Check::Method) && !takes(operation, request.method.as_str()) {
        let reason = format!("{} does not take the method {}.", target.name, request.method);
        return Err(ServiceError::entry(405, "UnsupportedHTTPMethod", reason));
    }
    let mut collector = Collector {
        operation,
        reader: Reader { product: &target.product, checks, unknown_pattern: Cell::new(false) },
        rpc: target.style == Style::Rpc,
        input: Input::default(),
    };
    collector.path(target)?;
    collector.text(request, target)?;
    collector.headers(request)?;
    collector.body(request)?;
    collector.complete()?;
    if collector.reader.unknown_pattern.get() {
        collector.input.unverified.push("pattern");
    }
    Ok(collector.input)
}

struct Collector<'a> {
    operation: &'a Operation,
    reader: Reader<'a>,
    rpc: bool,
    input: Input,
}

impl<'a> Collector<'a> {
    fn path(&mut self, target: &Target) -> Result<(), ServiceError> {
        for (name, text) in &target.path {
            let shape = self.operation.parameters.iter().find(|shape| shape.name == *name);
            let value = match shape {
                Some(shape) => self.reader.text(name, shape, text)?,
                None => Value::String(text.clone()),
            };
            self.input.parameters.insert(name.clone(), value);
        }
        Ok(())
    }

    /// Parameters of query and form.
    fn text(&mut self, request: &Request, target: &Target) -> Result<(), ServiceError> {
        let mut trees: Vec<(&'a Shape, Tree)> = Vec::new();
        for (place, pairs) in [(Place::Query, &request.query), (Place::Form, &request.form)] {
            for pair in pairs {
                if target.fixed.iter().any(|(name, value)| pair.name == *name && pair.value == *value) {
                    continue;
                }
                let Some((shape, steps)) = self.addressed(&pair.name) else {
                    self.stranger(pair)?;
                    continue;
                };
                self.misplaced(shape, place, request)?;
                let at = trees.iter().position(|(known, _)| known.name == shape.name).unwrap_or_else(|| {
                    trees.push((shape, Tree::default()));
                    trees.len() - 1
                });
                let fresh = trees.get_mut(at).is_some_and(|(_, tree)| tree.insert(&steps, &pair.value));
                if !fresh && self.reader.enforces(Check::Encoding) {
                    return Err(ServiceError::invalid(&pair.name, "it is given twice"));
                }
            }
        }
        for (shape, tree) in trees {
            let value = self.reader.tree(&shape.name, shape, &tree)?;
            self.input.parameters.insert(shape.name.clone(), value);
        }
        Ok(())
    }

    /// The parameter that a name in a query or form addresses, and the steps into it.
    fn addressed(&self, name: &str) -> Option<(&'a Shape, Vec<String>)> {
        let text = |shape: &&Shape| match shape.place {
            Some(Place::Query | Place::Form) | None => true,
            // The members of a body travel in the form of an RPC call.
            Some(Place::Body) => self.rpc,
            _ => false,
        };
        let fits = |shape: &&'a Shape| match name.strip_prefix(shape.name.as_str()) {
            Some("") => true,
            Some(rest) => {
                let deep = matches!(self.reader.product.kind(shape), Kind::List | Kind::Object | Kind::Map | Kind::Any);
                rest.starts_with('.') && deep && !matches!(shape.style, Some(ListStyle::Json | ListStyle::Simple))
            }
            None => false,
        };
        // The longest name wins: `SystemDisk.Category` may be a parameter of its own beside `SystemDisk`.
        let shape = self.operation.parameters.iter().filter(text).filter(fits).max_by_key(|shape| shape.name.len())?;
        let rest = name.strip_prefix(shape.name.as_str()).unwrap_or_default();
        Some((shape, rest.split('.').skip(1).map(str::to_owned).collect()))
    }

    fn stranger(&self, pair: &Pair) -> Result<(), ServiceError> {
        let Pair { name, .. } = pair;
        if is_common(name) || self.is_fixed(name) || !self.reader.enforces(Check::Unknown) {
            return Ok(());
        }
        let mut reason = "the operation does not know it".to_owned();
        let root = name.split('.').next().unwrap_or_default();
        if let Some(shape) = self.operation.parameters.iter().find(|shape| shape.name == root) {
            let how = match shape.style {
                Some(ListStyle::Json) => "as JSON text under the name alone",
                Some(ListStyle::Simple) => "joined by commas under the name alone",
                _ => "differently",
            };
            reason = format!("{root} is sent {how}");
        } else if let Some(near) = nearest(name, self.operation.parameters.iter().map(|shape| shape.name.as_str())) {
            reason.push_str(&format!(", is {near} meant?"));
        }
        Err(ServiceError::invalid(name, reason))
    }

    /// Whether a name belongs to the query that every call of the operation carries.
    fn is_fixed(&self, name: &str) -> bool {
        let query = self.operation.path.as_deref().and_then(|path| path.split_once('?'));
        query.is_some_and(|(_, query)| query.split('&').any(|pair| pair.split('=').next() == Some(name)))
    }

    fn misplaced(&self, shape: &Shape, place: Place, request: &Request) -> Result<(), ServiceError> {
        let declared = match shape.place {
            // A call by GET has no body to put anything into.
            _ if request.method == http::Method::GET => return Ok(()),
            Some(Place::Body) => Place::Form,
            Some(declared) => declared,
            None => return Ok(()),
        };
        if declared == place || (self.rpc && !self.reader.enforces(Check::Place)) {
            return Ok(());
        }
        let name = if declared == Place::Form { "form body" } else { "query" };
        Err(ServiceError::invalid(&shape.name, format!("it travels in the {name}")))
    }

    fn headers(&mut self, request: &Request) -> Result<(), ServiceError> {
        for shape in &self.operation.parameters {
            match shape.place {
                Some(Place::Header) => {
                    if let Some(text) = request.header(&shape.name) {
                        let value = self.reader.text(&shape.name, shape, text)?;
                        self.input.parameters.insert(shape.name.clone(), value);
                    }
                }
                Some(Place::Host) => match request.label() {
                    Some(label) => {
                        let value = self.reader.text(&shape.name, shape, label)?;
                        self.input.parameters.insert(shape.name.clone(), value);
                    }
                    // An address has no room for parameters.
                    None => self.input.unverified.push("host-parameter"),
                },
                _ => {}
            }
        }
        Ok(())
    }

    /// The body, when it is not a form.
    fn body(&mut self, request: &Request) -> Result<(), ServiceError> {
        let media = request.media_type();
        if request.body.is_empty() || media == "application/x-www-form-urlencoded" {
            return Ok(());
        }
        let members = || self.operation.parameters.iter().filter(|shape| shape.place == Some(Place::Body));
        let payload = self.operation.parameters.iter().find(|shape| shape.place == Some(Place::Payload));
        if payload.is_none() && members().next().is_none() {
            return if self.reader.enforces(Check::Body) {
                Err(unexpected("the operation takes no body"))
            } else {
                Ok(())
            };
        }
        if let Some(shape) = payload.filter(|shape| self.reader.product.kind(shape) == Kind::Binary) {
            let size = Value::from(request.body.len());
            self.input.parameters.insert(shape.name.clone(), size);
            return Ok(());
        }
        if let Some(shape) = payload.filter(|shape| shape.style == Some(ListStyle::Protobuf)) {
            if media != "application/x-protobuf" && self.reader.enforces(Check::Body) {
                return Err(unexpected(&format!("its media type is `{media}` and not `application/x-protobuf`")));
            }
            self.input.unverified.push("protobuf-body");
            self.input.parameters.insert(shape.name.clone(), Value::from(request.body.len()));
            return Ok(());
        }
        if media.ends_with("xml") {
            self.input.unverified.push("xml-body");
            if let Some(shape) = payload {
                self.input.parameters.insert(shape.name.clone(), Value::from(request.body.len()));
            }
            return Ok(());
        }
        if media != "application/json" && self.reader.enforces(Check::Body) {
            return Err(unexpected(&format!("its media type is `{media}` and not `application/json`")));
        }
        // A body that is one text is sent as it is.
        if let Some(shape) = payload.filter(|shape| self.reader.product.kind(shape) == Kind::String) {
            let text = std::str::from_utf8(&request.body).map_err(|_| unexpected("it is not UTF-8"))?;
            let value = self.reader.text(&shape.name, shape, text)?;
            self.input.parameters.insert(shape.name.clone(), value);
            return Ok(());
        }
        let document = json::read(&request.body, self.reader.enforces(Check::Encoding))
            .map_err(|error| unexpected(&format!("it is not JSON ({error})")))?;
        if let Some(shape) = payload {
            let value = self.reader.json(&shape.name, shape, document)?;
            self.input.parameters.insert(shape.name.clone(), value);
            return Ok(());
        }
        let Value::Object(document) = document else {
            return Err(unexpected("it is not a JSON object"));
        };
        for (name, value) in document {
            let Some(shape) = members().find(|shape| shape.name == name) else {
                // Some SDKs repeat what stands in the path.
                let harmless = value::says_nothing(&value) || self.input.parameters.get(&name) == Some(&value);
                if self.reader.enforces(Check::Unknown) && !harmless {
                    let near = nearest(&name, members().map(|shape| shape.name.as_str()));
                    let hint = near.map(|near| format!(", is {near} meant?")).unwrap_or_default();
                    return Err(ServiceError::invalid(&name, format!("the operation does not know it{hint}")));
                }
                continue;
            };
            let value = self.reader.json(&name, shape, value)?;
            self.input.parameters.insert(name, value);
        }
        Ok(())
    }

    fn complete(&self) -> Result<(), ServiceError> {
        if !self.reader.enforces(Check::Required) {
            return Ok(());
        }
        for shape in self.operation.parameters.iter().filter(|shape| shape.required) {
            let given = self.input.parameters.get(&shape.name);
            let absent = given.is_none_or(|value| value.is_null() || value.as_str().is_some_and(str::is_empty));
            if absent && shape.place != Some(Place::Host) {
                return Err(ServiceError::missing(&shape.name));
            }
        }
        Ok(())
    }
}

fn unexpected(reason: &str) -> ServiceError {
    ServiceError::new(400, "InvalidParameter.Body", format!("The body is not valid: {reason}."))
}
