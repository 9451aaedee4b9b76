//! Waiters into types and methods.

use alicloud_spec::{self as spec, Spec, WaiterRule, WaiterState};

use super::{describe::sentence, docs, fields, link::Names, names};
use crate::{
    error::Error,
    model::{self, Condition, Operation, Rule, Waiter},
};

/// The waiters of a version, by name.
pub(crate) fn lower(spec: &Spec, names: &Names, operations: &[Operation]) -> Result<Vec<Waiter>, Error> {
    let waiters = spec.waiters.iter();
    waiters
        .map(|(name, waiter)| {
            one(names, operations, name, waiter).map_err(|error| error.inside(format!("waiter {name}")))
        })
        .collect()
}

fn one(names: &Names, operations: &[Operation], name: &str, waiter: &spec::Waiter) -> Result<Waiter, Error> {
    let Some(operation) = operations.iter().find(|operation| operation.api_name == waiter.operation) else {
        return Err(Error::new(format!("no code is generated for its operation `{}`", waiter.operation)));
    };
    let snake = names::snake(name);
    let method = names::ident(&format!("wait_until_{snake}"))?;
    if operations.iter().any(|operation| operation.method == method) {
        return Err(Error::new(format!("an operation has the method `{method}` already")));
    }
    let question = model::plain(&operation.method);
    let pace = format!(
        "Asks [`{question}`]({}::Client::{question}) every {} seconds at first, less often while nothing changes, and \
         gives up after {} seconds.",
        names.root, waiter.delay, waiter.limit
    );
    let outcomes = [(WaiterState::Success, "Succeeds"), (WaiterState::Failure, "Fails")];
    let outcomes = outcomes.into_iter().filter_map(|(state, verb)| outcome(waiter, state, verb));
    let needs = (!waiter.requires.is_empty()).then(|| {
        let names: Vec<_> = waiter.requires.iter().map(|name| docs::name(name)).collect();
        format!("Needs {}, which says what is waited for.", names.join(" and "))
    });
    let note = waiter.note.as_deref().map(sentence);
    Ok(Waiter {
        wait: names::ident(&format!("WaitUntil{}", names::pascal(name)))?,
        constant: names::ident(&names::screaming(name))?,
        module: names::ident(&snake)?,
        method,
        api_name: name.to_owned(),
        docs: docs::comment(
            [format!("Waits. {}", sentence(&waiter.summary)), pace]
                .into_iter()
                .chain(outcomes)
                .chain(needs)
                .chain(note),
        ),
        operation: operation.module.clone(),
        request: operation.request.name.clone(),
        setters: fields::wait_setters(&operation.request.fields, &operation.request.name.to_string())?,
        delay: waiter.delay,
        limit: waiter.limit,
        requires: waiter.requires.clone(),
        preset: waiter.preset.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        rules: waiter.rules.iter().map(|rule| Rule { then: rule.then, when: conditions(rule) }).collect(),
    })
}

/// A rule and those inside it, side by side.
fn conditions(rule: &WaiterRule) -> Vec<Condition> {
    let own = match (&rule.path, &rule.error) {
        (Some(path), _) => Some(Condition::Value {
            path: path.clone(),
            values: rule.values.clone(),
            all: rule.all,
            or_empty: rule.or_empty,
        }),
        (None, Some(code)) => Some(Condition::Error(code.clone())),
        (None, None) => None,
    };
    own.into_iter().chain(rule.and.iter().flat_map(conditions)).collect()
}

/// `Succeeds when State is running.`
fn outcome(waiter: &spec::Waiter, state: WaiterState, verb: &str) -> Option<String> {
    let rules = waiter.rules.iter().filter(|rule| rule.then == state);
    let rules: Vec<_> = rules.map(|rule| words(&conditions(rule))).collect();
    (!rules.is_empty()).then(|| format!("{verb} when {}.", rules.join(", or ")))
}

fn words(conditions: &[Condition]) -> String {
    let words = conditions.iter().map(|condition| match condition {
        Condition::Error(code) => format!("the service refuses with {}", docs::name(code)),
        Condition::Value { path, values, all, or_empty } => {
            if values.is_empty() {
                let list = path.split(".*").next().unwrap_or(path);
                return format!("nothing is left in {}", docs::name(list));
            }
            let values: Vec<_> = values.iter().map(|value| docs::name(value)).collect();
            let path = match (path.contains('*'), all) {
                (false, _) => docs::name(path),
                (true, true) => format!("every {}", docs::name(path)),
                (true, false) => format!("a {}", docs::name(path)),
            };
            format!("{path} is {}{}", values.join(" or "), if *or_empty { " (or there is none)" } else { "" })
        }
    });
    words.collect::<Vec<_>>().join(" and ")
}
