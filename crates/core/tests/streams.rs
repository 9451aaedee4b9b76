//! Streams over sockets: nothing is held in memory, nothing that is gone is sent again.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use alicloud_core::{
    Config, Error, ErrorKind, RetryConfig,
    config::{ConfigBuilder, ConfigOverride},
    credentials::{BoxFuture, Credentials},
    error::{Stage, TransportError},
    http::{Request, Response},
    sign::SignatureVersion,
    stream::{ByteStream, StallProtection},
    transport::{Body, Transport},
};
use bytes::Bytes;
use futures_core::Stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
#[path = "streaming/mod.rs"]
mod studio;

use studio::{Client, PutFilm};

const PIECE: usize = 64 << 10;
const PIECES: u64 = 4096;
/// What sockets, and whoever has a piece in hand, may hold.
const IN_FLIGHT: u64 = 32 << 20;

/// Counts the bytes that it gives.
struct Counted(u64, Arc<AtomicU64>);

impl Stream for Counted {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.0 == 0 {
            return Poll::Ready(None);
        }
        self.0 -= 1;
        self.1.fetch_add(PIECE as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Bytes::from(vec![7; PIECE]))))
    }
}

/// Serves one connection in a task.
async fn serve<F>(act: impl FnOnce(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        act(stream).await
    });
    format!("http://{address}")
}

fn config(endpoint: &str) -> ConfigBuilder {
    Config::builder()
        .endpoint(endpoint)
        .allow_insecure_http()
        .no_proxy()
        .credentials(Credentials::access_key("testid", "testsecret"))
        .retry(RetryConfig::off())
}

fn put(config: ConfigBuilder, source: ByteStream) -> PutFilm {
    Client::new(&config.build().unwrap()).put_film().id("x").body_stream(source)
}

/// How the last attempt failed.
fn last(error: &Error) -> &ErrorKind {
    match error.kind() {
        ErrorKind::OutcomeUnknown(kind) => kind,
        kind => kind,
    }
}

