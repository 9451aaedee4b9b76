//! Secrets are never printed.

use std::{
    error::Error as _,
    fmt::{Debug, Write as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alicloud_core::{
    Config, ConfigOverride, Document, Error, Interceptor, RetryConfig,
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    error::{ConfigError, CredentialsError},
    interceptor::{AttemptReport, CallReport, Outgoing},
    sign::SignatureVersion,
    transport::{Pem, Proxies},
};
use alicloud_models::MODELS;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Figure, Promise};
use crate::{
    Act, Fault, FaultServer, Scripted,
    scripted::Seen,
    server::{Blackhole, config, refusing},
    things,
};

pub(super) const PROMISE: Promise = Promise {
    id: "P23",
    title: "Secrets never printed",
    pass: "secrets in every input and every secret field of a generated model, all log levels, every error, Debug, Display and panic: 0 found (raw, percent-, base64-, hex-encoded, in halves)",
    measure: |_| measure(),
};

/// Secrets with characters that every encoding changes.
const CANARIES: [&str; 7] = [SECRET, TOKEN, BEARER, PASSWORD, PROXY, HEADER, PROVIDER];
const SECRET: &str = "Canary/Secret+1=aa bb";
const TOKEN: &str = "Canary/Token+2=cc dd";
const BEARER: &str = "Canary/Bearer+3=ee ff";
const PASSWORD: &str = "Canary/Password+4=gg hh";
const PROXY: &str = "CanaryProxy5iijj";
const HEADER: &str = "Canary/Header+6=kk ll";
const PROVIDER: &str = "Canary/Provider+7=mm nn";

/// What of a text gives a secret away.
fn forms(secret: &str) -> Vec<String> {
    let percent = |text: &str| -> String {
        text.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect()
    };
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let half = secret.len() / 2;
    vec![
        secret.to_owned(),
        percent(secret),
        percent(&percent(secret)),
        secret.replace(' ', "+"),
        BASE64_STANDARD.encode(secret),
        hex.clone(),
        hex.to_uppercase(),
        secret[..half].to_owned(),
        secret[half..].to_owned(),
        format!("{:?}", secret.as_bytes()),
    ]
}

/// Everything that was printed.
#[derive(Clone, Debug, Default)]
struct Printed(Arc<Mutex<Vec<(String, String)>>>);

impl Printed {
    fn add(&self, place: &str, text: String) {
        self.0.lock().unwrap().push((place.to_owned(), text));
    }

    fn debug(&self, place: &str, value: &impl Debug) {
        self.add(place, format!("{value:?} {value:#?}"));
    }

    fn error(&self, place: &str, error: &Error) {
        self.add(place, format!("{error} {error:?} {error:#?} {:?}", error.kind()));
        let mut source = error.source();
        while let Some(error) = source {
            self.add(place, format!("{error} {error:?}"));
            source = error.source();
        }
    }

    fn leaks(&self) -> Vec<String> {
        let printed = self.0.lock().unwrap();
        let mut leaks = Vec::new();
        for canary in CANARIES {
            for form in forms(canary) {
                leaks.extend(printed.iter().filter(|(_, text)| text.contains(&form)).map(|(place, text)| {
                    format!("{form:?} in {place}: {}", text.chars().take(300).collect::<String>())
                }));
            }
        }
        leaks
    }
}

/// Every span and event at every level.
impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Printed {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let mut text = attributes.metadata().name().to_owned();
        attributes.record(&mut Fields(&mut text));
        self.add("log", text);
    }

    fn on_record(
        &self,
        _: &tracing::span::Id,
        record: &tracing::span::Record<'_>,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let mut text = String::new();
        record.record(&mut Fields(&mut text));
        self.add("log", text);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let mut text = event.metadata().target().to_owned();
        event.record(&mut Fields(&mut text));
        self.add("log", text);
    }
}

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

/// Prints all that a hook is shown.
#[derive(Debug)]
struct PrintingHook(Printed);

