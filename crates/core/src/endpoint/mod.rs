//! Where a service is reached: an endpoint set in code, else one from the environment, else the region
//! table, else the rule, else the host for all regions, else what the location service says.

mod host;
mod known;
mod location;

pub(crate) use self::{
    host::{check_authority, check_label, is_known, is_loopback},
    known::{Locations, Missed},
    location::{DESCRIBE_ENDPOINTS, DescribeEndpointsRequest, DescribeEndpointsResponse, LOCATION},
};
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
    /// A pattern for each network, in which `{region}` stands for the region.
    Patterns(&'static [(Network, &'static str)]),
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
    /// The internal network that other accounts' clouds share; log service only.
    Share,
    /// Hosts near the caller that pass calls on; log service and object storage only.
    Accelerate,
}

/// What tables and rule say about a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// This is it.
    Host(String),
    /// Only the location service knows.
    AskLocationService { code: &'static str, region: &'a str },
}

/// The host of a service, from its tables and rule.
pub(crate) fn resolve<'a>(
    endpoints: &Endpoints,
    region: Option<&'a str>,
    network: Network,
    suffix: Option<&str>,
) -> Result<Found<'a>, ConfigError> {
    for label in [region, suffix].into_iter().flatten() {
        check_label(label)
            .map_err(|problem| ConfigError { message: format!("region or suffix {label:?} {problem}") })?;
    }
    let table = match network {
        Network::Public => endpoints.regions,
        Network::Vpc => endpoints.vpc_regions,
        Network::Share | Network::Accelerate => &[],
    };
    let listed = region.and_then(|region| table.iter().find(|(name, _)| *name == region));
    // The tables know nothing of suffixes.
    if let (Some((_, host)), None) = (listed, suffix) {
        return Ok(Found::Host((*host).trim().to_owned()));
    }
    if let (Some(EndpointRule::Patterns(patterns)), None) = (endpoints.rule, suffix) {
        let pattern = patterns.iter().find(|(known, _)| *known == network).map(|(_, pattern)| *pattern);
        match (pattern, region) {
            (Some(pattern), Some(region)) => return Ok(Found::Host(pattern.replace("{region}", region))),
            (Some(pattern), None) if !pattern.contains('{') => return Ok(Found::Host(pattern.to_owned())),
            (Some(_), None) => return Err(no_region()),
            (None, _) => {}
        }
    }
    let mut prefix = endpoints.prefix.to_owned();
    if let Some(suffix) = suffix {
        prefix = format!("{prefix}-{suffix}");
    }
    if network == Network::Vpc {
        prefix.push_str("-vpc");
    }
    let by_prefix = matches!(network, Network::Public | Network::Vpc);
    match (endpoints.rule.filter(|_| by_prefix), region) {
        (Some(EndpointRule::Central), _) => return Ok(Found::Host(format!("{prefix}.aliyuncs.com"))),
        (Some(EndpointRule::Regional), Some(region)) => {
            return Ok(Found::Host(format!("{prefix}.{region}.aliyuncs.com")));
        }
        (Some(EndpointRule::Regional), None) => return Err(no_region()),
        (Some(EndpointRule::Patterns(_)) | None, _) => {}
    }
    // Without a rule we know public hosts without suffix only.
    if network == Network::Public && suffix.is_none() {
        match (endpoints.global, endpoints.location_service_code, region) {
            (Some(global), ..) => return Ok(Found::Host(global.trim().to_owned())),
            (None, Some(code), Some(region)) => return Ok(Found::AskLocationService { code, region }),
            (None, _, None) => return Err(no_region()),
            (None, None, Some(_)) => {}
        }
    }
    let mut message = "the service has no known host".to_owned();
    message.push_str(match network {
        Network::Public => "",
        Network::Vpc => " inside a VPC",
        Network::Share => " in the shared network",
        Network::Accelerate => " for accelerated access",
    });
    if let Some(suffix) = suffix {
        message.push_str(&format!(" with the suffix {suffix:?}"));
    }
    message.push_str(&format!(" in region {}: set .endpoint(\"…\")", region.unwrap_or("(none)")));
    Err(ConfigError { message })
}

