//! Reads survive connections that break.

use alicloud_core::{RetryConfig, error::Stage};

use super::{Figure, Promise, Scale, paused};
use crate::{Act, Scripted, random::at, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P2",
    title: "Reads survive faults within a bound",
    pass: "1,000 reads, 30 % resets: >= 982 succeed with <= 1,474 sends (1 seed in 100 may have worse luck), 0 wrong; without budget and 10 attempts: 1,000",
    measure: |scale| paused(measure(scale)),
};

async fn measure(scale: Scale) -> Figure {
    let (mut fewest, mut most, mut wrong, mut beyond) = (1000, 0, 0, 0);
    let seeds = scale.pick(20, 200);
    for seed in 0..seeds {
        let (succeeded, sends, mistaken) = reads(seed, RetryConfig::default()).await;
        fewest = fewest.min(succeeded);
        most = most.max(sends);
        beyond += u64::from(sends > 1474);
        wrong += mistaken;
    }
    let (all, ..) = reads(1, RetryConfig::default().without_budget().with_max_attempts(10)).await;
    Figure::new(
        fewest >= 982 && beyond * 100 <= seeds && wrong == 0 && all == 1000,
        format!(
            "worst of {seeds} seeds: {fewest} succeed, {most} sends, {beyond} beyond 1,474, {wrong} wrong; without budget {all}"
        ),
    )
}

/// Successes, sends and wrong answers of 1,000 reads one after the other.
async fn reads(seed: u64, retry: RetryConfig) -> (u32, u64, u32) {
    let service = Scripted::new(move |seen| {
        if at(seed, seen.index).percent(30) {
            return Act::Fail(Stage::MaybeSent);
        }
        Act::json(200, format!(r#"{{"Name": "{}"}}"#, seen.parameters["Name"]))
    });
    let client = things::client(&service.builder().retry(retry).build().unwrap());
    let (mut succeeded, mut wrong) = (0, 0);
    for number in 0..1000 {
        let name = number.to_string();
        match things::describe(&client, &name).send().await {
            Ok(thing) if thing.name.as_ref() == Some(&name) => succeeded += 1,
            Ok(_) => wrong += 1,
            Err(_) => {}
        }
    }
    (succeeded, service.count(), wrong)
}
