//! A budget for repeats, so that an outage does not become a storm.

use std::sync::{Arc, Mutex, PoisonError};

use super::Share;

const CAPACITY: u32 = 500;
const COST: u32 = 5;
const TIMEOUT_COST: u32 = 10;
const FIRST_TRY_REWARD: u32 = 1;

/// Tokens that repeats cost and successes earn.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Budget {
    fn take(&self, cost: u32) -> bool {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.checked_sub(cost) {
            Some(rest) => {
                *tokens = rest;
                true
            }
            None => false,
        }
    }

    fn add(&self, amount: u32) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.saturating_add(amount).min(CAPACITY);
    }

    pub(super) fn is_full(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) == CAPACITY
    }
}

/// What one call pays for its repeats. A success gives it back, a failure does not. A call that is
/// cancelled during a wait gets back the price of the repeat that was not sent.
#[derive(Debug, Default)]
pub(crate) struct Expense {
    spent: u32,
    held: Option<(Arc<Share>, u32)>,
}

impl Expense {
    /// Sets aside the price of a repeat; `false` when the budget does not allow it.
    pub(crate) fn hold(&mut self, share: &Arc<Share>, timeout: bool) -> bool {
        let cost = if timeout { TIMEOUT_COST } else { COST };
        let paid = share.budget.take(cost);
        if paid {
            self.held = Some((Arc::clone(share), cost));
        }
        paid
    }

    /// The repeat is sent.
    pub(crate) fn spend(&mut self) {
        if let Some((_, cost)) = self.held.take() {
            self.spent = self.spent.saturating_add(cost);
        }
    }

    /// The call has succeeded. A first success earns a little.
    pub(crate) fn refund(self, budget: &Budget) {
        budget.add(if self.spent == 0 { FIRST_TRY_REWARD } else { self.spent });
    }
}

impl Drop for Expense {
    fn drop(&mut self) {
        if let Some((share, cost)) = self.held.take() {
            share.budget.add(cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share() -> Arc<Share> {
        Arc::new(Share::default())
    }

    fn tokens(share: &Share) -> u32 {
        *share.budget.0.lock().unwrap()
    }

    #[test]
    fn an_outage_uses_the_budget_up() {
        let share = share();
        let mut repeats = 0;
        while let mut expense = Expense::default()
            && expense.hold(&share, false)
        {
            expense.spend();
            repeats += 1;
        }
        assert_eq!((repeats, tokens(&share)), (CAPACITY / COST, 0));
    }

    #[test]
    fn a_success_gives_back_what_the_call_has_spent() {
        let share = share();
        let mut expense = Expense::default();
        for timeout in [false, true] {
            assert!(expense.hold(&share, timeout));
            expense.spend();
        }
        assert_eq!(tokens(&share), CAPACITY - COST - TIMEOUT_COST);
        expense.refund(&share.budget);
        assert_eq!(tokens(&share), CAPACITY);
    }

    #[test]
    fn a_first_success_earns_a_little() {
        let share = share();
        let mut expense = Expense::default();
        assert!(expense.hold(&share, false));
        expense.spend();
        drop(expense);
        Expense::default().refund(&share.budget);
        assert_eq!(tokens(&share), CAPACITY - COST + FIRST_TRY_REWARD);
    }

    #[test]
    fn cancelling_a_wait_gives_back_its_price() {
        let share = share();
        let mut expense = Expense::default();
        assert!(expense.hold(&share, false));
        drop(expense);
        assert_eq!(tokens(&share), CAPACITY);
    }
}
