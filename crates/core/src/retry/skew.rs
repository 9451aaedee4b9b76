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

    /// Learns from the `Date` of an answer to a request that was refused for its stamp. `sent` and
    /// `received` are by our clock. Returns whether the stamp was wrong by enough to be the reason; it
    /// may have been corrected meanwhile by another call.
    pub(crate) fn learn(&self, headers: &HeaderMap, sent: SystemTime, received: SystemTime, stamp: SystemTime) -> bool {
        // A cached answer is older than it says.
        if headers.contains_key("age") {
            return false;
        }
        let date = headers.get("date").and_then(|value| value.to_str().ok()).and_then(crate::runtime::parse_http_date);
        let (Some(date), Ok(round_trip)) = (date, received.duration_since(sent)) else { return false };
        if round_trip > MAX_ROUND_TRIP {
            return false;
        }
        let middle = round_trip.div_f64(2.0);
        let (Some(ours), Some(stamped)) = (sent.checked_add(middle), stamp.checked_add(middle)) else { return false };
        let is_wrong =
            milliseconds(date, stamped).unsigned_abs() > THRESHOLD.as_millis().try_into().unwrap_or(u64::MAX);
        if is_wrong {
            self.0.store(milliseconds(date, ours), Ordering::Relaxed);
        }
        is_wrong
    }
}

/// How far a time is ahead of another.
fn milliseconds(time: SystemTime, other: SystemTime) -> i64 {
    match time.duration_since(other) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX),
        Err(behind) => i64::try_from(behind.duration().as_millis()).map_or(i64::MIN, i64::wrapping_neg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn at(seconds: i64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(1_700_000_000 + seconds).unwrap())
    }

    struct Scenario {
        name: &'static str,
        /// Seconds by which the service's clock is ahead of ours when it answers.
        ahead: i64,
        round_trip: i64,
        headers: &'static [(&'static str, &'static str)],
        /// What we had learned before.
        known: i64,
        corrects: bool,
        /// Seconds by which the next stamp is ahead of our clock.
        then: i64,
    }

    const PLAIN: Scenario =
        Scenario { name: "", ahead: 0, round_trip: 0, headers: &[], known: 0, corrects: false, then: 0 };

    #[test]
    fn scenarios() {
        let scenarios = [
            Scenario { name: "clocks agree", ..PLAIN },
            Scenario { name: "we are behind", ahead: HOUR, corrects: true, then: HOUR, ..PLAIN },
            Scenario { name: "we are ahead", ahead: -HOUR, corrects: true, then: -HOUR, ..PLAIN },
            Scenario { name: "below the threshold", ahead: 239, ..PLAIN },
            Scenario { name: "above the threshold", ahead: 242, corrects: true, then: 242, ..PLAIN },
            Scenario {
                name: "a slow answer: its middle counts",
                ahead: HOUR,
                round_trip: 600,
                corrects: true,
                then: HOUR,
                ..PLAIN
            },
            Scenario { name: "an answer that took too long", ahead: HOUR, round_trip: 901, ..PLAIN },
            Scenario { name: "a cached answer", ahead: HOUR, headers: &[("age", "0")], ..PLAIN },
            Scenario { name: "a date that is none", headers: &[("date", "soon")], ..PLAIN },
            Scenario { name: "our clock was mended", known: HOUR, corrects: true, then: 0, ..PLAIN },
            Scenario { name: "what we know is still true", ahead: HOUR, known: HOUR, then: HOUR, ..PLAIN },
            Scenario { name: "our clock went backwards meanwhile", ahead: HOUR, round_trip: -5, ..PLAIN },
        ];
        for Scenario { name, ahead, round_trip, headers, known, corrects, then } in scenarios {
            let skew = Skew(AtomicI64::new(known * 1000));
            let (sent, received) = (at(0), at(round_trip));
            let date = crate::sign::http_date(at(round_trip / 2 + ahead));
            let mut map = HeaderMap::new();
            map.insert("date", date.parse().unwrap());
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            let stamp = skew.correct(sent);
            assert_eq!(skew.learn(&map, sent, received, stamp), corrects, "{name}");
            assert_eq!(skew.correct(at(0)), at(then), "{name}");
        }
    }

    #[test]
    fn a_call_that_was_stamped_before_another_one_learned_is_sent_again() {
        let skew = Skew::default();
        let mut headers = HeaderMap::new();
        headers.insert("date", crate::sign::http_date(at(HOUR)).parse().unwrap());
        for _ in 0..2 {
            assert!(skew.learn(&headers, at(0), at(0), at(0)));
        }
        assert!(!skew.learn(&headers, at(0), at(0), at(HOUR)));
    }
}