/// For sources that are read once: a signature that does not cover the body.
fn older() -> ConfigOverride {
    ConfigOverride::new().signature(SignatureVersion::V1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_as_fast_as_it_is_taken() {
    let made = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&made);
    let endpoint = serve(|mut stream| async move {
        let mut buffer = vec![0; 1 << 20];
        let mut taken = stream.read(&mut buffer).await? as u64;
        // While nothing is taken, little more is made.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(seen.load(Ordering::Relaxed) < taken + IN_FLIGHT);
        let size = PIECES * PIECE as u64;
        while taken < size {
            taken += stream.read(&mut buffer).await? as u64;
            assert!(seen.load(Ordering::Relaxed) < taken + IN_FLIGHT);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"RequestId\":\"done\"}")
            .await
    })
    .await;
    let source = ByteStream::once(Counted(PIECES, Arc::clone(&made))).size(PIECES * PIECE as u64);
    let reply = put(config(&endpoint), source).config_override(older()).send().await.unwrap();
    assert_eq!(reply.request_id(), "done");
    assert_eq!(made.load(Ordering::Relaxed), PIECES * PIECE as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_comes_as_fast_as_it_is_read() {
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let endpoint = serve(|mut stream| async move {
        let mut buffer = vec![0; PIECE];
        let _ = stream.read(&mut buffer).await?;
        let size = PIECES * PIECE as u64;
        stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").as_bytes()).await?;
        for _ in 0..PIECES {
            stream.write_all(&buffer).await?;
            count.fetch_add(PIECE as u64, Ordering::Relaxed);
        }
        Ok(())
    })
    .await;
    let mut download = Client::new(&config(&endpoint).build().unwrap()).get_film().id("x").download().await.unwrap();
    assert_eq!(download.size(), Some(PIECES * PIECE as u64));
    let mut read = download.try_next().await.unwrap().unwrap().len() as u64;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(sent.load(Ordering::Relaxed) < read + IN_FLIGHT);
    while let Some(piece) = download.try_next().await.unwrap() {
        read += piece.len() as u64;
        assert!(sent.load(Ordering::Relaxed) < read + IN_FLIGHT);
    }
    assert_eq!(read, PIECES * PIECE as u64);
}

/// Half of what is announced, then the end.
async fn half() -> String {
    serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-acs-request-id: R\r\ncontent-length: 10\r\n\r\nhalf.").await
    })
    .await
}

#[tokio::test]
async fn a_download_that_breaks_off_says_which_it_was() {
    let mut download =
        Client::new(&config(&half().await).build().unwrap()).get_film().id("x").download().await.unwrap();
    assert_eq!(download.try_next().await.unwrap().unwrap(), "half.");
    let error = download.try_next().await.unwrap_err();
    assert_eq!((error.request_id(), error.status().map(|status| status.as_u16())), (Some("R"), Some(200)), "{error}");
    let ErrorKind::Decode(body) = error.kind() else { panic!("{error}") };
    assert_eq!(body.failure.as_ref().map(|failure| failure.stage), Some(Stage::MaybeSent));
}

/// Whoever can write into a shared folder can put links there, under every name that can be foretold.
#[cfg(unix)]
#[tokio::test]
async fn a_download_follows_no_link_and_is_for_its_owner() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let whole = serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole").await
    })
    .await;
    let folder = std::env::temp_dir().join(format!("alicloud-download-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, victim) = (folder.join("film"), folder.join("victim"));
    std::fs::write(&victim, "precious").unwrap();
    symlink(&victim, folder.join("film.part")).unwrap();
    let client = Client::new(&config(&whole).build().unwrap());
    assert_eq!(client.get_film().id("x").download().await.unwrap().write_to(&file).await.unwrap(), 5);
    assert_eq!(std::fs::read(&file).unwrap(), b"whole");
    assert_eq!(std::fs::read(&victim).unwrap(), b"precious");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let client = Client::new(&config(&half().await).build().unwrap());
    let error = client.get_film().id("x").download().await.unwrap().write_to(&file).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"whole", "half a download replaces nothing");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["film", "film.part", "victim"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_server_that_takes_nothing_is_left() {
    for size in [None, Some(PIECES * PIECE as u64)] {
        let endpoint = serve(|stream| async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(stream);
            Ok(())
        })
        .await;
        let grace = Duration::from_millis(300);
        let config = config(&endpoint).stall_protection(StallProtection::default().grace(grace));
        let source = ByteStream::once(Counted(PIECES, Arc::default()));
        let source = match size {
            Some(size) => source.size(size),
            None => source,
        };
        let error = put(config, source).config_override(older()).send().await.unwrap_err();
        let error = last(&error);
        assert!(matches!(error, ErrorKind::Timeout(error) if error.limit == "stall"), "{error}");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_the_reason() {
    struct Failing(u8);
    impl Stream for Failing {
        type Item = io::Result<Bytes>;
        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.0 += 1;
            Poll::Ready(Some(if self.0 == 1 { Ok("some".into()) } else { Err(io::Error::other("disk on fire")) }))
        }
    }
    type Case = (fn() -> ByteStream, &'static str);
    let cases: [Case; 3] = [
        (|| ByteStream::once(Failing(0)), "disk on fire"),
        (|| ByteStream::once(Counted(1, Arc::default())).size(1 << 20), "fewer than it has"),
        (|| ByteStream::once(Counted(2, Arc::default())).size(1 << 16), "more bytes than it has said"),
    ];
    for (source, reason) in cases {
        let endpoint = serve(|mut stream| async move {
            let mut buffer = vec![0; 1 << 20];
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        })
        .await;
        let error = put(config(&endpoint), source()).config_override(older()).send().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Local(_)) && error.to_string().contains(reason), "{reason}: {error}");
    }
}

/// Takes so many pieces of a body and fails.
#[derive(Clone, Debug)]
struct Breaking {
    takes: usize,
    stage: Stage,
    sends: Arc<AtomicU64>,
}

impl Transport for Breaking {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            self.sends.fetch_add(1, Ordering::Relaxed);
            let mut body = request.into_body();
            for _ in 0..self.takes {
                let piece = std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await;
                assert!(piece.is_some_and(|piece| piece.is_ok()), "every attempt begins with the first byte");
            }
            Err(TransportError { message: "broken".to_owned(), stage: self.stage, source: None })
        })
    }
}

async fn attempts(takes: usize, stage: Stage, source: ByteStream) -> (u64, Error) {
    let sends = Arc::new(AtomicU64::new(0));
    let config = config("studio.example.com").retry(RetryConfig::default());
    let config = config.transport(Breaking { takes, stage, sends: Arc::clone(&sends) });
    let error = put(config, source).config_override(older()).send().await.unwrap_err();
    (sends.load(Ordering::Relaxed), error)
}