impl Interceptor for PrintingHook {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), ConfigError> {
        self.0.debug("outgoing", request);
        Ok(())
    }
    fn attempt_ended(&self, report: &AttemptReport<'_>) {
        self.0.debug("attempt report", report);
    }
    fn call_ended(&self, report: &CallReport<'_>) {
        self.0.debug("call report", report);
    }
}

#[derive(Debug)]
struct Panicking;

impl ProvideCredentials for Panicking {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { panic!("{PROVIDER}") })
    }
}

fn measure() -> Figure {
    let printed = Printed::default();
    let subscriber = tracing_subscriber::registry().with(printed.clone());
    // What a panic of user code says is the user's. Of ours there is none; what it says would be printed.
    let (log, own) = (printed.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&own);
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_some_and(|place| place.file().contains("crates/core/src")) {
            log.add("panic", panic.to_string());
            count.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let scenarios = tracing::subscriber::with_default(subscriber, || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(scenarios(&printed))
    });
    let _ = std::panic::take_hook();
    let fields = secret_fields(&printed);
    let leaks = printed.leaks();
    let texts = printed.0.lock().unwrap().len();
    let seen_something =
        printed.0.lock().unwrap().iter().any(|(place, text)| place == "log" && text.contains("DescribeThing"));
    let panics = own.load(Ordering::Relaxed);
    Figure::new(
        leaks.is_empty() && seen_something && fields > 0 && panics == 0,
        format!(
            "{scenarios} calls, {fields} secret fields of models, {texts} texts, {panics} panics of ours, {} leaks {}",
            leaks.len(),
            leaks.first().cloned().unwrap_or_default()
        ),
    )
}

/// Prints every model that has a field for a secret with a secret in it; returns the number of such fields.
fn secret_fields(printed: &Printed) -> usize {
    let mut fields = 0;
    for (name, new) in MODELS {
        for field in new().schema().fields.iter().filter(|field| field.secret) {
            // One of these is what the field holds: a text, a list of texts, an object of texts.
            let secret = Document::from(PASSWORD);
            let list = Document::List(vec![secret.clone()]);
            let object = Document::object([("a", secret.clone())]);
            let held = [secret, list, object].into_iter().filter(|value| {
                let mut model = new();
                let document = Document::object([(field.name, value.clone())]);
                let read = alicloud_core::__private::decode(&mut *model, document).is_ok();
                printed.add(name, super::printed(&*model));
                read && !alicloud_core::model::equal(&*model, &*new())
            });
            fields += usize::from(held.count() > 0);
        }
    }
    fields
}

fn all_credentials() -> Vec<Credentials> {
    vec![
        Credentials::access_key("testid", SECRET),
        Credentials::sts("testid", SECRET, TOKEN),
        Credentials::bearer(BEARER),
    ]
}

