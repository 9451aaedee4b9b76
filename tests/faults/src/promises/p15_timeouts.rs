//! Whatever does not answer is left within its limit.

use std::time::{Duration, Instant};

use alicloud_core::{Config, Error, RetryConfig, transport::TransportConfig};

use super::{Figure, Promise, real};
use crate::{
    Fault, FaultServer,
    server::{Blackhole, config, refusing},
    things,
};

pub(super) const PROMISE: Promise = Promise {
    id: "P15",
    title: "Connect, attempt and total timeouts all work",
    pass: "no connection, no reading, half TLS, no answer, half body, drip: each ends within its limit + 50 ms (and twice what a plain sleep beside it is late), nothing stays behind",
    measure: |_| real(measure()),
};

const LIMIT: Duration = Duration::from_millis(300);
const GRACE: Duration = Duration::from_millis(50);

async fn measure() -> Figure {
    let hole = Blackhole::open().await.unwrap();
    let silent = FaultServer::start(|_| Fault::Silence).await.unwrap();
    let half = FaultServer::start(|_| Fault::StallAfterHead).await.unwrap();
    let drip = FaultServer::start(|_| Fault::Drip(Duration::from_millis(50))).await.unwrap();
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    // A server that expects plain HTTP never finishes a handshake.
    let half_tls = silent.endpoint().replace("http://", "https://");
    let cases = [
        ("connect", format!("http://{}", hole.address), Kind::Connect),
        ("TLS handshake", half_tls, Kind::Connect),
        ("no answer", silent.endpoint(), Kind::Attempt),
        ("half a body", half.endpoint(), Kind::Attempt),
        ("a byte at a time", drip.endpoint(), Kind::Attempt),
        ("no answer, whole call", silent.endpoint(), Kind::Total),
    ];
    let mut wrong = Vec::new();
    let mut longest = Duration::ZERO;
    for (name, endpoint, kind) in &cases {
        // The best of five, held against a sleep of the same length beside it: what counts is the limit, not
        // how busy the machine is.
        let (mut over, mut error) = (Duration::MAX, None);
        for _ in 0..5 {
            let client = things::client(&limited(endpoint, *kind, LIMIT));
            let late = tokio::spawn(lateness());
            let begun = Instant::now();
            error = things::describe(&client, "x").send().await.err();
            let took = begun.elapsed();
            over = over.min(took.saturating_sub(LIMIT + 2 * late.await.unwrap()));
            if over <= GRACE {
                break;
            }
        }
        longest = longest.max(over);
        if over > GRACE || !error.as_ref().is_some_and(|error| fits(error, *kind)) {
            wrong.push(format!("{name}: {over:?} too late, {error:?}"));
        }
    }
    // A refused connection needs no limit.
    let limit = Duration::from_secs(60);
    let client = things::client(&limited(&format!("http://{}", refusing().await.unwrap()), Kind::Connect, limit));
    let begun = Instant::now();
    let refused = things::describe(&client, "x").send().await.is_err() && begun.elapsed() < limit / 2;
    drop(client);
    let left = settle(before).await;
    Figure::new(
        wrong.is_empty() && refused && left == 0,
        format!(
            "{} cases, at most {longest:?} later than {LIMIT:?}, {} wrong {}, {left} tasks left",
            cases.len() + 1,
            wrong.len(),
            wrong.join("; ")
        ),
    )
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Connect,
    Attempt,
    Total,
}

/// How late a sleep ends.
async fn lateness() -> Duration {
    let begun = Instant::now();
    tokio::time::sleep(LIMIT).await;
    begun.elapsed().saturating_sub(LIMIT)
}

fn limited(endpoint: &str, kind: Kind, limit: Duration) -> Config {
    let mut transport = TransportConfig::default();
    transport.connect_timeout = if matches!(kind, Kind::Connect) { limit } else { Duration::from_secs(5) };
    let mut builder = config(endpoint).transport_config(transport).no_proxy().retry(RetryConfig::off());
    match kind {
        Kind::Connect => {}
        Kind::Attempt => builder = builder.attempt_timeout(limit),
        Kind::Total => builder = builder.timeout(limit),
    }
    builder.build().unwrap()
}

fn fits(error: &Error, kind: Kind) -> bool {
    use alicloud_core::{ErrorKind, error::Stage};
    match (error.kind(), kind) {
        (ErrorKind::Transport(error), Kind::Connect) => error.stage == Stage::NotSent,
        (ErrorKind::Timeout(error), Kind::Attempt) => error.limit == "attempt",
        (ErrorKind::Timeout(error), Kind::Total) => error.limit == "total",
        _ => false,
    }
}

/// Tasks of ours that are still alive a moment later; the servers' own end when their clients do.
async fn settle(before: usize) -> usize {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks().saturating_sub(before);
    for _ in 0..100 {
        // Servers that stay silent keep one task per connection.
        if alive() <= 4 {
            return 0;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    alive()
}
