//! Laying an import over the spec that is there: facts are the vendor's, everything that a careful
//! reader added stays, and what the vendor no longer documents is retired instead of deleted.

use std::collections::BTreeSet;

use alicloud_spec::{Endpoints, EnumValue, ErrorCode, Operation, Response, Shape, Spec};

/// Merges an import into the spec that is there. Merging the same import again changes nothing.
pub(crate) fn merge(old: Spec, imported: Spec) -> Spec {
    let mut merged = imported;
    if !old.title.is_empty() && old.title != old.code && old.title != old.product {
        merged.title = old.title;
    }
    merged.preferred = old.preferred;
    keep_text(&mut merged.summary, old.summary);
    keep(&mut merged.documentation, old.documentation);
    keep(&mut merged.schema, old.schema);
    merged.notes = both(old.notes, merged.notes);
    merged.endpoints = endpoints(old.endpoints, merged.endpoints);
    merged.waiters = old.waiters;

    for (name, old) in old.operations {
        match merged.operations.get_mut(&name) {
            Some(operation) => merge_operation(old, operation),
            None => {
                merged.operations.insert(name, Operation { retired: true, ..old });
            }
        }
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
    merged
}

/// Tables and rule are the vendor's. Real downloads hold a table of public hosts and nothing else: what
/// they do not speak of stays.
fn endpoints(old: Endpoints, new: Endpoints) -> Endpoints {
    let ruled = new.rule.is_some() || !new.patterns.is_empty();
    Endpoints {
        rule: if ruled { new.rule } else { old.rule },
        patterns: if ruled { new.patterns } else { old.patterns },
        prefix: if ruled { new.prefix } else { new.prefix.or(old.prefix) },
        global: new.global.or(old.global),
        location_service_code: new.location_service_code.or(old.location_service_code),
        regions: if new.regions.is_empty() { old.regions } else { new.regions },
        vpc_regions: if new.vpc_regions.is_empty() { old.vpc_regions } else { new.vpc_regions },
    }
}

fn merge_operation(old: Operation, new: &mut Operation) {
    // An importer that refuses an operation leaves its facts out. When it finds some now, it takes it now.
    let refused = !has_facts(&old) && has_facts(new);
    keep_text(&mut new.summary, old.summary);
    keep_text(&mut new.description, old.description);
    keep(&mut new.documentation, old.documentation);
    keep(&mut new.class, old.class);
    keep(&mut new.timeout, old.timeout);
    keep(&mut new.pagination, old.pagination);
    fill(&mut new.replacement, old.replacement);
    fill(&mut new.completion, old.completion);
    new.notes = both(old.notes, std::mem::take(&mut new.notes));
    if !refused {
        fill(&mut new.skip, old.skip);
    }
    merge_fields(old.parameters, &mut new.parameters);
    keep(&mut new.response.example, old.response.example);
    merge_fields(old.response.fields, &mut new.response.fields);
    merge_errors(old.errors, &mut new.errors);
}

fn has_facts(operation: &Operation) -> bool {
    let facts = Response { example: None, ..operation.response.clone() };
    !operation.parameters.is_empty() || !operation.errors.is_empty() || facts != Response::default()
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

/// Merges shapes of the same name and place. What the vendor does not list stays when somebody has put down
/// in a note why it is there, or when it is a hidden parameter, which downloads leave out.
fn merge_fields(old: Vec<Shape>, new: &mut Vec<Shape>) {
    let mut unlisted: Vec<Shape> = Vec::new();
    for old in old {
        let same = |new: &Shape| new.name == old.name && new.place == old.place;
        let index = new.iter().position(same).or_else(|| new.iter().position(|new| new.name == old.name));
        match index.and_then(|index| new.get_mut(index)) {
            Some(shape) => merge_shape(old, shape),
            None if old.note.is_some() || old.hidden => unlisted.push(old),
            None => {}
        }
    }
    new.extend(unlisted);
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
        merge_fields(old.fields, &mut new.fields);
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
