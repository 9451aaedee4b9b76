//! What is logged. In a program of its own: elsewhere, tests without a subscriber would settle for all
//! threads that nobody listens. The program runs itself again, because the environment belongs to a process.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use alicloud_core::{
    Call, Config, RetryConfig,
    credentials::{CachedProvider, Credentials, IniFileProvider, ProvideCredentials as _},
    error::Stage,
};
use alicloud_faults::{
    Act, Scripted,
    scripted::VirtualClock,
    source::{Plan, Source},
    things::{self, DescribePlainThing},
};
use tracing_subscriber::{layer::SubscriberExt as _, registry::LookupSpan};

const CHILD: &str = "FAULTS_TEST_CHILD";

/// Names of the fields of every span and event, and what was recorded in spans.
#[derive(Clone, Default)]
struct Seen {
    names: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
    recorded: Arc<Mutex<Vec<String>>>,
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Seen {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.add(attributes.metadata());
    }
    fn on_record(
        &self,
        id: &tracing::span::Id,
        record: &tracing::span::Record<'_>,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let mut text = context.span(id).map_or(String::new(), |span| span.name().to_owned());
        record.record(&mut Fields(&mut text));
        self.recorded.lock().unwrap().push(text);
    }
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.add(event.metadata());
    }
}

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Seen {
    fn add(&self, metadata: &tracing::Metadata<'_>) {
        if metadata.target().starts_with("alicloud_core") {
            let name = if metadata.is_span() { metadata.name().to_owned() } else { metadata.target().to_owned() };
            let fields = metadata.fields().iter().map(|field| field.name().to_owned());
            self.names.lock().unwrap().entry(name).or_default().extend(fields);
        }
    }
}

#[test]
fn logs_have_listed_fields_only() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--include-ignored"]).env(CHILD, "1");
    let output = command.env("ALIBABA_CLOUD_ENDPOINT", "things.cn-hangzhou.aliyuncs.com").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("LISTED"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "runs inside the other test"]
fn child() {
    const LISTED: [&str; 18] = [
        "message",
        "product",
        "operation",
        "region",
        "attempts",
        "attempt",
        "status",
        "request_id",
        "elapsed_ms",
        "failure",
        "signal",
        "wait_ms",
        "error",
        "retry_in",
        "variable",
        "endpoint",
        "path",
        "source",
    ];
    if std::env::var(CHILD).is_err() {
        return;
    }
    let seen = Seen::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(seen.clone())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        failing_attempts(&seen).await;
        failing_credentials().await;
    });
    environment_endpoint();
    #[cfg(unix)]
    file_of_everybody(&runtime);
    let names = seen.names.lock().unwrap();
    for (place, fields) in names.iter() {
        for field in fields {
            assert!(LISTED.contains(&field.as_str()), "{place}: {field}");
        }
    }
    let all: BTreeSet<_> = names.values().flatten().map(String::as_str).collect();
    for field in ["request_id", "wait_ms", "retry_in", "variable", "path"] {
        assert!(all.contains(field) || (cfg!(not(unix)) && field == "path"), "nothing has logged {field}: {names:?}");
    }
    println!("LISTED");
}

/// Spans of a call and of each attempt say how it ended, also when it failed.
async fn failing_attempts(seen: &Seen) {
    let service = Scripted::new(|seen| match seen.index {
        0 => Act::Fail(Stage::NotSent),
        1 => Act::refusal(429, ""),
        2 => Act::json(200, "{").with("x-acs-request-id", "R-CUT"),
        _ => Act::refusal(400, "No"),
    });
    let client = things::client(&service.builder().build().unwrap());
    things::describe(&client, "x").send().await.unwrap_err();
    let recorded = seen.recorded.lock().unwrap();
    let of =
        |span: &str| recorded.iter().filter(|text| text.starts_with(&format!("{span} "))).cloned().collect::<Vec<_>>();
    assert_eq!(
        of("attempt"),
        [
            "attempt status=429",
            r#"attempt request_id="R-NO""#,
            "attempt status=200",
            r#"attempt request_id="R-CUT""#,
            "attempt status=400",
            r#"attempt request_id="R-NO""#,
        ]
    );
    assert_eq!(of("call"), ["call attempts=4", "call status=400", r#"call request_id="R-NO""#]);
    let names = seen.names.lock().unwrap();
    assert!(names["attempt"].contains("attempt") && names["call"].contains("region"), "{names:?}");
}

/// A source that fails while what it gave is still good.
async fn failing_credentials() {
    let clock = VirtualClock::new(0);
    let source = Source::new(clock.clone(), |since| match since {
        Duration::ZERO => Plan::Lasting(Duration::from_secs(3600)),
        _ => Plan::Fail,
    });
    let provider = CachedProvider::new(source).clock(clock);
    provider.provide().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3500)).await;
    for _ in 0..3 {
        provider.provide().await.unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

fn environment_endpoint() {
    let config = Config::builder().credentials(Credentials::access_key("id", "secret"));
    let _ = Call::<DescribePlainThing>::new(&things::client(&config.retry(RetryConfig::off()).build().unwrap()));
}

/// A file of credentials that every user can read.
#[cfg(unix)]
fn file_of_everybody(runtime: &tokio::runtime::Runtime) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::temp_dir().join(format!("alicloud-logs-{}.ini", std::process::id()));
    std::fs::write(&path, "[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = secret\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let provided = runtime.block_on(IniFileProvider::new().path(&path).profile("default").provide());
    std::fs::remove_file(&path).unwrap();
    provided.unwrap();
}
