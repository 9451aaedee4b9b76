//! The gateway as a program, for SDKs of any language.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use alicloud_mock::{Builder, Check, Fault, Latency, MockGateway, When};
use lexopt::prelude::*;

const USAGE: &str = "\
alicloud-mock serve [options]    serves until Ctrl-C or SIGTERM

  --spec PATH          serve a spec, or all specs below a folder (repeatable; default: specs)
  --port PORT          port to listen on (default: 8080; 0 takes a free one)
  --listen ADDRESS     address to listen on (default: 127.0.0.1)
  --seed NUMBER        seed of answers, ids and chances (default: 0)
  --key ID:SECRET      accept another access key (repeatable; testid:testsecret is always known)
  --state              products that are modelled remember their resources
  --skip RULE          do not enforce a rule (repeatable)
  --enforce RULE       enforce a rule that is off at first (repeatable)
  --fault OP:FAULT[:NTH]
                       order trouble; OP may be `*`, NTH counts its calls (repeatable)
  --throttle OP:CALLS/SECONDS
                       limit how often an operation may be called (repeatable)
  --latency OP:LATENCY
                       how long an operation takes, in ms: fixed:50, normal:50/10 or
                       pareto:20/1.5; OP may be `*` (repeatable)
  --record FILE        keep all exchanges and write them as HAR at the end
  --workers NUMBER     threads that serve (default: 2)

Status page at /_mock/, data at /_mock/coverage, /_mock/ledger, /_mock/requests, /_mock/har.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("alicloud-mock: {error}\n`alicloud-mock --help` lists the options");
            ExitCode::FAILURE
        }
    }
}

/// What is done with a gateway once it runs.
#[derive(Default)]
struct Orders {
    keys: Vec<(String, String)>,
    /// Operations they are for, `*` for all.
    faults: Vec<(String, When, Fault)>,
    limits: Vec<(String, u32, Duration)>,
    latencies: Vec<(String, Latency)>,
    record: Option<PathBuf>,
    skipped: BTreeSet<&'static str>,
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let Some((builder, orders)) = arguments()? else {
        let listed = |names: Vec<&str>| names.join(" ");
        let faults = listed(Fault::names().collect());
        let rules = listed(Check::ALL.iter().map(|check| check.key()).collect());
        println!("{USAGE}\nFaults: {faults}\nRules: {rules}");
        return Ok(());
    };
    let gateway = builder.start_blocking()?;
    for (id, secret) in &orders.keys {
        gateway.keys().add(id, secret)?;
    }
    let limited = orders.limits.iter().map(|(operation, ..)| operation);
    let slowed = orders.latencies.iter().map(|(operation, _)| operation);
    for operation in orders.faults.iter().map(|(operation, ..)| operation).chain(limited).chain(slowed) {
        // Otherwise a misspelt rule would do nothing, and nobody would know.
        if operation != "*" {
            gateway.find_operation(operation)?;
        }
    }
    for (_, when, fault) in orders.faults {
        gateway.fault(when, fault);
    }
    for (operation, calls, window) in &orders.limits {
        match operation.as_str() {
            "*" => gateway.throttle_all(*calls, *window),
            operation => gateway.throttle(operation, *calls, *window),
        }
    }
    for (operation, latency) in &orders.latencies {
        gateway.latency(operation, *latency);
    }
    // Better now than when the exchanges are there.
    let record = orders.record.map(|path| Archive::create(&path)).transpose()?;
    let (id, secret) = gateway.credentials();
    println!("listening on {}", gateway.endpoint());
    println!("access key   {id} / {secret}");
    println!("status page  {}/_mock/", gateway.endpoint());
    if !gateway.address().ip().is_loopback() {
        println!("warning      other machines can reach this address");
    }
    std::io::stdout().flush()?;

    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(told_to_stop())?;
    finish(&gateway, record, &orders.skipped)
}

/// By Ctrl-C, or as containers and supervisors say it.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// The file of `--record`.
struct Archive {
    path: PathBuf,
    file: File,
}

impl Archive {
    fn create(path: &Path) -> Result<Self, String> {
        let file = File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self { path: path.to_owned(), file })
    }
}

