//! What the server has really done: the witness of promises about effects.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{scripted::pairs, verify::verify};

/// Effects by the name of the thing that was created.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    effects: BTreeMap<String, u32>,
    /// Answers by client token.
    tokens: BTreeMap<String, String>,
    requests: u64,
    invalid: Vec<String>,
}

/// One request, read.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Received {
    /// A parameter from query or form.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        pairs(query.as_bytes()).chain(pairs(&self.body)).find_map(|(key, value)| (key == name).then_some(value))
    }
}

impl Ledger {
    /// Does what a request asks for and returns the answer in JSON.
    pub fn execute(&self, request: &Received) -> String {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.requests += 1;
        if let Err(problem) = verify(request, "testid", "testsecret") {
            book.invalid.push(problem);
        }
        let name = request.parameter("Name").unwrap_or_default();
        let answer = format!(r#"{{"RequestId": "R-{}", "Name": "{name}", "Success": true}}"#, book.requests);
        let action = request.headers.get("x-acs-action").map(String::as_str).unwrap_or_default();
        if action.starts_with("Create") {
            if let Some(token) = request.parameter("ClientToken") {
                if let Some(former) = book.tokens.get(&token) {
                    return former.clone();
                }
                book.tokens.insert(token, answer.clone());
            }
            *book.effects.entry(name).or_default() += 1;
        }
        answer
    }

    /// What was wrong with signatures.
    pub fn invalid_signatures(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).invalid.clone()
    }

    /// How often a thing was created.
    pub fn effects(&self, name: &str) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).effects.get(name).copied().unwrap_or_default()
    }

    /// Things that were created more than once.
    pub fn duplicates(&self) -> usize {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.effects.values().filter(|count| **count > 1).count()
    }

    /// Requests that were executed.
    pub fn requests(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).requests
    }
}
