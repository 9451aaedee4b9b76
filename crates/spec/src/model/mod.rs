//! The dialect: what a spec file may say.
//!
//! A spec is a transcription of one product version's documentation. Keys are lower camel case; API
//! names stay verbatim. Everything with a default is left out of the file when it has it.

mod endpoints;
mod operation;
mod shape;
mod waiter;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use endpoints::*;
pub use operation::*;
pub use shape::*;
pub use waiter::*;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One product version: `specs/<product>/<version>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Short name of the product: folder of the spec and name of the crate, for example `servicemesh`.
    pub product: String,
    /// The product code as the service spells it, for example `CS` or `ComputeNestSupplier`.
    pub code: String,
    /// API version, for example `2020-01-11`.
    pub version: String,
    /// The root of the crate, though there is a newer version: this is the one that people use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferred: bool,
    /// Name of the product in plain words.
    pub title: String,
    /// What the product is for, in a sentence or two of our own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub summary: String,
    /// The official page of the product's API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Call style of operations that do not say otherwise.
    pub style: Style,
    /// The protocol family; everything but `standard` has rules of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Protocol,
    /// Where the service is reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub endpoints: Endpoints,
    /// Remarks about differences between documents and service, for readers of the spec.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: Vec<String>,
    /// Operations by API name.
    pub operations: BTreeMap<String, Operation>,
    /// Types that several operations share, by API name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub types: BTreeMap<String, Shape>,
    /// Waiters by name (`MeshUpgraded` becomes `wait_until_mesh_upgraded`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub waiters: BTreeMap<String, Waiter>,
}

/// How an operation is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// By name (`Action`), always at `/`.
    Rpc,
    /// By method and path.
    Roa,
}

/// Protocol families of the vendor's services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// RPC and ROA with the common signers.
    #[default]
    Standard,
    /// Log service: own signature, project in the host name.
    Sls,
    /// Object storage: XML, sub-resources, bucket in the host name.
    Oss,
    /// Function compute, 2021 edition: account id in the host name.
    Fc,
    /// Photo and drive service: domain in the host name, bearer tokens.
    Pds,
    /// AliGenie: own gateway and tokens.
    Aligenie,
}
