//! What stands still is ended, what is slow is not.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use alicloud_core::{
    Call, Config, Error, ErrorKind, RetryConfig,
    credentials::{BoxFuture, Credentials},
    error::TransportError,
    http::{Request, Response},
    stream::{ByteStream, StallProtection},
    transport::{Body, Transport},
};
use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use super::{Figure, Promise, paused};
use crate::things::{self, DescribeThing};

pub(super) const PROMISE: Promise = Promise {
    id: "P14",
    title: "Stalled streams end",
    pass: "6 shapes up and down: cut between the grace and 1 s later; 0 cuts at 1 KiB/s, of a slow reader, of a slow source",
    measure: |_| paused(measure()),
};

/// A pause and the bytes that follow it.
type Step = (Duration, usize);

/// How a stream goes until it stands still, and when it has become too slow.
struct Shape {
    name: &'static str,
    steps: Vec<Step>,
    too_slow: Duration,
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn shapes(grace: Duration) -> Vec<Shape> {
    let (at_once, grace) = (Duration::ZERO, grace.as_secs_f64());
    let trickle = || (0..100).map(|_| (seconds(3.0), 1));
    let steady = || (0..60).map(|_| (seconds(1.0), 1024));
    let late = seconds(grace - 1.0);
    let burst = seconds(grace * 0.9);
    vec![
        Shape { name: "nothing", steps: vec![], too_slow: at_once },
        Shape { name: "stops", steps: vec![(at_once, 1 << 16); 16], too_slow: at_once },
        Shape { name: "trickle", steps: trickle().collect(), too_slow: at_once },
        Shape { name: "slows down", steps: steady().chain(trickle()).collect(), too_slow: seconds(60.0) },
        Shape { name: "late, then stops", steps: vec![(late, 100)], too_slow: late },
        Shape { name: "bursts, then stops", steps: vec![(burst, 1000); 5], too_slow: burst * 5 },
    ]
}

/// Bytes as the steps say, then the end or nothing, ever.
struct Paced {
    steps: std::vec::IntoIter<Step>,
    pause: Option<(Pin<Box<Sleep>>, usize)>,
    ends: bool,
}

impl Paced {
    fn new(steps: impl Into<Vec<Step>>, ends: bool) -> Self {
        Self { steps: steps.into().into_iter(), pause: None, ends }
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.pause.is_none() {
            this.pause = this.steps.next().map(|(pause, size)| (Box::pin(sleep(pause)), size));
        }
        match &mut this.pause {
            None if this.ends => Poll::Ready(None),
            None => Poll::Pending,
            Some((pause, size)) => {
                ready!(pause.as_mut().poll(context));
                let piece = Bytes::from(vec![b'x'; *size]);
                this.pause = None;
                Poll::Ready(Some(Ok(piece)))
            }
        }
    }
}

/// The same as a source of a body, where nothing fails.
struct Source(Paced);

impl Stream for Source {
    type Item = io::Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(context).map_err(io::Error::other)
    }
}

/// A service that takes a body at the pace of the steps, if it looks at it, and gives its answer at that pace.
#[derive(Clone)]
struct Slow {
    takes: Option<Arc<[Step]>>,
    gives: Arc<[Step]>,
    ends: bool,
}

impl fmt::Debug for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slow")
    }
}

impl Transport for Slow {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let mut body = request.into_body();
            let mut steps = self.takes.iter().flat_map(|steps| steps.iter());
            while self.takes.is_some() {
                match std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
                    Some(piece) => drop(piece?),
                    None => break,
                }
                match steps.next() {
                    Some((pause, _)) => sleep(*pause).await,
                    None if self.ends => {}
                    None => std::future::pending().await,
                }
            }
            Ok(Response::new(Body::stream(Paced::new(&*self.gives, self.ends))))
        })
    }
}

fn call(service: Slow, grace: Duration) -> Call<DescribeThing> {
    let config = Config::builder()
        .endpoint("things.example.com")
        .credentials(Credentials::access_key("testid", "testsecret"))
        .stall_protection(StallProtection::default().grace(grace))
        .retry(RetryConfig::off())
        .transport(service);
    things::describe(&things::client(&config.build().unwrap()), "x")
}

