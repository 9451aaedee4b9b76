//! Streams that stand still are ended.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// When a stream of bytes counts as stalled.
///
/// A stream is ended with [`TimeoutError`](crate::error::TimeoutError) of the limit `stall` when, over the
/// grace, fewer bytes have come or gone than the smallest throughput. Only the time counts in which the
/// network is waited for: a slow reader of a download or a slow source of an upload ends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StallProtection {
    /// Bytes per second. Default: 1. With 0 nothing is ever ended.
    pub throughput: u64,
    /// How long a stream of bytes may be slower than that. Default: 20 s.
    pub grace: Duration,
    /// How long server-sent events, which may be small and far apart, may bring nothing. Default: 5 min.
    pub event_grace: Duration,
}

impl Default for StallProtection {
    fn default() -> Self {
        Self { throughput: 1, grace: Duration::from_secs(20), event_grace: Duration::from_secs(300) }
    }
}

impl StallProtection {
    /// Nothing is ever ended.
    pub fn off() -> Self {
        Self { throughput: 0, ..Self::default() }
    }

    /// Another grace, also for events.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self.event_grace = grace;
        self
    }
}

/// Measures the throughput over the last grace of waiting.
#[derive(Debug)]
pub(crate) struct Meter {
    grace: Duration,
    /// Bytes that a grace must bring.
    least: u64,
    /// Time spent waiting, up to `since`.
    waited: Duration,
    /// When the waiting that goes on began.
    since: Option<Instant>,
    /// What came when, in time of waiting: the latest entries that together are enough.
    entries: VecDeque<(Duration, u64)>,
    sum: u64,
}

impl Meter {
    pub(crate) fn new(protection: StallProtection) -> Self {
        let seconds = protection.grace.as_secs_f64();
        Self::with(protection.grace, (protection.throughput as f64 * seconds).ceil() as u64)
    }

    /// Of events any byte is enough.
    pub(crate) fn of_events(protection: StallProtection) -> Self {
        Self::with(protection.event_grace, protection.throughput.min(1))
    }

    fn with(grace: Duration, least: u64) -> Self {
        // The beginning counts as if enough had come just then.
        Self {
            grace,
            least,
            waited: Duration::ZERO,
            since: None,
            entries: VecDeque::from([(Duration::ZERO, least)]),
            sum: least,
        }
    }

    pub(crate) fn grace(&self) -> Duration {
        self.grace
    }

    /// The network is waited for from now on.
    pub(crate) fn run(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// It is not, or no longer.
    pub(crate) fn pause(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited = self.waited.saturating_add(since.elapsed());
        }
    }

    /// Bytes have come or gone.
    pub(crate) fn credit(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let now = self.waited.saturating_add(self.since.map_or(Duration::ZERO, |since| since.elapsed()));
        self.entries.push_back((now, bytes));
        self.sum = self.sum.saturating_add(bytes);
        while let Some((_, first)) = self.entries.front()
            && self.entries.len() > 1
            && self.sum.saturating_sub(*first) >= self.least
        {
            self.sum = self.sum.saturating_sub(*first);
            self.entries.pop_front();
        }
    }

    /// When the stream counts as stalled if nothing more happens; `None` while nothing is waited for.
    pub(crate) fn stalls_at(&self) -> Option<Instant> {
        if self.least == 0 {
            return None;
        }
        // Without its first entry the rest is not enough: so long may the waiting go on.
        let (first, _) = self.entries.front()?;
        let left = first.saturating_add(self.grace).saturating_sub(self.waited);
        self.since?.checked_add(left)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, pause};

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn only_waiting_counts_and_bytes_buy_time() {
        pause();
        let begun = Instant::now();
        let mut meter = Meter::new(StallProtection::default().grace(seconds(20)));
        assert_eq!(meter.stalls_at(), None, "nothing is waited for");
        meter.run();
        assert_eq!(meter.stalls_at(), Some(begun + seconds(20)));
        advance(seconds(15)).await;
        meter.pause();
        advance(seconds(1000)).await;
        meter.run();
        assert_eq!(meter.stalls_at(), Some(Instant::now() + seconds(5)));
        meter.credit(20);
        assert_eq!(meter.stalls_at(), Some(Instant::now() + seconds(20)), "enough for a grace");
    }

    #[tokio::test]
    async fn a_trickle_is_not_enough() {
        pause();
        let begun = Instant::now();
        let mut meter = Meter::new(StallProtection::default().grace(seconds(20)));
        meter.run();
        for _ in 0..9 {
            advance(seconds(2)).await;
            meter.credit(1);
        }
        assert_eq!(meter.stalls_at(), Some(begun + seconds(20)));
        let mut meter = Meter::new(StallProtection::default().grace(seconds(20)));
        meter.run();
        for _ in 0..100 {
            advance(seconds(1)).await;
            meter.credit(1);
            assert!(meter.stalls_at() > Some(Instant::now()), "the smallest throughput is enough");
        }
        assert!(meter.entries.len() <= 21);
    }
}
