//! Every operation of every spec in the repository, sent by the runtime with all its parameters, is accepted
//! by the gateway, which has read what was sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alicloud_core::{Client, Config, Document, config::CallOptions, credentials::Credentials, sign::SignatureVersion};
use alicloud_mock::{Check, MockGateway, StubReply};
use alicloud_spec::{Kind, ListStyle, Place, Shape, Spec};
use alicloud_tests::dynamic;

/// A value that a parameter takes, when the spec lets one be made.
fn value(spec: &Spec, shape: &Shape, depth: usize) -> Option<Document> {
    let (mut target, mut steps) = (shape, 0);
    while let Some(other) = target.reference.as_ref().and_then(|name| spec.types.get(name)) {
        (target, steps) = (other, steps + 1);
        assert!(steps < 10, "{}: a type that is nothing but itself", shape.name);
    }
    let listed = target.values.as_ref().and_then(|values| values.first()).map(|value| value.value());
    let of = || target.of.as_deref().filter(|_| depth < 7).and_then(|of| value(spec, of, depth + 1));
    Some(match target.kind? {
        Kind::String => {
            let fewest = target.min_length.unwrap_or(1).max(1);
            let made = "a".repeat(usize::try_from(fewest).unwrap());
            let made = match target.format.as_deref() {
                Some("iso8601" | "iso8601_normal") => "2024-01-02T03:04:05Z".to_owned(),
                _ => listed.map_or(made, str::to_owned),
            };
            match &target.pattern {
                Some(pattern) if listed.is_none() => matching(pattern, &made)?.into(),
                _ => made.into(),
            }
        }
        Kind::Int32 | Kind::Int64 => match listed {
            Some(text) => Document::Number(text.to_owned()),
            None => {
                let bound = |number: &Option<serde_json::Number>| number.as_ref().and_then(|number| number.as_f64());
                let least = bound(&target.minimum).unwrap_or(1.0).ceil();
                (bound(&target.maximum).map_or(least.max(1.0), |most| least.max(1.0).min(most.floor())) as i64).into()
            }
        },
        Kind::Float | Kind::Double => match listed {
            Some(text) => Document::Number(text.to_owned()),
            None => target.minimum.as_ref().and_then(|number| number.as_f64()).unwrap_or(0.5).into(),
        },
        Kind::Boolean => true.into(),
        // A body that is one text would have to be JSON itself.
        Kind::Any if shape.place == Some(Place::Payload) => Document::object([("any", "value".into())]),
        Kind::Any => Document::from("any"),
        Kind::Binary => Document::Binary(vec![0, 255, 1].into()),
        Kind::List => {
            let fewest = usize::try_from(target.min_items.unwrap_or(1).max(1)).unwrap();
            Document::List(vec![of()?; fewest])
        }
        Kind::Map => Document::object([("key", of()?)]),
        Kind::Object => {
            if depth >= 7 {
                return None;
            }
            let members =
                target.fields.iter().filter_map(|field| Some((field.name.as_str(), value(spec, field, depth + 1)?)));
            let members: Vec<_> = members.collect();
            let complete = target
                .fields
                .iter()
                .all(|field| !field.required || members.iter().any(|(name, _)| *name == field.name));
            if members.is_empty() || !complete {
                return None;
            }
            Document::object(members)
        }
    })
}

/// A text that matches a pattern, from a few that match most.
fn matching(pattern: &str, made: &str) -> Option<String> {
    let pattern = regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok()?;
    let longer = made.replace('a', "abc");
    let known =
        [made, &longer, "1", "abc-123", "a_1", "2024-01-02", "a@b.cc", "10.0.0.0/8", "https://a.b/c", "Abcdef1!"];
    known.into_iter().find(|text| pattern.is_match(text)).map(str::to_owned)
}

/// What the gateway has read, in the shape in which it was sent: in query and form all scalars are text.
fn same(sent: &Document, read: &serde_json::Value) -> bool {
    match (sent, read) {
        (Document::List(sent), serde_json::Value::Array(read)) => {
            sent.len() == read.len() && sent.iter().zip(read).all(|(sent, read)| same(sent, read))
        }
        (Document::Object(sent), serde_json::Value::Object(read)) => {
            sent.len() == read.len()
                && sent.iter().all(|(name, sent)| read.get(name).is_some_and(|read| same(sent, read)))
        }
        (Document::Binary(bytes), read) => read.as_u64() == u64::try_from(bytes.len()).ok(),
        (Document::Number(sent), read) => {
            let text = read.as_str().map_or_else(|| read.to_string(), str::to_owned);
            text.parse::<f64>().ok() == sent.parse::<f64>().ok()
        }
        (Document::Bool(sent), read) => read.as_bool() == Some(*sent) || read.as_str() == Some(&sent.to_string()),
        (Document::String(sent), read) => read.as_str() == Some(sent),
        _ => false,
    }
}

