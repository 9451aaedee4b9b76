//! The program is killed, the network, the clock, the source of credentials: no effect is lost silently, and no
//! secret is printed. A program of its own, so that all that is logged can be kept.

use std::{
    fmt::{Debug, Write as _},
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Client, RetryConfig,
    config::ConfigBuilder,
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    error::{CredentialsError, Stage},
    runtime::Clock,
};
use alicloud_faults::{
    Act, Fault, FaultServer, Ledger, Scripted,
    ledger::Received,
    random::{Random, at},
    scripted::{EPOCH, Seen, http_date, read_iso8601},
    server::config,
    things::{self, Outcome},
};
use tracing_subscriber::layer::SubscriberExt as _;

const SECRET: &str = "CanarySecretAa1";
const TOKEN: &str = "CanaryTokenBb2";

/// All that was logged, and all errors.
static PRINTED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Log {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        attributes.record(&mut Fields);
    }
    fn on_record(
        &self,
        _: &tracing::span::Id,
        record: &tracing::span::Record<'_>,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        record.record(&mut Fields);
    }
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut Fields);
    }
}

struct Fields;

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        print(&format!("{field}={value:?}"));
    }
}

fn print(text: &str) {
    let _ = writeln!(PRINTED.lock().unwrap_or_else(PoisonError::into_inner), "{text}");
}

fn listen() {
    // Whichever test is the first.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Log));
}

fn assert_clean(text: &str) {
    for canary in [SECRET, TOKEN] {
        assert!(!text.contains(canary), "{canary} was printed");
    }
}

/// How many calls ended well, with a doubt, and in vain.
#[derive(Debug, Default)]
struct Count {
    ok: u32,
    unknown: u32,
    vain: u32,
}

impl Count {
    /// What the caller was told must be true.
    fn add(&mut self, name: &str, outcome: &Outcome, effects: u32) {
        print(&format!("{outcome:?}"));
        match outcome {
            Ok(_) => {
                assert_eq!(effects, 1, "{name}: {outcome:?}");
                self.ok += 1;
            }
            Err(error) => {
                print(&format!("{error} {:?}", error.kind()));
                let most = u32::from(error.is_outcome_unknown());
                assert!(effects <= most, "{name}: {effects} effects, {error}");
                *(if most == 1 { &mut self.unknown } else { &mut self.vain }) += 1;
            }
        }
    }

    fn check(&self, printed: &Mutex<String>) {
        let printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(printed.contains("Thing"), "nothing was logged");
        assert_clean(&printed);
    }
}

fn sts() -> Credentials {
    Credentials::sts("testid", SECRET, TOKEN)
}

/// A service that keeps a ledger, inside the process.
fn witness(ledger: &Arc<Ledger>, seen: &Seen) -> Act {
    let target = seen.raw.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let headers = seen.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
    let (method, body) = (seen.raw.method().to_string(), seen.raw.body().to_vec());
    Act::json(200, ledger.execute(&Received { method, target, headers: headers.collect(), body }))
}

async fn create_all(client: &Client, ledger: &Ledger, calls: u64) -> Count {
    let mut count = Count::default();
    for number in 0..calls {
        let name = number.to_string();
        let outcome = match number % 2 {
            0 => things::create(client, &name).send().await,
            _ => things::create_safely(client, &name).send().await,
        };
        count.add(&name, &outcome, ledger.effects(&name));
    }
    count
}

fn eager(builder: ConfigBuilder) -> ConfigBuilder {
    let mut retry = RetryConfig::default().without_budget();
    retry.base_delay = Duration::from_millis(1);
    builder.retry(retry)
}

#[tokio::test]
async fn the_network() {
    listen();
    let server = FaultServer::start(|arrival| {
        let mut random = at(31, arrival.index);
        match random.below(8) {
            0 => Fault::ResetBeforeReading,
            1 => Fault::ResetWhileReading,
            2 => Fault::ResetAfterReading,
            3 => Fault::ResetAfterExecuting,
            4 => Fault::CutAnswer(usize::try_from(random.below(200)).unwrap()),
            _ => Fault::None,
        }
    });
    let server = server.await.unwrap();
    let client = things::client(&eager(server.builder()).credentials(sts()).build().unwrap());
    let count = create_all(&client, server.ledger(), 300).await;
    assert!(count.ok > 100 && count.unknown > 20, "{count:?}");
    assert_eq!(server.ledger().duplicates(), 0);
    count.check(&PRINTED);
}

/// A clock that somebody sets.
#[derive(Clone, Debug, Default)]
struct Unsteady(Arc<AtomicI64>);

