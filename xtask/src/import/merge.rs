//! Laying an import over the spec that is there: facts are the vendor's, everything that a careful
//! reader added stays, and what the vendor no longer documents is retired instead of deleted.

use std::collections::BTreeSet;
use std::fmt;

use alicloud_spec::{Endpoints, EnumValue, ErrorCode, Operation, Response, Shape, Spec};

/// What an import changed in the spec that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Operation; empty when the change is the product's.
    pub(crate) operation: String,
    /// What changed.
    pub(crate) what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.operation.is_empty() {
            self.what.fmt(formatter)
        } else {
            write!(formatter, "{}: {}", self.operation, self.what)
        }
    }
}

/// Merges an import into the spec that is there. Merging the same import again changes nothing.
pub(crate) fn merge(old: Spec, imported: Spec) -> (Spec, Vec<Change>) {
    let mut changes = Changes::default();
    let mut merged = imported;
    if !old.title.is_empty() && old.title != old.code && old.title != old.product {
        merged.title = old.title;
    }
    merged.preferred = old.preferred;
    keep_text(&mut merged.summary, old.summary);
    keep(&mut merged.documentation, old.documentation);
    keep(&mut merged.schema, old.schema);
    merged.notes = both(old.notes, merged.notes);
    merged.endpoints = endpoints(old.endpoints, merged.endpoints, &mut changes);
    merged.waiters = old.waiters;

    for (name, old) in old.operations {
        match merged.operations.get_mut(&name) {
            Some(operation) => {
                changes.operation.clone_from(&name);
                merge_operation(old, operation, &mut changes);
            }
            None => {
                changes.operation.clone_from(&name);
                if !old.retired {
                    changes.note("the vendor no longer documents it; retired");
                }
                merged.operations.insert(name.clone(), Operation { retired: true, ..old });
            }
        }
        changes.known.insert(name);
    }
    let added: Vec<String> = merged.operations.keys().filter(|name| !changes.known.contains(*name)).cloned().collect();
    for name in added {
        changes.operation = name;
        changes.note("added");
    }
    let mut needed = references(merged.operations.values());
    for (name, old) in old.types {
        match merged.types.get_mut(&name) {
            Some(shape) => merge_shape(old, shape),
            None => {
                merged.types.insert(name, old);
            }
        }
    }
    loop {
        let more: BTreeSet<String> = merged
            .types
            .iter()
            .filter(|(name, _)| needed.contains(*name))
            .flat_map(|(_, shape)| named(shape))
            .collect();
        let before = needed.len();
        needed.extend(more);
        if needed.len() == before {
            break;
        }
    }
    merged.types.retain(|name, _| needed.contains(name));
    drop_broken_references(&mut merged);
    (merged, changes.list)
}

/// The changes so far and the operation at hand.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    operation: String,
    known: BTreeSet<String>,
}

impl Changes {
    fn note(&mut self, what: impl Into<String>) {
        self.list.push(Change { operation: self.operation.clone(), what: what.into() });
    }
}

/// Tables and rule are the vendor's. Real downloads hold a table of public hosts and nothing else: what
/// they do not speak of stays.
fn endpoints(old: Endpoints, new: Endpoints, changes: &mut Changes) -> Endpoints {
    let ruled = new.rule.is_some() || !new.patterns.is_empty();
    let regions = if new.regions.is_empty() { old.regions.clone() } else { new.regions };
    for region in old.regions.keys().filter(|region| !regions.contains_key(*region)) {
        changes.note(format!("the vendor no longer lists the region {region}"));
    }
    Endpoints {
        rule: if ruled { new.rule } else { old.rule },
        patterns: if ruled { new.patterns } else { old.patterns },
        prefix: if ruled { new.prefix } else { new.prefix.or(old.prefix) },
        global: new.global.or(old.global),
        location_service_code: new.location_service_code.or(old.location_service_code),
        regions,
        vpc_regions: if new.vpc_regions.is_empty() { old.vpc_regions } else { new.vpc_regions },
    }
}

fn merge_operation(old: Operation, new: &mut Operation, changes: &mut Changes) {
    if old.retired {
        changes.note("documented again");
    }
    if old.deprecated != new.deprecated {
        changes.note(if new.deprecated { "deprecated" } else { "no longer deprecated" });
    }
    keep_text(&mut new.summary, old.summary);
    keep_text(&mut new.description, old.description);
    keep(&mut new.documentation, old.documentation);
    keep(&mut new.class, old.class);
    keep(&mut new.timeout, old.timeout);
    keep(&mut new.pagination, old.pagination);
    fill(&mut new.replacement, old.replacement);
    fill(&mut new.completion, old.completion);
    new.notes = both(old.notes, std::mem::take(&mut new.notes));
    if new.skip.is_none() && !old.parameters.is_empty() {
        new.skip = old.skip;
    }
    merge_fields(old.parameters, &mut new.parameters, |change| changes.note(format!("parameter {change}")));
    merge_response(old.response, &mut new.response, changes);
    merge_errors(old.errors, &mut new.errors);
}

fn merge_response(old: Response, new: &mut Response, changes: &mut Changes) {
    keep(&mut new.example, old.example);
    merge_fields(old.fields, &mut new.fields, |change| changes.note(format!("response field {change}")));
}

/// Documented errors that only people know stay when they say something about them.
fn merge_errors(old: Vec<ErrorCode>, new: &mut Vec<ErrorCode>) {
    for old in old {
        match new.iter_mut().find(|error| error.status == old.status && error.code == old.code) {
            Some(error) => {
                keep_text(&mut error.summary, old.summary);
                keep(&mut error.note, old.note);
            }
            None if !old.summary.is_empty() || old.note.is_some() => new.push(old),
            None => {}
        }
    }
}

