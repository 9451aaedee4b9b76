//! A client of a few dozen lines: its own signer, its own HTTP. It shares nothing with the gateway or the
//! runtime, so that a mistake in either shows.

#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "each test file uses a part of it")]

pub mod http;
pub mod sign;

use std::path::PathBuf;
use std::time::Duration;

use alicloud_mock::{Builder, MockGateway};
use alicloud_spec::Spec;
use serde_json::Value;

pub use http::{Answer, exchange, exchange_on};
pub use sign::{Key, Request, Signer};

/// Where the specs of the repository are.
pub fn specs() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs"))
}

/// A small spec that has every construct the gateway reads.
pub fn everything() -> Spec {
    serde_json::from_str(include_str!("everything.json")).expect("the test spec is well formed")
}

/// Small specs of services with a protocol of their own.
pub fn services() -> Vec<Spec> {
    serde_json::from_str(include_str!("services.json")).expect("the test specs are well formed")
}

pub fn start(builder: Builder) -> MockGateway {
    builder.start_blocking().expect("a gateway starts on a free port")
}

/// A gateway that serves the small spec.
pub fn gateway() -> MockGateway {
    start(MockGateway::builder().product(everything()).seed(7))
}

pub fn key() -> Key {
    Key { id: "testid".into(), secret: "testsecret".into(), token: None }
}

/// An RPC call of the small spec, signed by ACS3.
pub fn call(action: &str, parameters: &[(&str, &str)]) -> Request {
    Request::rpc(action, "2024-01-01").query(parameters)
}

/// Sends a call with the usual key.
pub fn send(gateway: &MockGateway, request: &Request) -> Answer {
    exchange(gateway.address(), &Signer::acs3(key()).sign(request, &fresh()))
}

/// A nonce and the time of the system's clock.
pub fn fresh() -> sign::Moment {
    sign::Moment::now()
}

pub fn code(answer: &Answer) -> String {
    of_body(answer, ["Code", "code", "errorCode"])
}

pub fn message(answer: &Answer) -> String {
    of_body(answer, ["Message", "message", "errorMessage"])
}

/// The first of some members of a body, JSON or XML.
fn of_body(answer: &Answer, names: [&str; 3]) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let element = |name: &str| Some(text.split_once(&format!("<{name}>"))?.1.split_once("</")?.0.to_owned());
    let json = names.iter().find_map(|name| body[*name].as_str().map(str::to_owned));
    json.or_else(|| names.iter().find_map(|name| element(name))).unwrap_or_default()
}

pub const SHORT: Duration = Duration::from_millis(300);
