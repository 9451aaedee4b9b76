//! Client tokens: what makes a repeated call harmless is always sent.

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod common;

use std::sync::{Arc, Mutex};

use alicloud_core::{
    Client, Error, Model, RetryConfig,
    config::CallOptions,
    endpoint::Endpoints,
    http::Method,
    model::{Field, Schema, Value},
    operation::{Operation, Protocol, Service},
};

use common::{Answer, config};

static SERVICE: Service = Service {
    product: "things",
    code: "Things",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "things",
        global: Some("things.example.com"),
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

static CREATE: Operation = Operation::rpc("CreateThing", Method::POST).idempotent();

/// The token under one of the names that it has.
#[derive(Clone)]
struct Create(Option<String>, &'static Schema);

const USUAL: &Schema = &Schema::new("Create", &[Field::query("ClientToken").required()]);
const OTHER: &Schema = &Schema::new("Create", &[Field::form("client_token")]);

impl Model for Create {
    fn schema(&self) -> &'static Schema {
        self.1
    }
    fn field(&self, _: usize) -> &dyn Value {
        &self.0
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        &mut self.0
    }
}

#[derive(Clone, Default)]
struct Nothing;

impl Model for Nothing {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Nothing", &[]);
        SCHEMA
    }
}

alicloud_core::models!(Nothing);

/// Sends a call whose answers are lost; gives the tokens that the service saw.
async fn lose(given: Option<&str>, schema: &'static Schema, retry: RetryConfig) -> (Vec<String>, Error) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let config = config(move |parameters| {
        let name = schema.fields[0].name;
        keep.lock().unwrap().push(parameters.get(name).cloned().unwrap_or_default());
        Answer::Lost
    });
    let client = Client::new(&config.retry(retry).build().unwrap(), &SERVICE);
    let request = Create(given.map(str::to_owned), schema);
    let error = client.execute(&CREATE, &request, &mut Nothing, &CallOptions::default()).await.unwrap_err();
    let seen = seen.lock().unwrap().clone();
    (seen, error)
}

#[tokio::test(start_paused = true)]
async fn one_token_is_sent_with_every_attempt() {
    for schema in [USUAL, OTHER] {
        for given in [None, Some(""), Some("mine")] {
            let (seen, error) = lose(given, schema, RetryConfig::default()).await;
            assert_eq!(seen.len(), 4, "{given:?}");
            let token = error.client_token().unwrap();
            assert!(seen.iter().all(|seen| seen == token), "{given:?}: {seen:?}");
            assert_eq!(token == "mine", given == Some("mine"));
            assert_eq!(token.len(), if given == Some("mine") { 4 } else { 36 });
        }
    }
}

/// A call that is sent once can be resumed, too: by its token.
#[tokio::test]
async fn a_call_that_is_not_repeated_has_a_token() {
    let (seen, error) = lose(None, USUAL, RetryConfig::off()).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(error.client_token(), Some(seen[0].as_str()));
    assert_eq!(seen[0].len(), 36);
}

#[tokio::test]
async fn what_is_only_signed_has_the_parameters_that_were_given() {
    let client = Client::new(&config(|_| Answer::Lost).build().unwrap(), &SERVICE);
    let request = client.prepare(&CREATE, &Create(None, USUAL), &CallOptions::default()).await.unwrap();
    assert!(!request.uri().to_string().contains("ClientToken"), "{}", request.uri());
}
