//! What a service says, made of the rules of a waiter.

use alicloud_spec::{Waiter, WaiterRule, WaiterState};
use serde_json::{Map, Value, json};

/// A state that no rule names.
const OTHER: &str = "on-its-way";
/// Elements of a list.
const ELEMENTS: usize = 2;

/// An answer or a refusal.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The value that decides.
    word: Option<String>,
}

impl Answer {
    pub(crate) fn word(&self) -> Option<&str> {
        self.word.as_deref()
    }
}

pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    let body = json!({"Code": code, "Message": "no", "RequestId": "R-1"});
    Answer { status, body, word: Some(code.to_owned()) }
}

/// The answers that a waiter tells apart.
pub(crate) struct Script<'w>(&'w Waiter);

impl<'w> Script<'w> {
    pub(crate) fn of(waiter: &'w Waiter) -> Self {
        Self(waiter)
    }

    /// An answer that no rule speaks of.
    pub(crate) fn pending(&self) -> Answer {
        let mut body = Value::Object(Map::new());
        for path in self.0.rules.iter().flat_map(paths) {
            put(&mut body, path, &|_| OTHER.to_owned());
        }
        Answer { status: 200, body, word: None }
    }

    /// For every rule and every value in it, an answer by which it decides.
    pub(crate) fn verdicts(&self) -> Vec<(WaiterState, Answer)> {
        let rules = self.0.rules.iter().filter(|rule| rule.then != WaiterState::Retry);
        rules.flat_map(|rule| answers(rule).into_iter().map(|answer| (rule.then, answer))).collect()
    }

    pub(crate) fn success(&self) -> Answer {
        let found = self.verdicts().into_iter().find(|(verdict, _)| *verdict == WaiterState::Success);
        found.expect("a waiter can succeed").1
    }

    /// Success for all elements of a list but the last one; `None` where there is no list.
    pub(crate) fn all_but_one(&self) -> Option<Answer> {
        let rule = self.0.rules.iter().find(|rule| rule.then == WaiterState::Success && rule.all)?;
        let mut body = self.success().body;
        let value = rule.values.first()?;
        let path = rule.path.as_deref()?;
        put(&mut body, path, &|index| if index + 1 < ELEMENTS { value.clone() } else { OTHER.to_owned() });
        Some(Answer { status: 200, body, word: None })
    }
}

fn paths(rule: &WaiterRule) -> Vec<&str> {
    rule.path.as_deref().into_iter().chain(rule.and.iter().flat_map(paths)).collect()
}

/// The answers for which a rule holds, one for each of its values.
fn answers(rule: &WaiterRule) -> Vec<Answer> {
    if let Some(code) = &rule.error {
        return vec![refusal(404, code)];
    }
    let path = rule.path.as_deref().expect("a rule has a path or an error");
    let mut base = Value::Object(Map::new());
    for rule in &rule.and {
        if let Some(value) = rule.values.first() {
            put(&mut base, rule.path.as_deref().expect("a path"), &|_| value.clone());
        }
    }
    if rule.values.is_empty() {
        return vec![Answer { status: 200, body: base, word: None }];
    }
    let values = rule.values.iter().map(|value| {
        let mut body = base.clone();
        put(&mut body, path, &|_| value.clone());
        Answer { status: 200, body, word: Some(value.clone()) }
    });
    values.collect()
}

/// Sets what is at a path; `*` is every element of a list.
fn put(body: &mut Value, path: &str, value: &dyn Fn(usize) -> String) {
    put_in(body, path, value, 0);
}

fn put_in(body: &mut Value, path: &str, value: &dyn Fn(usize) -> String, index: usize) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    if path.is_empty() {
        *body = value(index).into();
    } else if step == "*" {
        if !body.is_array() {
            *body = vec![Value::Null; ELEMENTS].into();
        }
        let elements = body.as_array_mut().into_iter().flatten().enumerate();
        elements.for_each(|(index, element)| put_in(element, rest, value, index));
    } else {
        if !body.is_object() {
            *body = Value::Object(Map::new());
        }
        put_in(&mut body[step], rest, value, index);
    }
}
