//! What may become part of a host name. Checked on bytes, before any URL is built, because URL parsers
//! forgive too much.

/// A region, product or account that becomes a label of a host.
pub(crate) fn check_label(label: &str) -> Result<(), &'static str> {
    let bytes = label.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if bytes.len() > 63 {
        Err("is longer than 63 characters")
    } else if edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner) {
        Ok(())
    } else {
        Err("is no host label: lower-case letters, digits and inner hyphens only")
    }
}

/// A host with an optional port, as a user gives it.
pub(crate) fn check_authority(authority: &str) -> Result<(), &'static str> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().is_err()) {
        return Err("has a port that is no number below 65536");
    }
    let is_ipv6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let is_name = host.len() <= 253
        && !host.is_empty()
        && host.split('.').all(|label| !label.is_empty() && check_label(&label.to_ascii_lowercase()).is_ok());
    if is_ipv6 || is_name { Ok(()) } else { Err("is no host name") }
}

/// Domains that belong to the vendor.
const KNOWN: [&str; 5] = [".aliyuncs.com", ".aliyun.com", ".alibabacloud.com", ".aligenie.com", ".aliyunpds.com"];

/// Whether a host without port belongs to the vendor.
pub(crate) fn is_known(host: &str) -> bool {
    check_authority(host).is_ok() && KNOWN.iter().any(|domain| host.ends_with(domain))
}

/// Whether a host, with or without port, is this machine.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that URL parsers or people take for something else than they are.
    fn bad_labels() -> Vec<String> {
        let mut labels: Vec<String> = [
            "",
            "x@evil.com:443/#",
            "a.b",
            "a\n",
            "\na",
            "a\r\nHost: b",
            "a\0",
            "a\tb",
            " a",
            "a ",
            "a b",
            "-a",
            "a-",
            "-",
            "A",
            "CN-HANGZHOU",
            "a_b",
            "a/b",
            "a\\b",
            "a?b",
            "a#b",
            "a:b",
            "a%b",
            "a%2eb",
            "..",
            ".",
            "a..b",
            "[::1]",
            "a;b",
            "a&b",
            "a=b",
            "a+b",
            "a*b",
            "a,b",
            "a'b",
            "a\"b",
            "a<b",
            "a>b",
            "a|b",
            "a^b",
            "a`b",
            "a{b",
            "a}b",
            "a~b",
            "a!b",
            "a$b",
            "a(b",
            "a)b",
            "evil.com/",
            "@",
            "a@b",
            "ａ",
            "cn－hangzhou",
            "a。b",
            "a．b",
            "a｡b",
            "é",
            "😀",
            "ß",
            "ſ",
            "ı",
            "\u{200b}a",
            "a\u{ad}",
            "\u{feff}a",
            "xn--\u{e9}",
            "а",
            "١",
        ]
        .map(str::to_owned)
        .to_vec();
        labels.push("a".repeat(64));
        labels.push("a".repeat(10_000));
        for byte in (0..=127_u8).filter(|byte| !byte.is_ascii_lowercase() && !byte.is_ascii_digit()) {
            labels.push(format!("{}a", char::from(byte)));
            labels.push(format!("a{}", char::from(byte)));
            if byte != b'-' {
                labels.push(format!("a{}b", char::from(byte)));
            }
        }
        labels
    }

    #[test]
    fn nothing_but_a_label_is_a_label() {
        let bad = bad_labels();
        assert!(bad.len() >= 200, "{}", bad.len());
        for label in bad {
            assert!(check_label(&label).is_err(), "{label:?}");
        }
        for label in ["a", "1", "cn-hangzhou", "cn-beijing-nu16-b01", "a--b", &"a".repeat(63)] {
            assert!(check_label(label).is_ok(), "{label:?}");
        }
    }

    #[test]
    fn authorities() {
        for good in ["a.b", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080", "localhost:65535", "Ecs.AliyunCS.com"] {
            assert!(check_authority(good).is_ok(), "{good}");
        }
        for bad in [
            "", ":80", "a:", "a:65536", "a:-1", "a:+80", "a:80:80", "a..b", ".a", "a.", "a/b", "a@b", "a b", "::1",
            "[::1", "::1]", "[::1]a", "[g::1]", "a\n", "a?b", "a#b", "a%b", "a\\b", "é.com", "a:80/", "[::1]:x",
        ] {
            assert!(check_authority(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_of_the_vendor() {
        for host in ["ecs.aliyuncs.com", "ecs-vpc.cn-hangzhou.aliyuncs.com"] {
            assert!(is_known(host), "{host}");
        }
        for host in [
            "evil.com",
            "evilaliyuncs.com",
            "aliyuncs.com.evil.com",
            "aliyuncs.com",
            ".aliyuncs.com",
            "x@.aliyuncs.com",
            "evil.com/.aliyuncs.com",
            "evil.com:80#.aliyuncs.com",
        ] {
            assert!(!is_known(host), "{host}");
        }
    }

    #[test]
    fn this_machine() {
        for host in ["localhost", "localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.evil.com", "10.0.0.1", "127.0.0.1.evil.com", "[::2]:80", "100.100.100.200"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
