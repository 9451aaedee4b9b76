//! The cache in virtual time: P10 (one fetch for many callers), P11 (a source that is down), P12 (credentials
//! of every lifetime), P28 (a source that panics), S54 (never another's).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{BoxFuture, CachedProvider, Credentials, ProvideCredentials},
    error::CredentialsError,
    runtime::Clock,
};
use tokio::time::{Instant, advance, sleep};

use crate::double::{Seeded, VirtualClock, triple};

/// How a source behaves at a moment.
type Behaviour = Box<dyn Fn(u64) -> BoxFuture<'static, Result<Credentials, CredentialsError>> + Send + Sync>;

/// A source that counts how often it is asked.
#[derive(Clone)]
pub(crate) struct Source {
    asked: Arc<AtomicU64>,
    behaviour: Arc<Behaviour>,
}

impl Source {
    pub(crate) fn new<F>(behaviour: impl Fn(u64) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Credentials, CredentialsError>> + Send + 'static,
    {
        Self { asked: Arc::default(), behaviour: Arc::new(Box::new(move |count| Box::pin(behaviour(count)))) }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl ProvideCredentials for Source {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        (self.behaviour)(self.asked.fetch_add(1, Ordering::SeqCst))
    }
}

/// The nth set of keys: its parts belong together.
pub(crate) fn nth(count: u64) -> Credentials {
    Credentials::sts(format!("id{count}"), format!("secret{count}"), format!("token{count}"))
}

pub(crate) fn down() -> CredentialsError {
    CredentialsError { message: "the source is down".to_owned(), not_configured: false }
}

fn cached(source: &Source, clock: VirtualClock, seed: u64) -> CachedProvider {
    CachedProvider::new(source.clone()).clock(clock).entropy(Seeded::new(seed))
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

async fn many(provider: &CachedProvider, callers: usize) {
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.provide().await.map(|credentials| triple(&credentials)) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn p10_one_fetch_for_many_callers() {
    for callers in [100, 10_000] {
        let clock = VirtualClock::new();
        let source = Source::new(move |count| async move {
            sleep(Duration::from_millis(50)).await;
            Ok(nth(count).expiring_at(clock.now() + minutes(60)))
        });
        let provider = cached(&source, clock, 1);
        many(&provider, callers).await;
        assert_eq!(source.asked(), 1, "{callers} callers at the start");
        // All find them ended at once.
        advance(minutes(61)).await;
        many(&provider, callers).await;
        assert_eq!(source.asked(), 2, "{callers} callers at expiry");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p10_one_fetch_for_many_callers_on_threads() {
    let source = Source::new(|count| async move {
        sleep(Duration::from_millis(50)).await;
        Ok(nth(count).expiring_at(SystemTime::now() + minutes(60)))
    });
    let provider = CachedProvider::new(source.clone());
    many(&provider, 10_000).await;
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn p10_a_cancelled_leader_harms_nobody() {
    let random = Seeded::new(7);
    for round in 0..1_000 {
        let clock = VirtualClock::new();
        let source = Source::new(move |count| async move {
            sleep(Duration::from_millis(20)).await;
            Ok(nth(count).expiring_at(clock.now() + minutes(60)))
        });
        let provider = cached(&source, clock, round);
        let leader = tokio::spawn({
            let provider = provider.clone();
            async move { provider.provide().await.map(drop) }
        });
        sleep(Duration::from_millis(random.below(25))).await;
        leader.abort();
        many(&provider, 3).await;
        assert!(source.asked() <= 2, "{} fetches", source.asked());
    }
}

#[test]
fn p10_a_runtime_that_stops_leaves_no_trace() {
    let source = Source::new(|count| async move {
        if count == 0 {
            std::future::pending::<()>().await;
        }
        Ok(nth(count).expiring_at(SystemTime::now() + minutes(60)))
    });
    let provider = CachedProvider::new(source.clone());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    first.block_on(async {
        tokio::time::timeout(Duration::from_millis(20), provider.provide()).await.unwrap_err();
    });
    drop(first);
    let credentials = runtime().block_on(provider.provide()).unwrap();
    assert_eq!(triple(&credentials).0, "id1");
}

/// A source that gives keys for an hour until it is down, and from some moment on again.
fn with_outage(clock: VirtualClock, from: Duration, to: Duration, hangs: bool) -> Source {
    let start = clock.now();
    Source::new(move |count| async move {
        let passed = clock.now().duration_since(start).unwrap();
        if (from..to).contains(&passed) {
            if hangs {
                sleep(minutes(10)).await;
            }
            return Err(down());
        }
        Ok(nth(count).expiring_at(clock.now() + minutes(60)))
    })
}

#[tokio::test(start_paused = true)]
async fn p11_a_source_that_is_down_does_not_break_valid_credentials() {
    for seed in 0..200 {
        let clock = VirtualClock::new();
        // The keys end after 60 minutes. The source is down for 14 of their last 15 minutes.
        let source = with_outage(clock, minutes(44), minutes(59), false);
        let provider = cached(&source, clock, seed);
        provider.provide().await.unwrap();
        advance(minutes(45)).await;
        let before = source.asked();
        for _ in 0..14 * 60 {
            let asked_at = Instant::now();
            let credentials = provider.provide().await.expect("the keys are valid");
            assert_eq!(triple(&credentials).0, "id0");
            assert_eq!(asked_at.elapsed(), Duration::ZERO, "nobody waits for a source that fails at once");
            advance(Duration::from_secs(1)).await;
        }
        let fetches = source.asked() - before;
        assert!((2..=15).contains(&fetches), "seed {seed}: {fetches} fetches");
        // It is back in the last minute: new keys come before the old ones end.
        for _ in 0..59 {
            advance(Duration::from_secs(1)).await;
            provider.provide().await.unwrap();
        }
        assert_ne!(triple(&provider.provide().await.unwrap()).0, "id0", "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_source_that_hangs_delays_valid_credentials_by_seconds_only() {
    let clock = VirtualClock::new();
    let source = with_outage(clock, minutes(1), minutes(600), true);
    let provider = cached(&source, clock, 3);
    provider.provide().await.unwrap();
    advance(minutes(44)).await;
    let (mut calls, mut waited) = (0, Duration::ZERO);
    let end = clock.epoch + minutes(60);
    while clock.now() + Duration::from_secs(6) < end {
        let asked_at = Instant::now();
        provider.provide().await.expect("the keys are valid");
        let wait = asked_at.elapsed();
        assert!(wait <= Duration::from_secs(5), "a call waited {wait:?}");
        (calls, waited) = (calls + 1, waited + wait);
        sleep(Duration::from_secs(1)).await;
    }
    assert!(waited < minutes(1), "{calls} calls waited {waited:?} in all");
    // After their end: an error within the time that the source may take.
    sleep(Duration::from_secs(10)).await;
    let asked_at = Instant::now();
    let error = provider.provide().await.unwrap_err();
    assert!(error.message.contains("no answer within 60s"), "{error}");
    assert!(asked_at.elapsed() <= Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn p11_callers_in_the_advisory_window_do_not_wait() {
    let clock = VirtualClock::new();
    let source = Source::new(move |count| async move {
        sleep(Duration::from_secs(3)).await;
        Ok(nth(count).expiring_at(clock.now() + minutes(60)))
    });
    let provider = cached(&source, clock, 3);
    provider.provide().await.unwrap();
    // Past the advisory window's latest start, before the mandatory one's earliest.
    advance(minutes(48)).await;
    let asked_at = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(triple(&provider.provide().await.unwrap()).0, "id0");
    }
    assert_eq!(asked_at.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(4)).await;
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "id1");
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn p11_after_the_end_the_source_is_asked_every_few_seconds_at_most() {
    let clock = VirtualClock::new();
    let source = with_outage(clock, minutes(0), minutes(600), false);
    let provider = cached(&source, clock, 5);
    for _ in 0..1_000 {
        let error = provider.provide().await.unwrap_err();
        assert_eq!(error.message, "the source is down");
        advance(Duration::from_millis(100)).await;
    }
    // 100 seconds, 1 to 5 s between two attempts.
    assert!((20..=100).contains(&source.asked()), "{} fetches", source.asked());
}

#[tokio::test(start_paused = true)]
async fn p12_credentials_of_every_lifetime_are_renewed_before_they_end() {
    for lifetime in [60, 15 * 60, 3600, 12 * 3600] {
        for seed in 0..20 {
            let clock = VirtualClock::new();
            let source = Source::new(move |count| async move {
                Ok(nth(count).expiring_at(clock.now() + Duration::from_secs(lifetime)))
            });
            let provider = cached(&source, clock, seed);
            let step = Duration::from_secs(lifetime) / 60;
            let mut seen = provider.provide().await.unwrap();
            for _ in 0..180 {
                advance(step).await;
                let credentials = provider.provide().await.unwrap();
                assert!(credentials.expires_at().unwrap() > clock.now(), "used after its end");
                seen = credentials;
            }
            // Three lifetimes: three renewals, each before the end and none before two thirds.
            let count = source.asked();
            assert!((4..=5).contains(&count), "{lifetime} s, seed {seed}: {count} fetches, {seen:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p12_credentials_that_have_ended_already_are_refused() {
    let clock = VirtualClock::new();
    let source = Source::new(move |count| async move { Ok(nth(count).expiring_at(clock.now())) });
    let error = cached(&source, clock, 1).provide().await.unwrap_err();
    assert!(error.message.contains("have ended already"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn p12_credentials_without_an_end_are_asked_for_again_now_and_then() {
    let clock = VirtualClock::new();
    let source = Source::new(|count| async move { if count == 2 { Err(down()) } else { Ok(nth(count)) } });
    let provider = cached(&source, clock, 1);
    for _ in 0..10 * 60 {
        provider.provide().await.unwrap();
        advance(minutes(1)).await;
    }
    // Ten hours, about every 15 minutes; a failure in between changes nothing.
    assert!((34..=46).contains(&source.asked()), "{} fetches", source.asked());
}

#[tokio::test(start_paused = true)]
async fn p12_a_source_that_gives_the_same_again_is_not_asked_over_and_over() {
    let clock = VirtualClock::new();
    let end = clock.now() + minutes(60);
    let source = Source::new(move |_| async move { Ok(nth(0).expiring_at(end)) });
    let provider = cached(&source, clock, 1);
    for _ in 0..3599 {
        provider.provide().await.unwrap();
        advance(Duration::from_secs(1)).await;
    }
    assert!(source.asked() <= 20, "{} fetches", source.asked());
    advance(Duration::from_secs(2)).await;
    provider.provide().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn clock_jumps_neither_prolong_nor_end_credentials_for_good() {
    let clock = VirtualClock::new();
    let shift = Arc::new(AtomicU64::new(3600));
    #[derive(Debug)]
    struct Jumping(VirtualClock, Arc<AtomicU64>);
    impl Clock for Jumping {
        fn now(&self) -> SystemTime {
            self.0.now() + Duration::from_secs(self.1.load(Ordering::SeqCst)) - Duration::from_secs(3600)
        }
    }
    let times = Arc::new(Jumping(clock, shift.clone()));
    let source = {
        let times = times.clone();
        Source::new(move |count| {
            let end = times.now() + minutes(60);
            async move { Ok(nth(count).expiring_at(end)) }
        })
    };
    let provider = CachedProvider::new(source.clone()).clock(times).entropy(Seeded::new(1));
    for hour in [0, 7200, 3600, 0, 3600, 7200] {
        shift.store(hour, Ordering::SeqCst);
        provider.provide().await.unwrap();
        advance(minutes(1)).await;
    }
    // Only jumps to beyond the end make it ask.
    assert!(source.asked() <= 4, "{} fetches", source.asked());
}

#[tokio::test(start_paused = true)]
async fn renewals_of_many_processes_are_spread() {
    let mut moments = Vec::new();
    for seed in 0..500 {
        let clock = VirtualClock::new();
        let source = Source::new(move |count| async move { Ok(nth(count).expiring_at(clock.now() + minutes(60))) });
        let provider = cached(&source, clock, seed);
        provider.provide().await.unwrap();
        advance(minutes(40)).await;
        let start = Instant::now();
        while source.asked() == 1 {
            advance(Duration::from_secs(1)).await;
            provider.provide().await.unwrap();
            tokio::task::yield_now().await;
        }
        moments.push(start.elapsed().as_secs());
    }
    // 15 minutes before the end, 10 % more or less: between 43.5 and 46.5 minutes.
    let (first, last) = (moments.iter().min().unwrap(), moments.iter().max().unwrap());
    assert!(*first >= 209 && *last <= 393, "{first} to {last}");
    assert!(last - first > 150, "{first} to {last}: not spread");
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_replaced() {
    let clock = VirtualClock::new();
    let source = Source::new(move |count| async move { Ok(nth(count).expiring_at(clock.now() + minutes(60))) });
    let provider = cached(&source, clock, 1);
    let first = provider.provide().await.unwrap();
    // Fetched just now: asking again would give the same.
    provider.invalidate(&first);
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "id0");
    advance(minutes(1)).await;
    // Other credentials than ours were refused.
    provider.invalidate(&nth(5));
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "id0");
    provider.invalidate(&first);
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "id1");
    // The old ones are refused once more, by a call that was slower.
    provider.invalidate(&first);
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "id1");
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_that_cannot_be_replaced_are_not_used() {
    let clock = VirtualClock::new();
    let source = with_outage(clock, minutes(1), minutes(600), false);
    let provider = cached(&source, clock, 1);
    let first = provider.provide().await.unwrap();
    advance(minutes(2)).await;
    provider.invalidate(&first);
    assert_eq!(provider.provide().await.unwrap_err().message, "the source is down");
}

#[tokio::test(start_paused = true)]
async fn p28_a_source_that_panics_is_one_that_has_failed() {
    let clock = VirtualClock::new();
    // Once while it makes its future, once inside it.
    #[derive(Debug)]
    struct Outright(Source);
    impl ProvideCredentials for Outright {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
            assert!(self.0.asked() > 0 || self.0.asked.fetch_add(1, Ordering::SeqCst) > 0, "outright");
            self.0.provide()
        }
    }
    let source = Source::new(move |count| async move {
        assert!(count > 1, "inside");
        Ok(nth(count).expiring_at(clock.now() + minutes(60)))
    });
    let provider = CachedProvider::new(Outright(source)).clock(clock).entropy(Seeded::new(1));
    for _ in 0..2 {
        assert_eq!(provider.provide().await.unwrap_err().message, "the source of credentials has panicked");
        advance(Duration::from_secs(10)).await;
    }
    for _ in 0..100 {
        provider.provide().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn s54_every_provider_has_a_cache_of_its_own() {
    let clock = VirtualClock::new();
    let random = Seeded::new(9);
    let providers: Vec<_> = (0..10_000)
        .map(|number| {
            let source = Source::new(move |_| async move { Ok(nth(number).expiring_at(clock.now() + minutes(60))) });
            cached(&source, clock, number)
        })
        .collect();
    for _ in 0..100_000 {
        let number = random.below(10_000);
        let credentials = providers[number as usize].provide().await.unwrap();
        assert_eq!(triple(&credentials).0, format!("id{number}"));
    }
}
