//! A source of credentials that behaves badly on demand.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    error::CredentialsError,
    runtime::Clock,
};

use crate::scripted::VirtualClock;

/// What the source does when it is asked.
#[derive(Debug)]
pub enum Plan {
    /// Gives credentials that end after a time.
    Lasting(Duration),
    /// Gives credentials without an end.
    Endless,
    /// Gives credentials that have ended.
    Ended,
    /// Fails.
    Fail,
    /// Waits first.
    After(Duration, Box<Plan>),
}

type Script = dyn Fn(Duration) -> Plan + Send + Sync;

/// The source. What it does depends on the time since its start.
pub struct Source {
    clock: VirtualClock,
    start: SystemTime,
    script: Box<Script>,
    asked: Arc<AtomicU64>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl Source {
    /// A source that follows a script.
    pub fn new(clock: VirtualClock, script: impl Fn(Duration) -> Plan + Send + Sync + 'static) -> Self {
        let start = clock.now();
        Self { clock, start, script: Box::new(script), asked: Arc::default() }
    }

    /// How often it was asked.
    pub fn asked(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.asked)
    }
}

impl ProvideCredentials for Source {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async move {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            let since = self.clock.now().duration_since(self.start).unwrap_or_default();
            let mut plan = (self.script)(since);
            while let Plan::After(time, next) = plan {
                tokio::time::sleep(time).await;
                plan = *next;
            }
            let credentials = Credentials::sts(format!("id{number}"), format!("secret{number}"), "token");
            let now = self.clock.now();
            match plan {
                Plan::Lasting(time) => Ok(credentials.expiring_at(now + time)),
                Plan::Ended => Ok(credentials.expiring_at(now - Duration::from_secs(1))),
                Plan::Endless | Plan::After(..) => Ok(credentials),
                Plan::Fail => Err(CredentialsError { message: "the source is down".to_owned(), not_configured: false }),
            }
        })
    }
}
