//! What a call is from outside: errors a user can act on, hooks, spans, modes.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use alicloud_core::{
    Config, ConfigOverride, Error, ErrorKind, Interceptor, Model, ResponseMeta, RetryConfig,
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    error::{ConfigError, CredentialsError, Stage},
    interceptor::{AttemptReport, CallInfo, CallReport, Outgoing},
};
use alicloud_faults::{Act, Scripted, random::at, scripted::Seen, things, verify::verify_http};

async fn error(act: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Error {
    let service = Scripted::new(act);
    let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
    things::create_safely(&client, "x").send().await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn errors_say_what_where_and_what_to_do() {
    let refused = error(|_| {
        let body = r#"{"Code": "Forbidden.RAM", "Message": "no right", "RequestId": "R-1", "HostId": "h",
            "Recommend": "https://api.aliyun.com/troubleshoot?q=Forbidden.RAM",
            "AccessDeniedDetail": {"AuthAction": "things:Create"}}"#;
        Act::json(403, body)
    });
    let refused = refused.await;
    assert_eq!(
        refused.to_string(),
        "things:CreateThingSafely: the service answered 403 Forbidden.RAM: no right; request id R-1; \
         see https://api.aliyun.com/troubleshoot?q=Forbidden.RAM"
    );
    assert_eq!((refused.code(), refused.request_id()), (Some("Forbidden.RAM"), Some("R-1")));
    let detail = refused.service().unwrap().access_denied_detail.as_ref().unwrap();
    assert_eq!(detail.get("AuthAction").unwrap().as_str(), Some("things:Create"));

    let lost = Scripted::new(|_| Act::Fail(Stage::MaybeSent));
    let client = things::client(&lost.builder().build().unwrap());
    let error = things::create_safely(&client, "x").send().await.unwrap_err();
    let token = error.client_token().unwrap();
    assert_eq!(token.len(), 36);
    assert_eq!(
        error.to_string(),
        format!(
            "things:CreateThingSafely: the call may have taken effect, check before you repeat it; last attempt: \
             the connection failed after the request may have left: scripted (after 4 attempts); \
             repeat it safely with the client token {token}"
        )
    );

    let mut call = things::create(&client, "x");
    call.timeout(Duration::from_millis(1));
    let hanging = Scripted::new(|_| Act::Hang);
    let client = things::client(&hanging.builder().timeout(Duration::from_secs(2)).build().unwrap());
    let error = things::describe(&client, "x").send().await.unwrap_err();
    assert_eq!(error.to_string(), "things:DescribeThing: the limit of 2s for the whole call has passed");

    let missing = alicloud_core::Call::<things::DescribeThing>::new(&client).send().await.unwrap_err();
    assert_eq!(missing.to_string(), "things:DescribeThing: nothing was sent: parameter Name is required and not set");
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_not_shown() {
    let error = error(|_| Act::json(200, r#"{"Count": "not a number", "Secret": "hush"}"#)).await;
    let ErrorKind::OutcomeUnknown(kind) = error.kind() else { panic!("{error}") };
    let ErrorKind::Decode(body) = &**kind else { panic!("{error}") };
    assert!(std::str::from_utf8(body.body()).unwrap().contains("hush"));
    assert!(!format!("{error} {error:?}").contains("hush"));
    assert!(error.to_string().contains("Count: expected a whole number"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn nothing_of_an_unreadable_answer_stays() {
    let service = Scripted::new(|seen| match seen.index {
        0 => Act::json(200, r#"{"Name": "first", "Count": "no number"}"#),
        _ => Act::json(200, r#"{"Count": 2}"#),
    });
    let client = things::client(&service.builder().build().unwrap());
    let thing = things::describe(&client, "x").send().await.unwrap();
    assert_eq!((thing.count, thing.name.as_deref(), thing.attempts()), (Some(2), None, 2));
}

#[derive(Debug)]
struct Broken(Mutex<u32>);

impl ProvideCredentials for Broken {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let mut left = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let panics = *left > 0;
        *left = left.saturating_sub(1);
        drop(left);
        Box::pin(async move {
            assert!(!panics, "the provider panics");
            Ok(Credentials::access_key("testid", "testsecret"))
        })
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}

/// P28
#[tokio::test]
async fn a_panic_in_user_code_fails_one_call() {
    let service = Scripted::new(|_| Act::ok());
    let client = things::client(&service.builder().credentials(Broken(Mutex::new(1))).build().unwrap());
    let error = things::describe(&client, "x").send().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Credentials(_)) && error.to_string().contains("panicked"), "{error}");
    for _ in 0..100 {
        things::describe(&client, "x").send().await.unwrap();
    }

    let client = things::client(&service.builder().interceptor(Hook::panicking()).build().unwrap());
    for _ in 0..3 {
        let error = things::describe(&client, "x").send().await.unwrap_err();
        assert!(error.to_string().contains("an interceptor panicked"), "{error}");
    }
}

/// What a hook has seen.
#[derive(Clone, Debug, Default)]
struct Hook {
    panics: bool,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Hook {
    fn panicking() -> Self {
        Self { panics: true, ..Self::default() }
    }

    fn note(&self, text: String) {
        assert!(!self.panics, "the hook panics");
        self.seen.lock().unwrap().push(text);
    }
}

impl Interceptor for Hook {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), ConfigError> {
        self.note(format!(
            "before {} {} {} {}",
            request.call().operation,
            request.attempt(),
            request.host(),
            request.path()
        ));
        assert_eq!(request.header("authorization"), None);
        request.set_header("x-trace", format!("trace-{}", request.attempt()))?;
        for reserved in ["host", "Authorization", "x-acs-action"] {
            assert!(request.set_header(reserved, "x").is_err());
        }
        Ok(())
    }
    fn after_decoding(&self, call: &CallInfo, meta: &ResponseMeta, output: &dyn Model) {
        self.note(format!("after {} {} {}", call.operation, meta.status(), output.schema().name));
    }
    fn attempt_ended(&self, report: &AttemptReport<'_>) {
        self.note(format!(
            "attempt {} {:?} {:?}",
            report.attempt,
            report.status.map(|status| status.as_u16()),
            report.failure
        ));
    }
    fn call_ended(&self, report: &CallReport<'_>) {
        self.note(format!("call {} {:?} {}", report.attempts, report.request_id, report.error.is_some()));
    }
}

#[tokio::test(start_paused = true)]
async fn hooks_see_every_step() {
    let service = Scripted::recording(|seen| match seen.index {
        0 => Act::refusal(503, "ServiceUnavailable"),
        1 => Act::Fail(Stage::NotSent),
        _ => Act::ok(),
    });
    let hook = Hook::default();
    let client = things::client(&service.builder().interceptor(hook.clone()).build().unwrap());
    things::describe(&client, "x").send().await.unwrap();
    assert_eq!(
        *hook.seen.lock().unwrap(),
        [
            "before DescribeThing 1 things.example.com /",
            "attempt 1 Some(503) Some(\"server fault\")",
            "before DescribeThing 2 things.example.com /",
            "attempt 2 None Some(\"not sent\")",
            "before DescribeThing 3 things.example.com /",
            "after DescribeThing 200 OK Thing",
            "attempt 3 Some(200) None",
            "call 3 Some(\"R-OK\") false",
        ]
    );
    for (number, seen) in service.take().iter().enumerate() {
        assert_eq!(seen.header("x-trace"), format!("trace-{}", number + 1));
        verify_http(&seen.raw, "testid", "testsecret").unwrap();
        // After a failure of the server the next attempt should meet another one.
        assert_eq!(seen.header("connection"), if number == 1 { "close" } else { "" });
    }
}

#[tokio::test(start_paused = true)]
async fn modes() {
    let failing = || Scripted::new(|_| Act::Fail(Stage::NotSent));
    for (retry, attempts) in [
        (RetryConfig::off(), 1),
        (RetryConfig::default(), 4),
        (RetryConfig::adaptive(), 4),
        (RetryConfig::default().with_max_attempts(0), 1),
    ] {
        let service = failing();
        let mut call = things::describe(&things::client(&service.builder().build().unwrap()), "x");
        call.retry(retry.clone());
        let error = call.send().await.unwrap_err();
        assert_eq!((error.attempts(), service.count()), (attempts, attempts.into()), "{retry:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn adaptive_mode_slows_all_calls_down_and_recovers() {
    let start = tokio::time::Instant::now();
    // From second 10 on a hundred calls per second are too many, for two seconds.
    let service = Scripted::recording(move |_| {
        let second = start.elapsed().as_secs();
        if (10..12).contains(&second) { Act::refusal(429, "Throttling.User") } else { Act::ok() }
    });
    let config = service.builder().retry(RetryConfig::adaptive()).build().unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..10 {
        let client = things::client(&config);
        workers.spawn(async move {
            tokio::time::sleep(Duration::from_millis(worker * 10)).await;
            while start.elapsed() < Duration::from_secs(80) {
                let _ = things::describe(&client, "x").send().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
    }
    workers.join_all().await;
    let sent = service.take();
    let rate = |from: u64, to: u64| {
        let within = sent.iter().filter(|seen| (from..to).contains(&(seen.at - start).as_secs())).count();
        within as u64 / (to - from)
    };
    let (before, after, later) = (rate(2, 10), rate(12, 17), rate(73, 79));
    assert!(before >= 90, "{before} per second before");
    assert!(after <= before / 2, "{after} per second after, {before} before");
    assert!(later >= 90, "{later} per second a minute later");
}

#[tokio::test]
async fn what_a_user_adds_is_sent_and_does_not_replace_parameters() {
    let service = Scripted::recording(|_| Act::ok());
    let config =
        service.builder().header("X-Own", "client").query("Name", "client").query("Own", "client").build().unwrap();
    let client = things::client(&config);
    let mut call = things::describe(&client, "x");
    call.config_override(ConfigOverride::new().header("x-own", "call").query("Own", "call"));
    call.send().await.unwrap();
    let seen = service.take();
    assert_eq!(seen[0].header("x-own"), "call");
    assert_eq!((seen[0].parameters["Own"].as_str(), seen[0].parameters["Name"].as_str()), ("call", "x"));
    verify_http(&seen[0].raw, "testid", "testsecret").unwrap();

    let mut call = things::describe(&client, "x");
    call.config_override(ConfigOverride::new().query("Action", "DeleteAll"));
    let error = call.send().await.unwrap_err();
    assert!(error.to_string().contains("cannot be replaced"), "{error}");
    assert!(Config::builder().header("x-acs-action", "x").build().is_err());
}

#[tokio::test(start_paused = true)]
async fn limits_of_time_may_be_anything() {
    let service = Scripted::new(|_| Act::After(Duration::from_secs(10), Box::new(Act::ok())));
    for (time, ends) in [(Duration::ZERO, true), (Duration::from_nanos(1), true), (Duration::MAX, false)] {
        let config = service.builder().timeout(time).attempt_timeout(time).build().unwrap();
        match things::describe(&things::client(&config), "x").send().await {
            Ok(_) => assert!(!ends, "{time:?}"),
            Err(error) => assert!(ends && matches!(error.kind(), ErrorKind::Timeout(_)), "{time:?}: {error}"),
        }
    }
}

/// Over plain HTTP anybody could set our clock.
#[tokio::test(start_paused = true)]
async fn plain_http_does_not_correct_the_clock() {
    let service = Scripted::new(|_| {
        let refusal = Act::refusal(400, "InvalidTimeStamp.Expired");
        refusal.with("date", "Tue, 02 Jan 2024 03:04:05 GMT")
    });
    for (endpoint, attempts) in
        [("http://things.example.com", 1), ("http://127.0.0.1:80", 2), ("https://things.example.com", 2)]
    {
        let config = service.builder().endpoint(endpoint).allow_insecure_http().build().unwrap();
        let error = things::describe(&things::client(&config), "x").send().await.unwrap_err();
        assert_eq!(error.attempts(), attempts, "{endpoint}");
    }
}

/// The answer to one call never reaches another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_of_one_client_do_not_mix() {
    let service = Scripted::new(|seen| match at(25, seen.index).percent(20) {
        true => Act::Fail(Stage::NotSent),
        false => Act::json(200, format!(r#"{{"Name": "{}"}}"#, seen.parameters["Name"])),
    });
    let mut retry = RetryConfig::default().without_budget().with_max_attempts(10);
    retry.base_delay = Duration::from_millis(1);
    let client = things::client(&service.builder().retry(retry).build().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..256 {
        let client = client.clone();
        tasks.spawn(async move {
            for number in 0..10 {
                let name = format!("{task}-{number}");
                let thing = things::describe(&client, &name).send().await.unwrap();
                assert_eq!(thing.name.as_deref(), Some(name.as_str()));
            }
        });
    }
    tasks.join_all().await;
}

fn is_send_and_sync<T: Send + Sync + Debug>() {}

#[test]
fn public_types_can_be_shared_and_printed() {
    is_send_and_sync::<Config>();
    is_send_and_sync::<alicloud_core::Client>();
    is_send_and_sync::<Error>();
    is_send_and_sync::<alicloud_core::Call<things::DescribeThing>>();
    is_send_and_sync::<alicloud_core::Response<things::Thing>>();
    assert!(std::mem::size_of::<Error>() <= 16);
}