/// Downloads with a pause before every read.
async fn down(steps: &[Step], ends: bool, grace: Duration, reader: Duration) -> (Duration, Result<u64, Error>) {
    let call = call(Slow { takes: None, gives: steps.into(), ends }, grace);
    let mut download = call.download().await.unwrap();
    let begun = Instant::now();
    let mut length = 0;
    loop {
        if !reader.is_zero() {
            // A reader that looks, goes away, and comes back.
            let look = tokio::time::timeout(Duration::from_millis(1), download.next()).await;
            sleep(reader).await;
            if let Ok(Some(Ok(piece))) = look {
                length += piece.len() as u64;
                continue;
            }
        }
        match download.next().await {
            Some(Ok(piece)) => length += piece.len() as u64,
            Some(Err(error)) => return (begun.elapsed(), Err(error)),
            None => return (begun.elapsed(), Ok(length)),
        }
    }
}

/// Uploads a byte, the bytes of the steps and one byte more, from a source with a pace of its own. The
/// service takes the first byte at once.
async fn up(steps: &[Step], ends: bool, grace: Duration, source: Duration) -> (Duration, Result<u64, Error>) {
    let answer: Vec<Step> = vec![(Duration::ZERO, 0)];
    let mut call = call(Slow { takes: Some(steps.into()), gives: answer.into(), ends }, grace);
    let bytes = [1].into_iter().chain(steps.iter().map(|(_, size)| *size)).chain([1]);
    let pieces: Vec<Step> = bytes.map(|size| (source, size)).collect();
    let total: usize = pieces.iter().map(|(_, size)| size).sum();
    let made = pieces.clone();
    call.body_stream(ByteStream::replayable(move || Source(Paced::new(&*made, true))));
    // The signature reads the source first.
    let reading = source * u32::try_from(pieces.len()).unwrap();
    let begun = Instant::now() + reading;
    let result = call.download().await.map(|_| total as u64);
    (begun.elapsed(), result)
}

async fn measure() -> Figure {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut latest = Duration::ZERO;
    for grace in [5, 20].map(Duration::from_secs) {
        for Shape { name, steps, too_slow } in shapes(grace) {
            for (way, (took, result)) in [
                ("down", down(&steps, false, grace, Duration::ZERO).await),
                ("up", up(&steps, false, grace, Duration::ZERO).await),
            ] {
                cases += 1;
                let after = took.saturating_sub(too_slow);
                let stalled = result.as_ref().is_err_and(is_stall);
                if stalled && after >= grace && after <= grace + Duration::from_secs(1) {
                    latest = latest.max(after - grace);
                } else {
                    wrong.push(format!("{name} {way}: {after:?} of {grace:?}, {result:?}"));
                }
            }
        }
    }
    let (false_cuts, healthy) = healthy(&mut wrong).await;
    let many = wrong.len();
    Figure::new(
        wrong.is_empty() && false_cuts == 0,
        format!(
            "{cases} stalls, cut at most {latest:?} after the grace; {false_cuts} of {healthy} healthy streams cut; {many} wrong {}",
            wrong.join("; ")
        ),
    )
}

/// Streams that must come to their end.
async fn healthy(wrong: &mut Vec<String>) -> (usize, usize) {
    const MINUTE: Duration = Duration::from_secs(60);
    let steady: Vec<Step> = vec![(seconds(1.0), 1024); 600];
    let fine: Vec<Step> = vec![(seconds(0.125), 128); 1000];
    let at_once: Vec<Step> = vec![(Duration::ZERO, 1024); 10];
    let behind: Vec<Step> = vec![(seconds(2.0), 1024); 10];
    let mut cut = 0;
    let mut count = 0;
    for grace in [5, 20].map(Duration::from_secs) {
        for (name, (_, result)) in [
            ("1 KiB/s down", down(&steady, true, grace, Duration::ZERO).await),
            ("1 KiB/s up", up(&steady, true, grace, Duration::ZERO).await),
            ("1 KiB/s in small pieces down", down(&fine, true, grace, Duration::ZERO).await),
            ("1 KiB/s in small pieces up", up(&fine, true, grace, Duration::ZERO).await),
            ("slow reader", down(&at_once, true, grace, MINUTE).await),
            ("slow reader of a slow sender", down(&behind, true, grace, MINUTE).await),
            ("slow source", up(&at_once, true, grace, MINUTE).await),
        ] {
            count += 1;
            if let Err(error) = result {
                cut += 1;
                wrong.push(format!("{name}: {error}"));
            }
        }
    }
    (cut, count)
}

fn is_stall(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Timeout(error) if error.limit == "stall")
}
