//! Which proxy a connection goes through. Our own parser: the usual ones match `NO_PROXY` loosely and
//! print passwords.

use std::{fmt, net::IpAddr, sync::Arc};

use crate::{
    config::env,
    credentials::Secret,
    endpoint::{check_authority, is_loopback},
    error::ConfigError,
};

/// Proxies by the scheme of the request.
///
/// By default those of the environment: `HTTPS_PROXY` and `HTTP_PROXY`, else `ALL_PROXY`, except for the
/// hosts in `NO_PROXY` and for this machine; the names may be in lower case, too. HTTPS always goes
/// through a tunnel (`CONNECT`), so that a proxy sees host names and nothing else. User name and password
/// stand in the URL of the proxy; they are sent to the proxy alone and never printed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    Environment,
    Fixed(Arc<Rules>),
}

/// What a connection is checked against.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    http: Option<ProxyUrl>,
    https: Option<ProxyUrl>,
    except: Exceptions,
    /// Whether this machine is reached directly.
    local_is_direct: bool,
}

impl Proxies {
    /// Those of the environment.
    pub fn environment() -> Self {
        Self(Source::Environment)
    }

    /// None, whatever the environment says.
    pub fn none() -> Self {
        Self(Source::Fixed(Arc::default()))
    }

    /// One proxy for everything: `http://`, `https://`, `socks5://` or `socks5h://`, host and port,
    /// possibly `user:password@` in front of the host.
    ///
    /// # Errors
    /// The URL is not of this form.
    pub fn all(url: &str) -> Result<Self, ConfigError> {
        let proxy = ProxyUrl::parse(url)?;
        let rules = Rules { http: Some(proxy.clone()), https: Some(proxy), ..Rules::default() };
        Ok(Self(Source::Fixed(Arc::new(rules))))
    }

    /// Hosts that are reached directly, in the form of `NO_PROXY`: names, which stand for their
    /// subdomains, too, addresses, networks such as `10.0.0.0/8`, `*` for all; separated by commas.
    /// Without effect on the proxies of the environment, which bring their own.
    #[must_use]
    pub fn except(self, hosts: &str) -> Self {
        match self.0 {
            Source::Fixed(rules) => {
                Self(Source::Fixed(Arc::new(Rules { except: Exceptions::parse(hosts), ..(*rules).clone() })))
            }
            Source::Environment => self,
        }
    }

    /// Whether the proxies make sense.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.rules().map(drop)
    }

    /// The rules to follow; reads the environment when it is asked to.
    pub(super) fn rules(&self) -> Result<Arc<Rules>, ConfigError> {
        match &self.0 {
            Source::Fixed(rules) => Ok(Arc::clone(rules)),
            Source::Environment => Rules::read(env).map(Arc::new),
        }
    }
}

impl Rules {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| variable(name).or_else(|| variable(&name.to_ascii_lowercase()));
        let all = get("ALL_PROXY");
        // A web server hands the header `Proxy` of a request to its children as HTTP_PROXY.
        let http = if variable("REQUEST_METHOD").is_some() { variable("http_proxy") } else { get("HTTP_PROXY") };
        let parse = |name: &str, url: Option<String>| {
            let url = url.or_else(|| all.clone());
            url.map(|url| ProxyUrl::parse(&url)).transpose().map_err(|error| ConfigError {
                message: format!("the environment variable {name} (or ALL_PROXY): {}", error.message),
            })
        };
        Ok(Self {
            http: parse("HTTP_PROXY", http)?,
            https: parse("HTTPS_PROXY", get("HTTPS_PROXY"))?,
            except: get("NO_PROXY").map(|hosts| Exceptions::parse(&hosts)).unwrap_or_default(),
            local_is_direct: true,
        })
    }

    /// The proxy on the way to a host.
    pub(super) fn proxy_for(&self, https: bool, host: &str, port: Option<u16>) -> Option<&ProxyUrl> {
        let proxy = if https { self.https.as_ref()? } else { self.http.as_ref()? };
        let is_direct = self.local_is_direct && is_loopback(host);
        (!is_direct && !self.except.hold(host, port)).then_some(proxy)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }
}

/// Where a proxy is.
#[derive(Clone)]
pub(super) struct ProxyUrl {
    scheme: &'static str,
    authority: String,
    /// `user:password`, percent-encoded as in the URL.
    user: Option<Secret>,
}

