//! Measures the gateway: `cargo run --release -p alicloud-mock --example load`
//!
//! Prints how long it takes to start with all specs of the repository, how many signed and verified
//! requests per second it answers over keep-alive connections, and how much memory it holds.

#[path = "../tests/support/http.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod http;
#[path = "../tests/support/sign.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod sign;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alicloud_mock::MockGateway;
use sign::{Key, Moment, Request, Signer};

const CONNECTIONS: usize = 8;
/// Requests that are on their way at once on each connection.
const DEPTH: usize = 16;
const ROUNDS: usize = 1_000;

fn main() {
    let specs = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs")), PathBuf::from);
    let began = Instant::now();
    let gateway = MockGateway::builder().specs_dir(&specs).workers(2).start_blocking().expect("the gateway starts");
    println!("start                 {:>8.1} ms", began.elapsed().as_secs_f64() * 1000.0);
    memory("memory after start");

    // Signing costs more than verifying: it is done before the clock runs.
    let mut requests: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS).map(|_| batches()).collect();
    let total = CONNECTIONS * DEPTH * ROUNDS;
    let before = processor_time();
    let began = Instant::now();
    let address = gateway.address();
    std::thread::scope(|scope| {
        for batches in requests.drain(..) {
            scope.spawn(move || converse(address, &batches));
        }
    });
    let elapsed = began.elapsed();
    assert_eq!(gateway.served(), total as u64, "every request was answered");
    assert_eq!(gateway.ledger().calls("DescribeServiceMeshUpgradeStatus"), total as u64, "and verified");
    println!("verified requests     {total:>8}");
    println!("requests per second   {:>8.0}", total as f64 / elapsed.as_secs_f64());
    if let (Some(before), Some(after)) = (before, processor_time()) {
        let spent = (after - before).as_secs_f64() * 1e6 / total as f64;
        println!("processor time        {spent:>8.1} µs per request, client included");
    }
    memory("memory after load");
}

fn batches() -> Vec<Vec<u8>> {
    let key = Key { id: "testid".into(), secret: "testsecret".into(), token: None };
    let signer = Signer::acs3(key);
    let request = Request::rpc("DescribeServiceMeshUpgradeStatus", "2020-01-11")
        .query(&[("ServiceMeshId", "c08ba3fd1e6484b0f8cc1ad8fe10d0000")])
        .form(&[("AllIstioGatewayFullNames", "istio-system:ingressgateway1,istio-system:ingressgateway2")]);
    (0..ROUNDS).map(|_| (0..DEPTH).flat_map(|_| signer.sign(&request, &Moment::now())).collect()).collect()
}

fn converse(address: SocketAddr, batches: &[Vec<u8>]) {
    let mut stream = TcpStream::connect(address).expect("the gateway listens");
    let mut buffer = vec![0; 256 * 1024];
    for batch in batches {
        stream.write_all(batch).expect("the gateway reads");
        let (mut answers, mut filled) = (0, 0);
        while answers < DEPTH {
            let read = stream.read(&mut buffer[filled..]).expect("the gateway answers");
            assert!(read > 0, "the gateway closed the connection");
            filled += read;
            let mut at = 0;
            while let Some(length) = whole(&buffer[at..filled]) {
                at += length;
                answers += 1;
            }
            buffer.copy_within(at..filled, 0);
            filled -= at;
        }
    }
}

/// The length of the first answer, if it is there completely.
fn whole(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse::<usize>().ok()?;
    (bytes.len() >= end + length).then_some(end + length)
}

fn memory(what: &str) {
    if let Some(kib) = status("/proc/self/status", "VmRSS:") {
        println!("{what:<22}{:>8.1} MiB", kib as f64 / 1024.0);
    }
}

fn status(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(Path::new(file)).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// User and system time of this process.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
