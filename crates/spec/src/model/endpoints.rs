//! Where a product version is reached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;

/// Hosts of a product version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoints {
    /// Rule for regions that the tables do not list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<EndpointRule>,
    /// First label of hosts built by the rule; the product's short name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Patterns of hosts by network instead of a rule; `{region}` stands for the region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub patterns: BTreeMap<Network, String>,
    /// Host for every region without an entry and without a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global: Option<String>,
    /// Product code for the location service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_service_code: Option<String>,
    /// Public hosts by region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub regions: BTreeMap<String, String>,
    /// Hosts inside a VPC by region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc_regions: BTreeMap<String, String>,
}

/// The networks from which services are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The internet.
    Public,
    /// A virtual private cloud.
    Vpc,
    /// The internal network that the clouds of several accounts share.
    Share,
    /// Hosts near the caller that pass calls on.
    Accelerate,
}

/// How a host is built for a region that the tables do not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EndpointRule {
    /// `<prefix>[-<network>].<region>.aliyuncs.com`
    Regional,
    /// `<prefix>[-<network>].aliyuncs.com`
    Central,
}
