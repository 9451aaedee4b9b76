//! What the gateway answers: invented, told, and broken on order.

mod support;

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use alicloud_mock::{Answers, Check, Fault, Latency, MockGateway, StubReply, When};
use serde_json::{Value, json};
use support::{Request, Signer, call, code, exchange, exchange_on, fresh, gateway, key, send, sign::Kind};

fn describe() -> Request {
    call("DescribeThings", &[("PageNumber", "3"), ("RegionId", "cn-beijing")])
}

#[test]
fn answers_follow_the_spec_and_the_seed() {
    let (one, two) = (gateway(), gateway());
    let other = support::start(MockGateway::builder().product(support::everything()).seed(8));
    let answer = send(&one, &describe());
    let mut document = answer.json();
    assert_eq!(document["RequestId"].as_str(), answer.header("x-acs-request-id"));
    assert_eq!(document["PageNumber"], 3, "what was asked for comes back");
    assert_eq!(document["NextToken"], "", "the first page is the last");
    assert_eq!(document["Success"], true);
    let things = document["Things"]["Thing"].as_array().unwrap();
    assert!(!things.is_empty());
    assert!(["Running", "Stopped"].contains(&things[0]["Status"].as_str().unwrap()));
    assert!(answer.header("x-total").unwrap().parse::<i64>().is_ok());
    assert!(answer.header("date").unwrap().ends_with("GMT"));

    one.clock().freeze();
    two.clock().freeze_at(one.clock().now());
    other.clock().freeze_at(one.clock().now());
    document = send(&one, &describe()).json();
    let again = send(&two, &describe()).json();
    assert_ne!(document["RequestId"], again["RequestId"], "the second request of one, the first of two");
    assert_eq!(document["Things"], again["Things"]);
    assert_ne!(document["Things"], send(&other, &describe()).json()["Things"]);
}

#[test]
fn every_operation_of_the_repository_is_answered() {
    let specs = alicloud_spec::load_dir(support::specs()).unwrap();
    assert!(!specs.is_empty());
    // Nothing is said but which operation is meant; what stands in its path is as good as anything.
    let relaxed = [Check::Required, Check::Method, Check::Types, Check::Limits, Check::Values, Check::Encoding];
    let builder = MockGateway::builder().specs_dir(support::specs());
    let gateway = support::start(relaxed.into_iter().fold(builder, alicloud_mock::Builder::skip));
    for spec in &specs {
        for (name, operation) in &spec.operations {
            let path = operation.path.as_deref().filter(|_| spec.style == alicloud_spec::Style::Roa).unwrap_or("/");
            let mut request = Request::rpc(name, &spec.version);
            request.path = path.split('?').next().unwrap().replace("{+", "{").split('{').enumerate().fold(
                String::new(),
                |path, (at, part)| {
                    if at == 0 { path + part } else { path + "x" + part.split_once('}').unwrap().1 }
                },
            );
            let kind = if operation.auth == alicloud_spec::Auth::Anonymous { Kind::Anonymous } else { Kind::Acs3 };
            let answer = exchange(gateway.address(), &Signer::new(kind, key()).sign(&request, &fresh()));
            assert!(answer.status < 300, "{} {name}: {}", spec.product, answer.text());
        }
    }
}

#[test]
fn odd_answers_keep_what_makes_them_odd() {
    let gateway = gateway();
    let plain = send(&gateway, &describe()).json();
    type Holds = fn(&Value, &Value) -> bool;
    let all: [(Answers, Holds); 7] = [
        (Answers::Absent, |odd, plain| odd.to_string().len() < plain.to_string().len()),
        (Answers::Null, |odd, _| odd.to_string().contains("null")),
        (Answers::Empty, |odd, _| odd["Things"] == "" || odd["Things"] == json!({})),
        (Answers::NumbersAsText, |odd, _| odd["Total"].is_string() && odd["Ratio"].is_string()),
        (Answers::UnknownValues, |odd, _| odd.to_string().contains("future_")),
        (Answers::ExtraFields, |odd, _| odd.to_string().contains("\"Extra")),
        (Answers::Failure, |odd, _| odd["Success"] == false && odd["Code"] == "InternalError"),
    ];
    for (mode, holds) in all {
        gateway.answers_of("DescribeThings", mode);
        let odd = send(&gateway, &describe());
        assert_eq!(odd.status, 200);
        assert!(holds(&odd.json(), &plain), "{mode:?}: {}", odd.text());
    }
}