impl ProxyUrl {
    fn parse(text: &str) -> Result<Self, ConfigError> {
        // The text may hold a password: no message repeats it.
        let error = |problem: &str| ConfigError {
            message: format!("the URL of the proxy {problem}; it should look like http://proxy.example.com:3128"),
        };
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        let scheme = ["http", "https", "socks5", "socks5h"]
            .into_iter()
            .find(|known| scheme.eq_ignore_ascii_case(known))
            .ok_or_else(|| error("has an unknown scheme (http, https, socks5 and socks5h are known)"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        check_authority(authority).map_err(error)?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"/?#@\"<>\\^`{|}".contains(&byte);
        if user.is_some_and(|user| !user.bytes().all(is_plain)) {
            return Err(error("has a user name or password with characters that must be percent-encoded"));
        }
        Ok(Self { scheme, authority: authority.to_owned(), user: user.map(Secret::new) })
    }

    /// The URL with user name and password.
    pub(super) fn expose(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{}@", user.expose())).unwrap_or_default();
        format!("{}://{user}{}", self.scheme, self.authority)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = if self.user.is_some() { "**@" } else { "" };
        write!(f, "{}://{user}{}", self.scheme, self.authority)
    }
}

/// Hosts that are reached directly.
#[derive(Clone, Debug, Default)]
struct Exceptions(Vec<(Exception, Option<u16>)>);

#[derive(Clone, Debug)]
enum Exception {
    All,
    /// A name and its subdomains.
    Name(String),
    /// An address and the number of its bits that count.
    Network(IpAddr, u8),
}

impl Exceptions {
    /// Entries that make no sense match nothing.
    fn parse(text: &str) -> Self {
        let entries = text.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(parse_exception).collect())
    }

    fn hold(&self, host: &str, port: Option<u16>) -> bool {
        let host = bare(host);
        let address = host.parse::<IpAddr>().ok();
        self.0.iter().any(|(exception, only)| {
            let same_port = only.is_none() || *only == port;
            same_port
                && match exception {
                    Exception::All => true,
                    Exception::Name(name) => is_within(&host.to_ascii_lowercase(), name),
                    Exception::Network(network, bits) => {
                        address.is_some_and(|address| in_network(address, *network, *bits))
                    }
                }
        })
    }
}

fn parse_exception(entry: &str) -> Option<(Exception, Option<u16>)> {
    if let Some((network, bits)) = entry.split_once('/') {
        return Some((Exception::Network(network.parse().ok()?, bits.parse().ok()?), None));
    }
    if let Ok(address) = bare(entry).parse::<IpAddr>() {
        return Some((Exception::Network(address, 128), None));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    let exception = match bare(host).parse() {
        Ok(address) => Exception::Network(address, 128),
        Err(_) if host == "*" => Exception::All,
        Err(_) => Exception::Name(host.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase()),
    };
    Some((exception, port))
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Label by label: `aliyuncs.com` holds `ecs.aliyuncs.com` and not `evilaliyuncs.com`.
fn is_within(host: &str, name: &str) -> bool {
    !name.is_empty() && host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let prefix = |length: u8, bits: u8| u32::from(length.saturating_sub(bits));
    match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let difference = u32::from(one) ^ u32::from(other);
            difference.checked_shr(prefix(32, bits.min(32))).unwrap_or(0) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let difference = u128::from(one) ^ u128::from(other);
            difference.checked_shr(prefix(128, bits.min(128))).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Rules, ConfigError> {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        Rules::read(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    fn shown(rules: &Rules, https: bool, host: &str) -> Option<String> {
        rules.proxy_for(https, host, Some(443)).map(ProxyUrl::expose)
    }

    #[test]
    fn the_environment_by_scheme() {
        let rules = environment(&[
            ("HTTPS_PROXY", "http://user:p%40ss@proxy:3128"),
            ("http_proxy", "proxy:80"),
            ("ALL_PROXY", "socks5h://all:1080/"),
        ])
        .unwrap();
        assert_eq!(shown(&rules, true, "a.com").unwrap(), "http://user:p%40ss@proxy:3128");
        assert_eq!(shown(&rules, false, "a.com").unwrap(), "http://proxy:80");
        let rules = environment(&[("ALL_PROXY", "socks5h://all:1080/")]).unwrap();
        assert_eq!(shown(&rules, true, "a.com").unwrap(), "socks5h://all:1080");
        assert!(environment(&[]).unwrap().is_empty());
    }

    #[test]
    fn this_machine_and_web_servers() {
        let rules = environment(&[("ALL_PROXY", "proxy:80")]).unwrap();
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(shown(&rules, false, host), None, "{host}");
        }
        let rules = environment(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:80")]).unwrap();
        assert_eq!(shown(&rules, false, "a.com"), None);
    }

    #[test]
    fn exceptions_match_by_label() {
        let cases = [
            ("aliyuncs.com", "aliyuncs.com", true),
            ("aliyuncs.com", "ecs.aliyuncs.com", true),
            ("aliyuncs.com", "ECS.aliyunCS.com", true),
            (".aliyuncs.com", "ecs.aliyuncs.com", true),
            ("*.aliyuncs.com", "ecs.aliyuncs.com", true),
            ("aliyuncs.com", "evilaliyuncs.com", false),
            ("aliyuncs.com", "aliyuncs.com.evil.com", false),
            ("a.c", "abc", false),
            ("*", "anything", true),
            ("x, aliyuncs.com y", "aliyuncs.com", true),
            ("aliyuncs.com:443", "aliyuncs.com", true),
            ("aliyuncs.com:444", "aliyuncs.com", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("10.0.0.0/99", "10.0.0.0", true),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.10", false),
            ("::1", "[::1]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("10.0.0.0/x", "10.0.0.0", false),
            ("", "a", false),
            (".", "a", false),
        ];
        for (list, host, expected) in cases {
            let proxies = Proxies::all("proxy:80").unwrap().except(list);
            let found = proxies.rules().unwrap().proxy_for(true, host, Some(443)).is_none();
            assert_eq!(found, expected, "{list:?} and {host:?}");
        }
    }

    #[test]
    fn passwords_are_never_printed() {
        let proxies = Proxies::all("http://user:canary@proxy:80").unwrap();
        let printed = format!("{proxies:?} {proxies:#?} {:?}", proxies.rules());
        assert!(printed.contains("http://**@proxy:80") && !printed.contains("canary"), "{printed}");
        for wrong in [
            "ftp://user:canary@proxy",
            "http://user:canary@pro xy",
            "http://user:canary#@proxy",
            "http://canary@",
            "canary@:80",
        ] {
            let error = Proxies::all(wrong).unwrap_err();
            assert!(!format!("{error:?} {}", error.message).contains("canary"), "{error:?}");
        }
    }
}
