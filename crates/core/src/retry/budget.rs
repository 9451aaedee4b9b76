//! A budget for repeats, so that an outage does not become a storm.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

const CAPACITY: u32 = 500;
const COST: u32 = 5;
const TIMEOUT_COST: u32 = 10;
const FIRST_TRY_REWARD: u32 = 1;
const MAX_BUDGETS: usize = 64;

/// Budgets by endpoint and account.
#[derive(Debug, Default)]
pub(crate) struct Budgets(Mutex<BTreeMap<(String, String), Arc<Budget>>>);

impl Budgets {
    /// The budget of an endpoint and account; at most 64 are kept.
    pub(crate) fn of(&self, host: &str, account: &str) -> Arc<Budget> {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (host.to_owned(), account.to_owned());
        if !budgets.contains_key(&key) && budgets.len() >= MAX_BUDGETS {
            // A budget that is full has nothing to remember.
            budgets.retain(|_, budget| !budget.is_full());
            if budgets.len() >= MAX_BUDGETS {
                budgets.pop_first();
            }
        }
        Arc::clone(budgets.entry(key).or_default())
    }
}

/// Tokens that repeats cost and successes earn.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Budget {
    /// Pays for a repeat; `None` when the budget does not allow it.
    pub(crate) fn pay(&self, timeout: bool) -> Option<u32> {
        let cost = if timeout { TIMEOUT_COST } else { COST };
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.checked_sub(cost)?;
        Some(cost)
    }

    /// Gives back what a successful repeat has cost; a first success earns a little.
    pub(crate) fn succeeded(&self, paid: u32) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.saturating_add(if paid == 0 { FIRST_TRY_REWARD } else { paid }).min(CAPACITY);
    }

    fn is_full(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) == CAPACITY
    }
}