#[test]
fn xml_where_it_is_asked_for() {
    let gateway = gateway();
    gateway.on("DescribeThings").reply(json!({"Things": {"Thing": [{"ThingId": "a<b"}]}}));
    let answer = send(&gateway, &describe().query(&[("Format", "XML")]));
    assert_eq!(answer.header("content-type"), Some("text/xml;charset=utf-8"));
    assert!(answer.text().contains("<DescribeThingsResponse><RequestId>"), "{}", answer.text());
    assert!(answer.text().contains("<Things><Thing><ThingId>a&lt;b</ThingId></Thing></Things>"));
    let answer = send(&gateway, &call("Nothing", &[("Format", "XML")]));
    assert!(answer.text().contains("<Code>InvalidAction.NotFound</Code>"), "{}", answer.text());
}

#[test]
fn events_are_streamed() {
    let answer = send(&gateway(), &call("ChatThing", &[]));
    assert_eq!(answer.header("content-type"), Some("text/event-stream;charset=utf-8"));
    assert_eq!(answer.text().matches("data:{").count(), 2);
}

#[test]
fn stubs_answer_in_turn_by_predicate_and_for_a_time() {
    let gateway = gateway();
    let total = |page: &str| {
        let answer = send(&gateway, &call("DescribeThings", &[("PageNumber", page)]));
        (answer.status, answer.json()["Total"].clone())
    };
    gateway.on("DescribeThings").reply_sequence([json!({"Total": 1}), json!({"Total": 2})]);
    assert_eq!([total("1"), total("1"), total("1")], [(200, json!(1)), (200, json!(2)), (200, json!(2))]);

    gateway.on("DescribeThings").with("PageNumber", "7").reply_error(404, "Thing.NotFound", "no such page");
    assert_eq!((total("7").0, total("8").0), (404, 200));

    gateway.on("DescribeThings").times(1).reply_with(|call| StubReply::ok(json!({"Total": call.text("PageNumber")})));
    assert_eq!([total("9"), total("9")], [(200, json!("9")), (200, json!(2))]);

    gateway.on("DescribeThings").reply_raw(418, &[("x-tea", "yes")], "short and stout");
    let answer = send(&gateway, &describe());
    assert_eq!((answer.status, answer.header("x-tea"), answer.text().as_str()), (418, Some("yes"), "short and stout"));

    gateway.reset();
    gateway.on("DescribeThings").delay(support::SHORT).reply(json!({}));
    let began = Instant::now();
    send(&gateway, &describe());
    assert!(began.elapsed() >= support::SHORT);
}

#[test]
fn one_effect_per_client_token() {
    let gateway = gateway();
    let create =
        |name: &str, token: &str| send(&gateway, &call("CreateThing", &[("Name", name), ("ClientToken", token)]));
    let first = create("thing", "t1");
    let again = create("thing", "t1");
    assert_eq!(first.json()["ThingId"], again.json()["ThingId"]);
    assert_eq!(code(&create("other", "t1")), "IdempotentParameterMismatch");
    create("thing", "t2");
    gateway.assert_effects("CreateThing", 2);
    assert_eq!(gateway.ledger().effects("CreateThing")[0].requests, 2);

    gateway.on("CreateThing").delay(Duration::from_secs(1)).reply(json!({}));
    let address = gateway.address();
    let request = call("CreateThing", &[("Name", "slow"), ("ClientToken", "t3")]);
    let slow = Signer::acs3(key()).sign(&request, &fresh());
    let waiting = std::thread::spawn(move || exchange(address, &slow));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(code(&send(&gateway, &request)), "LastTokenProcessing");
    assert_eq!(waiting.join().unwrap().status, 200);

    gateway.clock().advance(Duration::from_secs(25 * 60 * 60));
    let late = jiff::Timestamp::now().as_second() + 25 * 60 * 60;
    let bytes = Signer::acs3(key())
        .sign(&call("CreateThing", &[("Name", "other"), ("ClientToken", "t1")]), &support::sign::Moment::at(late));
    assert_eq!(code(&exchange(address, &bytes)), "", "a token is forgotten after a day");
}

