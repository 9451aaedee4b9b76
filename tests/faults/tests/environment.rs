//! What the environment sets, and what it cannot. One test, in a process of its own per setting: the environment
//! belongs to the whole process.

use std::{io::Read as _, net::TcpListener, process::Command, time::Duration};

use alicloud_core::{Call, Config, RetryConfig, credentials::Credentials};
use alicloud_faults::things::{self, DescribePlainThing};
use tracing_subscriber::layer::SubscriberExt as _;

const CHILD: &str = "FAULTS_TEST_CHILD";

/// Runs this program again with variables and returns what it prints.
fn run(mode: &str, variables: &[(&str, &str)]) -> String {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "child", "--nocapture", "--include-ignored"]).env(CHILD, mode);
    for name in [
        "ALIBABA_CLOUD_REGION_ID",
        "ALIBABA_CLOUD_ENDPOINT",
        "ALIBABA_CLOUD_CONFIG_FILE",
        "ALIBABA_CLOUD_PROFILE",
        "ALL_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "all_proxy",
        "http_proxy",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    let output = command.env("HOME", "/nonexistent").envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| Some(line.split_once("RESULT ")?.1.to_owned())).unwrap_or(text)
}

/// Prints events that name an endpoint.
struct Endpoints;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Endpoints {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        if line.0.contains("endpoint") {
            println!("RESULT {}", line.0);
        }
    }
}

#[tokio::test]
#[ignore = "runs inside the other test"]
async fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    let _logs =
        (mode == "logs").then(|| tracing::subscriber::set_default(tracing_subscriber::registry().with(Endpoints)));
    let mut builder = Config::builder().credentials(Credentials::access_key("id", "secret"));
    match mode.as_str() {
        "insecure" => builder = builder.allow_insecure_http(),
        "ignore" => builder = builder.ignore_configured_endpoints(),
        "proxy" | "no proxy" => {
            builder = builder.endpoint("http://things.invalid").allow_insecure_http().retry(RetryConfig::off());
            builder = builder.attempt_timeout(Duration::from_secs(1));
            builder = if mode == "no proxy" { builder.no_proxy() } else { builder };
            let error = things::describe(&things::client(&builder.build().unwrap()), "x").send().await.unwrap_err();
            println!("RESULT {error}");
            return;
        }
        "code" => builder = builder.endpoint("code.example.com").region("cn-beijing"),
        _ => {}
    }
    let result = match builder.build() {
        Ok(config) => match Call::<DescribePlainThing>::new(&things::client(&config)).prepare().await {
            Ok(request) => request.uri().authority().unwrap().to_string(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    println!("RESULT {result}");
}

#[test]
fn endpoints_and_regions() {
    let vendor = "things.cn-hangzhou.aliyuncs.com";
    assert_eq!(run("", &[("ALIBABA_CLOUD_ENDPOINT_THINGS", vendor)]), vendor);
    assert_eq!(run("", &[("ALIBABA_CLOUD_ENDPOINT", vendor)]), vendor);
    assert_eq!(run("", &[("ALIBABA_CLOUD_ENDPOINT", "https://127.0.0.1:8443")]), "127.0.0.1:8443");
    let logged = run("logs", &[("ALIBABA_CLOUD_ENDPOINT", vendor)]);
    assert!(logged.contains(vendor) && logged.contains("ALIBABA_CLOUD_ENDPOINT"), "{logged}");
    assert_eq!(run("code", &[("ALIBABA_CLOUD_ENDPOINT", vendor)]), "code.example.com");
    let ignored = run("ignore", &[("ALIBABA_CLOUD_ENDPOINT", vendor), ("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")]);
    assert!(ignored.contains("no known host"), "{ignored}");
    let evil = run("", &[("ALIBABA_CLOUD_ENDPOINT", "evil.com")]);
    assert!(evil.contains("is no host of Alibaba Cloud") && evil.contains(".endpoint("), "{evil}");
    let plain = run("", &[("ALIBABA_CLOUD_ENDPOINT", "http://127.0.0.1:80")]);
    assert!(plain.contains("allow_insecure_http"), "{plain}");
    // Not even a program for tests sends signed requests in plain HTTP to where a variable says.
    for elsewhere in ["http://ecs.aliyuncs.com", "http://ecs.aliyuncs.com:8080"] {
        let plain = run("insecure", &[("ALIBABA_CLOUD_ENDPOINT", elsewhere)]);
        assert!(plain.contains("is plain HTTP to another machine"), "{plain}");
    }
    for (here, authority) in [
        ("http://127.0.0.1:80", "127.0.0.1:80"),
        ("http://[::1]:80", "[::1]:80"),
        ("http://localhost:80", "localhost:80"),
    ] {
        assert_eq!(run("insecure", &[("ALIBABA_CLOUD_ENDPOINT", here)]), authority);
    }
    let proxy = run("", &[("HTTPS_PROXY", "ftp://user:hush@proxy")]);
    assert!(proxy.contains("HTTPS_PROXY") && !proxy.contains("hush"), "{proxy}");
    let region = run("", &[("ALIBABA_CLOUD_REGION_ID", "x@evil.com:443/#")]);
    assert!(region.contains("region") && region.contains("no host label"), "{region}");
}

/// S48
#[test]
fn the_proxy_of_the_environment_can_be_switched_off() {
    let seen = |mode: &str| {
        let proxy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let failure = run(mode, &[("HTTP_PROXY", &format!("http://{}", proxy.local_addr().unwrap()))]);
        assert!(failure.contains("things:DescribeThing: "), "{failure}");
        // Connections wait in the queue of the socket; the program at their other end is gone.
        proxy.set_nonblocking(true).unwrap();
        let mut bytes = Vec::new();
        while let Ok((mut connection, _)) = proxy.accept() {
            connection.set_nonblocking(false).unwrap();
            let _ = connection.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let through = seen("proxy");
    assert!(through.starts_with("POST http://things.invalid/"), "{through}");
    assert_eq!(seen("no proxy"), "");
}
