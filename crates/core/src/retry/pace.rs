//! The rate at which a client sends in adaptive mode.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::runtime::later;

/// Throttling within this time after the rate was cut belongs to the same burst.
const BURST: Duration = Duration::from_secs(1);
/// The rate doubles once per this time after it was cut.
const DOUBLING: Duration = Duration::from_secs(10);
/// So long after the last cut there is no limit.
const RECOVERY: Duration = Duration::from_secs(60);
/// The rate is never cut below this, in calls per second.
const SLOWEST: f64 = 0.5;
/// How long the measured rate remembers.
const MEMORY: f64 = 1.0;

/// Unlimited until the service asks for fewer calls. Then the rate is cut to half of what was sent, and
/// doubles every ten seconds until, a minute later, the limit is lifted.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Calls per second, averaged over about a second.
    sent: f64,
    last_sent: Option<Instant>,
    cut: Option<Cut>,
    /// When the next call may be sent.
    next: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Cut {
    at: Instant,
    /// Calls per second.
    rate: f64,
}

impl Cut {
    fn rate_at(self, now: Instant) -> Option<f64> {
        let since = now.saturating_duration_since(self.at);
        (since < RECOVERY).then(|| self.rate * (since.as_secs_f64() / DOUBLING.as_secs_f64()).exp2())
    }
}

impl State {
    /// The measured rate fades as time passes without calls.
    fn measured(&self, now: Instant) -> f64 {
        let since = self.last_sent.map_or(0.0, |last| now.saturating_duration_since(last).as_secs_f64());
        self.sent * (-since / MEMORY).exp()
    }
}

impl Pace {
    /// How long to wait before the next call is sent. The place in the queue is taken.
    pub(crate) fn next(&self, now: Instant) -> Duration {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = state.cut.and_then(|cut| cut.rate_at(now));
        let turn = match rate {
            None => {
                (state.cut, state.next) = (None, None);
                now
            }
            Some(rate) => {
                let turn = state.next.unwrap_or(now).max(now);
                state.next = Some(later(turn, Duration::from_secs_f64(1.0 / rate)));
                turn
            }
        };
        state.sent = state.measured(turn) + 1.0 / MEMORY;
        state.last_sent = Some(turn);
        turn.saturating_duration_since(now)
    }

    /// The service asked for fewer calls.
    pub(crate) fn throttled(&self, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.cut.is_some_and(|cut| now.saturating_duration_since(cut.at) < BURST) {
            return;
        }
        let measured = state.measured(now);
        let limit = state.cut.and_then(|cut| cut.rate_at(now)).unwrap_or(f64::INFINITY);
        state.cut = Some(Cut { at: now, rate: (measured.min(limit) / 2.0).max(SLOWEST) });
    }

    pub(super) fn is_free(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cut.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls that are let through in ten seconds by somebody who always has one more to send, up to 100
    /// per second.
    fn calls(pace: &Pace, from: Instant) -> usize {
        let mut now = from;
        let mut count = 0;
        while now < from + Duration::from_secs(10) {
            now += pace.next(now) + Duration::from_millis(10);
            count += 1;
        }
        count
    }

    #[test]
    fn without_throttling_nothing_waits() {
        let pace = Pace::default();
        assert_eq!(calls(&pace, Instant::now()), 1000);
    }

    #[test]
    fn a_burst_of_throttling_halves_the_rate_once_and_a_minute_restores_it() {
        let (pace, start) = (Pace::default(), Instant::now());
        calls(&pace, start);
        let burst = start + Duration::from_secs(10);
        for milliseconds in 0..50 {
            pace.throttled(burst + Duration::from_millis(milliseconds * 10));
        }
        let mut rates = Vec::new();
        for ten_seconds in 0..7 {
            rates.push(calls(&pace, burst + Duration::from_secs(1 + 10 * ten_seconds)));
        }
        // Half at first; the rate grows within the ten seconds, so that their sum is below all but above half.
        let first = pace_of_first_second(burst);
        assert!(first <= 60, "{first} calls in the first second");
        assert!(rates[0] < 800, "{rates:?}");
        assert!(rates.windows(2).all(|pair| pair[0] <= pair[1]), "{rates:?}");
        assert_eq!(rates[6], 1000, "{rates:?}");
        assert!(pace.is_free());
    }

    fn pace_of_first_second(start: Instant) -> usize {
        let pace = Pace::default();
        calls(&pace, start);
        let burst = start + Duration::from_secs(10);
        pace.throttled(burst);
        let mut now = burst;
        let mut count = 0;
        while now < burst + Duration::from_secs(1) {
            now += pace.next(now) + Duration::from_millis(1);
            count += 1;
        }
        count
    }

    #[test]
    fn the_rate_is_never_cut_to_nothing() {
        let (pace, mut now) = (Pace::default(), Instant::now());
        for _ in 0..100 {
            pace.throttled(now);
            now += Duration::from_secs(2);
        }
        pace.next(now);
        assert!(pace.next(now) <= Duration::from_secs(2));
    }
}
