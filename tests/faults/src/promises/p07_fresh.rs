//! What must be fresh is fresh, and what must stay stays.

use std::collections::BTreeSet;

use alicloud_core::error::Stage;

use super::{Figure, Promise, paused, real};
use crate::{Act, Scripted, things, verify::verify_http};

pub(super) const PROMISE: Promise = Promise {
    id: "P7",
    title: "Fresh nonce and timestamp each attempt, same ClientToken",
    pass: "1,000 calls x 4 attempts: all nonces distinct, token constant, every signature valid; nonces from 64 tasks (1,000,000 when full): 0 equal",
    measure: |scale| {
        let calls = paused(calls());
        let equal = real(nonces(scale.pick(640, 15_625)));
        Figure::new(calls.kept && equal.kept, format!("{}; {}", calls.measured, equal.measured))
    },
};

async fn calls() -> Figure {
    let service = Scripted::recording(|seen| match seen.index % 4 {
        3 => Act::ok(),
        _ => Act::Fail(Stage::MaybeSent),
    });
    let client = things::client(&service.builder().build().unwrap());
    let (mut nonces, mut tokens) = (BTreeSet::new(), BTreeSet::new());
    let (mut attempts, mut invalid, mut changed) = (0, 0, 0);
    for number in 0..1000 {
        let outcome = things::create_safely(&client, &number.to_string()).send().await;
        assert!(outcome.is_ok(), "{outcome:?}");
        let seen = service.take();
        attempts += seen.len();
        let of_call: BTreeSet<_> = seen.iter().map(|seen| seen.parameters["ClientToken"].clone()).collect();
        changed += usize::from(of_call.len() != 1);
        tokens.extend(of_call);
        for (number, seen) in seen.iter().enumerate() {
            nonces.insert(seen.header("x-acs-signature-nonce").to_owned());
            let counted = if number == 0 { "" } else { ["1", "2", "3"][number - 1] };
            invalid += usize::from(verify_http(&seen.raw, "testid", "testsecret").is_err());
            invalid += usize::from(seen.header("x-acs-retry-attempts") != counted);
        }
    }
    Figure::new(
        attempts == 4000 && nonces.len() == 4000 && tokens.len() == 1000 && changed == 0 && invalid == 0,
        format!("{attempts} attempts, {} nonces, {} tokens, {invalid} invalid signatures", nonces.len(), tokens.len()),
    )
}

async fn nonces(each: usize) -> Figure {
    let client = things::client(&Scripted::new(|_| Act::ok()).builder().build().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let client = client.clone();
        tasks.spawn(async move {
            let mut nonces = Vec::with_capacity(each);
            for _ in 0..each {
                let request = things::describe(&client, "x").prepare().await.unwrap();
                let nonce = request.headers()["x-acs-signature-nonce"].to_str().unwrap();
                nonces.push(u128::from_str_radix(nonce, 16).unwrap());
            }
            nonces
        });
    }
    let mut all: Vec<u128> = tasks.join_all().await.concat();
    all.sort_unstable();
    let equal = all.windows(2).filter(|pair| pair[0] == pair[1]).count();
    Figure::new(equal == 0, format!("{} nonces of 64 tasks, {equal} equal", all.len()))
}
