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
    let base = if throttled { config.throttled_base_delay } else { config.base_delay };
    let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let own = up_to(base.saturating_mul(factor).min(config.max_delay), entropy);
    match asked {
        None => own,
        Some(asked) => {
            let wait = asked.max(own).min(config.max_server_delay);
            let jitter = up_to(wait / 10, entropy);
            wait.saturating_add(jitter).min(config.max_server_delay)
        }
    }
}
