//! Waiting for something to happen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;

/// Something to wait for: an operation that is asked until its answer says that it has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiter {
    /// What is waited for, in one line of our own.
    pub summary: String,
    /// What one should know, such as states that are not documented for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Operation that is asked.
    pub operation: String,
    /// Optional parameters that must be set, because the question would be about everything without them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires: Vec<String>,
    /// Values of parameters that the caller leaves open.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preset: BTreeMap<String, String>,
    /// Seconds between two questions.
    pub delay: u32,
    /// Seconds after which waiting ends.
    pub limit: u32,
    /// Tried in order; the first that holds decides. None holds: ask again.
    pub rules: Vec<WaiterRule>,
}

/// A condition on an answer and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiterRule {
    /// What it means when the condition holds.
    pub then: WaiterState,
    /// Path into the response (`UpgradeDetail.MeshStatus`); `*` stands for every element of a list or
    /// every value of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The values that count; none with `orEmpty`: nothing may be left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub values: Vec<String>,
    /// With `*`: whether every element must match or one is enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub all: bool,
    /// With `*`: an empty collection counts as a match.
    #[serde(default, skip_serializing_if = "is_default")]
    pub or_empty: bool,
    /// Error code of a failed call that counts instead of a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Conditions that must hold as well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub and: Vec<WaiterRule>,
}

/// Outcome of a waiter rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WaiterState {
    /// It has happened.
    Success,
    /// It can no longer happen.
    Failure,
    /// Ask again.
    Retry,
}
