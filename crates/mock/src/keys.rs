//! The keys the gateway knows.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::lock::lock;

/// How the ids of real accounts begin.
pub(crate) const REAL: &str = "LTAI";

/// Access keys, temporary credentials and bearer tokens that the gateway accepts.
///
/// Clones share the same set.
#[derive(Clone)]
pub struct Keyring {
    store: Arc<Mutex<Store>>,
    clock: Clock,
    /// Whether keys of real accounts are taken.
    real: bool,
}

#[derive(Default)]
struct Store {
    keys: HashMap<String, Key>,
    /// Bearer tokens and when they expire.
    bearers: HashMap<String, Option<i64>>,
}

/// What belongs to an access key id.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) secret: Arc<str>,
    /// The token of temporary credentials.
    pub(crate) token: Option<Arc<str>>,
    /// Milliseconds since the epoch.
    pub(crate) expires: Option<i64>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        let ids: Vec<_> = store.keys.keys().collect();
        f.debug_struct("Keyring").field("ids", &ids).field("bearers", &store.bearers.len()).finish_non_exhaustive()
    }
}

impl Keyring {
    pub(crate) fn new(clock: Clock, real: bool) -> Self {
        Self { store: Arc::default(), clock, real }
    }

    /// Accepts a permanent access key.
    ///
    /// # Errors
    /// [`Error::RealAccessKey`] for ids that begin like those of real accounts, unless
    /// [`Check::RealKeys`](crate::Check::RealKeys) is off.
    pub fn add(&self, id: &str, secret: &str) -> Result<(), Error> {
        self.refuse_real(id)?;
        self.insert(id, Key { secret: secret.into(), token: None, expires: None });
        Ok(())
    }

    /// Accepts temporary credentials until `lifetime` of the gateway's clock has passed.
    ///
    /// # Errors
    /// [`Error::RealAccessKey`] for ids that begin like those of real accounts, unless
    /// [`Check::RealKeys`](crate::Check::RealKeys) is off.
    pub fn add_temporary(&self, id: &str, secret: &str, token: &str, lifetime: Duration) -> Result<(), Error> {
        self.refuse_real(id)?;
        let expires = Some(self.after(lifetime));
        self.insert(id, Key { secret: secret.into(), token: Some(token.into()), expires });
        Ok(())
    }

    /// Accepts a bearer token; without a lifetime for ever.
    pub fn add_bearer(&self, token: &str, lifetime: Option<Duration>) {
        let expires = lifetime.map(|lifetime| self.after(lifetime));
        lock(&self.store).bearers.insert(token.to_owned(), expires);
    }

    /// Forgets an access key, as if it had been deleted in the console.
    pub fn remove(&self, id: &str) {
        lock(&self.store).keys.remove(id);
    }

    /// A gateway that records requests must never see keys of real accounts.
    fn refuse_real(&self, id: &str) -> Result<(), Error> {
        if is_real(id) && !self.real { Err(Error::RealAccessKey { prefix: REAL.to_owned() }) } else { Ok(()) }
    }

    fn insert(&self, id: &str, key: Key) {
        lock(&self.store).keys.insert(id.to_owned(), key);
    }

    fn after(&self, lifetime: Duration) -> i64 {
        self.clock.millis().saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX))
    }

    pub(crate) fn key(&self, id: &str) -> Option<Key> {
        lock(&self.store).keys.get(id).cloned()
    }

    /// When a bearer token expires; `None` when it is unknown.
    pub(crate) fn bearer(&self, token: &str) -> Option<Option<i64>> {
        lock(&self.store).bearers.get(token).copied()
    }
}

/// Whether an access key id begins like those of real accounts.
pub(crate) fn is_real(id: &str) -> bool {
    id.starts_with(REAL)
}
