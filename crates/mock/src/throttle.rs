//! Flow control as the vendor publishes it: so many calls in so many seconds.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::error::ServiceError;
use crate::lock::lock;

/// Limits on how often operations may be called.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    limits: Vec<Limit>,
    /// Calls in the present window, by limit and caller.
    windows: HashMap<(usize, String), Window>,
}

#[derive(Debug)]
struct Limit {
    /// `None`: all operations together.
    operation: Option<String>,
    calls: u32,
    millis: i64,
}

#[derive(Debug)]
struct Window {
    ends: i64,
    calls: u32,
}

impl Throttle {
    pub(crate) fn limit(&self, operation: Option<&str>, calls: u32, window: Duration) {
        let millis = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        lock(&self.0).limits.push(Limit { operation: operation.map(str::to_owned), calls, millis });
    }

    /// Counts a call, or refuses it.
    pub(crate) fn admit(&self, operation: &str, caller: &str, now: i64) -> Result<(), ServiceError> {
        let mut state = lock(&self.0);
        let State { limits, windows } = &mut *state;
        for (at, limit) in limits.iter().enumerate() {
            if limit.operation.as_deref().is_some_and(|limited| limited != operation) {
                continue;
            }
            let window = windows.entry((at, caller.to_owned())).or_insert(Window { ends: i64::MIN, calls: 0 });
            if window.ends <= now {
                *window = Window { ends: now + limit.millis, calls: 0 };
            }
            if window.calls >= limit.calls {
                let code = if limit.operation.is_some() { "Throttling.Api" } else { "Throttling.User" };
                let message = "Request was denied due to user flow control.";
                let wait = u64::try_from(window.ends - now).ok();
                return Err(ServiceError { retry_after: wait, ..ServiceError::entry(429, code, message) });
            }
            window.calls += 1;
        }
        Ok(())
    }
}