fn finish(
    gateway: &MockGateway,
    record: Option<Archive>,
    skipped: &BTreeSet<&str>,
) -> Result<(), Box<dyn std::error::Error>> {
    println!("\n{} requests served", gateway.served());
    for (product, calls) in gateway.ledger().counts() {
        for (operation, calls) in calls {
            println!("  {calls:>8}  {product} {operation}");
        }
    }
    // Whoever reads the result has to know what it does not prove.
    for check in skipped {
        println!("not checked: {check}");
    }
    if let Some(Archive { path, mut file }) = record {
        file.write_all(gateway.har().to_string().as_bytes())?;
        println!("recorded in {}", path.display());
    }
    Ok(())
}

/// `None`: only the usage was asked for.
fn arguments() -> Result<Option<(Builder, Orders)>, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut builder = MockGateway::builder().workers(2);
    let mut orders = Orders::default();
    let mut folders: Vec<PathBuf> = Vec::new();
    let (mut address, mut port) = (IpAddr::V4(Ipv4Addr::LOCALHOST), 8080_u16);
    let (mut serves, mut given) = (false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Value(command) if command == "serve" && !serves => serves = true,
            Long("spec") => folders.push(parser.value()?.into()),
            Long("port") => port = parser.value()?.parse_with(|text| read(text, "a port, 0 to 65535"))?,
            Long("listen") => address = parser.value()?.parse_with(|text| read(text, "an IP address"))?,
            Long("seed") => builder = builder.seed(parser.value()?.parse_with(|text| read(text, "a number"))?),
            Long("workers") => builder = builder.workers(parser.value()?.parse_with(|text| read(text, "a number"))?),
            Long("state") => builder = builder.stateful(),
            Long("record") => {
                orders.record = Some(parser.value()?.into());
                builder = builder.remember(usize::MAX);
            }
            Long("latency") => orders.latencies.push(parser.value()?.parse_with(latency)?),
            Long("key") => orders.keys.push(parser.value()?.parse_with(key)?),
            Long("fault") => orders.faults.push(parser.value()?.parse_with(fault)?),
            Long("throttle") => orders.limits.push(parser.value()?.parse_with(limit)?),
            Long("skip") => {
                let check = parser.value()?.parse_with(check)?;
                orders.skipped.insert(check.key());
                builder = builder.skip(check);
            }
            Long("enforce") => builder = builder.enforce(parser.value()?.parse_with(check)?),
            other => return Err(other.unexpected()),
        }
        given = true;
    }
    if !serves {
        return if given { Err("say what to do: `alicloud-mock serve`".into()) } else { Ok(None) };
    }
    if folders.is_empty() {
        folders.push("specs".into());
    }
    builder = folders.into_iter().fold(builder, Builder::specs_dir);
    Ok(Some((builder.listen(SocketAddr::new(address, port)), orders)))
}

fn read<T: FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("it is not {what}"))
}

fn key(text: &str) -> Result<(String, String), String> {
    let (id, secret) = text.split_once(':').ok_or("a key is given as ID:SECRET")?;
    Ok((id.to_owned(), secret.to_owned()))
}

fn check(text: &str) -> Result<Check, String> {
    Check::from_key(text).ok_or_else(|| {
        let keys: Vec<&str> = Check::ALL.iter().map(|check| check.key()).collect();
        format!("there is no rule `{text}`; the rules are {}", keys.join(", "))
    })
}

fn fault(text: &str) -> Result<(String, When, Fault), String> {
    let mut parts = text.split(':');
    let operation = parts.next().unwrap_or_default();
    let when = if operation == "*" { When::always() } else { When::operation(operation) };
    let name = parts.next().unwrap_or_default();
    let fault = Fault::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Fault::names().collect();
        format!("there is no fault `{name}`; the faults are {}", names.join(", "))
    })?;
    let when = match parts.next() {
        None => when,
        Some(nth) => when.nth(nth.parse().map_err(|_| format!("`{nth}` is not a number"))?),
    };
    match parts.next() {
        None => Ok((operation.to_owned(), when, fault)),
        Some(more) => Err(format!("nothing follows the number, but `{more}` does")),
    }
}

fn latency(text: &str) -> Result<(String, Latency), String> {
    let (operation, latency) = text.split_once(':').ok_or("a latency is given as OPERATION:LATENCY")?;
    Ok((operation.to_owned(), latency.parse()?))
}

fn limit(text: &str) -> Result<(String, u32, Duration), String> {
    let parsed = text.split_once(':').and_then(|(operation, rate)| {
        let (calls, seconds) = rate.split_once('/')?;
        Some((operation.to_owned(), calls.parse().ok()?, Duration::from_secs(seconds.parse().ok()?)))
    });
    parsed.ok_or_else(|| "a limit is given as OPERATION:CALLS/SECONDS".to_owned())
}
