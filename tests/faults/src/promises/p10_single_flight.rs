//! Many callers, one question to the source of credentials.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alicloud_core::credentials::{CachedProvider, ProvideCredentials as _};

use super::{Figure, Promise, Scale, paused};
use crate::{
    random::Random,
    scripted::VirtualClock,
    source::{Plan, Source},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P10",
    title: "One refresh for many callers",
    pass: "100 and 10,000 callers at expiry: exactly 1 fetch; leader cancelled 1,000 times at random: 0 stuck, <= 2 fetches",
    measure: |scale| paused(measure(scale)),
};

async fn measure(scale: Scale) -> Figure {
    let mut fetches = Vec::new();
    for callers in [100, 10_000] {
        let (asked, unserved) = at_expiry(callers).await;
        fetches.push(asked);
        assert_eq!(unserved, 0);
    }
    let rounds = scale.pick(200, 1000);
    let (mut most, mut stuck) = (0, 0);
    for round in 0..rounds {
        let (asked, served) = cancelled_leader(round).await;
        most = most.max(asked);
        stuck += u32::from(!served);
    }
    Figure::new(
        fetches == [1, 1] && most <= 2 && stuck == 0,
        format!("fetches at expiry {fetches:?}; {rounds} cancelled leaders: at most {most} fetches, {stuck} stuck"),
    )
}

fn provider(delay: Duration) -> (CachedProvider, Arc<AtomicU64>) {
    let clock = VirtualClock::new(0);
    let source =
        Source::new(clock.clone(), move |_| Plan::After(delay, Box::new(Plan::Lasting(Duration::from_secs(3600)))));
    let asked = source.asked();
    (CachedProvider::new(source).clock(clock), asked)
}

async fn at_expiry(callers: u32) -> (u64, u32) {
    let (provider, asked) = provider(Duration::from_millis(500));
    provider.provide().await.unwrap();
    let before = asked.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(3601)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let provider = provider.clone();
        tasks.spawn(async move { provider.provide().await.is_ok() });
    }
    let unserved = tasks.join_all().await.into_iter().filter(|served| !served).count();
    (asked.load(Ordering::Relaxed) - before, u32::try_from(unserved).unwrap())
}

async fn cancelled_leader(seed: u64) -> (u64, bool) {
    let (provider, asked) = provider(Duration::from_millis(500));
    let point = Duration::from_millis(Random::new(seed).below(600));
    let leader = tokio::spawn({
        let provider = provider.clone();
        async move { provider.provide().await }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    let follower = provider.clone();
    let follower = tokio::spawn(async move { follower.provide().await });
    tokio::time::sleep(point).await;
    leader.abort();
    let served = tokio::time::timeout(Duration::from_secs(30), follower).await;
    (asked.load(Ordering::Relaxed), matches!(served, Ok(Ok(Ok(_)))))
}
