//! What changed between two editions of a spec.

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use crate::{
    Spec,
    place::{Place, Step},
};

/// Whom a change concerns, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Readers: only documentation changes.
    Docs,
    /// Nobody's code, but what is sent, checked or waited for changes.
    Behaviour,
    /// Nobody's code; there is something new to use, or to stop using.
    Addition,
    /// Code that uses the generated crate may have to change.
    Breaking,
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docs => "docs",
            Self::Behaviour => "behaviour",
            Self::Addition => "addition",
            Self::Breaking => "breaking",
        })
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Whom it concerns.
    pub impact: Impact,
    /// JSON path, in the new edition where the place still exists there.
    pub path: String,
    /// The same in words: `operation CreateServiceMesh, parameter VpcId`.
    pub place: String,
    /// What changed there.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.impact, self.place, self.what)
    }
}

/// Every difference between two editions of a spec, the gravest first.
/// The greatest [`Impact`] among them decides what version the generated crate gets.
pub fn diff(old: &Spec, new: &Spec) -> Vec<Change> {
    let value = |spec| serde_json::to_value(spec).unwrap_or(Value::Null);
    let mut differ = Differ { old: value(old), new: value(new), changes: Vec::new() };
    let (old, new) = (differ.old.clone(), differ.new.clone());
    if let (Value::Object(old), Value::Object(new)) = (&old, &new) {
        differ.object(old, new, &Steps::default());
    }
    differ.changes.sort_by_key(|change| std::cmp::Reverse(change.impact));
    differ.changes
}

/// What a difference under a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// The value as a whole matters to.
    Value(Impact),
    /// A change is breaking, unless the key is new: that is an addition.
    Feature,
    /// A change is breaking, unless the key is gone: that is an addition.
    Obstacle,
    /// Number types that are the same to callers differ in behaviour, all other types break.
    Type,
    /// An object with keys of the dialect.
    Object,
    /// A map or list whose elements have names: new ones are additions, lost ones break.
    Named,
    /// The same for elements that are nothing to program against.
    Table,
}

/// Keys of the dialect. A key means the same wherever it stands.
const RULES: &[(Rule, &[&str])] = &[
    (
        Rule::Value(Impact::Docs),
        &[
            "$schema",
            "title",
            "summary",
            "description",
            "documentation",
            "notes",
            "note",
            "example",
            "default",
            "format",
            "also",
            "retired",
            "replacement",
            "completion",
            "hidden",
        ],
    ),
    (
        Rule::Value(Impact::Behaviour),
        &[
            "code",
            "version",
            "style",
            "protocol",
            "rule",
            "prefix",
            "global",
            "locationServiceCode",
            "method",
            "path",
            "auth",
            "access",
            "class",
            "timeout",
            "status",
            "xml",
            "in",
            "required",
            "secret",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "pattern",
            "wrapper",
            "tag",
            "delay",
            "limit",
            "rules",
            "requires",
            "preset",
        ],
    ),
    (Rule::Value(Impact::Addition), &["deprecated"]),
    (Rule::Value(Impact::Breaking), &["product", "preferred", "name", "ref", "operation", "events", "value"]),
    (Rule::Feature, &["pagination"]),
    (Rule::Obstacle, &["skip"]),
    (Rule::Type, &["type"]),
    (Rule::Object, &["endpoints", "response", "of"]),
    (Rule::Named, &["operations", "types", "waiters", "parameters", "fields", "errors", "enum"]),
    (Rule::Table, &["patterns", "regions", "vpcRegions"]),
];

/// `None` for keys of pagination and of waiter rules, which are compared as a whole.
fn rule(key: &str) -> Option<Rule> {
    RULES.iter().find(|(_, keys)| keys.contains(&key)).map(|(rule, _)| *rule)
}

/// Whether changes of a key are classified on purpose.
#[cfg(test)]
pub(crate) fn knows(key: &str) -> bool {
    rule(key).is_some()
}

/// Where an element stands in either edition.
#[derive(Clone, Default)]
struct Steps {
    old: Vec<Step>,
    new: Vec<Step>,
}

impl Steps {
    fn key(&self, key: &str) -> Self {
        self.with(key, key)
    }

    fn with(&self, old: impl Into<Step>, new: impl Into<Step>) -> Self {
        let mut steps = self.clone();
        steps.old.push(old.into());
        steps.new.push(new.into());
        steps
    }
}

struct Differ {
    old: Value,
    new: Value,
    changes: Vec<Change>,
}

impl Differ {
    fn say(&mut self, impact: Impact, steps: &Steps, gone: bool, what: String) {
        let (spec, steps) = if gone { (&self.old, &steps.old) } else { (&self.new, &steps.new) };
        let place = Place(steps.clone());
        self.changes.push(Change { impact, path: place.to_string(), place: place.words(spec), what });
    }

