//! The difference between our clock and the service's.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use http::HeaderMap;

/// Differences below this are left alone: the services allow 15 minutes.
const THRESHOLD: Duration = Duration::from_secs(4 * 60);
/// An answer that took longer says nothing about the time.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);

/// Milliseconds to add to our clock.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// Our time, corrected.
    pub(crate) fn correct(&self, time: SystemTime) -> SystemTime {
        let milliseconds = self.0.load(Ordering::Relaxed);
        let difference = Duration::from_millis(milliseconds.unsigned_abs());
        let corrected = if milliseconds < 0 { time.checked_sub(difference) } else { time.checked_add(difference) };
        corrected.unwrap_or(time)
    }

    /// Learns from the `Date` of an answer to a request that was refused for its time. Returns whether
    /// the stamp of that request was wrong by enough to be the reason.
    pub(crate) fn learn(&self, headers: &HeaderMap, sent: SystemTime, received: SystemTime) -> bool {
        // A cached answer is older than it says.
        if headers.contains_key("age") {
            return false;
        }
        let date = headers.get("date").and_then(|value| value.to_str().ok()).and_then(crate::runtime::parse_http_date);
        let (Some(date), Ok(round_trip)) = (date, received.duration_since(sent)) else { return false };
        if round_trip > MAX_ROUND_TRIP {
            return false;
        }
        let Some(ours) = sent.checked_add(round_trip / 2) else { return false };
        let difference = match date.duration_since(ours) {
            Ok(ahead) => i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX),
            Err(behind) => i64::try_from(behind.duration().as_millis()).map_or(i64::MIN, |value| -value),
        };
        let before = self.0.swap(difference, Ordering::Relaxed);
        // The stamp was ours with the former correction.
        before.abs_diff(difference) > THRESHOLD.as_millis().try_into().unwrap_or(u64::MAX)
    }
}