impl Clock for Unsteady {
    fn now(&self) -> SystemTime {
        let seconds = EPOCH.checked_add_signed(self.0.load(Ordering::Relaxed)).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock() {
    listen();
    let ledger = Arc::new(Ledger::default());
    let (clock, book) = (Unsteady::default(), Arc::clone(&ledger));
    let hand = clock.clone();
    let service = Scripted::new(move |seen| {
        // Before each answer our clock jumps by up to three days to either side.
        let mut random = at(32, seen.index);
        hand.0.store(random.below(6 * 86_400) as i64 - 3 * 86_400, Ordering::Relaxed);
        let stamp = read_iso8601(seen.header("x-acs-date")).unwrap();
        let date = http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH));
        let act = match stamp.abs_diff(EPOCH) > 900 {
            true => Act::refusal(400, "InvalidTimeStamp.Expired"),
            false if random.percent(20) => {
                witness(&book, seen);
                Act::Fail(Stage::MaybeSent)
            }
            false => witness(&book, seen),
        };
        act.with("date", &date)
    });
    let config = service.builder().credentials(sts()).clock(clock.clone()).build().unwrap();
    let client = things::client(&config);
    let mut count = Count::default();
    for number in 0..300 {
        // Now and then somebody sets it right.
        if number % 3 == 0 {
            clock.0.store(0, Ordering::Relaxed);
        }
        let name = number.to_string();
        let outcome = things::create(&client, &name).send().await;
        count.add(&name, &outcome, ledger.effects(&name));
    }
    assert!(count.ok > 20 && count.unknown > 5 && count.vain > 20, "{count:?}");
    assert_eq!(ledger.duplicates(), 0);
    count.check(&PRINTED);
}

/// A source that fails, hangs, panics, and gives what has ended.
#[derive(Debug)]
struct Unsound(AtomicU64);

impl ProvideCredentials for Unsound {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            match at(33, number).below(6) {
                0 => Err(CredentialsError { message: "the source is down".to_owned(), not_configured: false }),
                1 => std::future::pending().await,
                2 => panic!("the source panics"),
                _ => Ok(sts()),
            }
        })
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn the_source_of_credentials() {
    listen();
    let ledger = Arc::new(Ledger::default());
    let book = Arc::clone(&ledger);
    let service = Scripted::new(move |seen| match at(34, seen.index).below(5) {
        0 => Act::Fail(Stage::NotSent),
        1 => {
            witness(&book, seen);
            Act::Fail(Stage::MaybeSent)
        }
        2 => Act::refusal(403, "InvalidSecurityToken.Expired"),
        _ => witness(&book, seen),
    });
    let config = service.builder().credentials(Unsound(AtomicU64::new(0))).build().unwrap();
    let count = create_all(&things::client(&config), &ledger, 300).await;
    assert!(count.ok > 50 && count.unknown > 10 && count.vain > 50, "{count:?}");
    assert_eq!(ledger.duplicates(), 0);
    count.check(&PRINTED);
}

/// The program that is killed: creates one thing after the other, from a number on, and says so.
#[tokio::test]
#[ignore = "started by another test"]
async fn program() {
    let Ok(endpoint) = std::env::var("ALICLOUD_TEST_ENDPOINT") else { return };
    let from: u64 = std::env::var("ALICLOUD_TEST_FROM").unwrap().parse().unwrap();
    let client = things::client(&eager(config(&endpoint)).credentials(sts()).build().unwrap());
    let mut number = from;
    loop {
        let name = number.to_string();
        let mut call = things::create_safely(&client, &name);
        // A name for the effect that outlives the program.
        call.request.client_token = Some(format!("token-{name}"));
        match call.send().await {
            Ok(_) => {
                println!("\ndone {number}");
                number += 1;
            }
            Err(error) => println!("\n{error} {error:?}"),
        }
    }
}

#[test]
fn the_process() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(FaultServer::start(|arrival| match at(35, arrival.index).below(6) {
        0 => Fault::ResetAfterExecuting,
        1 => Fault::ResetBeforeReading,
        _ => Fault::None,
    }));
    let server = server.unwrap();
    let (mut next, mut random) = (0, Random::new(36));
    for _ in 0..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "program", "--ignored", "--nocapture", "--test-threads=1"])
            .env("ALICLOUD_TEST_ENDPOINT", server.endpoint())
            .env("ALICLOUD_TEST_FROM", u64::to_string(&next))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It works for a while, and is killed in the middle of something.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut note = |line: &str| {
            assert_clean(line);
            next = line.strip_prefix("done ").map_or(next, |number| number.parse::<u64>().unwrap() + 1);
        };
        for line in lines.by_ref().map_while(Result::ok).take(usize::try_from(random.below(60)).unwrap()) {
            note(&line);
        }
        std::thread::sleep(Duration::from_micros(random.below(3000)));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it was killed is still in the pipe.
        lines.map_while(Result::ok).for_each(|line| note(&line));
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_clean(&errors);
    }
    assert!(next > 50, "only {next} things");
    for number in 0..next {
        assert_eq!(server.ledger().effects(&number.to_string()), 1, "thing {number}");
    }
    assert_eq!(server.ledger().duplicates(), 0);
}
