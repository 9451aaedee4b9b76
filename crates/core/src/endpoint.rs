//! Where a service is reached.

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
