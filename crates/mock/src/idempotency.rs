//! Client tokens: the same token is the same call.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::error::ServiceError;
use crate::lock::lock;
use crate::reply::Reply;

/// How long an answer is kept, in milliseconds of the gateway's clock.
const MEMORY: i64 = 24 * 60 * 60 * 1000;

/// Calls by client token.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<Key, Entry>>);

/// Whose token it is, of which operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) owner: String,
    pub(crate) product: String,
    pub(crate) operation: String,
    pub(crate) token: String,
}

#[derive(Debug)]
struct Entry {
    parameters: u64,
    expires: i64,
    /// Absent while the first call runs.
    answer: Option<Answer>,
}

#[derive(Debug)]
struct Answer {
    reply: Reply,
    request_id: String,
    /// The first call counts as running until then, when its answer is held back.
    busy: Instant,
}

/// What a token means for a call.
#[derive(Debug)]
pub(crate) enum Turn<'a> {
    /// The call is the first, and has to be run.
    First(Claim<'a>),
    /// An earlier call has had the effect; its answer, and its request id.
    Again(Reply, String),
}

/// The right to run the call of a token. When it is dropped without an answer, the token is free again.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    tokens: &'a Tokens,
    key: Option<Key>,
}

impl Tokens {
    /// Begins the call of a token.
    pub(crate) fn begin(&self, key: Key, parameters: &Map<String, Value>, now: i64) -> Result<Turn<'_>, ServiceError> {
        let parameters = hash(parameters);
        let mut entries = lock(&self.0);
        if let Some(entry) = entries.get(&key).filter(|entry| entry.expires > now) {
            if entry.parameters != parameters {
                let message = "The client token was used before with other parameters.";
                return Err(ServiceError::new(400, "IdempotentParameterMismatch", message));
            }
            return match &entry.answer {
                Some(answer) if answer.busy <= Instant::now() => {
                    Ok(Turn::Again(answer.reply.clone(), answer.request_id.clone()))
                }
                _ => {
                    let message = "The first call with this client token is still running.";
                    Err(ServiceError::new(403, "LastTokenProcessing", message))
                }
            };
        }
        if entries.len() == entries.capacity() {
            entries.retain(|_, entry| entry.expires > now);
        }
        entries.insert(key.clone(), Entry { parameters, expires: now.saturating_add(MEMORY), answer: None });
        Ok(Turn::First(Claim { tokens: self, key: Some(key) }))
    }
}

impl Claim<'_> {
    /// Keeps the answer of the call, which is held back for so long.
    pub(crate) fn keep(mut self, reply: &Reply, request_id: &str, held_back: Duration) {
        let answer =
            Answer { reply: reply.clone(), request_id: request_id.to_owned(), busy: Instant::now() + held_back };
        if let Some(key) = self.key.take()
            && let Some(entry) = lock(&self.tokens.0).get_mut(&key)
        {
            entry.answer = Some(answer);
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            lock(&self.tokens.0).remove(&key);
        }
    }
}

fn hash(parameters: &Map<String, Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut names: Vec<&String> = parameters.keys().collect();
    names.sort_unstable();
    for name in names {
        (name, parameters.get(name).map(Value::to_string)).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        let text = str::to_owned;
        Key { owner: text("o"), product: text("p"), operation: text("Create"), token: text("t") }
    }

    #[test]
    fn only_one_call_runs_at_a_time() {
        let (tokens, parameters) = (Tokens::default(), Map::new());
        let begin = || tokens.begin(key(), &parameters, 0);
        let Ok(Turn::First(claim)) = begin() else { panic!("nobody has called before") };
        assert_eq!(begin().err().map(|error| error.code).as_deref(), Some("LastTokenProcessing"));
        drop(claim);
        let Ok(Turn::First(claim)) = begin() else { panic!("the first call has failed and had no effect") };
        claim.keep(&Reply::document(200, Value::Null), "first", Duration::ZERO);
        assert!(matches!(begin(), Ok(Turn::Again(_, id)) if id == "first"));
        assert!(matches!(tokens.begin(key(), &parameters, MEMORY), Ok(Turn::First(_))), "after a day");
    }
}