/// Merges shapes of the same name and place, and says what came, went or turned into something else.
/// What the vendor does not list stays when somebody has put down in a note why it is there.
fn merge_fields(old: Vec<Shape>, new: &mut Vec<Shape>, mut note: impl FnMut(String)) {
    let mut known: BTreeSet<usize> = BTreeSet::new();
    let mut unlisted: Vec<Shape> = Vec::new();
    for old in old {
        let same = |new: &Shape| new.name == old.name && new.place == old.place;
        let index = new.iter().position(same).or_else(|| new.iter().position(|new| new.name == old.name));
        let Some((index, shape)) = index.and_then(|index| new.get_mut(index).map(|shape| (index, shape))) else {
            if old.note.is_some() {
                unlisted.push(old);
            } else {
                note(format!("{} is gone", old.name));
            }
            continue;
        };
        known.insert(index);
        if shape.place != old.place {
            note(format!("{} moved from {} to {}", old.name, place(&old), place(shape)));
        }
        if shape.required != old.required {
            note(format!("{} is {} required", old.name, if shape.required { "now" } else { "no longer" }));
        }
        if (shape.kind, &shape.reference) != (old.kind, &old.reference) {
            note(format!("{} turned from {} into {}", old.name, kind(&old), kind(shape)));
        }
        merge_shape(old, shape);
    }
    for (_, shape) in new.iter().enumerate().filter(|(index, _)| !known.contains(index)) {
        note(format!("{} added", shape.name));
    }
    new.extend(unlisted);
}

fn place(shape: &Shape) -> String {
    shape.place.map_or_else(|| "the answer".to_owned(), |place| format!("{place:?}").to_lowercase())
}

fn kind(shape: &Shape) -> String {
    let kind = shape.kind.map(|kind| format!("{kind:?}").to_lowercase());
    shape.reference.clone().or(kind).unwrap_or_default()
}

/// Keeps what people said about a value: meaning, note, example, secrecy, and the default, values and
/// limits that the vendor's files do not have.
fn merge_shape(old: Shape, new: &mut Shape) {
    keep_text(&mut new.summary, old.summary);
    keep(&mut new.note, old.note);
    keep(&mut new.example, old.example);
    new.secret |= old.secret;
    if new.kind == old.kind && new.reference == old.reference {
        fill(&mut new.default, old.default);
        fill(&mut new.tag, old.tag);
        fill(&mut new.format, old.format);
        fill(&mut new.pattern, old.pattern);
        fill_pair(&mut new.minimum, &mut new.maximum, old.minimum, old.maximum);
        fill_pair(&mut new.min_length, &mut new.max_length, old.min_length, old.max_length);
        fill_pair(&mut new.min_items, &mut new.max_items, old.min_items, old.max_items);
        merge_values(old.values, &mut new.values);
        merge_fields(old.fields, &mut new.fields, |_| {});
        if let (Some(old), Some(new)) = (old.of, new.of.as_deref_mut()) {
            merge_shape(*old, new);
        }
    }
}

/// The vendor's values, with the meanings that people gave them. Values that only people know stay when
/// the vendor names none, or when they have a meaning.
fn merge_values(old: Option<Vec<EnumValue>>, new: &mut Option<Vec<EnumValue>>) {
    let Some(old) = old else { return };
    let Some(new) = new else {
        *new = Some(old);
        return;
    };
    for old in old {
        match new.iter_mut().find(|value| value.value() == old.value()) {
            Some(value) if !old.summary().is_empty() => *value = old,
            Some(_) => {}
            None if !old.summary().is_empty() => new.push(old),
            None => {}
        }
    }
}

/// What people wrote goes before what was imported.
fn keep<T>(new: &mut Option<T>, old: Option<T>) {
    if old.is_some() {
        *new = old;
    }
}

/// What was imported goes before what was there.
fn fill<T>(new: &mut Option<T>, old: Option<T>) {
    if new.is_none() {
        *new = old;
    }
}

/// Two limits belong together: only one of them might contradict the other.
fn fill_pair<T>(least: &mut Option<T>, most: &mut Option<T>, old_least: Option<T>, old_most: Option<T>) {
    if least.is_none() && most.is_none() {
        (*least, *most) = (old_least, old_most);
    }
}

fn keep_text(new: &mut String, old: String) {
    if !old.is_empty() {
        *new = old;
    }
}

fn both(old: Vec<String>, new: Vec<String>) -> Vec<String> {
    let mut notes = old;
    for note in new {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn references<'a>(operations: impl Iterator<Item = &'a Operation>) -> BTreeSet<String> {
    operations
        .flat_map(|operation| operation.parameters.iter().chain(&operation.response.fields))
        .flat_map(named)
        .collect()
}

/// Names of the shared types in a shape.
fn named(shape: &Shape) -> Vec<String> {
    let inner = shape.fields.iter().chain(shape.of.as_deref());
    shape.reference.iter().cloned().chain(inner.flat_map(named)).collect()
}

/// A replacement that was kept may name an operation that never was in this spec.
fn drop_broken_references(spec: &mut Spec) {
    let names: BTreeSet<String> = spec.operations.keys().cloned().collect();
    for operation in spec.operations.values_mut() {
        for name in [&mut operation.replacement, &mut operation.completion] {
            if name.as_ref().is_some_and(|name| !name.contains("::") && !names.contains(name)) {
                *name = None;
            }
        }
    }
}
