//! Client tokens: the same token is the same call.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::error::ServiceError;
use crate::lock::lock;
use crate::reply::Reply;

/// How long an answer is kept, in milliseconds of the gateway's clock.
const MEMORY: i64 = 24 * 60 * 60 * 1000;

/// Answers by client token.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<Key, Answer>>);

/// Whose token it is, of which operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) owner: String,
    pub(crate) product: String,
    pub(crate) operation: String,
    pub(crate) token: String,
}

#[derive(Debug)]
struct Answer {
    parameters: u64,
    reply: Reply,
    request_id: String,
    /// The first call runs until then.
    busy: Instant,
    expires: i64,
}

impl Tokens {
    /// The earlier answer under this token and the request id of the call that had the effect.
    pub(crate) fn earlier(
        &self,
        key: &Key,
        parameters: &Map<String, Value>,
        now: i64,
    ) -> Result<Option<(Reply, String)>, ServiceError> {
        let answers = lock(&self.0);
        let Some(answer) = answers.get(key).filter(|answer| answer.expires > now) else { return Ok(None) };
        if answer.parameters != hash(parameters) {
            let message = "The client token was used before with other parameters.";
            return Err(ServiceError::new(400, "IdempotentParameterMismatch", message));
        }
        if answer.busy > Instant::now() {
            let message = "The first call with this client token is still running.";
            return Err(ServiceError::new(403, "LastTokenProcessing", message));
        }
        Ok(Some((answer.reply.clone(), answer.request_id.clone())))
    }

    pub(crate) fn keep(
        &self,
        key: Key,
        parameters: &Map<String, Value>,
        reply: &Reply,
        request_id: &str,
        (running, now): (Duration, i64),
    ) {
        let answer = Answer {
            parameters: hash(parameters),
            reply: reply.clone(),
            request_id: request_id.to_owned(),
            busy: Instant::now() + running,
            expires: now + MEMORY,
        };
        lock(&self.0).insert(key, answer);
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
