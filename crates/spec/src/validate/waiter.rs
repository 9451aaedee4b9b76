//! Waiters.

use super::{Checker, hint};
use crate::{EnumValue, Operation, Waiter, WaiterRule, WaiterState};

impl<'a> Checker<'a> {
    pub(super) fn waiter(&mut self, name: &str, waiter: &'a Waiter) {
        self.identifier(name);
        let operation = self.spec.operations.get(&waiter.operation);
        if operation.is_none() {
            let known = self.spec.operations.keys();
            let message = format!("there is no operation `{}`{}", waiter.operation, hint(&waiter.operation, known));
            self.at("operation", |this| this.say(message));
        }
        if let Some(operation) = operation {
            let known: Vec<&String> = operation.parameters.iter().map(|parameter| &parameter.name).collect();
            let names = waiter.requires.iter().map(|name| ("requires", name));
            for (key, name) in names.chain(waiter.preset.keys().map(|name| ("preset", name))) {
                let message = format!("the operation has no parameter `{name}`{}", hint(name, known.iter().copied()));
                self.wrong(key, !known.contains(&name), message);
            }
        }
        self.wrong("delay", waiter.delay == 0, "must be at least one second");
        self.wrong("limit", waiter.limit < waiter.delay, "must not be less than `delay`");
        if !waiter.rules.iter().any(|rule| rule.then == WaiterState::Success) {
            self.at("rules", |this| this.say("no rule leads to success"));
        }
        self.each("rules", &waiter.rules, |this, rule| this.rule(operation, rule, rule.then));
    }

    fn rule(&mut self, operation: Option<&'a Operation>, rule: &'a WaiterRule, then: WaiterState) {
        match (&rule.path, &rule.error) {
            (Some(path), None) => self.condition(operation, rule, path),
            (None, Some(_)) => self.wrong("values", !rule.values.is_empty(), "an `error` has no values"),
            (Some(_), Some(_)) => self.say("has both `path` and `error`"),
            (None, None) => self.say("needs `path` or `error`"),
        }
        let every = rule.path.as_deref().is_some_and(|path| path.split('.').any(|part| part == "*"));
        self.wrong("all", rule.all && !every, "means something only for a path with `*`");
        self.wrong("orEmpty", rule.or_empty && !every, "means something only for a path with `*`");
        self.wrong("then", rule.then != then, "must be the same as that of the rule around it");
        self.each("and", &rule.and, |this, inner| this.rule(operation, inner, then));
    }

    fn condition(&mut self, operation: Option<&'a Operation>, rule: &'a WaiterRule, path: &str) {
        if rule.values.is_empty() && !rule.or_empty {
            self.say("a `path` needs `values`, or `orEmpty` when nothing may be left");
        }
        let Some(operation) = operation else { return };
        let shape = match self.resolve(&operation.response.fields, path) {
            Ok(shape) => shape,
            Err(message) => return self.wrong("path", true, format!("the response has no {message}")),
        };
        let Some(known) = self.target(shape).and_then(|target| target.values.as_ref()) else { return };
        let known: Vec<String> = known.iter().map(|value| EnumValue::value(value).to_owned()).collect();
        for value in rule.values.iter().filter(|value| !known.contains(value)) {
            self.wrong("values", true, format!("`{value}` is no documented value of `{path}`{}", hint(value, &known)));
        }
    }
}
