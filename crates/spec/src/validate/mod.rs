//! Checks beyond the grammar: what a spec says must agree with itself.

mod host;
mod operation;
mod path;
mod shape;
mod waiter;

pub use host::is_vendor_host;

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    Operation, Problem, Shape, Spec, Style,
    load::nearest,
    place::{Place, Step},
};

/// Everything that is wrong with a spec, in the order of the file; `file` is what the problems call it.
pub fn validate(file: &str, spec: &Spec) -> Vec<Problem> {
    let mut checker = Checker { spec, place: Place::default(), found: Vec::new() };
    checker.spec();
    if checker.found.is_empty() {
        return Vec::new();
    }
    let value = serde_json::to_value(spec).unwrap_or(Value::Null);
    checker.found.into_iter().map(|(place, message)| Problem::new(file, &value, &place, message)).collect()
}

/// Walks through a spec, knows where it is and writes down what it finds.
struct Checker<'a> {
    spec: &'a Spec,
    place: Place,
    found: Vec<(Place, String)>,
}

impl<'a> Checker<'a> {
    /// Checks what is one step further in.
    fn at(&mut self, step: impl Into<Step>, check: impl FnOnce(&mut Self)) {
        self.place.0.push(step.into());
        check(self);
        self.place.0.pop();
    }

    /// Checks every element of the list under a key.
    fn each<T>(&mut self, key: &str, list: &'a [T], mut check: impl FnMut(&mut Self, &'a T)) {
        self.at(key, |this| {
            for (index, element) in list.iter().enumerate() {
                this.at(index, |this| check(this, element));
            }
        });
    }

    /// Writes down a problem of the place where it is.
    fn say(&mut self, message: impl Into<String>) {
        self.found.push((self.place.clone(), message.into()));
    }

    /// Writes down a problem of the key `key` when `wrong`.
    fn wrong(&mut self, key: &str, wrong: bool, message: impl Into<String>) {
        if wrong {
            self.at(key, |this| this.say(message));
        }
    }

    fn spec(&mut self) {
        let spec = self.spec;
        let word = |text: &str, more: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let product = word(&spec.product, "-_.") && !spec.product.contains(|c: char| c.is_ascii_uppercase());
        self.wrong("product", !product, "must be a short name in lower case, for example `servicemesh`");
        self.wrong("code", !word(&spec.code, "-_."), "must be the product code, for example `ComputeNestSupplier`");
        self.wrong("version", !word(&spec.version, "-_."), "must be an API version, for example `2020-01-11`");
        self.wrong("title", spec.title.trim().is_empty(), "must not be empty");
        self.at("endpoints", |this| this.endpoints(&spec.endpoints));
        self.at("operations", |this| {
            for (name, operation) in &spec.operations {
                this.at(name.as_str(), |this| this.operation(name, operation));
            }
        });
        self.at("types", |this| {
            for (name, shape) in &spec.types {
                this.at(name.as_str(), |this| this.shared(name, shape));
            }
        });
        self.at("waiters", |this| {
            for (name, waiter) in &spec.waiters {
                this.at(name.as_str(), |this| this.waiter(name, waiter));
            }
        });
        if spec.operations.is_empty() {
            self.say("has no operations");
        }
    }

    /// A name that becomes the name of something in Rust.
    fn identifier(&mut self, name: &str) {
        let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !fits {
            self.say("the name must consist of letters and digits and begin with a letter");
        }
    }

    /// The shape that a chain of `ref`s ends at; `None` when it ends nowhere.
    fn target(&self, shape: &'a Shape) -> Option<&'a Shape> {
        let (mut shape, mut seen) = (shape, HashSet::new());
        while let Some(name) = &shape.reference {
            if !seen.insert(name) {
                return None;
            }
            shape = self.spec.types.get(name)?;
        }
        Some(shape)
    }

    fn style(&self, operation: &Operation) -> Style {
        operation.style.unwrap_or(self.spec.style)
    }
}

/// `, did you mean …?` when a known name is close.
fn hint<'n>(wrong: &str, known: impl IntoIterator<Item = &'n String>) -> String {
    let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
    nearest(wrong, &known).map(|right| format!(", did you mean `{right}`?")).unwrap_or_default()
}

/// The names that occur again after their first use, each with its index.
fn repeated<T: PartialEq>(names: impl IntoIterator<Item = T>) -> Vec<usize> {
    let names: Vec<T> = names.into_iter().collect();
    (0..names.len()).filter(|&index| names.iter().take(index).any(|name| names.get(index) == Some(name))).collect()
}
