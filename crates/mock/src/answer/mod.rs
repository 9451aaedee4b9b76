//! Answers made from the response shapes of the spec: from a seed, the same every time.

mod mode;
mod random;
pub(crate) mod xml;

use std::time::Duration;

use alicloud_spec::{Kind, Place, Shape};
use serde_json::{Map, Value, json};

pub use mode::Answers;
pub(crate) use random::{Random, request_id};

use crate::catalog::{Product, Target};
use crate::clock;
use crate::reply::{Body, Reply};

/// Nested deeper than this, collections are empty: some types contain themselves.
const DEEPEST: usize = 7;

/// Makes a successful answer for an operation.
pub(crate) fn make(
    target: &Target,
    given: &Map<String, Value>,
    answers: Answers,
    seed: u64,
    now: i64,
    request_id: &str,
) -> Reply {
    let response = &target.operation.response;
    let mut random = Random::new(seed, &[&target.product.product, &target.product.version, &target.name]);
    let status = target.success();
    let maker = Maker { product: &target.product, given, request_id, now };

    let payload = response.fields.iter().find(|shape| shape.place == Some(Place::Payload));
    let mut document = match (&response.example, payload) {
        (Some(example), _) if answers != Answers::Invented => with_request_id(example.clone(), request_id),
        (_, Some(shape)) => maker.value(shape, 0, &mut random),
        (_, None) => {
            let members = response.fields.iter().filter(|shape| shape.place != Some(Place::Header));
            maker.object(members, 0, &mut random)
        }
    };
    answers.apply(&mut document, &mut random);

    let mut reply = if response.events {
        let event = |number| format!("id:{number}\nevent:message\ndata:{document}\n\n");
        Reply::raw(status, "text/event-stream;charset=utf-8", (1..=2).map(event).collect::<String>())
    } else if response.fields.is_empty() && response.example.is_none() {
        Reply::document(status, Value::Null)
    } else if payload.is_some_and(|shape| target.product.kind(shape) == Kind::Binary) {
        Reply::raw(status, "application/octet-stream", vec![0, 1, 2, 253, 254, 255])
    } else {
        Reply::document(status, document)
    };
    for shape in response.fields.iter().filter(|shape| shape.place == Some(Place::Header)) {
        let value = maker.value(shape, 0, &mut random);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        reply.headers.push((shape.name.clone(), text));
    }
    if response.xml
        && let Body::Document(document) = &reply.body
    {
        let text = xml::write(&format!("{}Result", target.name), document);
        reply.body = Reply::raw(status, "application/xml", text).body;
        reply.headers.push(("content-type".to_owned(), "application/xml".to_owned()));
    }
    reply
}

/// Answers carry the id of their own request.
pub(crate) fn with_request_id(mut document: Value, request_id: &str) -> Value {
    if let Value::Object(members) = &mut document {
        for name in ["RequestId", "requestId", "request_id"] {
            if let Some(value) = members.get_mut(name) {
                *value = request_id.into();
            }
        }
    }
    document
}

struct Maker<'a> {
    product: &'a Product,
    /// What was asked for.
    given: &'a Map<String, Value>,
    request_id: &'a str,
    now: i64,
}