fn no_region() -> ConfigError {
    ConfigError { message: "no region is set: call .region(\"cn-hangzhou\") or set ALIBABA_CLOUD_REGION_ID".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Endpoints = Endpoints {
        rule: None,
        prefix: "ecs",
        global: None,
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    };

    fn ecs() -> Endpoints {
        Endpoints {
            rule: Some(EndpointRule::Regional),
            regions: &[("cn-fujian", "ecs-cn-hangzhou.aliyuncs.com"), ("xx-tab", "ecs.xx-tab.aliyuncs.com\t")],
            vpc_regions: &[("cn-hangzhou", "ecs-vpc.cn-hangzhou.aliyuncs.com")],
            ..NONE
        }
    }

    fn host(
        endpoints: &Endpoints,
        region: Option<&str>,
        network: Network,
        suffix: Option<&str>,
    ) -> Result<String, String> {
        match resolve(endpoints, region, network, suffix) {
            Ok(Found::Host(host)) => Ok(host),
            Ok(Found::AskLocationService { code, region }) => Ok(format!("? {code} {region}")),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn table_then_rule_then_host_of_all_regions_then_location_service() {
        use Network::{Public, Vpc};
        let central = Endpoints { rule: Some(EndpointRule::Central), ..NONE };
        let global = Endpoints { global: Some("ecs.aliyuncs.com"), location_service_code: Some("ecs"), ..NONE };
        let located = Endpoints { location_service_code: Some("ecs"), ..NONE };
        let fujian = Some("cn-fujian");
        for (endpoints, region, network, suffix, expected) in [
            (&ecs(), fujian, Public, None, "ecs-cn-hangzhou.aliyuncs.com"),
            (&ecs(), Some("xx-tab"), Public, None, "ecs.xx-tab.aliyuncs.com"),
            (&ecs(), fujian, Vpc, None, "ecs-vpc.cn-fujian.aliyuncs.com"),
            (&ecs(), Some("cn-hangzhou"), Vpc, None, "ecs-vpc.cn-hangzhou.aliyuncs.com"),
            (&ecs(), fujian, Public, Some("dualstack"), "ecs-dualstack.cn-fujian.aliyuncs.com"),
            (&ecs(), fujian, Vpc, Some("dualstack"), "ecs-dualstack-vpc.cn-fujian.aliyuncs.com"),
            (&central, None, Public, None, "ecs.aliyuncs.com"),
            (&central, fujian, Vpc, None, "ecs-vpc.aliyuncs.com"),
            (&global, fujian, Public, None, "ecs.aliyuncs.com"),
            (&located, fujian, Public, None, "? ecs cn-fujian"),
        ] {
            assert_eq!(host(endpoints, region, network, suffix).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn patterns_give_a_host_for_each_network() {
        use Network::{Accelerate, Public, Share, Vpc};
        const LOG: Endpoints = Endpoints {
            rule: Some(EndpointRule::Patterns(&[
                (Public, "{region}.log.aliyuncs.com"),
                (Vpc, "{region}-intranet.log.aliyuncs.com"),
                (Accelerate, "log-global.aliyuncs.com"),
            ])),
            regions: &[("cn-corp", "cn-corp.sls.aliyuncs.com")],
            ..NONE
        };
        let region = Some("cn-hangzhou");
        for (region, network, expected) in [
            (region, Public, "cn-hangzhou.log.aliyuncs.com"),
            (Some("cn-corp"), Public, "cn-corp.sls.aliyuncs.com"),
            (Some("cn-corp"), Vpc, "cn-corp-intranet.log.aliyuncs.com"),
            (region, Vpc, "cn-hangzhou-intranet.log.aliyuncs.com"),
            (region, Accelerate, "log-global.aliyuncs.com"),
            (None, Accelerate, "log-global.aliyuncs.com"),
        ] {
            assert_eq!(host(&LOG, region, network, None).as_deref(), Ok(expected));
        }
        assert!(host(&LOG, None, Vpc, None).unwrap_err().contains("no region"));
        for (endpoints, network, suffix) in
            [(&LOG, Share, None), (&LOG, Public, Some("dualstack")), (&ecs(), Share, None)]
        {
            let error = host(endpoints, region, network, suffix).unwrap_err();
            assert!(error.contains("no known host"), "{error}");
        }
    }

    #[test]
    fn a_private_network_or_a_suffix_is_never_ignored() {
        let global = Endpoints { global: Some("ecs.aliyuncs.com"), location_service_code: Some("ecs"), ..NONE };
        let region = Some("cn-hangzhou");
        let error = host(&global, region, Network::Vpc, None).unwrap_err();
        assert!(error.contains("inside a VPC") && error.contains(".endpoint("), "{error}");
        let error = host(&global, region, Network::Public, Some("dualstack")).unwrap_err();
        assert!(error.contains("dualstack"), "{error}");
    }

    #[test]
    fn a_missing_region_is_named() {
        for endpoints in [ecs(), Endpoints { location_service_code: Some("ecs"), ..NONE }] {
            let error = host(&endpoints, None, Network::Public, None).unwrap_err();
            assert!(error.contains("ALIBABA_CLOUD_REGION_ID"), "{error}");
        }
    }

    #[test]
    fn a_region_cannot_change_the_host() {
        for region in ["", "x@evil.com:443/#", "a.b", "cn-hangzhou\n", "evil.com/", "-a"] {
            assert!(host(&ecs(), Some(region), Network::Public, None).is_err(), "{region:?}");
            assert!(host(&ecs(), Some("cn-hangzhou"), Network::Public, Some(region)).is_err(), "{region:?}");
        }
    }
}