/// Parameters that the first version of the signature has itself.
const OF_THE_PROTOCOL: [&str; 8] = [
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

type Read = Arc<Mutex<Option<serde_json::Map<String, serde_json::Value>>>>;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_passes_the_gateway() {
    let (mut sent, mut partly) = (BTreeMap::<String, usize>::new(), 0);
    let mut failed = Vec::new();
    for spec in dynamic::all().values() {
        // The same version of several products has operations of one name: each product by itself.
        let builder = MockGateway::builder().product(spec.clone()).skip(Check::Idempotency);
        let gateway = builder.start().await.unwrap();
        let (id, secret) = gateway.credentials();
        gateway.keys().add_bearer("bearer", None);
        let service = dynamic::service(spec);
        let client = |credentials: Credentials, version: SignatureVersion| {
            let config = Config::builder().endpoint(gateway.endpoint()).allow_insecure_http().region("cn-hangzhou");
            let config = config.credentials(credentials).signature(version).build().unwrap();
            Client::new(&config, service)
        };
        let signed: Vec<Client> = [SignatureVersion::Acs3, SignatureVersion::V1, SignatureVersion::V4]
            .map(|version| client(Credentials::access_key(id, secret), version))
            .into();
        let bearer = vec![client(Credentials::bearer("bearer"), SignatureVersion::Acs3)];
        let read = Read::default();
        for name in spec.operations.keys() {
            let keep = Arc::clone(&read);
            gateway.on(name).reply_with(move |call| {
                *keep.lock().unwrap() = Some(call.parameters.clone());
                StubReply::ok(serde_json::json!({}))
            });
        }
        for (name, declared) in spec.operations.iter().filter(|(_, declared)| declared.skip.is_none()) {
            let dynamic::Called { operation, mut request, response } = dynamic::operation(spec, name);
            let (mut expected, mut complete) = (Vec::new(), true);
            // No invented value is the hash of the body.
            let hash = |shape: &Shape| shape.name.eq_ignore_ascii_case("content-md5");
            for shape in declared.parameters.iter().filter(|shape| !hash(shape)) {
                let Some(value) = value(spec, shape, 0) else {
                    partly += 1;
                    complete &= !shape.required;
                    continue;
                };
                request.set(&shape.name, value.clone());
                // What travels as XML or as a protocol buffer the gateway does not read.
                let opaque = matches!(shape.style, Some(ListStyle::Xml | ListStyle::Protobuf));
                if !opaque && !shape.name.ends_with('*') {
                    expected.push((shape, value));
                }
            }
            if !complete {
                continue;
            }
            let clients = if declared.auth == alicloud_spec::Auth::Bearer { &bearer } else { &signed };
            for client in clients {
                *read.lock().unwrap() = None;
                let mut output = response.clone();
                let result = client.execute(operation, &request, &mut output, &CallOptions::default()).await;
                let protocol = |shape: &Shape| OF_THE_PROTOCOL.contains(&shape.name.as_str());
                let clashes = expected.iter().any(|(shape, _)| protocol(shape));
                if clashes && result.as_ref().is_err_and(|error| error.to_string().contains("of its own")) {
                    continue;
                }
                if let Err(error) = result {
                    failed.push(format!("{} {name}: {error}", spec.product));
                    break;
                }
                let read = read.lock().unwrap().clone().unwrap_or_default();
                let wrong = expected.iter().find(|(shape, value)| {
                    // One name in two places is one entry there.
                    let twice = declared.parameters.iter().filter(|other| other.name == shape.name).count() > 1;
                    let listed =
                        shape.place == Some(Place::Header) && matches!(value, Document::List(_) | Document::Object(_));
                    !twice && !listed && !read.get(&shape.name).is_some_and(|read| same(value, read))
                });
                if let Some((shape, value)) = wrong {
                    failed.push(format!(
                        "{} {name}: {} was {value}, read as {:?}",
                        spec.product,
                        shape.name,
                        read.get(&shape.name)
                    ));
                    break;
                }
            }
            *sent.entry(spec.product.clone()).or_default() += 1;
        }
    }
    let total: usize = sent.values().sum();
    println!("{total} operations of {} products sent, {partly} parameters left out", sent.len());
    assert!(failed.is_empty(), "{} of {total}:\n{}", failed.len(), failed.join("\n"));
    let other = std::env::var_os(dynamic::OTHER_SPECS).is_some();
    assert!(
        other || (sent.len() >= 35 && total > 5_000 && partly < 10),
        "{total} operations of {} products",
        sent.len()
    );
}