impl Maker<'_> {
    fn object<'s>(&self, fields: impl Iterator<Item = &'s Shape>, depth: usize, random: &mut Random) -> Value {
        let members = fields.map(|field| {
            let value = self.value(field, depth + 1, random);
            let value = match &field.wrapper {
                Some(wrapper) => json!({ wrapper: value }),
                None => value,
            };
            (field.name.clone(), value)
        });
        Value::Object(members.collect())
    }

    fn value(&self, shape: &Shape, depth: usize, random: &mut Random) -> Value {
        let resolved = self.product.resolve(shape);
        let kind = resolved.kind.unwrap_or(Kind::Any);
        if let Some(value) = self.known(shape, kind, depth) {
            return value;
        }
        let number = |random: &mut Random| {
            let least = resolved.minimum.as_ref().and_then(serde_json::Number::as_i64).unwrap_or(1);
            let most =
                resolved.maximum.as_ref().and_then(serde_json::Number::as_i64).unwrap_or(least.saturating_add(99));
            random.between(least, most)
        };
        match kind {
            Kind::String => self.text(shape, resolved, random),
            Kind::Int32 | Kind::Int64 => number(random).into(),
            Kind::Float | Kind::Double => (number(random) as f64 + 0.5).into(),
            Kind::Boolean => (random.between(0, 1) == 1).into(),
            Kind::Object if depth < DEEPEST => self.object(resolved.fields.iter(), depth, random),
            Kind::List if depth < DEEPEST => {
                let count = random.between(1, 3);
                let of = resolved.of.as_deref();
                (0..count).filter_map(|_| of.map(|of| self.value(of, depth + 1, random))).collect()
            }
            Kind::Map if depth < DEEPEST => {
                let of = resolved.of.as_deref();
                let member = |at| of.map(|of| (format!("key-{at}"), self.value(of, depth + 1, random)));
                Value::Object((1..=2).filter_map(member).collect())
            }
            Kind::List => Value::Array(Vec::new()),
            Kind::Object | Kind::Map => Value::Object(Map::new()),
            Kind::Any => json!({}),
            Kind::Binary => Value::String(String::new()),
        }
    }

    /// Fields whose meaning every service shares.
    fn known(&self, shape: &Shape, kind: Kind, depth: usize) -> Option<Value> {
        let text = kind == Kind::String;
        let whole = matches!(kind, Kind::Int32 | Kind::Int64);
        match shape.name.as_str() {
            "RequestId" | "requestId" | "request_id" if text => Some(self.request_id.into()),
            "Success" | "success" if kind == Kind::Boolean => Some(true.into()),
            "Success" | "success" if text => Some("true".into()),
            "Code" | "code" if depth <= 1 && text => Some("200".into()),
            "Code" | "code" | "HttpStatusCode" | "httpStatusCode" if depth <= 1 && whole => Some(200.into()),
            "Message" | "message" if depth <= 1 && text => Some("success".into()),
            // The first page is the last one.
            "NextToken" | "nextToken" | "next_token" | "NextPageToken" | "Marker" if text => Some("".into()),
            "IsTruncated" | "isTruncated" | "HasNext" | "hasNext" if kind == Kind::Boolean => Some(false.into()),
            name if depth <= 1 => {
                // What was asked for comes back: ids, regions, page numbers.
                let given = self.given.get(name)?;
                let same = (text && given.is_string())
                    || (whole && given.is_i64())
                    || (kind == Kind::Boolean && given.is_boolean());
                same.then(|| given.clone())
            }
            _ => None,
        }
    }

    fn text(&self, shape: &Shape, resolved: &Shape, random: &mut Random) -> Value {
        if let Some(values) = shape.values.as_ref().or(resolved.values.as_ref()).filter(|values| !values.is_empty()) {
            return random.pick(values).map_or(Value::Null, |value| value.value().into());
        }
        if let Some(example) = shape.example.as_ref().filter(|example| example.is_string()) {
            return example.clone();
        }
        let name = shape.name.as_str();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if ends(&["Time", "time", "Date", "_at"]) || shape.format.as_deref() == Some("iso8601") {
            let age = Duration::from_secs(60 * random.between(1, 60 * 24 * 30).unsigned_abs());
            let age = i64::try_from(age.as_millis()).unwrap_or_default();
            return clock::iso8601(self.now - age).into();
        }
        if name == "RegionId" || name == "region_id" {
            return "cn-hangzhou".into();
        }
        let word = random.word();
        if ends(&["Id", "_id", "ID"]) { format!("{}-{word}", short(name)).into() } else { word.into() }
    }
}

/// `ServiceMeshId` → `sm`.
fn short(name: &str) -> String {
    let initials: String = name.chars().filter(char::is_ascii_uppercase).take(3).collect();
    let initials = initials.strip_suffix('I').unwrap_or(&initials).to_ascii_lowercase();
    if initials.is_empty() { "id".to_owned() } else { initials }
}