    fn object(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, steps: &Steps) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let (old, new) = (old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null));
            if old != new {
                self.key(key, old, new, steps);
            }
        }
    }

    /// Something differs under a key; `Null` stands for its absence.
    fn key(&mut self, key: &str, old: &Value, new: &Value, steps: &Steps) {
        let (fresh, gone) = (old.is_null(), new.is_null());
        let impact = match rule(key).unwrap_or(Rule::Value(Impact::Breaking)) {
            Rule::Value(impact) => impact,
            Rule::Feature if fresh => Impact::Addition,
            Rule::Obstacle if gone => Impact::Addition,
            Rule::Feature | Rule::Obstacle => Impact::Breaking,
            Rule::Type if same_to_callers(old, new) => Impact::Behaviour,
            Rule::Type => Impact::Breaking,
            // Elements come and go with the type, which says so.
            Rule::Object if key == "of" && (fresh || gone) => return,
            Rule::Object => {
                let empty = Map::new();
                let members = |value: &Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
                return self.object(&members(old), &members(new), &steps.key(key));
            }
            // Values of an open set: without them the type is another one.
            Rule::Named if key == "enum" && (fresh || gone) => Impact::Breaking,
            Rule::Named => return self.named(old, new, &steps.key(key), Impact::Addition, Impact::Breaking),
            Rule::Table => return self.named(old, new, &steps.key(key), Impact::Behaviour, Impact::Behaviour),
        };
        self.say(impact, steps, false, sentence(key, old, new));
    }

    /// Elements that are told apart by name.
    fn named(&mut self, old: &Value, new: &Value, steps: &Steps, fresh: Impact, gone: Impact) {
        let (old, new) = (elements(old), elements(new));
        for (name, step, element) in &old {
            match new.iter().find(|(other, ..)| other == name) {
                None => self.say(gone, &steps.with(step.clone(), step.clone()), true, "is gone".to_owned()),
                Some((_, _, same)) if same == element => {}
                Some((_, now, other)) => {
                    let steps = steps.with(step.clone(), now.clone());
                    match (element, other) {
                        (Value::Object(element), Value::Object(other)) => self.object(element, other, &steps),
                        (Value::String(_), Value::Object(_)) | (Value::Object(_), Value::String(_)) => {
                            self.say(Impact::Docs, &steps, false, "the summary changed".to_owned());
                        }
                        _ => self.say(gone, &steps, false, format!("was {}, is {}", quote(element), quote(other))),
                    }
                }
            }
        }
        for (name, step, element) in &new {
            if !old.iter().any(|(other, ..)| other == name) {
                let required = element.get("required").is_some_and(|required| required == true);
                let what = if required { "is new, and required" } else { "is new" };
                self.say(fresh, &steps.with(step.clone(), step.clone()), false, what.to_owned());
            }
        }
    }
}

/// The elements of a map or list, each with its name and where it stands. A name that occurs more than
/// once is counted: parameters of one name may travel in two places, error codes have two statuses.
fn elements(value: &Value) -> Vec<((String, usize), Step, &Value)> {
    let list: Vec<(String, Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), Step::from(key.as_str()), value)).collect(),
        Value::Array(list) => {
            let name = |element: &Value| {
                let name = ["name", "code", "value"].into_iter().find_map(|key| element.get(key)).unwrap_or(element);
                name.as_str().unwrap_or_default().to_owned()
            };
            list.iter().enumerate().map(|(index, element)| (name(element), Step::from(index), element)).collect()
        }
        _ => Vec::new(),
    };
    let before = |index: usize, name: &str| list.iter().take(index).filter(|(other, ..)| other == name).count();
    let counts: Vec<usize> = list.iter().enumerate().map(|(index, (name, ..))| before(index, name)).collect();
    list.into_iter().zip(counts).map(|((name, step, value), count)| ((name, count), step, value)).collect()
}

/// Both whole number types are one type in Rust, and so are both decimal ones.
fn same_to_callers(old: &Value, new: &Value) -> bool {
    let class = |value: &Value| match value.as_str() {
        Some("int32" | "int64") => 1,
        Some("float" | "double") => 2,
        _ => 0,
    };
    class(old) == class(new) && class(old) != 0
}

/// What happened to a key. Prose and nested values are not repeated.
fn sentence(key: &str, old: &Value, new: &Value) -> String {
    let prose = matches!(key, "title" | "summary" | "description" | "note" | "notes" | "example");
    let short = |value: &Value| !prose && !value.is_object() && value.to_string().len() <= 60;
    match (old, new) {
        (Value::Null, Value::Bool(true)) => format!("is now {key}"),
        (Value::Bool(true), Value::Null) => format!("is no longer {key}"),
        (Value::Null, new) if short(new) => format!("`{key}` is now {}", quote(new)),
        (Value::Null, _) => format!("`{key}` is new"),
        (old, Value::Null) if short(old) => format!("`{key}` was {}, is gone", quote(old)),
        (_, Value::Null) => format!("`{key}` is gone"),
        (old, new) if short(old) && short(new) => format!("`{key}` was {}, is {}", quote(old), quote(new)),
        _ => format!("`{key}` changed"),
    }
}

fn quote(value: &Value) -> String {
    value.as_str().map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}
