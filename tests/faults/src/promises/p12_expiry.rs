//! No request is signed with credentials that have ended, and none that are valid are called ended.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use alicloud_core::credentials::{CachedProvider, ProvideCredentials as _};

use super::{Figure, Promise, paused};
use crate::{
    scripted::VirtualClock,
    source::{Plan, Source},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P12",
    title: "Valid credentials are never called expired, nor expired ones used for ever",
    pass: "lifetimes 60 s, 15 min, 1 h, 12 h, none, in the past: 0 used after their end, a fetch before each end",
    measure: |_| paused(measure()),
};

async fn measure() -> Figure {
    let (mut used, mut refused, mut notes) = (0_u64, 0_u64, Vec::new());
    for seconds in [60, 900, 3600, 43_200] {
        let lifetime = Duration::from_secs(seconds);
        let clock = VirtualClock::new(0);
        let source = Source::new(clock.clone(), move |_| {
            Plan::After(Duration::from_millis(200), Box::new(Plan::Lasting(lifetime)))
        });
        let asked = source.asked();
        let provider = CachedProvider::new(source).clock(clock.clone());
        let step = lifetime / 50;
        // Five lifetimes of calls.
        for _ in 0..250 {
            match provider.provide().await {
                Ok(credentials) => {
                    let now = alicloud_core::runtime::Clock::now(&clock);
                    used += u64::from(credentials.expires_at().is_none_or(|end: SystemTime| end <= now));
                }
                Err(_) => refused += 1,
            }
            tokio::time::sleep(step).await;
        }
        let fetches = asked.load(Ordering::Relaxed);
        // One per lifetime, earlier by the windows.
        if !(5..=12).contains(&fetches) {
            notes.push(format!("{seconds} s: {fetches} fetches"));
        }
    }
    let clock = VirtualClock::new(0);
    let endless = CachedProvider::new(Source::new(clock.clone(), |_| Plan::Endless)).clock(clock.clone());
    let ended = CachedProvider::new(Source::new(clock.clone(), |_| Plan::Ended)).clock(clock);
    for _ in 0..100 {
        refused += u64::from(endless.provide().await.is_err());
        used += u64::from(ended.provide().await.is_ok());
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    Figure::new(
        used == 0 && refused == 0 && notes.is_empty(),
        format!("1,200 calls: {used} with ended credentials, {refused} refused although valid {}", notes.join(", ")),
    )
}
