//! What people and other languages ask the gateway itself, below `/_mock/`.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::checks::Check;
use crate::clock;
use crate::engine::Engine;
use crate::fault::{Fault, When};
use crate::ledger::Effect;
use crate::log::{self, Exchange};
use crate::reply::{Body, Reply};
use crate::request::Request;

const PAGE: &str = include_str!("page.html");

/// Answers a request for the gateway itself; nothing when it is for a service.
pub(crate) fn answer(engine: &Engine, request: &Request) -> Option<Reply> {
    let browser = request.header("accept").is_some_and(|accept| accept.contains("text/html"));
    if browser && request.method == Method::GET && request.target == "/" {
        let headers = vec![("location".to_owned(), "/_mock/".to_owned())];
        return Some(Reply { status: 302, headers, body: Body::Raw(Bytes::new()) });
    }
    let path = request.path().strip_prefix("/_mock")?;
    let document = |document: Value| Reply::document(200, document);
    // Any page in the same browser could post here otherwise.
    let foreign = request.header("origin").is_some_and(|origin| origin.split("//").nth(1) != Some(request.host()));
    if request.method != Method::GET && foreign {
        return Some(refuse(403, "orders are taken from pages of the gateway itself only"));
    }
    Some(match (&request.method, path) {
        (&Method::GET, "" | "/") => Reply::raw(200, "text/html;charset=utf-8", PAGE),
        (&Method::GET, "/coverage") => document(coverage(engine)),
        (&Method::GET, "/ledger") => document(engine.ledger.all().iter().map(effect).collect()),
        (&Method::GET, "/requests") => document(requests(engine, request)),
        (&Method::GET, "/har") => document(log::har(&engine.log.exchanges(), &format!("http://{}", request.host()))),
        (&Method::GET, "/status") => document(status(engine)),
        (&Method::POST, "/reset") => {
            engine.reset();
            document(json!({}))
        }
        (&Method::POST, "/advance") => {
            let seconds = request.parameter("seconds").and_then(|text| text.parse().ok()).unwrap_or(0);
            engine.clock().advance(Duration::from_secs(seconds));
            document(json!({"now": clock::iso8601(engine.clock().millis())}))
        }
        (&Method::POST, "/fault") => order(engine, request),
        (&Method::POST, "/latency") => slow_down(engine, request),
        _ => refuse(404, format!("there is nothing at {} {}", request.method, request.path())),
    })
}

fn refuse(status: u16, reason: impl Into<String>) -> Reply {
    Reply::document(status, json!({"error": reason.into()}))
}

/// `?fault=reset-after-execute&operation=RunInstances&nth=1`
fn order(engine: &Engine, request: &Request) -> Reply {
    let Some(fault) = request.parameter("fault").and_then(Fault::from_name) else {
        let names: Vec<&str> = Fault::names().collect();
        return Reply::document(400, json!({"error": "there is no such fault", "faults": names}));
    };
    let operation = request.parameter("operation").filter(|name| *name != "*");
    if let Err(error) = operation.map_or(Ok(()), |name| engine.find_operation(name)) {
        return refuse(400, error.to_string());
    }
    let when = operation.map_or_else(When::always, When::operation);
    let when = match request.parameter("nth").and_then(|text| text.parse().ok()) {
        Some(nth) => when.nth(nth),
        None => when,
    };
    let when = match request.parameter("probability").and_then(|text| text.parse().ok()) {
        Some(probability) => when.probability(probability),
        None => when,
    };
    engine.faults.add(when, fault);
    Reply::document(200, json!({}))
}

/// `?latency=normal:50/10&operation=DescribeInstances`
fn slow_down(engine: &Engine, request: &Request) -> Reply {
    match request.parameter("latency").unwrap_or_default().parse() {
        Ok(latency) => {
            let operation = request.parameter("operation").filter(|name| *name != "*");
            if let Err(error) = operation.map_or(Ok(()), |name| engine.find_operation(name)) {
                return refuse(400, error.to_string());
            }
            engine.latencies.set(operation, latency);
            Reply::document(200, json!({}))
        }
        Err(reason) => refuse(400, reason),
    }
}

fn status(engine: &Engine) -> Value {
    json!({
        "served": engine.served.load(std::sync::atomic::Ordering::Relaxed),
        "now": clock::iso8601(engine.clock().millis()),
        "specs": format!("{:016x}", engine.catalog.hash()),
        "products": engine.catalog.products().iter().map(|product| {
            json!({"product": product.product, "version": product.version, "operations": product.operations().count()})
        }).collect::<Vec<_>>(),
        "skippedChecks": engine.checks().skipped().map(Check::key).collect::<Vec<_>>(),
    })
}

/// Which operations have been called, and which checks have not been made.
fn coverage(engine: &Engine) -> Value {
    let counts = engine.ledger.counts();
    let product = |product: &crate::catalog::Product| {
        let count = |operation: &str| counts.get(&product.product).and_then(|calls| calls.get(operation)).copied();
        let (called, uncalled): (Vec<&str>, Vec<&str>) =
            product.operations().partition(|operation| count(operation).is_some());
        let called = called.into_iter().map(|name| (name.to_owned(), count(name).into()));
        json!({
            "product": product.product,
            "version": product.version,
            "called": called.collect::<serde_json::Map<_, _>>(),
            "uncalled": uncalled,
        })
    };
    json!({
        "products": engine.catalog.products().iter().map(|known| product(known)).collect::<Vec<_>>(),
        "skippedChecks": engine.checks().skipped().map(Check::key).collect::<Vec<_>>(),
    })
}

fn effect(effect: &Effect) -> Value {
    let mut parameters = Value::Object(effect.parameters.clone());
    crate::redact::mask(&mut parameters, None);
    json!({
        "product": effect.product,
        "operation": effect.operation,
        "parameters": parameters,
        "clientToken": effect.client_token,
        "requestId": effect.request_id,
        "requests": effect.requests,
    })
}

/// The latest first; `?limit=100` gives fewer, `?requestId=…` the one that was answered with that id.
fn requests(engine: &Engine, request: &Request) -> Value {
    let limit = request.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    engine.log.latest(limit, request.parameter("requestId")).iter().map(exchange).collect()
}

fn exchange(exchange: &Exchange) -> Value {
    json!({
        "number": exchange.number,
        "time": exchange.time,
        "method": exchange.method,
        "target": exchange.target,
        "headers": exchange.headers,
        "body": exchange.body,
        "product": exchange.product,
        "operation": exchange.operation,
        "verdict": exchange.verdict,
        "fault": exchange.fault,
        "status": exchange.status,
        "requestId": exchange.request_id,
        "replyBody": exchange.reply_body,
        "micros": u64::try_from(exchange.duration.as_micros()).unwrap_or(u64::MAX),
    })
}
