//! An outage does not become a storm.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Figure, Promise, paused};
use crate::{Act, Scripted, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P3",
    title: "Outage does not become a storm",
    pass: "1,000 calls, all refused with 503: <= 1,100 sends, also for 8 clients in sum; the first call after it succeeds",
    measure: |_| paused(measure()),
};

async fn measure() -> Figure {
    let (one, first) = outage(1).await;
    let (eight, first_of_eight) = outage(8).await;
    Figure::new(
        one <= 1100 && eight <= 1100 && first && first_of_eight,
        format!("1 client {one} sends, 8 clients {eight} sends; first call afterwards: {}", first && first_of_eight),
    )
}

/// Sends of 1,000 calls, and whether the first call after the outage succeeds.
async fn outage(clients: u32) -> (u64, bool) {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let service = Scripted::new(move |_| match is_over.load(Ordering::Relaxed) {
        true => Act::ok(),
        false => Act::refusal(503, "ServiceUnavailable"),
    });
    // Clients of one configuration share endpoint, account and budget.
    let config = service.builder().build().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let client = things::client(&config);
        tasks.spawn(async move {
            for number in 0..1000 / clients {
                assert!(things::describe(&client, &number.to_string()).send().await.is_err());
            }
        });
    }
    tasks.join_all().await;
    let sends = service.count();
    over.store(true, Ordering::Relaxed);
    (sends, things::describe(&things::client(&config), "after").send().await.is_ok())
}
