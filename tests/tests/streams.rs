//! Events, bytes and files through generated crates and the gateway.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use alicloud_core::{
    Config, Error, ErrorKind, RetryConfig,
    bytes::Bytes,
    credentials::{BoxFuture, Credentials},
    error::TransportError,
    http::{Request, Response},
    stream::{ByteStream, Event},
    transport::{Body, Transport},
};
use alicloud_kitchen::{Client, operation::make_dish::MakeDishResponse};
use alicloud_mock::{Fault, MockGateway, StubReply, When};
use alicloud_tests::json_fixture;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A list of pieces as a stream.
struct Pieces(std::vec::IntoIter<Bytes>);

impl Pieces {
    fn of(pieces: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self(pieces.into_iter().map(Bytes::from).collect::<Vec<_>>().into_iter())
    }
}

impl futures_core::Stream for Pieces {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// The same, as the body of an answer.
struct Arriving(Pieces);

impl futures_core::Stream for Arriving {
    type Item = Result<Bytes, TransportError>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.0.next().map(Ok))
    }
}

/// Answers with the same pieces, always.
#[derive(Clone, Debug)]
struct Told {
    status: u16,
    content_type: &'static str,
    pieces: Vec<Vec<u8>>,
}

impl Transport for Told {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let Self { status, content_type, pieces } = self.clone();
        Box::pin(async move {
            let body = Body::stream(Arriving(Pieces::of(pieces)));
            let answer = Response::builder().status(status).header("x-acs-request-id", "R-1");
            Ok(answer.header("content-type", content_type).body(body).unwrap())
        })
    }
}

fn told(status: u16, content_type: &'static str, pieces: Vec<Vec<u8>>) -> Client {
    let config = Config::builder()
        .endpoint("https://kitchen.example.com")
        .credentials(Credentials::access_key("id", "secret"))
        .retry(RetryConfig::off())
        .transport(Told { status, content_type, pieces });
    Client::new(&config.build().unwrap())
}

fn chunks(text: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = text;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, next) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = next;
    }
    pieces
}

type Dish = Result<Event<MakeDishResponse>, Error>;

#[expect(deprecated)]
async fn raw_events(pieces: Vec<Vec<u8>>) -> Vec<(String, Option<String>, Option<u64>, String)> {
    // The answer of this operation takes any object; other data are errors that hold the data.
    let mut events = told(200, "text/event-stream", pieces).r#match().events().await.unwrap();
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                let retry = event.retry.map(|retry| retry.as_millis().try_into().unwrap());
                all.push((event.name, event.id, retry, event.raw));
            }
            Err(error) => match error.kind() {
                ErrorKind::Decode(body) => {
                    let raw = String::from_utf8_lossy(body.body()).into_owned();
                    all.push(("undecoded".into(), None, None, raw));
                }
                other => panic!("{other:?}"),
            },
        }
    }
    all
}

async fn dishes(pieces: Vec<Vec<u8>>) -> Vec<Dish> {
    let client = told(200, "text/event-stream", pieces);
    let mut events = client.make_dish().name("x").picture_url("y").events().await.unwrap();
    assert_eq!((events.status().as_u16(), events.request_id(), events.attempts()), (200, "R-1", 1));
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        all.push(event);
    }
    assert!(events.next().await.is_none(), "the end is the end");
    all
}

/// What an event stream says, by its standard, with the tail that the vendor's SDKs lose.
fn expected(id: &str) -> Option<Vec<&'static str>> {
    Some(match id {
        "all_fields" => vec![r#"{"a":1}"#],
        "multi_line" => vec!["a\nb\n\nc"],
        "split_utf8" => vec!["值"],
        "no_trailing_blank" | "no_trailing_newline" => vec!["a", "tail"],
        "event_without_data" | "bad_retry" => vec!["a"],
        "line_without_colon" => vec![""],
        "colon_in_value" => vec!["a:b: c"],
        _ => return None,
    })
}

