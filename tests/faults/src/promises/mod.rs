//! The promises, each with a measurement and a pass mark.

mod p01_effects;
mod p02_reads;
mod p03_storm;
mod p04_backoff;
mod p05_asked_delay;
mod p06_deadline;
mod p07_fresh;
mod p08_signatures;
mod p10_single_flight;
mod p11_outage;
mod p12_expiry;
mod p13_skew;
mod p14_stalls;
mod p15_timeouts;
mod p16_connections;
mod p17_leaks;
mod p18_cancel;
mod p19_pages;
mod p20_types;
mod p21_error_bodies;
mod p22_failures_in_200;
mod p23_secrets;
mod p27_certificates;

use std::{fmt, future::Future};

use alicloud_core::Model;

pub(crate) use self::p19_pages::Paged;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// What fits between two changes: under a minute on two cores.
    Quick,
    /// What the promise says.
    Full,
}

impl Scale {
    /// One number or the other.
    pub fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// In numbers.
    pub measured: String,
    /// Whether the promise is kept.
    pub kept: bool,
}

impl Figure {
    /// A figure.
    pub fn new(kept: bool, measured: impl Into<String>) -> Self {
        Self { measured: measured.into(), kept }
    }
}

/// One promise.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// `P1` and so on.
    pub id: &'static str,
    /// What is promised.
    pub title: &'static str,
    /// When it is kept.
    pub pass: &'static str,
    /// Measures it.
    pub measure: fn(Scale) -> Figure,
}

/// All promises that are measured here.
pub const PROMISES: &[Promise] = &[
    p01_effects::PROMISE,
    p02_reads::PROMISE,
    p03_storm::PROMISE,
    p04_backoff::PROMISE,
    p05_asked_delay::PROMISE,
    p06_deadline::PROMISE,
    p07_fresh::PROMISE,
    p08_signatures::PROMISE,
    p10_single_flight::PROMISE,
    p11_outage::PROMISE,
    p12_expiry::PROMISE,
    p13_skew::PROMISE,
    p14_stalls::PROMISE,
    p15_timeouts::PROMISE,
    p16_connections::PROMISE,
    p17_leaks::PROMISE,
    p18_cancel::PROMISE,
    p19_pages::PROMISE,
    p20_types::PROMISE,
    p21_error_bodies::PROMISE,
    p22_failures_in_200::PROMISE,
    p23_secrets::PROMISE,
    p27_certificates::PROMISE,
];

/// A model as it prints.
fn printed(model: &dyn Model) -> String {
    struct Printed<'a>(&'a dyn Model);
    impl fmt::Debug for Printed<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            alicloud_core::model::debug(self.0, f)
        }
    }
    format!("{:?}", Printed(model))
}

/// Runs under a clock that jumps over waits.
fn paused<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// Runs with sockets and real time.
fn real<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}
