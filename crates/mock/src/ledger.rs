//! What really happened: one entry per effect, however often it was asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::lock::lock;

/// Something that an operation changed, or would have changed in the real service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effect {
    /// Short name of the product.
    pub product: String,
    /// Operation that ran.
    pub operation: String,
    /// Parameters of the call that had the effect.
    pub parameters: Map<String, Value>,
    /// Client token, when the call carried one.
    pub client_token: Option<String>,
    /// Nonce of the request.
    pub nonce: Option<String>,
    /// Request id of the call that had the effect.
    pub request_id: String,
    /// How many requests asked for it: 1, and one more for each repetition under the same client token.
    pub requests: u32,
    /// When it happened, by the gateway's clock.
    pub time: SystemTime,
}

/// The effects of all calls that were executed.
///
/// Clones share the same book. An operation that only reads has calls, but no effects.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    effects: Vec<Effect>,
    /// Executed calls by product and operation, reading ones included.
    calls: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Ledger {
    /// The effects of an operation, oldest first.
    pub fn effects(&self, operation: &str) -> Vec<Effect> {
        lock(&self.0).effects.iter().filter(|effect| effect.operation == operation).cloned().collect()
    }

    /// All effects, oldest first.
    pub fn all(&self) -> Vec<Effect> {
        lock(&self.0).effects.clone()
    }

    /// How many calls of an operation were executed, reading or not; of all products that have it.
    pub fn calls(&self, operation: &str) -> u64 {
        lock(&self.0).calls.values().filter_map(|calls| calls.get(operation)).sum()
    }

    /// Executed calls by product and operation. Doubles have no product.
    pub fn counts(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        lock(&self.0).calls.clone()
    }

    /// Asserts that an operation had exactly so many effects.
    ///
    /// # Panics
    /// When it had more or fewer; the message lists them.
    #[track_caller]
    pub fn assert_effects(&self, operation: &str, expected: usize) {
        let effects = self.effects(operation);
        let list: Vec<String> = effects
            .iter()
            .map(|effect| {
                let token = effect.client_token.as_deref().unwrap_or("none");
                format!("\n  request {} client token {token} asked for {} time(s)", effect.request_id, effect.requests)
            })
            .collect();
        let calls = self.calls(operation);
        assert!(
            effects.len() == expected,
            "{operation}: expected {expected} effect(s), found {} in {calls} executed call(s){}",
            effects.len(),
            list.concat()
        );
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *lock(&self.0) = Book::default();
    }

    pub(crate) fn call(&self, product: &str, operation: &str) {
        let mut book = lock(&self.0);
        // Almost always both are there, and nothing need be copied.
        if let Some(calls) = book.calls.get_mut(product).and_then(|calls| calls.get_mut(operation)) {
            *calls += 1;
        } else {
            book.calls.entry(product.to_owned()).or_default().insert(operation.to_owned(), 1);
        }
    }

    pub(crate) fn effect(&self, effect: Effect) {
        lock(&self.0).effects.push(effect);
    }

    /// Counts a repetition of the call with this request id.
    pub(crate) fn repeated(&self, request_id: &str) {
        let mut book = lock(&self.0);
        if let Some(effect) = book.effects.iter_mut().rev().find(|effect| effect.request_id == request_id) {
            effect.requests += 1;
        }
    }
}
