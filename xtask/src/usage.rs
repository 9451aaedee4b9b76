//! What this process has used so far.

use std::fmt;

/// Time on all cores, and the most memory at once, where the system tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage(Option<(f64, u64)>);

impl Usage {
    #[cfg(unix)]
    pub(crate) fn now() -> Self {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike as _;

        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Self(None) };
        let millis = usage.user_time().num_milliseconds() + usage.system_time().num_milliseconds();
        // Linux counts kilobytes, macOS bytes.
        let unit = if cfg!(target_vendor = "apple") { 1 << 20 } else { 1 << 10 };
        let megabytes = u64::try_from(usage.max_rss()).unwrap_or_default() / unit;
        Self(Some((millis as f64 / 1000.0, megabytes)))
    }

    #[cfg(not(unix))]
    pub(crate) fn now() -> Self {
        Self(None)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((seconds, megabytes)) => write!(f, "{seconds:.1} s of processor time, peak memory {megabytes} MB"),
            None => f.write_str("processor time and memory unknown"),
        }
    }
}