#[test]
fn flow_control_says_when_to_come_back() {
    let gateway = gateway();
    gateway.clock().freeze();
    gateway.throttle("DescribeThings", 2, Duration::from_secs(60));
    assert_eq!((send(&gateway, &describe()).status, send(&gateway, &describe()).status), (200, 200));
    let refused = send(&gateway, &describe());
    assert_eq!((refused.status, code(&refused).as_str()), (429, "Throttling.Api"));
    assert_eq!(refused.header("x-acs-retry-after"), Some("60000"));
    gateway.clock().advance(Duration::from_secs(60));
    assert_eq!(send(&gateway, &describe()).status, 200);
}

#[test]
fn faults_happen_where_they_are_ordered() {
    let create = || call("CreateThing", &[("Name", "thing")]);
    // Fault, whether the operation runs, status as far as one arrives.
    for (fault, runs, status) in [
        (Fault::ResetBeforeRead, false, 0),
        (Fault::ResetMidBody, false, 0),
        (Fault::ResetBeforeExecute, false, 0),
        (Fault::ResetAfterExecute, true, 0),
        (Fault::CutReply { after: 5 }, true, 0),
        (Fault::CutReply { after: 300 }, true, 200),
        (Fault::StallReply { after: 5 }, true, 0),
        (Fault::WrongLength, true, 200),
        (Fault::DripReply { bytes: 64, every: Duration::from_millis(1) }, true, 200),
        (Fault::HeaderFlood(50), true, 200),
        (Fault::InterimFlood(20), true, 200),
        (Fault::EndlessBody, true, 200),
        (Fault::Html502, false, 502),
        (Fault::XmlError { status: 400, code: "Odd".into() }, false, 400),
        (Fault::Empty200, true, 200),
        (Fault::TruncatedJson, true, 200),
        (Fault::WrongContentType, true, 200),
        (Fault::Redirect { to: "http://127.0.0.1:1/".into() }, false, 307),
        (Fault::Throttle { retry_after: Some(5) }, false, 429),
        (Fault::error(503, "ServiceUnavailable", "later"), false, 503),
        (Fault::Delay(Duration::from_millis(50)), true, 200),
        (Fault::SliceReply, true, 200),
        (Fault::GzipBomb { bytes: 1 << 20 }, true, 200),
        (Fault::PageCycle { length: 2 }, true, 200),
    ] {
        let gateway = gateway();
        gateway.fault(When::operation("CreateThing").nth(2), fault.clone());
        assert_eq!(send(&gateway, &create()).status, 200);
        let answer = send(&gateway, &create());
        assert_eq!(answer.status, status, "{fault:?}: {answer:?}");
        gateway.assert_effects("CreateThing", if runs { 2 } else { 1 });
        assert_eq!(send(&gateway, &create()).status, 200, "{fault:?} strikes once");
        if status == 0 && !matches!(fault, Fault::StallReply { .. }) {
            assert_eq!(answer.error, Some(io::ErrorKind::ConnectionReset), "{fault:?}");
        }
    }
}

#[test]
fn faults_by_chance_follow_the_seed() {
    let struck = |seed| -> Vec<u16> {
        let gateway = support::start(MockGateway::builder().product(support::everything()).seed(seed));
        gateway.fault(When::always().probability(0.3), Fault::error(500, "InternalError", "no luck"));
        (0..40).map(|_| send(&gateway, &describe()).status).collect()
    };
    assert_eq!(struck(1), struck(1));
    assert_ne!(struck(1), struck(2));
    let unlucky = struck(1).iter().filter(|status| **status == 500).count();
    assert!((4..24).contains(&unlucky), "{unlucky}");
}

#[test]
fn one_connection_serves_many_requests() {
    let gateway = gateway();
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    for _ in 0..20 {
        let bytes = Signer::acs3(key()).sign(&describe(), &fresh());
        assert_eq!(exchange_on(&mut stream, &bytes).status, 200);
    }
    assert_eq!(gateway.ledger().calls("DescribeThings"), 20);
    gateway.assert_effects("DescribeThings", 0);
}

