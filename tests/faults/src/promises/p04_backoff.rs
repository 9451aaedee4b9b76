//! Waits are spread evenly below a limit that doubles.

use std::time::Duration;

use alicloud_core::{RetryConfig, error::Stage};

use super::{Figure, Promise, Scale, paused};
use crate::{Act, Scripted, random::Seeded, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P4",
    title: "Backoff is what the doc says",
    pass: "every wait in [0, min(cap, base * 2^n)], mean within 2 % of half (10,000 draws a step; 4 % when quick)",
    measure: |scale| paused(measure(scale)),
};

const STEPS: usize = 6;

async fn measure(scale: Scale) -> Figure {
    let draws = scale.pick(2500, 10_000);
    let tolerance = scale.pick(0.04, 0.02);
    let service = Scripted::recording(|_| Act::Fail(Stage::NotSent));
    let mut retry = RetryConfig::default().without_budget().with_max_attempts(STEPS as u32 + 1);
    // A hundred times the default: the clock of the test has whole milliseconds.
    (retry.base_delay, retry.max_delay) = (Duration::from_secs(10), Duration::from_secs(200));
    let config =
        service.builder().retry(retry).timeout(Duration::from_secs(100_000)).entropy(Seeded::new(4)).build().unwrap();
    let client = things::client(&config);
    let mut sums = [0.0; STEPS];
    let mut beyond = 0;
    for _ in 0..draws {
        assert!(things::describe(&client, "x").send().await.is_err());
        let seen = service.take();
        for (step, pair) in seen.windows(2).enumerate() {
            let wait = (pair[1].at - pair[0].at).as_secs_f64();
            beyond += u32::from(wait > limit(step) + 0.001);
            sums[step] += wait;
        }
    }
    let deviation = |step: usize| (sums[step] / f64::from(draws) / (limit(step) / 2.0) - 1.0).abs();
    let worst = (0..STEPS).map(deviation).fold(0.0, f64::max);
    Figure::new(
        beyond == 0 && worst < tolerance,
        format!("{STEPS} steps of {draws} draws: {beyond} beyond the limit, means within {:.2} %", worst * 100.0),
    )
}

fn limit(step: usize) -> f64 {
    (10.0 * 2_f64.powi(i32::try_from(step).unwrap())).min(200.0)
}