#[tokio::test]
async fn recorded_streams() {
    let records: Value = json_fixture("vectors/responses.json");
    let mut checked = 0;
    for record in records["sse"].as_array().unwrap() {
        let id = record["id"].as_str().unwrap();
        let pieces: Vec<Vec<u8>> = record["chunks_base64"]
            .as_array()
            .unwrap()
            .iter()
            .map(|chunk| BASE64_STANDARD.decode(chunk.as_str().unwrap()).unwrap())
            .collect();
        let whole = pieces.concat();
        let events = raw_events(pieces).await;
        let data: Vec<_> = events.iter().map(|(_, _, _, data)| data.as_str()).collect();
        assert_eq!(Some(data), expected(id), "{id}");
        for size in 1..5 {
            assert_eq!(raw_events(chunks(&whole, &[size])).await, events, "{id} in pieces of {size}");
        }
        if id == "all_fields" {
            assert_eq!(events[0].1.as_deref(), Some("7"));
            assert_eq!((events[0].0.as_str(), events[0].2), ("result", Some(3000)));
        }
        checked += 1;
    }
    assert_eq!(checked, 9);
}

/// One event as the test sees it and as it may be written.
fn event() -> impl Strategy<Value = (Vec<String>, Option<String>, String)> {
    let line = prop_oneof![Just(String::new()), "[ -~]{0,12}", "[a-zé值😀: ]{0,8}"];
    let name = prop::option::of("[a-z]{1,6}".prop_filter("an error is one", |name| name != "error"));
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (prop::collection::vec(line, 1..4), name, end.prop_map(str::to_owned))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_way_to_cut_a_stream_gives_the_same_events(
        events in prop::collection::vec(event(), 0..6),
        sizes in prop::collection::vec(1_usize..9, 1..8),
        mark in any::<bool>(),
        comment in "[ -~]{0,10}",
    ) {
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        let mut expected = Vec::new();
        for (lines, name, end) in &events {
            text.push_str(&format!(":{comment}{end}"));
            if let Some(name) = name {
                text.push_str(&format!("event: {name}{end}"));
            }
            lines.iter().for_each(|line| text.push_str(&format!("data: {line}{end}")));
            text.push_str(end);
            let data = lines.join("\n");
            // A word that ends a stream is none of the data.
            prop_assume!(data.trim() != "[DONE]");
            expected.push(data);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let cut = runtime.block_on(raw_events(chunks(text.as_bytes(), &sizes)));
        let data: Vec<_> = cut.iter().map(|(_, _, _, data)| data.clone()).collect();
        prop_assert_eq!(&data, &expected);
        let whole = runtime.block_on(raw_events(vec![text.into_bytes()]));
        prop_assert_eq!(cut, whole);
    }
}

#[tokio::test]
async fn events_are_typed_and_errors_among_them_are_errors() {
    let text = concat!(
        "id: 1\nevent: delta\ndata: {\"Delta\": \"a\", \"Done\": \"10\"}\n\n",
        "data: not JSON\n\n",
        "event: error\ndata: {\"Code\": \"Burnt\", \"Message\": \"too hot\", \"RequestId\": \"R-2\"}\n\n",
        "data: {\"Success\": false, \"Code\": \"Spoilt\"}\n\n",
        "id: 2\ndata: {\"Done\": 100}\n\n",
        "data: [DONE]\n\n",
    );
    let events = dishes(vec![text.as_bytes().to_vec()]).await;
    assert_eq!(events.len(), 5);
    let first = events[0].as_ref().unwrap();
    assert_eq!((first.name.as_str(), first.id.as_deref(), first.data.done), ("delta", Some("1"), Some(10)));
    assert_eq!(first.data.delta.as_deref(), Some("a"));
    assert!(first.raw.contains("\"10\""));
    let error = |index: usize| events[index].as_ref().err().unwrap();
    assert!(matches!(error(1).kind(), ErrorKind::Decode(_)), "{}", error(1));
    assert_eq!((error(2).code(), error(2).request_id()), (Some("Burnt"), Some("R-2")));
    assert!(error(2).to_string().starts_with("kitchen:MakeDish: "), "{}", error(2));
    assert_eq!(error(3).code(), Some("Spoilt"));
    assert_eq!(events[4].as_ref().unwrap().data.done, Some(100));
}

#[tokio::test]
async fn an_event_may_be_as_long_as_an_answer() {
    let mut limits = alicloud_core::config::BodyLimits::default();
    limits.success = 1000;
    let text = [b"data: {}\n\ndata: ".to_vec(), vec![b'x'; 2000], b"\n\ndata: {}\n\n".to_vec()].concat();
    let config = Config::builder()
        .endpoint("https://kitchen.example.com")
        .credentials(Credentials::access_key("id", "secret"))
        .body_limits(limits)
        .transport(Told { status: 200, content_type: "text/event-stream", pieces: chunks(&text, &[100]) });
    let client = Client::new(&config.build().unwrap());
    let mut events = client.make_dish().name("x").picture_url("y").events().await.unwrap();
    assert!(events.next().await.unwrap().is_ok());
    let error = events.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    assert!(events.next().await.is_none(), "nothing follows");
}

#[tokio::test]
async fn answers_that_are_no_stream() {
    let call = |client: &Client| client.make_dish().name("x").picture_url("y");
    let document = br#"{"RequestId": "R-9", "Done": 3}"#.to_vec();
    let mut events = call(&told(200, "application/json", vec![document.clone()])).events().await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().data.done, Some(3), "one document is one event");
    assert!(events.next().await.is_none());
    assert_eq!(call(&told(200, "application/json", vec![document])).send().await.unwrap().done, Some(3));

    let refusal = br#"{"Code": "Forbidden.Kitchen", "Message": "no", "RequestId": "R-8"}"#.to_vec();
    let error = call(&told(403, "application/json", vec![refusal])).events().await.unwrap_err();
    assert_eq!((error.code(), error.status().unwrap().as_u16()), (Some("Forbidden.Kitchen"), 403));

    // `send` waits for the last event.
    let stream = b"data: {\"Done\": 1}\n\nid: 9\ndata: {\"Delta\": \"b\"}\n\ndata: [DONE]\n\n".to_vec();
    let reply = call(&told(200, "text/event-stream", vec![stream])).send().await.unwrap();
    assert_eq!((reply.done, reply.delta.as_deref(), reply.request_id()), (None, Some("b"), "R-1"));
    let failing = b"data: {\"Done\": 1}\n\nevent: error\ndata: {\"code\": \"Burnt\"}\n\ndata: {}\n\n".to_vec();
    let error = call(&told(200, "text/event-stream", vec![failing])).send().await.unwrap_err();
    assert_eq!(error.code(), Some("Burnt"));
}