/// A service that repeats all it was sent.
fn echo(seen: &Seen) -> Act {
    // What a user adds is no secret that we know of: it is masked where we print it, and not looked for in
    // what others say.
    let uri: Vec<_> = seen.parameters.iter().filter(|(name, _)| *name != "Note").collect();
    let raw_uri =
        seen.raw.uri().to_string().split('&').filter(|pair| !pair.contains("Note=")).collect::<Vec<_>>().join("&");
    let text = format!("{raw_uri} {uri:?} {}", String::from_utf8_lossy(seen.raw.body()));
    let headers = seen.headers.iter().filter(|(name, _)| !name.as_str().ends_with("note"));
    let headers: String =
        headers.map(|(name, value)| format!("{name}:{}\n", value.to_str().unwrap_or_default())).collect();
    let message = format!("{text}\n{headers}").replace('\\', "").replace('"', "'").replace('\n', " ");
    match seen.index % 6 {
        0 => Act::json(
            400,
            format!(r#"{{"Code": "SignatureDoesNotMatch", "Message": "server string to sign is:{message}"}}"#),
        ),
        1 => Act::Answer(502, vec![], format!("<html>{message}</html>").into_bytes()),
        2 => Act::Answer(500, vec![], message.into_bytes()),
        3 => Act::json(200, format!(r#"{{"Success": false, "Code": "No", "Message": "{message}"}}"#)),
        4 => Act::json(200, format!(r#"{{"Count": "{message}", "Name": "#)),
        _ => Act::Answer(200, vec![], format!("<html>{message}</html>").into_bytes()),
    }
}

async fn scenarios(printed: &Printed) -> usize {
    let mut calls = 0;
    let configs = configs(printed).await;
    for (place, config) in &configs {
        printed.debug(place, config);
        let client = things::client(config);
        printed.debug(place, &client);
        for signature in [SignatureVersion::Acs3, SignatureVersion::V1] {
            for _ in 0..6 {
                let mut call = things::describe(&client, "x");
                call.request.password = Some(PASSWORD.to_owned());
                call.timeout(Duration::from_millis(200));
                let overrides =
                    ConfigOverride::new().signature(signature).header("x-note", HEADER).query("Note", HEADER);
                printed.debug("override", &overrides);
                call.config_override(overrides);
                printed.debug("call", &call);
                printed.debug("request", &call.request);
                calls += 1;
                match call.send().await {
                    Ok(response) => printed.debug(place, &response),
                    Err(error) => printed.error(place, &error),
                }
            }
        }
    }
    for credentials in all_credentials() {
        printed.debug("credentials", &credentials);
        printed.debug("kind", &credentials.kind());
    }
    printed.debug("pem", &Pem::new(SECRET));
    let proxy = format!("http://user:{PROXY}@127.0.0.1:9");
    printed.debug("proxies", &Proxies::all(&proxy).unwrap());
    printed.debug("proxies", &Proxies::all(&format!("ftp://user:{PROXY}@127.0.0.1:9")).map(drop));
    printed.debug(
        "builder",
        &Config::builder()
            .credentials(Credentials::bearer(BEARER))
            .header("x-a", HEADER)
            .query("a", HEADER)
            .proxies(Proxies::all(&proxy).unwrap()),
    );
    calls
}

async fn configs(printed: &Printed) -> Vec<(&'static str, Config)> {
    let mut configs = Vec::new();
    let finish = |builder: alicloud_core::config::ConfigBuilder| {
        let builder = builder.retry(RetryConfig::default().with_max_attempts(2)).header("x-client-note", HEADER);
        builder.interceptor(PrintingHook(printed.clone())).build().unwrap()
    };
    for credentials in all_credentials() {
        configs.push(("echo", finish(Scripted::new(echo).builder().credentials(credentials))));
    }
    configs.push((
        "success",
        finish(
            Scripted::new(|_| Act::json(200, format!(r#"{{"Secret": "{PASSWORD}"}}"#)))
                .builder()
                .credentials(Credentials::sts("testid", SECRET, TOKEN)),
        ),
    ));
    configs.push(("panicking provider", finish(Scripted::new(|_| Act::ok()).builder().credentials(Panicking))));
    let sts = || Credentials::sts("testid", SECRET, TOKEN);
    let refused = format!("http://{}", refusing().await.unwrap());
    configs.push(("refused connection", finish(config(&refused).credentials(sts()))));
    let secure = refused.replace("http://", "https://");
    configs.push(("refused TLS connection", finish(config(&secure).credentials(sts()))));
    let proxy = Proxies::all(&format!("http://user:{PROXY}@{}", refused.trim_start_matches("http://"))).unwrap();
    configs.push(("refused proxy", finish(config("https://things.example.com").credentials(sts()).proxies(proxy))));
    let hole = Blackhole::open().await.unwrap();
    configs.push(("timeout", finish(config(&format!("http://{}", hole.address)).credentials(sts()))));
    // The servers run as long as the process does.
    std::mem::forget(hole);
    for fault in [
        Fault::None,
        Fault::ResetAfterReading,
        Fault::CutAnswer(60),
        Fault::WrongLength,
        Fault::ManyHeaders(120),
        Fault::HeaderFlood,
        Fault::Redirect(307, "http://127.0.0.1:9/elsewhere".to_owned()),
        Fault::Answer(500, format!("{TOKEN} {PASSWORD}")),
    ] {
        let server = FaultServer::start(move |_| fault.clone()).await.unwrap();
        configs.push(("fault server", finish(server.builder().credentials(sts()))));
        std::mem::forget(server);
    }
    configs
}
