//! A call can be dropped at any moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use alicloud_core::{RetryConfig, error::Stage};

use super::{Figure, Promise, Scale, paused, real};
use crate::{Act, Fault, FaultServer, Scripted, random::at, scripted::Seen, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P18",
    title: "Cancel-safe",
    pass: "dropped at 200 points x 10,000 (1,000 when quick): no panic, budget and pool usable, <= 1 effect each",
    measure: |scale| {
        let (virtual_time, sockets) = (paused(in_process(scale)), real(over_sockets(scale)));
        Figure::new(virtual_time.kept && sockets.kept, format!("{}; {}", virtual_time.measured, sockets.measured))
    },
};

async fn in_process(scale: Scale) -> Figure {
    let effects = Arc::new(Mutex::new(BTreeMap::<String, u32>::new()));
    let book = Arc::clone(&effects);
    let service = Scripted::new(move |seen: &Seen| {
        let mut random = at(18, seen.index);
        let act = match random.below(4) {
            0 => Act::Fail(Stage::NotSent),
            1 => Act::refusal(429, "Throttling"),
            kind => {
                *book.lock().unwrap().entry(seen.parameters["Name"].clone()).or_default() += 1;
                if kind == 2 { Act::Fail(Stage::MaybeSent) } else { Act::ok() }
            }
        };
        Act::After(Duration::from_millis(random.below(20)), Box::new(act))
    });
    let config = service.builder().build().unwrap();
    let client = things::client(&config);
    let (mut dropped, mut finished) = (0, 0);
    for number in 0..scale.pick(1000, 10_000) {
        let point = Duration::from_millis(number % 200);
        let name = number.to_string();
        match tokio::time::timeout(point, things::create(&client, &name).send()).await {
            Ok(_) => finished += 1,
            Err(_) => dropped += 1,
        }
    }
    let repeated = effects.lock().unwrap().values().filter(|count| **count > 1).count();
    // The budget still pays for repeats: a call that needs three attempts gets them.
    let service = Scripted::new(|seen| if seen.index < 2 { Act::Fail(Stage::NotSent) } else { Act::ok() });
    let after = things::describe(&things::client(&service.builder().build().unwrap()), "x").send().await.is_ok();
    Figure::new(
        repeated == 0 && after && dropped > 0 && finished > 0,
        format!("{dropped} dropped, {finished} finished, {repeated} repeated effects"),
    )
}

async fn over_sockets(scale: Scale) -> Figure {
    let server = FaultServer::start(|_| Fault::Slices).await.unwrap();
    let mut retry = RetryConfig::default();
    retry.base_delay = Duration::from_millis(1);
    let client = things::client(&server.builder().retry(retry).build().unwrap());
    let calls = scale.pick(1000, 10_000);
    for number in 0..calls {
        let point = Duration::from_micros(number % 200 * 10);
        let _ = tokio::time::timeout(point, things::create(&client, &number.to_string()).send()).await;
    }
    let duplicates = server.ledger().duplicates();
    let mut usable = 0;
    for number in 0..50 {
        usable += u32::from(things::describe(&client, &number.to_string()).send().await.is_ok());
    }
    Figure::new(
        duplicates == 0 && usable == 50,
        format!("over sockets {calls}: {duplicates} repeated effects, {usable} of 50 calls afterwards succeed"),
    )
}
