//! What is kept and what is shown of answers that are bad, long, or broken off.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use alicloud_core::{
    Call, Document, Error, ErrorKind, Interceptor, RetryConfig, config::BodyLimits, credentials::Credentials,
    error::Stage, interceptor::AttemptReport, paginate::Pages,
};
use alicloud_faults::{
    Act, Fault, FaultServer, Scripted,
    things::{self, ListByToken},
};

fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}

/// The answer of a service that always says the same, as an error of a call that reads.
async fn read(act: impl Fn() -> Act + Send + Sync + 'static) -> Error {
    let service = Scripted::new(move |_| act());
    let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
    things::describe(&client, "x").send().await.unwrap_err()
}

#[tokio::test]
async fn an_answer_that_breaks_off_keeps_status_id_and_what_arrived() {
    // Head and half of the body.
    for fault in [Fault::WrongLength, Fault::CutAnswer(130)] {
        let given = fault.clone();
        let server = FaultServer::start(move |_| given.clone()).await.unwrap();
        let client = things::client(&server.builder().build().unwrap());
        let error = things::create(&client, "x").send().await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{fault:?}: {error}");
        assert_eq!((status(&error), error.request_id()), (Some(200), Some("H")), "{fault:?}: {error}");
        let ErrorKind::OutcomeUnknown(kind) = error.kind() else { panic!("{error}") };
        let ErrorKind::Decode(body) = &**kind else { panic!("{error}") };
        assert_eq!(body.failure.as_ref().map(|failure| failure.stage), Some(Stage::MaybeSent));
        assert!(body.body().starts_with(b"{\"RequestId\""), "{fault:?}: {:?}", body.body());
        assert!(error.to_string().contains("request id H"), "{error}");
        // A call that reads is sent again.
        let error = things::describe(&client, "x").send().await.unwrap_err();
        assert_eq!((error.attempts(), status(&error)), (4, Some(200)), "{error}");
    }
}

#[tokio::test]
async fn limits_of_answers_are_those_that_are_set() {
    let limits = |change: fn(&mut BodyLimits)| {
        let mut limits = BodyLimits::default();
        change(&mut limits);
        limits
    };
    let long = |status| move || Act::json(status, format!(r#"{{"Code": "Long", "Name": "{}"}}"#, "x".repeat(200)));
    let many = |status| move || (0..20).fold(long(status)(), |act, n| act.with(&format!("x-{n}"), &"y".repeat(50)));
    let with = |limits: BodyLimits, act: &(dyn Fn() -> Act + Sync)| {
        let act = act();
        let act = Mutex::new(Some(act));
        let service = Scripted::new(move |_| act.lock().unwrap().take().unwrap());
        let config = service.builder().body_limits(limits).retry(RetryConfig::off()).build().unwrap();
        async move { things::create(&things::client(&config), "x").send().await }
    };
    // Within all of them.
    with(BodyLimits::default(), &many(200)).await.unwrap();
    for (name, set) in [
        ("success", limits(|limits| limits.success = 100)),
        ("headers", limits(|limits| limits.headers = 10)),
        ("head", limits(|limits| limits.head = 500)),
    ] {
        let error = with(set, &|| many(200)().with("x-acs-request-id", "R")).await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.to_string().contains("too long"), "{name}: {error}");
        assert_eq!((status(&error), error.request_id()), (Some(200), Some("R")), "{name}: {error}");
    }
    // A refusal stays one: its status decides what follows.
    for set in [limits(|limits| limits.headers = 10), limits(|limits| limits.head = 500)] {
        let error = with(set, &|| many(503)().with("x-acs-request-id", "R")).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Service(_)) && error.to_string().contains("headers of"), "{error}");
        assert_eq!((status(&error), error.request_id()), (Some(503), Some("R")), "{error}");
    }
    let error = with(limits(|limits| limits.error = 100), &long(400)).await.unwrap_err();
    assert_eq!((error.code(), status(&error)), (Some("Long"), Some(400)), "{error}");
    assert!(error.service().unwrap().message.len() <= 100 && error.service().unwrap().document().is_none());
    let error = with(BodyLimits::default(), &long(400)).await.unwrap_err();
    assert!(error.service().unwrap().document().is_some());
}