async fn gateway() -> (MockGateway, Client) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/specs");
    let gateway = MockGateway::builder().specs_dir(folder).start().await.unwrap();
    let client = client(&gateway, true);
    (gateway, client)
}

fn client(gateway: &MockGateway, uploads: bool) -> Client {
    let keys = gateway.credentials();
    let mut config = Config::builder()
        .endpoint(gateway.endpoint())
        .region("cn-shanghai")
        .allow_insecure_http()
        .no_proxy()
        .credentials(Credentials::access_key(keys.0, keys.1));
    if uploads {
        config = config.open_platform_endpoint(gateway.endpoint());
    }
    Client::new(&config.build().unwrap())
}

#[tokio::test]
async fn the_gateway_streams_what_it_is_told_and_what_it_invents() {
    let (gateway, client) = gateway().await;
    let call = || client.make_dish().name("soup").picture_url("http://x/y");
    let mut events = call().events().await.unwrap();
    let mut count = 0;
    while let Some(event) = events.try_next().await.unwrap() {
        assert!(event.data.delta.is_some() && event.data.success == Some(true));
        count += 1;
    }
    assert!(count >= 2 && events.last_event_id().is_some(), "{count}");

    let numbers = 1..=50;
    gateway
        .on("MakeDish")
        .reply(StubReply::events(numbers.clone().map(|done| json!({"RequestId": "r", "Done": done}))));
    gateway.fault(
        When::operation("MakeDish"),
        Fault::DripReply { bytes: 700, every: std::time::Duration::from_millis(1) },
    );
    let mut events = call().events().await.unwrap();
    let mut done = Vec::new();
    while let Some(event) = events.try_next().await.unwrap() {
        done.extend(event.data.done);
    }
    assert_eq!(done, numbers.collect::<Vec<_>>());
}

