//! What calls to one endpoint with one account have in common.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Pace, budget::Budget};

const MAX_SHARES: usize = 64;

/// Budget, pace and health of one endpoint and account.
#[derive(Debug, Default)]
pub(crate) struct Share {
    pub(crate) budget: Budget,
    pub(crate) pace: Pace,
    unhealthy: AtomicBool,
}

impl Share {
    /// Remembers whether the server that answered last is well.
    pub(crate) fn answered(&self, well: bool) {
        self.unhealthy.store(!well, Ordering::Relaxed);
    }

    /// Whether connections should be closed after use, so that the next call may meet another server
    /// behind the same name.
    pub(crate) fn wants_other_server(&self) -> bool {
        self.unhealthy.load(Ordering::Relaxed)
    }
}

/// Shares by endpoint and account; at most 64 are kept.
#[derive(Debug, Default)]
pub(crate) struct Shares(Mutex<BTreeMap<(String, String), Arc<Share>>>);

impl Shares {
    pub(crate) fn of(&self, host: &str, account: &str) -> Arc<Share> {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (host.to_owned(), account.to_owned());
        if !shares.contains_key(&key) && shares.len() >= MAX_SHARES {
            // A full budget and a free pace have nothing to remember.
            shares.retain(|_, share| !(share.budget.is_full() && share.pace.is_free()));
            if shares.len() >= MAX_SHARES {
                shares.pop_first();
            }
        }
        Arc::clone(shares.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_hosts_do_not_share() {
        let shares = Shares::default();
        let one = shares.of("host", "account");
        assert!(Arc::ptr_eq(&one, &shares.of("host", "account")));
        assert!(!Arc::ptr_eq(&one, &shares.of("host", "other")));
        assert!(!Arc::ptr_eq(&one, &shares.of("other", "account")));
    }

    #[test]
    fn the_number_of_shares_is_bounded() {
        let shares = Shares::default();
        for account in 0..10_000 {
            let share = shares.of("host", &account.to_string());
            share.pace.throttled(tokio::time::Instant::now());
        }
        assert_eq!(shares.0.lock().unwrap().len(), MAX_SHARES);
    }
}
