//! The same call in many regions: all of them, no more at a time than asked for, errors among the answers.

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod common;
#[allow(dead_code, unreachable_pub)]
mod things;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use alicloud_core::{
    ConfigOverride,
    fleet::{Region, Regions},
};
use common::{Answer, config};
use things::{Client, SERVICE};
use tokio::time::Instant;

/// A service with so many things in each region; it refuses a region that it does not know.
fn client(sizes: &'static [(&'static str, usize)]) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let config = config(move |parameters| {
        count.fetch_add(1, Ordering::SeqCst);
        let region = parameters.get("RegionId").map(String::as_str).unwrap_or_default();
        assert_eq!(parameters["@host"], format!("things.{region}.example.com"), "the endpoint is the region's");
        let Some((_, size)) = sizes.iter().find(|(known, _)| *known == region) else {
            return Answer::refused(403, "Forbidden.Region");
        };
        let from: usize = parameters.get("NextToken").map_or(0, |token| token.parse().expect("our token"));
        let to = (from + 2).min(*size);
        let things: Vec<_> = (from..to).map(|id| format!(r#"{{"Id":{id},"Name":"{region}"}}"#)).collect();
        let next = if to < *size { to.to_string() } else { String::new() };
        Answer::ok(format!(r#"{{"NextToken":"{next}","Things":[{}]}}"#, things.join(",")))
    });
    (Client::new(&config.build().expect("a configuration")), asked)
}

#[tokio::test]
async fn items_of_all_regions_come_with_their_region() {
    let (client, _) = client(&[("cn-beijing", 5), ("cn-hangzhou", 0), ("us-east-1", 7)]);
    for limit in [1, 2, 8] {
        let mut items = Regions::of(&SERVICE)
            .limit(limit)
            .items(|region| client.list_things().region_id(region).config_override(region.settings()).items());
        let mut found = BTreeMap::<String, Vec<i64>>::new();
        while let Some((region, thing)) = items.next().await {
            let thing = thing.expect("no error");
            assert_eq!(thing.name.as_deref(), Some(&*region));
            found.entry(region.to_string()).or_default().push(thing.id.expect("an id"));
        }
        let expected = [("cn-beijing", 0..5), ("us-east-1", 0..7)];
        assert_eq!(found, expected.map(|(region, ids)| (region.to_owned(), ids.collect())).into());
        assert!(items.next().await.is_none());
    }
}

#[tokio::test]
async fn a_region_that_fails_does_not_end_the_others() {
    let (client, _) = client(&[("cn-beijing", 3), ("us-east-1", 1)]);
    let regions = Regions::new(["cn-hangzhou", "us-east-1", "cn-beijing", "us-east-1"]);
    let mut calls =
        regions.clone().call(|region| client.list_things().region_id(region).config_override(region.settings()));
    let (mut good, mut bad) = (BTreeSet::new(), Vec::new());
    while let Some((region, reply)) = calls.next().await {
        match reply {
            Ok(reply) => drop(good.insert((region.to_string(), reply.things.as_ref().map_or(0, Vec::len)))),
            Err(error) => bad.push((region.to_string(), error.code().unwrap_or_default().to_owned())),
        }
    }
    assert_eq!(good, [("cn-beijing".to_owned(), 2), ("us-east-1".to_owned(), 1)].into());
    assert_eq!(bad, [("cn-hangzhou".to_owned(), "Forbidden.Region".to_owned())]);

    let list = |region: &Region| client.list_things().region_id(region).config_override(region.settings()).items();
    let mut items = regions.items(list);
    let (mut things, mut errors) = (0, 0);
    while let Some((_, thing)) = items.next().await {
        if thing.is_ok() { things += 1 } else { errors += 1 }
    }
    assert_eq!((things, errors), (4, 1));
}

#[test]
fn regions_are_those_of_the_table_or_of_a_list() {
    let names = |regions: Regions| {
        let mut seen = Vec::new();
        let mut calls = regions.limit(1).call(|region| std::future::ready(region.to_string()));
        let mut context = Context::from_waker(std::task::Waker::noop());
        while let Poll::Ready(Some((_, name))) = Pin::new(&mut std::pin::pin!(calls.next())).poll(&mut context) {
            seen.push(name);
        }
        seen
    };
    assert_eq!(names(Regions::of(&SERVICE)), ["cn-beijing", "cn-hangzhou", "us-east-1"]);
    let chinese = Regions::of(&SERVICE).filter(|region| region.starts_with("cn-"));
    assert_eq!(names(chinese), ["cn-beijing", "cn-hangzhou"]);
    assert_eq!(names(Regions::new(["b", "a", "b"])), ["b", "a"]);
    assert_eq!(names(Regions::new([""; 0])), [""; 0]);
}

/// A call that counts those at work beside it.
struct Busy {
    at_work: Arc<AtomicUsize>,
    begun: bool,
    done: Pin<Box<tokio::time::Sleep>>,
}

impl Busy {
    fn new(at_work: &Arc<AtomicUsize>, seconds: u64) -> Self {
        Self {
            at_work: at_work.clone(),
            begun: false,
            done: Box::pin(tokio::time::sleep(Duration::from_secs(seconds))),
        }
    }
}

impl Future for Busy {
    type Output = usize;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if !std::mem::replace(&mut self.begun, true) {
            self.at_work.fetch_add(1, Ordering::SeqCst);
        }
        self.done.as_mut().poll(context).map(|()| self.at_work.load(Ordering::SeqCst))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.at_work.fetch_sub(usize::from(self.begun), Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_regions_than_the_limit_are_at_work() {
    let all: Vec<_> = (0..20).map(|number| format!("region-{number}")).collect();
    for limit in [0, 1, 3, 7, 50] {
        let at_work = Arc::new(AtomicUsize::new(0));
        let start = Instant::now();
        let mut calls = Regions::new(&all).limit(limit).call(|_| Busy::new(&at_work, 10));
        let (mut answers, mut most) = (0, 0);
        while let Some((_, beside)) = calls.next().await {
            answers += 1;
            most = most.max(beside);
        }
        let limit = limit.clamp(1, 20);
        assert_eq!((answers, most), (20, limit));
        // All at work work at the same time: as many rounds as the limit makes necessary.
        assert_eq!(start.elapsed().as_secs() / 10, 20_usize.div_ceil(limit) as u64);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_unread_and_a_dropped_stream_ends_what_it_began() {
    let at_work = Arc::new(AtomicUsize::new(0));
    let mut calls = Regions::new(["a", "b", "c"])
        .limit(2)
        .call(|region| Busy::new(&at_work, if &**region == "a" { 1 } else { 100 }));
    tokio::time::sleep(Duration::from_secs(1000)).await;
    assert_eq!(at_work.load(Ordering::SeqCst), 0);
    // A future that is dropped loses nothing.
    assert!(tokio::time::timeout(Duration::from_millis(1), calls.next()).await.is_err());
    assert_eq!(at_work.load(Ordering::SeqCst), 2);
    assert_eq!(calls.next().await.map(|(region, _)| region.to_string()).as_deref(), Some("a"));
    assert!(tokio::time::timeout(Duration::from_millis(1), calls.next()).await.is_err());
    assert_eq!(at_work.load(Ordering::SeqCst), 2);
    drop(calls);
    assert_eq!(at_work.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_next_region_begins_as_soon_as_one_has_ended() {
    let at_work = Arc::new(AtomicUsize::new(0));
    let mut calls = Regions::new(["b", "a", "c", "d"])
        .limit(3)
        .call(|region| Busy::new(&at_work, if &**region == "a" { 1 } else { 100 }));
    assert_eq!(calls.next().await.map(|(region, _)| region.to_string()).as_deref(), Some("a"));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(Pin::new(&mut std::pin::pin!(calls.next())).poll(&mut context).is_pending());
    assert_eq!(at_work.load(Ordering::SeqCst), 3);
}

/// One region with much to say does not keep the others from being heard.
#[tokio::test]
async fn regions_take_turns() {
    let (client, _) = client(&[("cn-beijing", 100), ("us-east-1", 100)]);
    let mut items = Regions::new(["cn-beijing", "us-east-1"])
        .items(|region| client.list_things().region_id(region).config_override(region.settings()).items());
    let mut first = BTreeMap::<String, usize>::new();
    for _ in 0..40 {
        let (region, _) = items.next().await.expect("an item");
        *first.entry(region.to_string()).or_default() += 1;
    }
    assert!(first.len() == 2 && first.values().all(|count| *count >= 15), "{first:?}");
}

#[tokio::test]
async fn a_region_without_a_safe_name_is_refused_before_anything_is_sent() {
    let (client, asked) = client(&[]);
    let mut calls = Regions::new(["x@evil.com"]).call(|region| {
        let settings: ConfigOverride = region.settings();
        client.list_things().config_override(settings)
    });
    let (_, reply) = calls.next().await.expect("an answer");
    assert!(reply.is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
