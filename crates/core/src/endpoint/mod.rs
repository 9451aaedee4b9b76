//! Where a service is reached: an explicit endpoint, else the region table, else the rule, else the
//! host for all regions.

mod host;

pub(crate) use self::host::{check_authority, check_label};
use crate::error::ConfigError;

/// Hosts of a product version.
#[derive(Debug)]
pub struct Endpoints {
    /// Rule for regions that the tables do not list.
    pub rule: Option<EndpointRule>,
    /// First label of hosts built by the rule.
    pub prefix: &'static str,
    /// Host for every region without an entry and without a rule.
    pub global: Option<&'static str>,
    /// Product code for the location service.
    pub location_service_code: Option<&'static str>,
    /// Public hosts by region, sorted.
    pub regions: &'static [(&'static str, &'static str)],
    /// Hosts inside a VPC by region, sorted.
    pub vpc_regions: &'static [(&'static str, &'static str)],
}

/// How a host is built for a region that the tables do not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointRule {
    /// `<prefix>[-<network>].<region>.aliyuncs.com`
    Regional,
    /// `<prefix>[-<network>].aliyuncs.com`
    Central,
}

/// The network from which a service is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Network {
    /// The internet.
    #[default]
    Public,
    /// A virtual private cloud. A service without a host there is an error, never its public host.
    Vpc,
}

/// The host of a service, from its tables and rule.
pub(crate) fn resolve(
    endpoints: &Endpoints,
    region: Option<&str>,
    network: Network,
    suffix: Option<&str>,
) -> Result<String, ConfigError> {
    for label in [region, suffix].into_iter().flatten() {
        check_label(label)
            .map_err(|problem| ConfigError { message: format!("region or suffix {label:?} {problem}") })?;
    }
    let table = match network {
        Network::Public => endpoints.regions,
        Network::Vpc => endpoints.vpc_regions,
    };
    let listed = region.and_then(|region| table.iter().find(|(name, _)| *name == region));
    if let (Some((_, host)), None) = (listed, suffix) {
        return Ok((*host).to_owned());
    }
    let mut prefix = endpoints.prefix.to_owned();
    if let Some(suffix) = suffix {
        prefix = format!("{prefix}-{suffix}");
    }
    if network == Network::Vpc {
        prefix.push_str("-vpc");
    }
    match (endpoints.rule, region, endpoints.global) {
        (Some(EndpointRule::Central), ..) => Ok(format!("{prefix}.aliyuncs.com")),
        (Some(EndpointRule::Regional), Some(region), _) => Ok(format!("{prefix}.{region}.aliyuncs.com")),
        (None, _, Some(global)) if network == Network::Public => Ok(global.to_owned()),
        (Some(EndpointRule::Regional), None, _) => Err(ConfigError {
            message: "no region is set: call .region(\"cn-hangzhou\") or set ALIBABA_CLOUD_REGION_ID".to_owned(),
        }),
        (None, ..) => Err(ConfigError {
            message: format!(
                "the service has no known host{} in region {}: set .endpoint(\"…\")",
                if network == Network::Vpc { " inside a VPC" } else { "" },
                region.unwrap_or("(none)")
            ),
        }),
    }
}
