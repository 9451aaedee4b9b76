//! The same call in many regions.
//!
//! Who runs things in more than one region asks the same question in each. [`Regions`] asks a few at a time
//! and gives what comes back as one stream, each answer or item with the [`Region`] that it is of. A region
//! that fails does not end the stream: its error is one of the things that come.
//!
//! ```no_run
//! # mod things { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/things/mod.rs")); }
//! # use things::{Client, SERVICE};
//! use alicloud_core::fleet::Regions;
//!
//! # async fn example(client: Client) {
//! let mut things = Regions::of(&SERVICE)
//!     .filter(|region| region.starts_with("cn-"))
//!     .items(|region| client.list_things().region_id(region).config_override(region.settings()).items());
//! while let Some((region, thing)) = things.next().await {
//!     match thing {
//!         Ok(thing) => println!("{region}: {:?}", thing.id),
//!         Err(error) => eprintln!("{region}: {error}"),
//!     }
//! }
//! # }
//! ```
//!
//! [`settings`](Region::settings) chooses the endpoint; operations that have the region as a parameter want it
//! there, too.
//!
//! # How it runs
//! Regions begin in order, [`limit`](Regions::limit) at a time; the next one begins when one has ended. Nothing
//! runs while the stream is not read, and a stream that is dropped ends what it had begun. Where handling an
//! item takes long, [`look_ahead`](crate::paginate::Items::look_ahead) lets the next pages come meanwhile.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    future::{Future, IntoFuture, poll_fn},
    ops::Deref,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_core::Stream;

use crate::{config::ConfigOverride, operation::Service};

/// Regions at work at the same time, unless another number is set.
const LIMIT: usize = 8;

/// The id of a region, for example `cn-hangzhou`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

impl Region {
    /// Settings of a call that goes to this region.
    pub fn settings(&self) -> ConfigOverride {
        ConfigOverride::new().region(&*self.0)
    }
}

impl Deref for Region {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&Region> for String {
    fn from(region: &Region) -> Self {
        region.0.as_ref().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The regions that a call goes to. [The module](self) explains how.
#[derive(Clone, Debug)]
pub struct Regions {
    regions: VecDeque<Region>,
    limit: usize,
}

impl Regions {
    /// These regions, each once, in this order.
    pub fn new(regions: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut known = HashSet::new();
        let regions = regions.into_iter().map(|region| Region(region.as_ref().into()));
        Self { regions: regions.filter(|region| known.insert(region.clone())).collect(), limit: LIMIT }
    }

    /// All regions in a product's table, as its crate's `endpoint::SERVICE` has it. Regions for finance and for
    /// the government are among them, which answer to accounts of their own only.
    pub fn of(service: &Service) -> Self {
        Self::new(service.endpoints.regions.iter().map(|(region, _)| region))
    }

    /// Those that fit.
    pub fn filter(mut self, fits: impl FnMut(&Region) -> bool) -> Self {
        self.regions.retain(fits);
        self
    }

    /// How many regions are at work at the same time. Default: 8; at least 1.
    pub fn limit(mut self, regions: usize) -> Self {
        self.limit = regions.max(1);
        self
    }

    /// One call in every region, and the answers as they come.
    pub fn call<'a, C>(self, mut make: impl FnMut(&Region) -> C + Send + 'a) -> Across<'a, C::Output>
    where
        C: IntoFuture<IntoFuture: Send + 'a>,
    {
        Across::new(self, move |region| Box::pin(Once(Some(Box::pin(make(region).into_future())))))
    }

    /// A stream in every region — items, pages, events — and what comes in each.
    pub fn items<'a, S>(self, mut make: impl FnMut(&Region) -> S + Send + 'a) -> Across<'a, S::Item>
    where
        S: Stream + Send + 'a,
    {
        Across::new(self, move |region| Box::pin(make(region)))
    }
}

type Begin<'a, T> = Box<dyn FnMut(&Region) -> Part<'a, T> + Send + 'a>;
type Part<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

/// What comes back from many regions, as one stream of pairs.
#[must_use = "nothing is sent until the stream is read"]
pub struct Across<'a, T> {
    waiting: VecDeque<Region>,
    begin: Begin<'a, T>,
    limit: usize,
    /// The regions at work; whose turn is next stands first.
    working: VecDeque<(Region, Part<'a, T>)>,
}

/// Nothing in it is pinned but what is boxed.
impl<T> Unpin for Across<'_, T> {}

impl<'a, T> Across<'a, T> {
    fn new(regions: Regions, begin: impl FnMut(&Region) -> Part<'a, T> + Send + 'a) -> Self {
        let Regions { regions, limit } = regions;
        Self { waiting: regions, begin: Box::new(begin), limit, working: VecDeque::new() }
    }

    /// The next answer or item of any region. The future can be dropped at any time; what it had begun goes on
    /// with the next one.
    pub async fn next(&mut self) -> Option<(Region, T)> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T> Stream for Across<'_, T> {
    type Item = (Region, T);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        // Every region at work is asked; one that ends makes room for another, and all are asked anew.
        let mut asked = 0;
        loop {
            while this.working.len() < this.limit
                && let Some(region) = this.waiting.pop_front()
            {
                let part = (this.begin)(&region);
                this.working.push_back((region, part));
            }
            if this.working.is_empty() {
                return Poll::Ready(None);
            }
            if asked == this.working.len() {
                return Poll::Pending;
            }
            let Some((region, mut part)) = this.working.pop_front() else { return Poll::Ready(None) };
            match part.as_mut().poll_next(context) {
                Poll::Ready(Some(item)) => {
                    this.working.push_back((region.clone(), part));
                    return Poll::Ready(Some((region, item)));
                }
                Poll::Ready(None) => asked = 0,
                Poll::Pending => {
                    this.working.push_back((region, part));
                    asked = asked.saturating_add(1);
                }
            }
        }
    }
}

/// A future as a stream of one.
struct Once<F>(Option<Pin<Box<F>>>);

impl<F: Future> Stream for Once<F> {
    type Item = F::Output;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let Some(future) = self.0.as_mut() else { return Poll::Ready(None) };
        let output = std::task::ready!(future.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(Some(output))
    }
}
