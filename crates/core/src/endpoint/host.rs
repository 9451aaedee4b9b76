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
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
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
