//! Recorded answers: ours are at least as good as what two of the vendor's SDKs made of them, and better where
//! they lost the status or the request id.

use alicloud_core::{
    Call, Document, Error, ErrorKind, Model, RetryConfig,
    bytes::Bytes,
    http::Method,
    model::{Field, Schema, Value},
    operation::{Operation, Request},
};
use alicloud_faults::{Act, Scripted, scripted::Seen, things};
use alicloud_tests::json_fixture;
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// An answer of any shape.
#[derive(Clone, Default)]
struct Anything {
    body: Option<Document>,
}

impl Model for Anything {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Anything", &[Field::payload("body")]);
        SCHEMA
    }
    fn field(&self, _: usize) -> &dyn Value {
        &self.body
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        &mut self.body
    }
}

/// An answer that is bytes.
#[derive(Clone, Default)]
struct Stream {
    body: Option<Bytes>,
    error_type: Option<String>,
}

impl Model for Stream {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Stream", &[Field::payload("body"), Field::header("X-Fc-Error-Type")]);
        SCHEMA
    }
    fn field(&self, index: usize) -> &dyn Value {
        if index == 0 { &self.body } else { &self.error_type }
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn Value {
        if index == 0 { &mut self.body } else { &mut self.error_type }
    }
}

/// No answer.
#[derive(Clone, Default)]
struct Nothing;

impl Model for Nothing {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Nothing", &[]);
        SCHEMA
    }
}

alicloud_core::models!(Anything, Stream, Nothing);

macro_rules! request {
    ($name:ident, $response:ty, $operation:expr) => {
        #[derive(Clone, Default)]
        struct $name;
        impl Model for $name {
            fn schema(&self) -> &'static Schema {
                const SCHEMA: &Schema = &Schema::new(stringify!($name), &[]);
                SCHEMA
            }
        }
        impl Request for $name {
            type Response = $response;
            const OPERATION: &'static Operation = &$operation;
        }
    };
}

request!(Ask, Anything, Operation::rpc("Ask", Method::POST).read());
request!(AskStream, Stream, Operation::rpc("AskStream", Method::POST).read().binary());
request!(AskNothing, Nothing, Operation::rpc("AskNothing", Method::POST).read());

/// What a call made of a record.
struct Outcome {
    status: u16,
    body: Document,
    header: Option<String>,
}

async fn call(body_type: &str, service: &Scripted) -> Result<Outcome, Error> {
    let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
    Ok(match body_type {
        "binary" => {
            let reply = Call::<AskStream>::new(&client).send().await?;
            let body = Document::Binary(reply.body.clone().unwrap_or_default());
            Outcome { status: reply.status().as_u16(), body, header: reply.error_type.clone() }
        }
        "none" => {
            let reply = Call::<AskNothing>::new(&client).send().await?;
            Outcome { status: reply.status().as_u16(), body: Document::Null, header: None }
        }
        _ => {
            let reply = Call::<Ask>::new(&client).send().await?;
            Outcome { status: reply.status().as_u16(), body: reply.body.clone().unwrap_or_default(), header: None }
        }
    })
}

fn act(reply: &serde_json::Value) -> impl Fn(&Seen) -> Act + Send + Sync + 'static {
    let status = u16::try_from(reply["status"].as_u64().unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let headers = reply["headers"].as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1])));
    let headers: Vec<_> = headers.collect();
    let body = match reply["body_base64"].as_str() {
        Some(body) => BASE64_STANDARD.decode(body).unwrap(),
        None => reply["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    move |_| Act::Answer(status, headers.clone(), body.clone())
}

#[tokio::test]
async fn recorded_answers() {
    let records: serde_json::Value = json_fixture("vectors/responses.json");
    let (mut successes, mut better) = (0, 0);
    for record in records["vectors"].as_array().unwrap().iter().filter(|record| record.get("reply").is_some()) {
        let id = record["id"].as_str().unwrap();
        let reply = &record["reply"];
        let status = u16::try_from(reply["status"].as_u64().unwrap()).unwrap();
        let outcome = call(record["body_type"].as_str().unwrap(), &Scripted::new(act(reply))).await;
        let python = &record["python"];
        match outcome {
            Ok(outcome) => {
                assert!((200..300).contains(&status), "{id}");
                assert_eq!(outcome.status, status, "{id}");
                check_success(id, &outcome, reply);
                successes += 1;
            }
            Err(error) => {
                assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{id}: {error}");
                check_failure(id, &error, reply);
                // A page that is no JSON made the vendor's SDKs lose the status.
                better += usize::from(python["raises"]["status_code"].is_null());
            }
        }
    }
    assert!(successes >= 15 && better >= 4, "{successes} successes, {better} better failures");
}

fn check_success(id: &str, outcome: &Outcome, reply: &serde_json::Value) {
    match id {
        "ok/binary_operation" => {
            assert_eq!(outcome.header.as_deref(), Some("UnhandledInvocationError"));
            let Document::Binary(body) = &outcome.body else { panic!("{id}") };
            assert_eq!(body.len(), 256);
        }
        "ok/empty_body_json_operation" | "ok/json_null" | "ok/array_body_null" => {
            assert_eq!(outcome.body, Document::Null, "{id}");
        }
        "ok/202_empty_none_operation" | "ok/none_operation_with_json" => {}
        _ => {
            let body = reply["body"].as_str().unwrap().trim_start_matches('\u{feff}');
            assert_eq!(outcome.body, Document::parse(body).unwrap(), "{id}");
        }
    }
}

fn check_failure(id: &str, error: &Error, reply: &serde_json::Value) {
    let body: serde_json::Value = serde_json::from_str(reply["body"].as_str().unwrap_or_default()).unwrap_or_default();
    match error.kind() {
        ErrorKind::Decode(body) => assert!(id == "ok/html" && body.snippet.contains("login"), "{id}: {error}"),
        ErrorKind::Service(service) => {
            let text = |names: &[&str]| {
                // What is empty or zero counts as absent.
                let says = |value: &&serde_json::Value| !value.is_null() && **value != 0 && **value != "";
                let value = names.iter().map(|name| &body[name]).find(says);
                value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
            };
            if id == "error/xml" {
                assert_eq!((error.code(), error.request_id()), (Some("MissingParameter"), Some("R-X")), "{id}");
                return;
            }
            assert_eq!(service.code, text(&["Code", "code"]), "{id}");
            assert_eq!(error.request_id().unwrap_or_default(), text(&["RequestId", "requestId", "requestid"]), "{id}");
            if id == "error/text_503" {
                assert_eq!(service.message, "upstream connect error");
            }
            assert_eq!(error.is_throttling(), id.starts_with("throttle/"), "{id}");
        }
        other => panic!("{id}: {other:?}"),
    }
}
