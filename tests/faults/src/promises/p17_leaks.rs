//! Nothing grows.

use std::{fs, time::Duration};

use alicloud_core::RetryConfig;

use super::{Figure, Promise, Scale, real};
use crate::{Fault, FaultServer, random::at, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P17",
    title: "No leak",
    pass: "calls with 20 % errors and cancels (1,000,000 when full): memory grows < 4 MiB after warm-up, descriptors <= pool + 5, tasks as before",
    measure: |scale| real(measure(scale)),
};

const POOL: usize = 32;
const LIMIT: usize = 4 << 20;

async fn measure(scale: Scale) -> Figure {
    let server = FaultServer::start(|arrival| match at(17, arrival.index).below(10) {
        0 => Fault::Answer(404, r#"{"Code": "NotFound", "Message": "no"}"#.to_owned()),
        _ => Fault::None,
    });
    let server = server.await.unwrap();
    let client = things::client(&server.builder().retry(RetryConfig::off()).build().unwrap());
    let calls = scale.pick(10_000, 1_000_000);
    load(&client, calls / 4).await;
    let (files, tasks) = (files(), tasks());
    // An allocator keeps what it may need again, now and then. A leak grows every time.
    let windows = scale.pick(3, 1);
    let mut grown = usize::MAX;
    for _ in 0..windows {
        let before = memory();
        load(&client, calls).await;
        grown = grown.min(memory().saturating_sub(before));
        if grown < LIMIT {
            break;
        }
    }
    // A connection ends in its own time.
    for _ in 0..100 {
        if self::tasks() <= tasks {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (files, tasks) = (self::files().saturating_sub(files), self::tasks().saturating_sub(tasks));
    Figure::new(
        // Client and server are in one process: a connection is two descriptors and two tasks.
        grown < LIMIT && files <= 2 * POOL + 5 && tasks <= 2 * POOL + 5,
        format!("{calls} calls: memory +{} KiB, descriptors +{files}, tasks +{tasks}", grown >> 10),
    )
}

async fn load(client: &alicloud_core::Client, calls: u64) {
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..POOL as u64 {
        let client = client.clone();
        workers.spawn(async move {
            for number in (worker..calls).step_by(POOL) {
                let call = things::describe(&client, "x").send();
                if number % 10 == 1 {
                    // Cancelled on the way.
                    let _ = tokio::time::timeout(Duration::from_micros(number % 500), call).await;
                } else {
                    let _ = call.await;
                }
            }
        });
    }
    workers.join_all().await;
}

/// Resident memory in bytes.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or_default() << 10
}

fn files() -> usize {
    fs::read_dir("/proc/self/fd").map(Iterator::count).unwrap_or_default()
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}
