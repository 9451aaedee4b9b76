//! The gateway's own clock: the system's, shifted or frozen.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

const RUNNING: i64 = i64::MIN;

/// The time by which the gateway judges timestamps, nonces, tokens and asynchronous progress.
///
/// Clones share the same clock. It starts as the system's time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<State>);

#[derive(Debug)]
struct State {
    /// Milliseconds since the epoch at which the clock stands still, or [`RUNNING`].
    frozen: AtomicI64,
    /// Milliseconds added to whatever the clock shows.
    offset: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(State { frozen: AtomicI64::new(RUNNING), offset: AtomicI64::new(0) }))
    }
}

impl Clock {
    /// The present time of the gateway.
    pub fn now(&self) -> SystemTime {
        let millis = self.millis();
        let distance = Duration::from_millis(millis.unsigned_abs());
        let time = if millis < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        time.unwrap_or(UNIX_EPOCH)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.offset.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Moves the clock backward, for example to make a client look ahead of time.
    pub fn rewind(&self, by: Duration) {
        self.0.offset.fetch_sub(millis(by), Ordering::SeqCst);
    }

    /// Stops the clock where it is; [`advance`](Self::advance) still moves it.
    pub fn freeze(&self) {
        self.freeze_at(self.now());
    }

    /// Stops the clock at a time.
    pub fn freeze_at(&self, time: SystemTime) {
        let at = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        };
        self.0.frozen.store(at, Ordering::SeqCst);
        self.0.offset.store(0, Ordering::SeqCst);
    }

    /// Lets the clock run with the system's time again, without any shift.
    pub fn resume(&self) {
        self.0.frozen.store(RUNNING, Ordering::SeqCst);
        self.0.offset.store(0, Ordering::SeqCst);
    }

    /// Milliseconds since the epoch.
    pub(crate) fn millis(&self) -> i64 {
        let base = match self.0.frozen.load(Ordering::SeqCst) {
            RUNNING => SystemTime::now().duration_since(UNIX_EPOCH).map(millis).unwrap_or(0),
            frozen => frozen,
        };
        base.saturating_add(self.0.offset.load(Ordering::SeqCst))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// `2024-01-02T03:04:05Z`, as the vendor writes times.
pub(crate) fn iso8601(millis: i64) -> String {
    let time = Timestamp::from_second(millis.div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_string()
}

/// `Tue, 02 Jan 2024 03:04:05 GMT`, as HTTP headers write times.
pub(crate) fn http_date(millis: i64) -> String {
    let time = Timestamp::from_second(millis.div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_both_formats() {
        assert_eq!(iso8601(1_704_164_645_999), "2024-01-02T03:04:05Z");
        assert_eq!(http_date(1_704_164_645_000), "Tue, 02 Jan 2024 03:04:05 GMT");
    }

    #[test]
    fn moves_while_frozen() {
        let clock = Clock::default();
        clock.freeze_at(UNIX_EPOCH + Duration::from_secs(100));
        clock.advance(Duration::from_secs(16 * 60));
        clock.rewind(Duration::from_secs(60));
        assert_eq!(clock.millis(), (100 + 15 * 60) * 1000);
        clock.resume();
        assert!(clock.millis() > 1_000_000_000_000);
    }
}