/// Both limits of the transport follow those of the client.
#[tokio::test]
async fn more_headers_than_usual_can_be_allowed() {
    let server = FaultServer::start(|_| Fault::ManyHeaders(300)).await.unwrap();
    let call = |limits: BodyLimits| {
        let config = server.builder().body_limits(limits).retry(RetryConfig::off()).build().unwrap();
        async move { things::describe(&things::client(&config), "x").send().await }
    };
    call(BodyLimits::default()).await.unwrap_err();
    let mut limits = BodyLimits::default();
    limits.headers = 400;
    call(limits).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_a_success_is_as_late_as_it_asks() {
    let service = Scripted::recording(|seen| match seen.index {
        0 => Act::json(200, r#"{"Success": false, "Code": "Throttling.User"}"#).with("x-acs-retry-after", "7000"),
        _ => Act::ok(),
    });
    let client = things::client(&service.builder().build().unwrap());
    things::create(&client, "x").send().await.unwrap();
    let seen = service.take();
    let waited = seen[1].at - seen[0].at;
    assert!((Duration::from_secs(7)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn the_whole_refusal_can_be_read_and_is_not_printed() {
    let body = r#"{"Success": false, "Code": "No", "RequestId": "R", "DynamicCode": "D", "Data": {"Key": "hush",
        "List": ["the testsecret and Passw0rd", 12345678]}}"#;
    for answer in [200, 400] {
        let service = Scripted::new(move |_| Act::json(answer, body));
        let credentials = Credentials::access_key("testid", "testsecret");
        let config = service.builder().credentials(credentials).retry(RetryConfig::off()).build().unwrap();
        let mut call = things::create(&things::client(&config), "x");
        call.request.password = Some("Passw0rd".to_owned());
        let error = call.send().await.unwrap_err();
        let document = error.service().unwrap().document().unwrap();
        assert_eq!(document.get("DynamicCode").and_then(Document::as_str), Some("D"));
        let data = document.get("Data").unwrap();
        assert_eq!(data.to_string(), r#"{"Key":"hush","List":["the ** and **",12345678]}"#, "{answer}");
        assert!(!format!("{error} {error:?} {:?}", error.service()).contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn no_member_of_a_refusal_repeats_a_secret() {
    let body = r#"{"Code": "testsecret", "Message": "testsecret", "RequestId": "testsecret", "HostId": "testsecret",
        "Recommend": "https://a?testsecret", "AccessDeniedDetail": {"testsecret": "testsecret", "AuthAction": "a"}}"#;
    let error = read(move || Act::json(400, body)).await;
    let service = error.service().unwrap();
    assert!(!format!("{error} {service:?} {:?}", service.document()).contains("testsecret"), "{error:?}");
    let detail = service.access_denied_detail.as_ref().unwrap();
    assert_eq!(detail.get("AuthAction").and_then(Document::as_str), Some("a"), "the rest stays");
}

/// S9, S57: what an answer says is data, also when it says 200.
#[tokio::test]
async fn no_text_of_an_answer_is_long_or_steers_a_terminal() {
    let xml = |body: &str| {
        let body = body.as_bytes().to_vec();
        move || Act::Answer(200, vec![("content-type".to_owned(), "text/xml".to_owned())], body.clone())
    };
    let json = |body: &'static str| move || Act::json(200, body);
    let mut errors = vec![
        read(xml("<A></B\x1b[2J\n>")).await,
        read(xml("<A>&x\x1b;</A>")).await,
        read(xml(&format!("<A></{}>", "b".repeat(1 << 20)))).await,
        read(xml(&format!("<A>&{};</A>", "b".repeat(1 << 20)))).await,
        read(json("{\"Inner\": {\"List\": [{\"Name\": {}}, 1]}}")).await,
        read(json("{\"Count\": \"\u{202e}\u{1b}\"}")).await,
        read(|| Act::json(200, "<html>\u{2066}\u{1b}[2J".to_owned() + &"x".repeat(5000))).await,
        read(|| Act::json(400, "{}").with("x-acs-request-id", &"r".repeat(60 << 10))).await,
        read(|| Act::json(200, "{").with("x-acs-request-id", &"r".repeat(60 << 10))).await,
        read(|| Act::json(400, "{\"Code\": \"\u{2028}\u{202e}\", \"Message\": \"a\u{2069}\"}")).await,
    ];
    // Names of a map are in the path to what cannot be read.
    let service = Scripted::new(|_| Act::json(200, "{\"Map\": {\"k\\n\\u001b\": []}}"));
    let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
    errors.push(Call::<things::DescribeMap>::new(&client).send().await.unwrap_err());
    assert!(errors.last().unwrap().to_string().contains("Map.k"), "{}", errors.last().unwrap());
    // A page token that comes again.
    let token = format!("t\\n\\u001b{}", "x".repeat(5000));
    let service = Scripted::new(move |_| Act::json(200, format!(r#"{{"Names": ["a"], "NextToken": "{token}"}}"#)));
    let client = things::client(&service.builder().build().unwrap());
    let mut pages = Pages::new(Call::<ListByToken>::new(&client));
    errors.push(loop {
        if let Err(error) = pages.next().await.expect("an error before the end") {
            break error;
        }
    });
    let steers = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for error in &errors {
        let shown = error.to_string();
        assert!(!shown.chars().any(steers), "{shown:?}");
        // Two texts of one KiB at most, and our words.
        assert!(shown.len() <= 2400, "{} bytes: {shown:.200}", shown.len());
        let debug = format!("{error:?}");
        assert!(debug.len() <= 6000 && !debug.chars().any(steers), "{} bytes: {debug:.200}", debug.len());
        assert!(error.request_id().unwrap_or_default().len() <= 1100, "{shown:.200}");
    }
    // Data is not shown, whatever language it is in.
    for data in ["<Config><Key>hush</Key", "key: hush\n\t: {", "\u{feff}{\"Key\": \"hush\""] {
        let error = read(move || Act::Answer(200, vec![], data.as_bytes().to_vec())).await;
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}

#[tokio::test]
async fn headers_that_give_access_are_not_printed() {
    let service = Scripted::new(|_| {
        let act = Act::ok().with("set-cookie", "session=hush").with("x-auth-token", "hush");
        act.with("authorization", "hush").with("x-plain", "shown")
    });
    let client = things::client(&service.builder().build().unwrap());
    let response = things::describe(&client, "x").send().await.unwrap();
    let shown = format!("{response:?}");
    assert!(!shown.contains("hush") && shown.contains("shown") && shown.contains("set-cookie"), "{shown}");
    assert_eq!(response.headers()["x-auth-token"], "hush");
}

#[derive(Clone, Debug, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl Interceptor for Reports {
    fn attempt_ended(&self, report: &AttemptReport<'_>) {
        let status = report.status.map(|status| status.as_u16());
        self.0.lock().unwrap().push(format!("{status:?} {:?} {:?}", report.request_id, report.failure));
    }
}

/// The id of the attempt that failed is the one that is asked for.
#[tokio::test(start_paused = true)]
async fn hooks_are_told_the_id_of_every_attempt_and_what_the_loop_makes_of_it() {
    let service = Scripted::new(|seen| match seen.index {
        0 => Act::refusal(503, "ServiceUnavailable"),
        1 => Act::json(200, "{").with("x-acs-request-id", "R-CUT"),
        2 => Act::Fail(Stage::NotSent),
        // Of a temporary key this says that it has ended.
        3 => Act::refusal(404, "InvalidAccessKeyId.NotFound"),
        _ => Act::ok(),
    });
    let reports = Reports::default();
    let builder = service.builder().credentials(Credentials::sts("testid", "testsecret", "token"));
    let retry = RetryConfig::default().with_max_attempts(6);
    let client = things::client(&builder.interceptor(reports.clone()).retry(retry).build().unwrap());
    things::describe(&client, "x").send().await.unwrap();
    assert_eq!(
        *reports.0.lock().unwrap(),
        [
            r#"Some(503) Some("R-NO") Some("server fault")"#,
            r#"Some(200) Some("R-CUT") Some("unreadable")"#,
            r#"None None Some("not sent")"#,
            r#"Some(404) Some("R-NO") Some("expired token")"#,
            r#"Some(200) Some("R-OK") None"#,
        ]
    );
}

#[tokio::test]
async fn an_attempt_that_stalls_in_its_body_has_a_status_and_an_id() {
    let server = FaultServer::start(|_| Fault::StallAfterHead).await.unwrap();
    let reports = Reports::default();
    let builder = server.builder().interceptor(reports.clone()).retry(RetryConfig::off());
    let config = builder.attempt_timeout(Duration::from_millis(300)).build().unwrap();
    let error = things::describe(&things::client(&config), "x").send().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout(_)), "{error}");
    assert_eq!(*reports.0.lock().unwrap(), [r#"Some(200) Some("H") Some("lost")"#]);
}
