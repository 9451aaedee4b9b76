//! How far a stream has got.

use std::{fmt, sync::Arc};

use crate::client::shielded_call;

/// How far a stream has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have come or gone. It begins anew when a call is repeated.
    pub transferred: u64,
    /// Bytes in all, when that is known.
    pub total: Option<u64>,
}

/// What is told about the progress.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(Progress) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// A listener that panics is logged and has no other effect.
    pub(crate) fn tell(&self, transferred: u64, total: Option<u64>) {
        if shielded_call(|| (self.0)(Progress { transferred, total })).is_err() {
            tracing::warn!("a progress callback panicked");
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
