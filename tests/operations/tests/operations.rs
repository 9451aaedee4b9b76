//! A request of every operation of every shipped crate, with a value for every parameter, is accepted by
//! the gateway, and the answer is read into its type.
//!
//! The values come from the spec, the types and everything else from the generated code. The gateway
//! verifies the signature from the raw bytes, reads the parameters where the spec says they travel, and
//! refuses what breaks a documented limit.

mod values;

use std::collections::BTreeSet;

use alicloud_core::{
    Client, Config, Document, Model, RetryConfig,
    config::CallOptions,
    credentials::Credentials,
    model::DecodeError,
    operation::{Operation, Request, ResponseBody, Service},
};
use alicloud_mock::{Answers, Exchange, MockGateway};
use alicloud_spec::{Place, Shape, Spec};
use serde_json::Value;

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// An operation as its crate defines it.
struct Entry {
    operation: &'static Operation,
    request: fn(Document) -> Result<Box<dyn Model>, DecodeError>,
    answer: fn() -> Box<dyn Model>,
}

impl Entry {
    const fn of<R: Request>() -> Self {
        Self {
            operation: R::OPERATION,
            request: |data| Ok(Box::new(R::from_document(data)?)),
            answer: || Box::new(R::Response::default()),
        }
    }
}

async fn accepted(service: &'static Service, entries: &[Entry]) {
    let spec = spec(service);
    let names: BTreeSet<_> = entries.iter().map(|entry| entry.operation.name).collect();
    let documented: BTreeSet<_> =
        spec.operations.iter().filter(|(_, one)| one.skip.is_none()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, documented, "the crate has other operations than its spec");
    let gateway = MockGateway::builder().product(spec.clone()).remember(1).in_process().unwrap();
    gateway.answers(Answers::Invented);
    let (id, secret) = gateway.credentials();
    // At the hosts of the region, which for some services have a parameter in front.
    let config = Config::builder()
        .region("cn-hangzhou")
        .transport(gateway.transport())
        .credentials(Credentials::access_key(id, secret))
        .retry(RetryConfig::off())
        .build()
        .unwrap();
    let client = Client::new(&config, service);
    let (mut wrong, mut right) = (Vec::new(), 0);
    for entry in entries {
        let name = entry.operation.name;
        let documented = &spec.operations[name];
        let input = values::input(&spec, documented);
        let request = (entry.request)(Document::parse(&input.to_string()).unwrap());
        let request = request.unwrap_or_else(|error| panic!("{name}: {error} in {input}"));
        let mut answer = (entry.answer)();
        let result = client.execute(entry.operation, &*request, &mut *answer, &CallOptions::default()).await;

        let exchange = gateway.requests().pop().unwrap_or_else(|| panic!("{name} did not arrive: {result:?}"));
        // The log service documents one operation under two names.
        let taken = exchange.operation.as_deref().and_then(|taken| spec.operations.get(taken));
        let same = taken.is_some_and(|taken| (taken.method, &taken.path) == (documented.method, &documented.path));
        let known = exchange.operation.as_deref() == Some(name) || documented.path.is_some() && same;
        assert!(known, "{name} was taken for {:?}: {result:?}", exchange.operation);
        let accepted = exchange.status.is_some_and(|status| status < 400);
        // Streams are read in another way.
        let read = result.is_ok() || entry.operation.response == ResponseBody::Events;
        let lost = lost(documented, &input, &exchange);
        if !accepted || !read {
            wrong.push(format!("{name}: {result:?}\n    {input}"));
        } else if !lost.is_empty() {
            wrong.push(format!("{name}: {lost:?} did not arrive\n    {input}"));
        } else {
            right += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
    println!("{} {}: {} operations accepted", service.product, service.version, right);
}

/// Parameters with a value whose names are not in the request.
fn lost<'a>(operation: &'a alicloud_spec::Operation, input: &Value, arrived: &Exchange) -> Vec<&'a str> {
    let arrives = |parameter: &&Shape| match parameter.place {
        Some(Place::Query | Place::Form | Place::Body) => {
            arrived.target.contains(&parameter.name) || arrived.body.contains(&parameter.name)
        }
        Some(Place::Header) => arrived.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&parameter.name)),
        // These have no names on the wire.
        Some(Place::Path | Place::Host | Place::Payload) | None => true,
    };
    let given = operation.parameters.iter().filter(|parameter| input.get(&parameter.name).is_some());
    given.filter(|parameter| !arrives(parameter)).map(|parameter| parameter.name.as_str()).collect()
}

fn spec(service: &Service) -> Spec {
    let file = format!("{}/../../specs/{}/{}.json", env!("CARGO_MANIFEST_DIR"), service.product, service.version);
    Spec::load(file).unwrap_or_else(|error| panic!("{error}"))
}
