//! What the traps of the vendor's metadata come to on the wire. The importer's table says what it makes of
//! each of them; here those operations are called and answered.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Client, Config, Document, Error,
    bytes::Bytes,
    config::CallOptions,
    credentials::Credentials,
    error::TransportError,
    http, model,
    model::Model as _,
    runtime::{Entropy, NoEntropy},
    sign::SignatureVersion,
    transport::{Body, Transport},
};
use alicloud_spec::Spec;
use alicloud_tests::{dynamic, json_fixture};
use serde::Deserialize;
use serde_json::{Value, json};

const IMPORTED: &str = include_str!("../../xtask/src/import/tests/traps.json");

#[derive(Deserialize)]
struct Row {
    trap: u32,
    operation: String,
    input: BTreeMap<String, Value>,
    /// The call is made with a bearer token.
    #[serde(default)]
    bearer: bool,
    /// The call is signed by the first version.
    #[serde(default)]
    older: bool,
    /// Method and target, names of the query in order.
    #[serde(default)]
    request: String,
    #[serde(default)]
    body: String,
    /// Headers that have to be as they are here; `null` must be absent.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// Status, headers and body of an answer, and what is read from it.
    answer: Option<(u16, BTreeMap<String, String>, String)>,
    output: Option<Value>,
    /// Nothing is sent; the error names this.
    refused: Option<String>,
}

/// The specs that the importer makes, by trap.
fn specs() -> BTreeMap<u32, Spec> {
    let traps: Vec<Value> = serde_json::from_str(IMPORTED).unwrap();
    let spec = |trap: &Value| {
        let style = if matches!(trap["style"].as_str(), Some("RPC" | "V3")) { "rpc" } else { "roa" };
        let protocol = match (trap["style"].as_str(), trap["product"].as_str()) {
            (Some("OSS"), _) => "oss",
            (Some("SLS"), _) | (_, Some("Sls")) => "sls",
            _ => "standard",
        };
        serde_json::from_value(json!({
            "product": "toy", "code": "Toy", "version": "2024-01-01", "title": "Toy", "style": style,
            "protocol": protocol, "operations": trap["operations"], "types": trap["types"],
        }))
        .unwrap()
    };
    traps.iter().map(|trap| (u32::try_from(trap["trap"].as_u64().unwrap()).unwrap(), spec(trap))).collect()
}

/// Keeps the last request and gives the answer that is due.
#[derive(Clone, Debug, Default)]
struct Wire {
    sent: Arc<Mutex<Option<http::Request<Bytes>>>>,
    answer: http::Response<Bytes>,
}

impl Transport for Wire {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + '_>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect(1 << 20).await?;
            *self.sent.lock().unwrap() = Some(http::Request::from_parts(head, body));
            Ok(self.answer.clone().map(Body::from))
        })
    }
}

#[derive(Debug)]
struct Nonce;

impl Entropy for Nonce {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        let nonce = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes();
        buffer.iter_mut().zip(nonce).for_each(|(to, from)| *to = from);
        Ok(())
    }
}

async fn call(spec: &Spec, row: &Row, wire: &Wire) -> Result<Document, Error> {
    let credentials = if row.bearer { Credentials::bearer("b") } else { Credentials::access_key("id", "secret") };
    let config = Config::builder()
        .region("cn-hangzhou")
        .endpoint("toy.aliyuncs.com")
        .credentials(credentials)
        .signature(if row.older { SignatureVersion::V1 } else { SignatureVersion::Acs3 })
        // 2024-01-02T03:04:05Z
        .clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645))
        .entropy(Nonce)
        .transport(wire.clone());
    let client = Client::new(&config.build().unwrap(), dynamic::service(spec));
    let dynamic::Called { operation, mut request, mut response } = dynamic::operation(spec, &row.operation);
    for (name, value) in &row.input {
        let value = match value.get("$bytes").and_then(Value::as_str) {
            Some(text) => Document::Binary(text.to_owned().into()),
            None => Document::parse(&value.to_string()).unwrap(),
        };
        assert!(request.set(name, value), "trap {}: there is no {name}", row.trap);
    }
    client.execute(operation, &request, &mut response, &CallOptions::default()).await?;
    let read = response
        .schema()
        .fields
        .iter()
        .enumerate()
        .filter_map(|(index, field)| Some((field.name, response.field(index).to_document(model::View::Wire)?)));
    Ok(Document::object(read))
}

/// The target with its query in order.
fn sorted(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    format!("{path}?{}", pairs.join("&"))
}

#[tokio::test]
async fn every_trap_is_what_it_should_be_on_the_wire() {
    let specs = specs();
    let rows: Vec<Row> = json_fixture("traps/wire.json");
    for row in &rows {
        let about = format!("trap {} {}", row.trap, row.operation);
        let answer = row.answer.as_ref().map(|(status, headers, body)| {
            let mut response = http::Response::builder().status(*status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Bytes::from(body.clone())).unwrap()
        });
        let wire = Wire { answer: answer.unwrap_or_default(), ..Wire::default() };
        let result = call(&specs[&row.trap], row, &wire).await;
        let sent = wire.sent.lock().unwrap().take();
        if let Some(name) = &row.refused {
            let error = result.expect_err(&about);
            assert!(error.to_string().contains(name.as_str()) && sent.is_none(), "{about}: {error}");
            continue;
        }
        let output = result.unwrap_or_else(|error| panic!("{about}: {error}"));
        let sent = sent.unwrap_or_else(|| panic!("{about}: nothing was sent"));
        let target = sorted(sent.uri().path_and_query().unwrap().as_str());
        assert_eq!(format!("{} {target}", sent.method()), row.request, "{about}");
        assert_eq!(String::from_utf8_lossy(sent.body()), row.body, "{about}");
        for (name, value) in &row.headers {
            let found = sent.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(found, value.as_deref(), "{about}: {name}");
        }
        if let Some(expected) = &row.output {
            assert_eq!(serde_json::from_str::<Value>(&output.to_string()).unwrap(), *expected, "{about}");
        }
    }
    let covered: BTreeSet<u32> = rows.iter().map(|row| row.trap).collect();
    assert_eq!(covered, (1..=46).collect(), "the table has all traps");
}
