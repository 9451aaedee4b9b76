//! A source of credentials that is down does no harm while credentials are valid.

use std::{sync::atomic::Ordering, time::Duration};

use alicloud_core::credentials::{CachedProvider, ProvideCredentials as _};
use tokio::time::Instant;

use super::{Figure, Promise, paused};
use crate::{
    scripted::VirtualClock,
    source::{Plan, Source},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P11",
    title: "A failing credential source does not break valid credentials",
    pass: "source down for 14 min, credentials valid for 15: 0 failed calls, <= 15 fetches, callers do not wait in the advisory window; after the end an error within the load timeout",
    measure: |_| paused(measure()),
};

const MINUTE: Duration = Duration::from_secs(60);

async fn measure() -> Figure {
    let mut worst = (0, 0, Duration::ZERO);
    let mut late = 0;
    for _ in 0..20 {
        let (failed, asked, waited) = outage().await;
        worst = (worst.0.max(failed), worst.1.max(asked), worst.2.max(waited));
        late += u32::from(!ends_with_an_error().await);
    }
    let (failed, asked, waited) = worst;
    Figure::new(
        failed == 0 && asked <= 15 && waited < Duration::from_millis(1) && late == 0,
        format!(
            "worst of 20: {failed} failed calls, {asked} fetches, {waited:?} wait in the advisory window; {late} late errors"
        ),
    )
}

/// Failed calls, fetches and longest wait while credentials of an hour have 15 minutes left and the source is
/// down for 14.
async fn outage() -> (u32, u64, Duration) {
    let clock = VirtualClock::new(0);
    let source = Source::new(clock.clone(), |since| match since.as_secs() {
        0..60 => Plan::Lasting(60 * MINUTE),
        // From 45 minutes on there are 15 left.
        2700..3540 => Plan::Fail,
        _ => Plan::Lasting(60 * MINUTE),
    });
    let asked = source.asked();
    let provider = CachedProvider::new(source).clock(clock);
    provider.provide().await.unwrap();
    tokio::time::sleep(45 * MINUTE).await;
    let before = asked.load(Ordering::Relaxed);
    let (mut failed, mut waited) = (0, Duration::ZERO);
    for second in 0..14 * 60 {
        let begun = Instant::now();
        failed += u32::from(provider.provide().await.is_err());
        // In the last minutes callers may wait for a fetch.
        if second < 8 * 60 {
            waited = waited.max(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tokio::time::sleep(MINUTE).await;
    failed += u32::from(provider.provide().await.is_err());
    (failed, asked.load(Ordering::Relaxed) - before, waited)
}

/// After the end a source that gives no answer is an error in time.
async fn ends_with_an_error() -> bool {
    let clock = VirtualClock::new(0);
    let source = Source::new(clock.clone(), |since| match since.as_secs() {
        0..60 => Plan::Lasting(10 * MINUTE),
        _ => Plan::After(1000 * MINUTE, Box::new(Plan::Fail)),
    });
    let provider = CachedProvider::new(source).clock(clock).load_timeout(Duration::from_secs(10));
    provider.provide().await.unwrap();
    tokio::time::sleep(11 * MINUTE).await;
    let begun = Instant::now();
    provider.provide().await.is_err() && begun.elapsed() <= Duration::from_millis(10_050)
}
