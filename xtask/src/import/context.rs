//! Where the importer is, what it has decided there, and why it gives up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::json::Json;

/// Something that the importer changed, dropped or had to choose, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decision {
    /// Product and version, for example `ecs/2014-05-26`.
    pub(crate) product: String,
    /// Operation; empty when the decision is about the product or a shared type.
    pub(crate) operation: String,
    /// Parameter or field, from the outside in: `Tag[].Key`, `200!Data.Items`.
    pub(crate) at: String,
    /// The rule that was applied, for counting.
    pub(crate) rule: &'static str,
    /// What was done.
    pub(crate) detail: String,
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.product)?;
        if !self.operation.is_empty() {
            write!(formatter, " {}", self.operation)?;
        }
        if !self.at.is_empty() {
            write!(formatter, " {}", self.at)?;
        }
        write!(formatter, ": {} [{}]", self.detail, self.rule)
    }
}

/// Why an operation cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Parameter or field; empty when it is the operation.
    pub(crate) at: String,
    /// What is the matter.
    pub(crate) reason: String,
    /// The importer has never seen such a thing: somebody has to look at it.
    pub(crate) unknown: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            formatter.write_str(&self.reason)
        } else {
            write!(formatter, "{}: {}", self.at, self.reason)
        }
    }
}

pub(crate) type Outcome<T> = Result<T, Refusal>;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Sent by the caller.
    Request,
    /// Returned by the service; `wrapped` when lists may hide in an object of one member.
    Response {
        /// The service answers in the shape of its XML, as RPC services do.
        wrapped: bool,
    },
    /// Shared by both.
    Shared,
}

/// The state of one import.
pub(crate) struct Context<'a> {
    /// Product and version.
    pub(crate) product: String,
    /// Schemas of `components`.
    pub(crate) components: BTreeMap<&'a str, &'a Json>,
    /// Take titles, descriptions and samples, too.
    pub(crate) prose: bool,
    /// Shared types that something refers to.
    pub(crate) used: BTreeSet<&'a str>,
    /// Shared types that are being written out in place, outermost first.
    pub(crate) inlining: Vec<&'a str>,
    /// What has been decided.
    pub(crate) decisions: Vec<Decision>,
    /// Operation at hand.
    pub(crate) operation: String,
    at: Vec<String>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(product: String, components: BTreeMap<&'a str, &'a Json>, prose: bool) -> Self {
        Self {
            product,
            components,
            prose,
            used: BTreeSet::new(),
            inlining: Vec::new(),
            decisions: Vec::new(),
            operation: String::new(),
            at: Vec::new(),
        }
    }

    /// Runs `work` one step further in.
    pub(crate) fn inside<T>(&mut self, step: impl Into<String>, work: impl FnOnce(&mut Self) -> T) -> T {
        self.at.push(step.into());
        let result = work(self);
        self.at.pop();
        result
    }

    /// Records a decision about the place at hand.
    pub(crate) fn decide(&mut self, rule: &'static str, detail: impl Into<String>) {
        self.decisions.push(Decision {
            product: self.product.clone(),
            operation: self.operation.clone(),
            at: self.place(),
            rule,
            detail: detail.into(),
        });
    }

    /// Where it is: `Tag[].Key`, `200!Data.Items`.
    fn place(&self) -> String {
        self.at.concat().replace("!.", "!").replace(".[]", "[]")
    }

    /// Records a decision about a parameter of the operation at hand.
    pub(crate) fn decide_at(&mut self, name: &str, rule: &'static str, detail: impl Into<String>) {
        self.inside(name, |context| context.decide(rule, detail));
    }

    /// A construct that the SDK does not support.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal { at: self.place(), reason: reason.into(), unknown: false }
    }

    /// A construct that this importer does not know.
    pub(crate) fn unknown(&self, reason: impl Into<String>) -> Refusal {
        Refusal { unknown: true, ..self.refuse(reason) }
    }
}
