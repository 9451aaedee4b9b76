//! Connections that went bad are not used again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use alicloud_core::RetryConfig;

use super::{Figure, Promise, Scale, real};
use crate::{Fault, FaultServer, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P16",
    title: "Bad connections leave the pool",
    pass: "a node that always answers 503 beside a healthy one: <= 2 requests on a bad socket; connections closed by the server while idle (10,000 calls when full): 0 failed reads",
    measure: |scale| real(measure(scale)),
};

fn quick_retries() -> RetryConfig {
    let mut retry = RetryConfig::default().without_budget();
    retry.base_delay = Duration::from_millis(1);
    retry
}

async fn measure(scale: Scale) -> Figure {
    // Behind one name every other connection meets the bad node.
    let per_connection = Arc::new(Mutex::new(BTreeMap::<u64, u32>::new()));
    let counts = Arc::clone(&per_connection);
    let server = FaultServer::start(move |arrival| {
        if arrival.connection % 2 == 1 {
            return Fault::None;
        }
        *counts.lock().unwrap().entry(arrival.connection).or_default() += 1;
        Fault::Answer(503, r#"{"Code": "ServiceUnavailable"}"#.to_owned())
    });
    let server = server.await.unwrap();
    let client = things::client(&server.builder().retry(quick_retries()).build().unwrap());
    let mut failed = 0;
    for number in 0..200 {
        failed += u32::from(things::describe(&client, &number.to_string()).send().await.is_err());
    }
    let most = per_connection.lock().unwrap().values().copied().max().unwrap_or_default();

    // The server closes each connection after its answer, without saying so.
    let closing = FaultServer::start(|_| Fault::CloseAfterwards).await.unwrap();
    let client = things::client(&closing.builder().retry(quick_retries()).build().unwrap());
    let calls = scale.pick(1000, 10_000);
    let mut lost = 0;
    for number in 0..calls {
        lost += u32::from(things::describe(&client, &number.to_string()).send().await.is_err());
    }
    Figure::new(
        failed == 0 && most <= 2 && lost == 0,
        format!(
            "at most {most} requests on a bad socket, {failed} of 200 calls failed; {lost} of {calls} reads lost to closed connections"
        ),
    )
}
