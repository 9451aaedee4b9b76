//! Measures the gateway: `cargo run --release -p alicloud-mock --example load`
//!
//! Prints how long it takes to start with all specs of the repository, how many signed and verified
//! requests per second it answers over 8 keep-alive connections, and how much memory it holds. `-- --spec FOLDER`
//! takes other specs; they have to hold those of the service mesh. `-- --products N` takes only the first N of them
//! by name, and the service mesh. `-- --depth N` has N requests on their way at
//! once on each connection: 16 at first, so that the client, which shares the processors, costs little; 1 waits
//! for each answer, as most programs do.
//!
//! The client is a process of its own. It signs all requests before the clock runs, then writes and counts
//! answers; what it costs is in the figure of requests per second, but not in the processor time of the gateway.

#[path = "../tests/support/http.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod http;
#[path = "../tests/support/sign.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod sign;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use alicloud_mock::MockGateway;
use sign::{Key, Moment, Request, Signer};

const CONNECTIONS: usize = 8;
const TOTAL: usize = 128_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs").to_owned();
    let (mut products, mut depth, mut server) = (usize::MAX, 16, None);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
        match argument.as_str() {
            "--spec" => specs = value,
            "--products" => products = value.parse().expect("--products is a number"),
            "--depth" => depth = value.parse().expect("--depth is a number"),
            "--client-of" => server = Some(value.parse().expect("--client-of is an address")),
            other => panic!("{other} is not known; there are --spec, --products and --depth"),
        }
    }
    assert!(depth > 0 && TOTAL.is_multiple_of(CONNECTIONS * depth), "--depth divides {}", TOTAL / CONNECTIONS);
    match server {
        Some(address) => client(address, depth),
        None => gateway(&folders(Path::new(&specs), products), depth),
    }
}

/// The folders of so many products, the service mesh among them; the folder of all when there are no more.
fn folders(specs: &Path, products: usize) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(specs).expect("the specs are there").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    if folders.len() <= products {
        return vec![specs.to_owned()];
    }
    folders.sort();
    let mesh = folders.iter().position(|path| path.ends_with("servicemesh")).expect("the service mesh is there");
    let last = products.max(1) - 1;
    folders.swap(last, last.max(mesh));
    folders.truncate(products.max(1));
    folders
}

/// Serves, and measures itself while another process calls.
fn gateway(specs: &[PathBuf], depth: usize) {
    let began = Instant::now();
    let builder = specs.iter().fold(MockGateway::builder().workers(2), |builder, path| builder.specs_dir(path));
    let gateway = builder.start_blocking().expect("the gateway starts");
    println!("start                 {:>8.1} ms", began.elapsed().as_secs_f64() * 1000.0);
    memory("memory after start");

    let before = processor_time();
    let program = std::env::current_exe().expect("this program has a path");
    let address = gateway.address().to_string();
    let arguments = ["--client-of", &address, "--depth", &depth.to_string()];
    let done = Command::new(program).args(arguments).status().expect("the client runs");
    assert!(done.success(), "the client got all its answers");
    assert_eq!(gateway.served(), TOTAL as u64, "every request was answered");
    assert_eq!(gateway.ledger().calls("DescribeServiceMeshUpgradeStatus"), TOTAL as u64, "and verified");
    if let (Some(before), Some(after)) = (before, processor_time()) {
        let spent = (after - before).as_secs_f64() * 1e6 / TOTAL as f64;
        println!("processor time        {spent:>8.1} µs per request");
    }
    memory("memory after load");
}

/// Calls as fast as it can. Signing costs more than verifying: it is done before the clock runs.
fn client(address: SocketAddr, depth: usize) {
    let mut requests: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS).map(|_| batches(depth)).collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for batches in requests.drain(..) {
            scope.spawn(move || converse(address, &batches, depth));
        }
    });
    println!("verified requests     {TOTAL:>8}");
    println!("requests per second   {:>8.0}", TOTAL as f64 / began.elapsed().as_secs_f64());
}

fn batches(depth: usize) -> Vec<Vec<u8>> {
    let key = Key { id: "testid".into(), secret: "testsecret".into(), token: None };
    let signer = Signer::acs3(key);
    let request = Request::rpc("DescribeServiceMeshUpgradeStatus", "2020-01-11")
        .query(&[("ServiceMeshId", "c08ba3fd1e6484b0f8cc1ad8fe10d0000")])
        .form(&[("AllIstioGatewayFullNames", "istio-system:ingressgateway1,istio-system:ingressgateway2")]);
    let rounds = TOTAL / CONNECTIONS / depth;
    (0..rounds).map(|_| (0..depth).flat_map(|_| signer.sign(&request, &Moment::now())).collect()).collect()
}

fn converse(address: SocketAddr, batches: &[Vec<u8>], depth: usize) {
    let mut stream = TcpStream::connect(address).expect("the gateway listens");
    stream.set_nodelay(true).expect("a socket has options");
    let mut buffer = vec![0; 256 * 1024];
    for batch in batches {
        stream.write_all(batch).expect("the gateway reads");
        let (mut answers, mut filled) = (0, 0);
        while answers < depth {
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
