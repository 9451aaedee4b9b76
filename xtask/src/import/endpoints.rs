//! Hosts of a product: tables by region, a rule, and single hosts.

use alicloud_spec::{EndpointRule, Endpoints, Network, Protocol, is_vendor_host};

use super::context::{Context, Outcome};
use super::json::Json;

/// Reads the hosts of a product version.
pub(crate) fn read(context: &mut Context, docs: &Json, product: &str, protocol: Protocol) -> Outcome<Endpoints> {
    let mut endpoints = Endpoints {
        rule: match docs.text_of("x-endpointRule") {
            Some("regional") => Some(EndpointRule::Regional),
            Some("central") => Some(EndpointRule::Central),
            Some(other) => return Err(context.unknown(format!("endpoint rule `{other}`"))),
            None => None,
        },
        ..Endpoints::default()
    };
    if let Some(patterns) = patterns(protocol) {
        if endpoints.rule.take().is_some() {
            context.decide("endpoint", "hosts of this protocol follow patterns of their own; the rule is dropped");
        }
        endpoints.patterns = patterns.iter().map(|(network, pattern)| (*network, (*pattern).to_owned())).collect();
    }
    let prefix = docs.text_of("x-endpointPrefix").filter(|prefix| *prefix != product);
    endpoints.prefix = prefix.filter(|_| endpoints.rule.is_some()).map(str::to_owned);
    endpoints.global = docs.text_of("x-endpointGlobal").and_then(|text| host(context, "global", text));
    endpoints.location_service_code = docs.text_of("x-locationServiceCode").map(str::to_owned);
    for row in docs.get("endpoints").map(Json::elements).unwrap_or_default() {
        let Some(region) = row.text_of("regionId") else {
            context.decide("endpoint", "a row without a region; dropped");
            continue;
        };
        let public = row.text_of("public").or_else(|| row.text_of("endpoint"));
        for (text, table) in [(public, &mut endpoints.regions), (row.text_of("vpc"), &mut endpoints.vpc_regions)] {
            let Some(host) = text.and_then(|text| host(context, region, text)) else { continue };
            if let Some(known) = table.get(region).filter(|known| **known != host) {
                let detail = format!("`{host}` is a second host of {region}; `{known}` is kept");
                context.decide("endpoint", detail);
                continue;
            }
            table.insert(region.to_owned(), host);
        }
    }
    Ok(endpoints)
}

/// The hosts of protocols that put the region elsewhere than the rules do, as their documents have them.
fn patterns(protocol: Protocol) -> Option<&'static [(Network, &'static str)]> {
    match protocol {
        Protocol::Sls => Some(&[
            (Network::Public, "{region}.log.aliyuncs.com"),
            (Network::Vpc, "{region}-intranet.log.aliyuncs.com"),
            (Network::Share, "{region}-share.log.aliyuncs.com"),
            (Network::Accelerate, "log-global.aliyuncs.com"),
        ]),
        Protocol::Oss => Some(&[
            (Network::Public, "oss-{region}.aliyuncs.com"),
            (Network::Vpc, "oss-{region}-internal.aliyuncs.com"),
            (Network::Accelerate, "oss-accelerate.aliyuncs.com"),
        ]),
        Protocol::Pds => Some(&[(Network::Public, "api.aliyunpds.com"), (Network::Vpc, "api-vpc.aliyunpds.com")]),
        Protocol::Standard | Protocol::Fc | Protocol::Aligenie => None,
    }
}

/// A bare host name of the vendor.
fn host(context: &mut Context, region: &str, text: &str) -> Option<String> {
    let bare = text
        .trim()
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_ascii_lowercase();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    if bare.is_empty() || !bare.contains('.') || !bare.chars().all(fits) {
        context.decide("endpoint", format!("`{text}` of {region} is no host name; dropped"));
        return None;
    }
    if !is_vendor_host(&bare) {
        context.decide("endpoint", format!("`{text}` of {region} is outside of the vendor's domains; dropped"));
        return None;
    }
    if bare != text {
        context.decide("endpoint", format!("`{text}` of {region} is read as `{bare}`"));
    }
    Some(bare)
}
