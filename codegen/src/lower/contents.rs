//! Contents of a version for its docs: what can be called, by what it is about, and what is missing.

use std::collections::BTreeMap;

use alicloud_spec::Spec;

use super::{describe::sentence, docs, phrase, words};
use crate::model::{self, Docs, Operation, Waiter};

/// Up to this number operations are listed with their summaries.
const FEW: usize = 24;

/// A subject has at least this many operations.
const GROUP: usize = 3;

/// Sections about operations, waiters, and operations without code.
pub(crate) fn of(spec: &Spec, operations: &[Operation], waiters: &[Waiter]) -> Docs {
    let mut lines = Docs::new();
    if !operations.is_empty() {
        lines.extend(["# Operations".to_owned(), String::new()]);
        lines.extend(introduction(operations.len()));
        lines.push(String::new());
        lines.extend(if operations.len() <= FEW { with_summaries(operations) } else { by_subject(operations) });
    }
    if !waiters.is_empty() {
        lines.extend([String::new(), "# Waiters".to_owned(), String::new()]);
        lines.extend(waiters.iter().map(|waiter| {
            let summary = waiter.docs.first().map(String::as_str).unwrap_or_default();
            format!("- {}: {}", link(&waiter.method), summary.trim_start_matches("Waits. "))
        }));
    }
    let skipped: Docs = spec
        .operations
        .iter()
        .filter_map(|(name, operation)| Some(format!("- {}: {}", docs::name(name), sentence(operation.skip.as_ref()?))))
        .collect();
    if !skipped.is_empty() {
        lines.extend([String::new(), "# Not supported".to_owned(), String::new()]);
        lines.extend(skipped);
    }
    lines
}

fn introduction(count: usize) -> Docs {
    let many = if count == 1 { "one operation" } else { "operations" };
    let count = if count == 1 { String::new() } else { format!("{count} ") };
    docs::comment([format!(
        "{count}{many}, each a method of [`Client`]; what it takes and returns is in a module of [`operation`]."
    )])
}

fn with_summaries(operations: &[Operation]) -> Docs {
    operations.iter().map(|operation| format!("- {}: {}", link(&operation.method), operation.summary)).collect()
}

/// A line for each subject: what the words after the verb begin with.
fn by_subject(operations: &[Operation]) -> Docs {
    let mut groups: BTreeMap<String, Members<'_>> = BTreeMap::new();
    for operation in operations {
        let subject = phrase::subject(&operation.api_name);
        let first = subject.first().map(|word| one_of(word)).unwrap_or_default();
        groups.entry(first).or_default().push((subject, operation));
    }
    let mut others = Vec::new();
    let mut lines = Docs::new();
    for members in groups.into_values().flat_map(split) {
        let heading = heading(&members);
        let operations = members.iter().map(|(_, operation)| *operation);
        if heading.is_empty() || members.len() < GROUP {
            others.extend(operations);
        } else {
            lines.push(line(&heading, operations));
        }
    }
    lines.sort();
    others.sort_by_key(|operation| &operation.api_name);
    if !others.is_empty() {
        lines.push(line("Other", others.into_iter()));
    }
    lines
}

/// Operations with what they are about.
type Members<'a> = Vec<(Vec<String>, &'a Operation)>;

/// Takes a group apart whose only common word is no subject by itself: "auto" of "auto provisioning group" and
/// "auto snapshot policy".
fn split(members: Members<'_>) -> Vec<Members<'_>> {
    if shared(&members).len() != 1 || members.iter().any(|(subject, _)| subject.len() == 1) {
        return vec![members];
    }
    let mut parts: BTreeMap<Option<String>, Members<'_>> = BTreeMap::new();
    for member in members {
        parts.entry(member.0.get(1).map(|word| one_of(word))).or_default().push(member);
    }
    let (mut subjects, few): (Vec<_>, Vec<_>) = parts.into_values().partition(|part| part.len() >= GROUP);
    subjects.push(few.concat());
    subjects
}

/// The words that all members begin with, as readers write them.
fn heading(members: &Members<'_>) -> String {
    phrase::heading(&shared(members))
}

/// The words that all members begin with.
fn shared(members: &Members<'_>) -> Vec<String> {
    let word = |subject: &[String], at: usize| subject.get(at).map(|word| one_of(word));
    let Some((first, _)) = members.first() else { return Vec::new() };
    (0..first.len())
        .take_while(|at| members.iter().all(|(subject, _)| word(subject, *at) == word(first, *at)))
        .filter_map(|at| word(first, at))
        .collect()
}

fn one_of(word: &str) -> String {
    words::singular(&word.to_lowercase())
}

fn line<'a>(heading: &str, operations: impl Iterator<Item = &'a Operation>) -> String {
    let links: Vec<_> = operations.map(|operation| link(&operation.method)).collect();
    format!("- **{}**: {}", docs::escape(heading), links.join(", "))
}

fn link(method: &proc_macro2::Ident) -> String {
    let plain = model::plain(method);
    format!("[`{plain}`](Client::{plain})")
}
