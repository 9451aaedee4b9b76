//! How long to wait before the next attempt.

use std::time::Duration;

use super::RetryConfig;
use crate::runtime::{Entropy, up_to};

/// A random time up to `base · 2ⁿ⁻¹` after the n-th attempt ("full jitter"). A delay that the service
/// asks for replaces it, within limits, plus up to a tenth so that clients do not return together.
pub(crate) fn delay(
    config: &RetryConfig,
    attempt: u32,
    throttled: bool,
    asked: Option<Duration>,
    entropy: &dyn Entropy,
) -> Duration {
    let own = up_to(longest(config, attempt, throttled), entropy);
    match asked {
        None => own,
        Some(asked) => {
            let wait = asked.max(own).min(config.max_server_delay);
            let jitter = up_to(wait.div_f64(10.0), entropy);
            wait.saturating_add(jitter).min(config.max_server_delay)
        }
    }
}

fn longest(config: &RetryConfig, attempt: u32, throttled: bool) -> Duration {
    let base = if throttled { config.throttled_base_delay } else { config.base_delay };
    let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(config.max_delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{NoEntropy, SystemEntropy};

    const DRAWS: u32 = 40_000;

    #[test]
    fn delays_are_spread_evenly_below_the_doubling_limit() {
        let config = RetryConfig::default();
        for (throttled, base) in [(false, config.base_delay), (true, config.throttled_base_delay)] {
            for attempt in 1..=12 {
                let limit = (base * 2_u32.pow(attempt - 1)).min(config.max_delay);
                let draws = (0..DRAWS).map(|_| delay(&config, attempt, throttled, None, &SystemEntropy));
                let mut sum = Duration::ZERO;
                for draw in draws {
                    assert!(draw <= limit, "{draw:?} after attempt {attempt}");
                    sum += draw;
                }
                let mean = sum / DRAWS;
                // The standard deviation of this mean is 0.3 %.
                let deviation = mean.abs_diff(limit / 2).as_secs_f64() / (limit / 2).as_secs_f64();
                assert!(deviation < 0.02, "attempt {attempt}: mean {mean:?} of {limit:?}");
            }
        }
    }

    #[test]
    fn no_attempt_and_no_limit_overflows() {
        let mut config = RetryConfig::default();
        for longest in [Duration::ZERO, Duration::from_secs(20), Duration::MAX] {
            (config.base_delay, config.max_delay, config.max_server_delay) = (longest, longest, longest);
            for attempt in [0, 1, 2, 31, 32, 33, 1_000_000, u32::MAX] {
                for asked in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
                    assert!(delay(&config, attempt, false, asked, &SystemEntropy) <= longest);
                }
            }
        }
    }

    #[test]
    fn without_randomness_the_longest_delay_is_taken() {
        #[derive(Debug)]
        struct Empty;
        impl Entropy for Empty {
            fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
                Err(NoEntropy)
            }
        }
        assert_eq!(delay(&RetryConfig::default(), 3, false, None, &Empty), Duration::from_millis(400));
    }

    #[test]
    fn the_service_is_obeyed_within_limits() {
        let config = RetryConfig::default();
        for asked in [1, 2, 30, 59, 60, 61, 3600, u64::MAX] {
            let asked = Duration::from_secs(asked);
            let wait = delay(&config, 1, true, Some(asked), &SystemEntropy);
            assert!(
                wait >= asked.min(config.max_server_delay) && wait <= config.max_server_delay,
                "{asked:?}: {wait:?}"
            );
            assert!(wait <= asked.saturating_add(asked / 10));
        }
    }
}