#[test]
fn the_log_has_everything_but_secrets() {
    let gateway = gateway();
    gateway.keys().add_temporary("STS.id", "hidden-secret", "hidden-token", Duration::from_secs(60)).unwrap();
    let key = support::Key { id: "STS.id".into(), secret: "hidden-secret".into(), token: Some("hidden-token".into()) };
    for kind in [Kind::Acs3, Kind::RpcV1] {
        let request = call("CreateThing", &[("Name", "thing"), ("Password", "hidden-password")]);
        exchange(gateway.address(), &Signer::new(kind, key.clone()).sign(&request, &fresh()));
        let mut wrong = key.clone();
        wrong.secret = "hidden-other".into();
        exchange(gateway.address(), &Signer::new(kind, wrong).sign(&request, &fresh()));
    }
    let requests = gateway.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[0].verdict, "ACS3-HMAC-SHA256");
    assert_eq!(requests[1].verdict, "SignatureDoesNotMatch");
    assert_eq!(requests[0].operation.as_deref(), Some("CreateThing"));
    let shown = format!("{requests:?}{}{gateway:?}{:?}", gateway.har(), gateway.keys());
    assert!(shown.contains("STS.id") && shown.contains("thing"));
    assert!(!shown.contains("hidden"), "{shown}");
    assert_eq!(gateway.har()["log"]["entries"].as_array().unwrap().len(), 4);
}

#[test]
fn pages_go_round_in_a_circle() {
    let gateway = gateway();
    gateway.fault(When::operation("DescribeThings"), Fault::PageCycle { length: 2 });
    let next = |token: &str| {
        let document = send(&gateway, &call("DescribeThings", &[("NextToken", token)])).json();
        (document["NextToken"].as_str().unwrap().to_owned(), document["Total"].clone())
    };
    let (first, total) = next("");
    let (second, _) = next(&first);
    assert_eq!(next(&second), (first.clone(), json!(1_000_000)));
    assert!(first != second && total == 1_000_000, "{first} {second} {total}");
}

#[test]
fn a_compressed_answer_is_what_it_says() {
    let gateway = gateway();
    gateway.fault(When::always(), Fault::GzipBomb { bytes: 16 << 20 });
    let answer = send(&gateway, &describe());
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.body.starts_with(&[0x1f, 0x8b]) && answer.body.len() < 30_000, "{}", answer.body.len());
}

#[test]
fn services_take_their_time() {
    let gateway = gateway();
    gateway.latency("*", Latency::Fixed(support::SHORT));
    gateway.latency("CreateThing", "fixed:0".parse().unwrap());
    let took = |request: &Request| {
        let began = Instant::now();
        assert_eq!(send(&gateway, request).status, 200);
        began.elapsed()
    };
    assert!(took(&describe()) >= support::SHORT);
    let shown = gateway.requests();
    assert!(shown[0].duration < support::SHORT, "the time of the gateway itself is shown");
    assert_eq!(gateway.ledger().calls("DescribeThings"), 1);
    gateway.reset();
    gateway.latency("DescribeThings", "fixed:300".parse().unwrap());
    assert_eq!(send(&gateway, &call("CreateThing", &[("Name", "thing")])).status, 200);
}

#[test]
fn ten_thousand_calls_at_once_keep_their_own() {
    const CALLERS: usize = 20;
    const CALLS: usize = 500;
    let gateways = [gateway(), gateway()];
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let gateway = &gateways[caller % 2];
            scope.spawn(move || {
                let mut stream = TcpStream::connect(gateway.address()).unwrap();
                for number in 0..CALLS {
                    // Two callers of one gateway share each token.
                    let token = format!("{}-{number}", caller / 4);
                    let request = call("CreateThing", &[("Name", "thing"), ("ClientToken", &token)]);
                    let answer = exchange_on(&mut stream, &Signer::acs3(key()).sign(&request, &fresh()));
                    let known = answer.status == 200 || code(&answer) == "LastTokenProcessing";
                    assert!(known, "{}", answer.text());
                }
            });
        }
    });
    for gateway in &gateways {
        gateway.assert_effects("CreateThing", CALLERS * CALLS / 4);
        assert_eq!(gateway.served(), (CALLERS * CALLS / 2) as u64);
    }
}
