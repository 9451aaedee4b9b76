//! Temporary keys as the sources spell them.

use std::time::{Duration, SystemTime};

use super::{Credentials, CredentialsKind, Secret};
use crate::Document;

/// Names of the members of an answer.
pub(super) struct Names {
    id: &'static str,
    secret: &'static str,
    token: &'static str,
    expiration: &'static str,
}

/// STS, the metadata service, CloudSSO and credentials URIs.
pub(super) const PASCAL: Names =
    Names { id: "AccessKeyId", secret: "AccessKeySecret", token: "SecurityToken", expiration: "Expiration" };
/// The OAuth service.
pub(super) const CAMEL: Names =
    Names { id: "accessKeyId", secret: "accessKeySecret", token: "securityToken", expiration: "expiration" };

/// Reads a temporary key: all four members must be there. The error names what is missing, never what is
/// there.
pub(super) fn temporary(document: &Document, names: &Names, provider: &str) -> Result<Credentials, String> {
    let member = |name: &'static str| {
        let text = document.get(name).and_then(Document::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| format!("the answer lacks {name}"))
    };
    let (id, secret, token) = (member(names.id)?, member(names.secret)?, member(names.token)?);
    let expires_at =
        time(member(names.expiration)?).ok_or_else(|| format!("{} of the answer is no date", names.expiration))?;
    let kind =
        CredentialsKind::AccessKey { id: id.to_owned(), secret: Secret::new(secret), token: Some(Secret::new(token)) };
    Ok(Credentials::new(kind, provider).expiring_at(expires_at))
}

/// Reads a date such as `2024-01-02T03:04:05Z`; fractions of a second and offsets are understood.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    text.trim().parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

/// Reads seconds since 1970, as number or text. Zero means: none.
pub(super) fn epoch(document: &Document) -> Option<SystemTime> {
    let seconds: u64 = document.scalar()?.parse().ok().filter(|seconds| *seconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
