//! Connections break at every point of a call; nothing is done twice, and nobody is told otherwise.

use std::sync::Arc;

use alicloud_core::{Client, RetryConfig};
use tokio::task::JoinSet;

use super::{Figure, Promise, Scale, real};
use crate::{
    Fault, FaultServer,
    random::at,
    server::Arrival,
    things::{self, Outcome},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P1",
    title: "A retry never repeats a non-idempotent effect",
    pass: "1,000 + 1,000 calls, 30 % resets at 5 points: 0 duplicates, 0 wrong results, every lost answer is OutcomeUnknown",
    measure: |_: Scale| real(measure()),
};

const CALLS: u64 = 1000;

pub(super) fn resets(seed: u64) -> impl Fn(Arrival) -> Fault {
    move |arrival| {
        let mut random = at(seed, arrival.index);
        if !random.percent(30) {
            return Fault::None;
        }
        match random.below(5) {
            0 => Fault::ResetBeforeReading,
            1 => Fault::ResetWhileReading,
            2 => Fault::ResetAfterReading,
            3 => Fault::ResetAfterExecuting,
            _ => Fault::CutAnswer(usize::try_from(random.below(180)).unwrap()),
        }
    }
}

#[derive(Default)]
struct Count {
    ok: usize,
    unknown: usize,
    wrong: Vec<String>,
}

impl Count {
    fn add(&mut self, server: &FaultServer, name: &str, outcome: &Outcome) {
        let effects = server.ledger().effects(name);
        match outcome {
            Ok(thing) if thing.name.as_deref() == Some(name) && effects == 1 => self.ok += 1,
            Err(error) if error.is_outcome_unknown() && effects <= 1 => self.unknown += 1,
            // A failure that is certain must be right.
            Err(_) if effects == 0 => {}
            other => self.wrong.push(format!("{name}: {effects} effects, {other:?}")),
        }
    }
}

async fn measure() -> Figure {
    let server = Arc::new(FaultServer::start(resets(1)).await.unwrap());
    let mut retry = RetryConfig::default().without_budget();
    retry.base_delay = std::time::Duration::from_millis(1);
    let client = things::client(&server.builder().retry(retry).build().unwrap());
    let mut mutating = Count::default();
    let mut idempotent = Count::default();
    for (prefix, count) in [("m", &mut mutating), ("i", &mut idempotent)] {
        for (name, outcome) in call_all(&client, prefix).await {
            count.add(&server, &name, &outcome);
        }
    }
    let duplicates = server.ledger().duplicates();
    let wrong = mutating.wrong.len() + idempotent.wrong.len();
    let first = mutating.wrong.first().or(idempotent.wrong.first()).cloned().unwrap_or_default();
    Figure::new(
        duplicates == 0 && wrong == 0 && mutating.unknown > 0 && idempotent.ok >= 950,
        format!(
            "{duplicates} duplicates, {wrong} wrong {first}; without token {} ok, {} unknown; with token {} ok, {} unknown",
            mutating.ok, mutating.unknown, idempotent.ok, idempotent.unknown
        ),
    )
}

async fn call_all(client: &Client, prefix: &'static str) -> Vec<(String, Outcome)> {
    let mut tasks = JoinSet::new();
    for worker in 0..20 {
        let client = client.clone();
        tasks.spawn(async move {
            let mut outcomes = Vec::new();
            for number in (worker..CALLS).step_by(20) {
                let name = format!("{prefix}{number}");
                let outcome = match prefix {
                    "m" => things::create(&client, &name).send().await,
                    _ => things::create_safely(&client, &name).send().await,
                };
                outcomes.push((name, outcome));
            }
            outcomes
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