#[tokio::test(start_paused = true)]
async fn what_has_left_a_source_that_is_read_once_is_not_sent_again() {
    let once = || ByteStream::once(Counted(4, Arc::default()));
    let again = || ByteStream::replayable(|| Counted(4, Arc::default()));
    for (takes, stage, replayable, expected) in [
        (0, Stage::NotSent, false, 4),
        (1, Stage::NotSent, false, 1),
        (1, Stage::MaybeSent, false, 1),
        (1, Stage::Refused, false, 1),
        (1, Stage::MaybeSent, true, 4),
        (4, Stage::Refused, true, 4),
    ] {
        let source = if replayable { again() } else { once() };
        let (sends, error) = attempts(takes, stage, source).await;
        assert_eq!(sends, expected, "{takes} {stage:?} {replayable}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_may_take_long_and_its_answer_may_not() {
    /// Takes everything, a piece in 10 s, and never answers.
    #[derive(Debug)]
    struct Patient;
    impl Transport for Patient {
        fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
            Box::pin(async move {
                let mut body = request.into_body();
                while std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await.is_some() {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
                std::future::pending().await
            })
        }
    }
    let call = |limit: Option<Duration>| {
        let source = ByteStream::replayable(|| Counted(60, Arc::default()));
        let call = put(config("studio.example.com").transport(Patient), source);
        match limit {
            Some(limit) => call.timeout(limit).send(),
            None => call.send(),
        }
    };
    let begun = tokio::time::Instant::now();
    let error = call(None).await.unwrap_err();
    let error = last(&error);
    assert!(matches!(error, ErrorKind::Timeout(error) if error.limit == "attempt"), "{error}");
    // The last byte leaves after 59 pauses; from then on it is 60 s.
    assert_eq!(begun.elapsed().as_secs(), 590 + 60);
    let begun = tokio::time::Instant::now();
    let error = call(Some(Duration::from_secs(100))).await.unwrap_err();
    let error = last(&error);
    assert!(matches!(error, ErrorKind::Timeout(error) if error.limit == "total"), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 100, "a limit that is set holds");
}

/// Answers with events, each after a pause, and then says nothing more.
#[derive(Clone, Debug)]
struct Telling(&'static [(u64, &'static str)]);

struct Told(std::slice::Iter<'static, (u64, &'static str)>, Option<(Pin<Box<tokio::time::Sleep>>, &'static str)>);

impl Stream for Told {
    type Item = Result<Bytes, TransportError>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.1.is_none() {
            let next = self.0.next();
            self.1 = next.map(|(pause, text)| (Box::pin(tokio::time::sleep(Duration::from_secs(*pause))), *text));
        }
        let Some((pause, text)) = &mut self.1 else { return Poll::Pending };
        std::task::ready!(pause.as_mut().poll(context));
        let piece = Bytes::from_static(text.as_bytes());
        self.1 = None;
        Poll::Ready(Some(Ok(piece)))
    }
}

impl Transport for Telling {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let told = Told(self.0.iter(), None);
        Box::pin(async move { Ok(Response::new(Body::stream(told))) })
    }
}

fn script(events: &'static [(u64, &'static str)]) -> studio::WriteScript {
    let client = Client::new(&config("studio.example.com").transport(Telling(events)).build().unwrap());
    client.write_script().prompt("a raft").key("canary-4711")
}

#[tokio::test(start_paused = true)]
async fn events_may_be_minutes_apart_and_not_for_ever() {
    let mut events = script(&[(0, "data: {}\n\n"), (290, "data: {}\n\n"), (290, "data: {")]).events().await.unwrap();
    let begun = tokio::time::Instant::now();
    // The last piece is the beginning of an event, and not one.
    assert!(events.next().await.unwrap().is_ok() && events.next().await.unwrap().is_ok());
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout(error) if error.limit == "stall"), "{error}");
    assert!((590..=881).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert!(events.next().await.is_none(), "nothing follows");
}

#[tokio::test(start_paused = true)]
async fn errors_inside_a_stream_hold_no_secrets() {
    let echo = "event: error\ndata: {\"Code\": \"BadKey\", \"Message\": \"canary-4711 of testsecret is wrong\"}\n\n";
    let steps: &'static [(u64, &'static str)] = Box::leak(Box::new([(0, echo)]));
    let error = script(steps).events().await.unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("BadKey"));
    for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(text.contains("is wrong") && !text.contains("canary") && !text.contains("testsecret"), "{text}");
    }
}
