//! Places in a spec: as a JSON path for tools, in words for people.

use std::fmt;

use serde_json::Value;

/// A step from a JSON value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Member of an object.
    Key(String),
    /// Element of a list, counted from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The steps from the top of a spec: `operations.CreateServiceMesh.parameters[2].type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) Vec<Step>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl From<&serde_path_to_error::Path> for Place {
    fn from(path: &serde_path_to_error::Path) -> Self {
        use serde_path_to_error::Segment;
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        Self(path.iter().filter_map(step).collect())
    }
}

impl Place {
    /// Names the place as a reader of the spec would: `operation CreateServiceMesh, parameter VpcId`.
    /// Elements are looked up in `spec`, because a number tells nobody which parameter it is.
    pub(crate) fn words(&self, spec: &Value) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut value = Some(spec);
        // The key whose members are to be named.
        let mut collection = "";
        for (position, step) in self.0.iter().enumerate() {
            value = match step {
                Step::Key(key) => value.and_then(|value| value.get(key)),
                Step::Index(index) => value.and_then(|value| value.get(index)),
            };
            let noun = match (collection, step) {
                ("operations", _) => "operation",
                ("types", _) => "type",
                ("waiters", _) => "waiter",
                ("regions", _) => "region",
                ("vpcRegions", _) => "VPC region",
                ("parameters", _) => "parameter",
                ("fields", _) => "field",
                ("errors", _) => "error",
                ("enum", _) => "value",
                ("rules" | "and", _) => "rule",
                (_, Step::Index(_)) => continue,
                (_, Step::Key(key)) => {
                    match key.as_str() {
                        "of" => words.push("element".to_owned()),
                        "endpoints" | "pagination" | "response" => words.push(key.clone()),
                        // What an example holds is not of the dialect.
                        "example" | "default" => {
                            words.push(format!("`{key}`"));
                            break;
                        }
                        _ if position + 1 == self.0.len() => words.push(format!("`{key}`")),
                        _ => {}
                    }
                    collection = key;
                    continue;
                }
            };
            let name = match step {
                Step::Key(key) => key.clone(),
                Step::Index(index) => name(value).unwrap_or_else(|| format!("number {}", index + 1)),
            };
            words.push(format!("{noun} {name}"));
            collection = "";
        }
        if words.is_empty() { "the spec itself".to_owned() } else { words.join(", ") }
    }

    /// The place one step out.
    pub(crate) fn outside(&self) -> Self {
        let mut place = self.clone();
        place.0.pop();
        place
    }
}

/// What an element of a list is called.
fn name(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let text = ["name", "code", "value"].into_iter().find_map(|key| value.get(key)).unwrap_or(value).as_str()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}
