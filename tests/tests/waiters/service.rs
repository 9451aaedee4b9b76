//! A service inside the process that says what it is told to, and a question whose parameters and answer can
//! be anything.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use alicloud_core::{
    Config, Document, Error, Model, RetryConfig,
    bytes::Bytes,
    credentials::Credentials,
    endpoint::Endpoints,
    error::TransportError,
    http::{self, Method},
    model::{self, Field, Schema},
    operation::{Operation, Protocol, Request, Service},
    transport::{Body, Transport},
    wait::{self, Progress, Rule, Wait, Waiter},
};
use alicloud_spec::{WaiterRule, WaiterState};
use tokio::time::Instant;

use super::answers::Answer;

static SERVICE: Service = Service {
    product: "things",
    code: "Things",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "things",
        global: Some("things.example.com"),
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

/// A question as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) at: Instant,
    pub(crate) parameters: BTreeMap<String, String>,
}

pub(crate) type Questions = Arc<Mutex<Vec<Question>>>;

/// Answers in turn; the last one stays.
struct Told {
    answers: Vec<Answer>,
    questions: Questions,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

impl Transport for Told {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + '_>> {
        Box::pin(async move {
            let query = request.uri().query().unwrap_or_default();
            let parameters = serde_urlencoded::from_str(query).unwrap();
            let number = {
                let mut questions = self.questions.lock().unwrap();
                questions.push(Question { at: Instant::now(), parameters });
                questions.len() - 1
            };
            let Answer { status, body, .. } = &self.answers[number.min(self.answers.len() - 1)];
            let response = http::Response::builder().status(*status).header("content-type", "application/json");
            Ok(response.body(Body::from(Bytes::from(body.to_string()))).unwrap())
        })
    }
}

/// Names of everything that a waiter of the repository sets or looks at.
fn names() -> &'static [Field] {
    static NAMES: OnceLock<Vec<Field>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = BTreeMap::new();
        for (_, waiter) in super::waiters() {
            let first = |rule: &WaiterRule| rule.path.as_deref().map(|path| path.split('.').next().unwrap().to_owned());
            let rules = waiter.rules.iter().flat_map(|rule| std::iter::once(rule).chain(&rule.and));
            let parameters = waiter.requires.iter().chain(waiter.preset.keys()).cloned();
            names.extend(rules.filter_map(first).chain(parameters).map(|name| (name, ())));
        }
        names.into_keys().map(|name| Field::query(name.leak())).collect()
    })
}

/// A model with a member of every name.
#[derive(Clone)]
pub(crate) struct Anything(Vec<Option<Document>>);

impl Default for Anything {
    fn default() -> Self {
        Self(vec![None; names().len()])
    }
}

impl Model for Anything {
    fn schema(&self) -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::new("Anything", names()))
    }
    fn field(&self, index: usize) -> &dyn model::Value {
        &self.0[index]
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn model::Value {
        &mut self.0[index]
    }
}

impl Request for Anything {
    type Response = Anything;
    const OPERATION: &'static Operation = &Operation::rpc("Ask", Method::GET).read();
}

/// A waiter's fluent type, but for the parameters.
pub(crate) struct Waiting(Wait<Anything>);

impl Waiting {
    fn set(&mut self, parameter: &str, value: Option<&str>) {
        let index = names().iter().position(|field| field.name == parameter).unwrap();
        self.0.call.request.0[index] = value.map(|text| Document::String(text.to_owned()));
    }
    pub(crate) fn with(mut self, parameter: &str, value: &str) -> Self {
        self.set(parameter, Some(value));
        self
    }
    pub(crate) fn without(mut self, parameter: &str) -> Self {
        self.set(parameter, None);
        self
    }
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout(timeout);
        self
    }
    pub(crate) fn confirm(mut self, answers: u32) -> Self {
        self.0.confirm(answers);
        self
    }
    pub(crate) fn on_progress(mut self, progress: impl FnMut(&Progress<'_>) + Send + 'static) -> Self {
        self.0.on_progress(Box::new(progress));
        self
    }
    pub(crate) async fn wait(self) -> Result<(), Error> {
        self.0.wait().await.map(drop)
    }
}

/// The wait for a waiter of a spec, every required parameter set, and the questions that it asks.
pub(crate) fn wait(waiter: &alicloud_spec::Waiter, answers: Vec<Answer>) -> (Waiting, Questions) {
    let questions = Questions::default();
    let config = Config::builder()
        .credentials(Credentials::access_key("id", "secret"))
        .transport(Told { answers, questions: questions.clone() })
        .retry(RetryConfig::off())
        .build()
        .unwrap();
    let client = alicloud_core::Client::new(&config, &SERVICE);
    let mut waiting = Waiting(Wait::new(
        &client,
        leak(Waiter {
            name: text("Waiter"),
            delay: waiter.delay,
            limit: waiter.limit,
            requires: leak(waiter.requires.iter().map(text).collect::<Vec<_>>()),
            preset: leak(waiter.preset.iter().map(|(name, value)| (text(name), text(value))).collect::<Vec<_>>()),
            rules: leak(waiter.rules.iter().map(rule).collect::<Vec<_>>()),
        }),
    ));
    waiter.requires.iter().for_each(|parameter| waiting.set(parameter, Some("x-1")));
    (waiting, questions)
}

/// Waits, and gives back how it ended and what was asked.
pub(crate) async fn ask(
    waiter: &alicloud_spec::Waiter,
    answers: Vec<Answer>,
    change: impl FnOnce(Waiting) -> Waiting,
) -> (Result<(), Error>, Vec<Question>) {
    let (waiting, questions) = wait(waiter, answers);
    let result = change(waiting).wait().await;
    let questions = questions.lock().unwrap().clone();
    (result, questions)
}

/// What codegen makes of a rule.
fn rule(rule: &WaiterRule) -> Rule {
    let when = leak(conditions(rule));
    match rule.then {
        WaiterState::Success => wait::success(when),
        WaiterState::Failure => wait::failure(when),
        WaiterState::Retry => wait::retry(when),
    }
}

fn conditions(rule: &WaiterRule) -> Vec<wait::Condition> {
    let own = match (&rule.path, &rule.error) {
        (Some(path), _) => {
            let values: &'static [&'static str] = leak(rule.values.iter().map(text).collect::<Vec<_>>());
            let condition = if rule.all { wait::all(text(path), values) } else { wait::any(text(path), values) };
            if rule.or_empty { condition.or_empty() } else { condition }
        }
        (None, Some(code)) => wait::refused(text(code)),
        (None, None) => panic!("a rule has a path or an error"),
    };
    std::iter::once(own).chain(rule.and.iter().flat_map(conditions)).collect()
}

/// The machine takes constants, as the generated crates have them.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(text: impl AsRef<str>) -> &'static str {
    text.as_ref().to_owned().leak()
}