#[tokio::test]
async fn bytes_come_as_they_arrive() {
    let (gateway, client) = gateway().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| number as u8).collect();
    gateway.on("DownloadPlan").reply(StubReply::raw(200, &[("x-plan-etag", "tag")], body.clone()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let download = client.download_plan().plan_path("a/b").download().await.unwrap();
    assert_eq!((download.x_plan_etag.as_deref(), download.size()), (Some("tag"), Some(3_000_000)));
    let mut download = download.on_progress(move |progress| log.lock().unwrap().push(progress.transferred));
    let mut pieces = Vec::new();
    while let Some(piece) = download.try_next().await.unwrap() {
        pieces.push(piece);
    }
    assert!(pieces.len() > 1 && pieces.concat() == body, "{} pieces", pieces.len());
    let seen = seen.lock().unwrap().clone();
    assert!(seen.is_sorted() && seen.last() == Some(&3_000_000), "{seen:?}");

    let again = || client.download_plan().plan_path("a/b").download();
    assert_eq!(again().await.unwrap().collect(3_000_000).await.unwrap(), body);
    let error = again().await.unwrap().collect(2_999_999).await.unwrap_err();
    assert!(error.to_string().contains("2999999 bytes"), "{error}");

    let folder = std::env::temp_dir().join(format!("alicloud-streams-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("plan.bin");
    assert_eq!(again().await.unwrap().write_to(&file).await.unwrap(), 3_000_000);
    assert_eq!(std::fs::read(&file).unwrap(), body);
    gateway.fault(When::operation("DownloadPlan"), Fault::CutReply { after: 1_000_000 });
    let half = folder.join("half.bin");
    assert!(again().await.unwrap().write_to(&half).await.is_err());
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["plan.bin"], "no half a file, under no name");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn bytes_go_from_memory_files_and_streams() {
    let (gateway, client) = gateway().await;
    let body: Vec<u8> = (0..1_500_000_u32).map(|number| (number / 7) as u8).collect();
    let folder = std::env::temp_dir().join(format!("alicloud-uploads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("plan.bin");
    std::fs::write(&file, &body).unwrap();
    let pieces = chunks(&body, &[100_000, 1, 333]);
    let (made, once) = (pieces.clone(), pieces);
    let sources = [
        ByteStream::from(body.clone()),
        ByteStream::from_path(&file),
        ByteStream::replayable(move || Pieces::of(made.clone())),
        ByteStream::once(Pieces::of(once)),
    ];
    for (index, source) in sources.into_iter().enumerate() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let replayable = source.is_replayable();
        let source = source.on_progress(move |progress| log.lock().unwrap().push(progress));
        // The signature covers the body, the older one does not.
        let mut call = client.upload_plan().plan_id("1").body_stream(source);
        if !replayable {
            let refused = call.clone().send().await.unwrap_err();
            assert!(refused.to_string().contains("nothing was sent"), "{refused}");
            let older = alicloud_core::config::ConfigOverride::new();
            call = call.config_override(older.signature(alicloud_core::sign::SignatureVersion::V1));
        } else if index == 1 {
            gateway.fault(
                When::operation("UploadPlan").nth(1),
                Fault::Error { status: 429, code: "Throttling".into(), message: "later".into() },
            );
        }
        let reply = call.send().await.unwrap();
        assert_eq!(reply.attempts(), if index == 1 { 2 } else { 1 }, "a repeat begins anew");
        let seen = seen.lock().unwrap().clone();
        assert!(seen.len() > 10 && seen.last().unwrap().transferred == 1_500_000, "{} reports", seen.len());
        assert_eq!(seen[0].total, replayable.then_some(1_500_000));
    }
    let sizes: Vec<_> =
        gateway.ledger().effects("UploadPlan").iter().map(|effect| effect.parameters["body"].clone()).collect();
    assert_eq!(sizes, vec![json!(1_500_000); 4]);
    std::fs::remove_dir_all(&folder).unwrap();

    let gone = client.upload_plan().plan_id("1").body_stream(file).send().await.unwrap_err();
    assert!(matches!(gone.kind(), ErrorKind::Local(_)) && gone.to_string().contains("plan.bin"), "{gone}");
}

#[tokio::test]
async fn files_are_uploaded_and_then_named() {
    let (gateway, client) = gateway().await;
    let seen = Arc::new(Mutex::new(0));
    let log = Arc::clone(&seen);
    let picture = ByteStream::from(vec![7; 300_000]).on_progress(move |progress| {
        assert_eq!(progress.total, Some(300_000));
        *log.lock().unwrap() = progress.transferred;
    });
    // One that is read once, with a size; its bytes look like the end of a form.
    let recipe = ByteStream::once(Pieces::of([b"\r\n--salt".to_vec(), b"--\r\n".to_vec()])).size(12);
    // A size that nobody has said is counted.
    let step = ByteStream::replayable(|| Pieces::of([b"cut".to_vec()]));
    gateway.fault(When::operation("oss/PostObject").nth(1), Fault::Html502);
    let dish = client
        .make_dish()
        .name("soup")
        .picture_url_file(picture)
        .set_recipe_url_file(recipe)
        .steps([alicloud_kitchen::operation::make_dish::Step::default().text("boil")])
        .steps_image_url_file(0, step.clone())
        .steps_image_url_file(1, step);
    dish.send().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), 300_000);

    let files = gateway.doubles().uploads();
    let bytes: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_ref()).collect();
    assert_eq!(bytes, [&[7; 300_000], b"\r\n--salt--\r\n".as_slice(), b"cut", b"cut"]);
    assert!(files.iter().all(|file| file.sized && file.product == "Kitchen"));
    let effects = gateway.ledger().effects("MakeDish");
    let [effect] = effects.as_slice() else { panic!("{effects:?}") };
    let url = |index: usize| json!(format!("{}/{}", gateway.endpoint(), files[index].key));
    assert_eq!((&effect.parameters["PictureURL"], &effect.parameters["RecipeURL"]), (&url(0), &url(1)));
    let steps = json!([{"Text": "boil", "ImageURL": url(2)}, {"ImageURL": url(3)}]);
    assert_eq!(effect.parameters["Steps"], steps);
    assert_eq!(gateway.ledger().calls("AuthorizeFileUpload"), 4);
}

#[tokio::test]
async fn a_file_goes_to_the_vendor_or_nowhere() {
    let (gateway, trusting) = gateway().await;
    let call = |client: &Client| client.make_dish().name("soup").picture_url_file("picture");
    // What else is wrong is said first.
    let missing = trusting.make_dish().picture_url_file("picture").send().await.unwrap_err();
    assert!(missing.to_string().contains("Name is required"), "{missing}");
    assert_eq!(gateway.ledger().calls("AuthorizeFileUpload"), 0);

    for host in ["oss.evil.com", "oss-cn-shanghai.aliyuncs.com.evil.com", "x@evil.com/.aliyuncs.com", "10.0.0.1", ""] {
        gateway.doubles().upload_endpoint(host);
        let error = call(&trusting).send().await.unwrap_err();
        assert!(error.to_string().contains("no host of Alibaba Cloud"), "{host}: {error}");
    }
    gateway.doubles().upload_endpoint(gateway.endpoint().trim_start_matches("http://"));
    // No platform that is not asked on this machine may send a file to this machine.
    let unreachable = client(&gateway, false);
    assert!(call(&unreachable).timeout(std::time::Duration::from_millis(200)).send().await.is_err());
    assert_eq!(gateway.ledger().calls("MakeDish"), 0);
    assert!(gateway.doubles().uploads().is_empty());

    gateway.fault(When::operation("oss/PostObject"), Fault::XmlError { status: 403, code: "AccessDenied".into() });
    let error = call(&trusting).send().await.unwrap_err();
    assert!(error.to_string().starts_with("oss:PostObject: "), "{error}");
    assert_eq!(gateway.ledger().calls("MakeDish"), 0);
    let error = call(&trusting).prepare().await.unwrap_err();
    assert!(error.to_string().contains("can only be sent"), "{error}");
}
