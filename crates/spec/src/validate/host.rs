//! Endpoints.

use super::Checker;
use crate::Endpoints;

impl<'a> Checker<'a> {
    pub(super) fn endpoints(&mut self, endpoints: &'a Endpoints) {
        if let Some(prefix) = &endpoints.prefix {
            let wrong = !prefix.split('.').all(is_label);
            self.wrong("prefix", wrong, format!("`{prefix}` cannot begin a host name"));
        }
        self.wrong(
            "patterns",
            endpoints.rule.is_some() && !endpoints.patterns.is_empty(),
            "stand instead of a rule; there are both",
        );
        for (network, pattern) in &endpoints.patterns {
            self.at("patterns", |this| {
                let key = format!("{network:?}").to_lowercase();
                this.at(key.as_str(), |this| this.host(&pattern.replace("{region}", "region")));
            });
        }
        if let Some(host) = &endpoints.global {
            self.at("global", |this| this.host(host));
        }
        for (key, table) in [("regions", &endpoints.regions), ("vpcRegions", &endpoints.vpc_regions)] {
            self.at(key, |this| {
                for (region, host) in table {
                    this.at(region.as_str(), |this| {
                        if !is_region(region) {
                            this.say(format!("`{region}` is not a region name, which is like `cn-hangzhou`"));
                        }
                        this.host(host);
                    });
                }
            });
        }
    }

    fn host(&mut self, host: &str) {
        if host.len() > 253 || !host.contains('.') || !host.split('.').all(is_label) {
            self.say(format!("`{host}` is not a host name; write it without scheme, port and path, in lower case"));
        } else if !is_vendor_host(host) {
            self.say(format!("`{host}` is outside of the vendor's domains; requests to it would carry credentials"));
        }
    }
}

/// Domains that belong to the vendor, as the core knows them.
const DOMAINS: [&str; 5] = [".aliyuncs.com", ".aliyun.com", ".alibabacloud.com", ".aligenie.com", ".aliyunpds.com"];

/// Whether a host name in lower case, without port, is in a domain of the vendor. In any other domain
/// somebody else could register the name, and would be sent what is signed for the service.
pub fn is_vendor_host(host: &str) -> bool {
    DOMAINS.iter().any(|domain| host.ends_with(domain))
}

/// A label of a host name; underscores occur in hosts of the vendor.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}

fn is_region(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('_') && is_label(name)
}

#[cfg(test)]
mod tests {
    use super::DOMAINS;

    /// The core decides at run time, and this crate does not depend on it.
    #[test]
    fn the_domains_are_those_of_the_core() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src/endpoint/host.rs");
        let core = std::fs::read_to_string(path).unwrap();
        let list = core.split_once("const KNOWN").and_then(|(_, rest)| rest.split_once("];")).unwrap().0;
        let known: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(known, DOMAINS);
    }
}
