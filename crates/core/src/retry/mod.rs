//! Whether a failed attempt is repeated, and when.
//!
//! What may be repeated follows from two things: how safe it is to send the call twice
//! ([`RetryClass`](crate::operation::RetryClass)) and what the failure says about the first attempt
//! (`classify`). The HTTP method plays no part: the services take most calls, harmless or not, by
//! `POST`.

mod backoff;
mod budget;
mod classify;
mod history;
mod pace;
mod share;
mod skew;

use std::time::Duration;

pub(crate) use self::{
    backoff::delay,
    budget::Expense,
    classify::{Signal, Verdict, classify, is_throttling, verdict},
    history::{History, Pause},
    pace::Pace,
    share::{Share, Shares},
    skew::Skew,
};

/// How calls are repeated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Whether calls are repeated at all.
    pub mode: RetryMode,
    /// Attempts in all, the first included. Default: 4.
    pub max_attempts: u32,
    /// Longest first wait. Each further one is up to twice as long. Default: 100 ms.
    pub base_delay: Duration,
    /// The same after the service asked for fewer calls. Default: 500 ms.
    pub throttled_base_delay: Duration,
    /// Longest wait of all. Default: 20 s.
    pub max_delay: Duration,
    /// Longest wait that a service may ask for. Default: 60 s.
    pub max_server_delay: Duration,
    /// Whether repeats draw on the budget that keeps an outage from becoming a storm. Default: true.
    pub budget: bool,
}

/// Whether calls are repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Never.
    Off,
    /// As the failure and the operation allow.
    #[default]
    Standard,
    /// The same, and when the service asks for fewer calls, all calls that share endpoint and account are
    /// sent more slowly: half as often at first, then twice as often every ten seconds, without limit
    /// after a minute. A call waits for its turn within its own deadline.
    Adaptive,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            mode: RetryMode::Standard,
            max_attempts: 4,
            base_delay: Duration::from_millis(100),
            throttled_base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(20),
            max_server_delay: Duration::from_secs(60),
            budget: true,
        }
    }
}

impl RetryConfig {
    /// Calls are sent once.
    pub fn off() -> Self {
        Self { mode: RetryMode::Off, ..Self::default() }
    }

    /// Calls are repeated, and slowed down when the service asks for fewer.
    pub fn adaptive() -> Self {
        Self { mode: RetryMode::Adaptive, ..Self::default() }
    }

    /// Sets the number of attempts, the first included.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Repeats calls without regard to the budget.
    #[must_use]
    pub fn without_budget(mut self) -> Self {
        self.budget = false;
        self
    }

    /// Attempts that may be made.
    pub(crate) fn attempts(&self) -> u32 {
        match self.mode {
            RetryMode::Off => 1,
            RetryMode::Standard | RetryMode::Adaptive => self.max_attempts.max(1),
        }
    }
}
