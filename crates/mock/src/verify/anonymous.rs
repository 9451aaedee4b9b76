//! Operations without authentication: credentials must stay at home.

use alicloud_spec::Operation;

use super::time::Format;
use super::{Caller, Scheme, Verifier};
use crate::checks::Check;
use crate::error::ServiceError;
use crate::request::Request;

pub(super) fn verify(
    verifier: &Verifier,
    request: &Request,
    operation: &Operation,
    scheme: Scheme,
) -> Result<Caller, ServiceError> {
    // Some operations take a token of the caller's in a header by this name.
    let declared = |name: &str| operation.parameters.iter().any(|shape| shape.name.eq_ignore_ascii_case(name));
    let carried = ["AccessKeyId", "SecurityToken", "Signature", "BearerToken"]
        .into_iter()
        .find(|name| request.parameter(name).is_some())
        .or_else(|| {
            [
                "authorization",
                "x-acs-security-token",
                "x-oss-security-token",
                "x-acs-accesskey-id",
                "x-acs-bearer-token",
            ]
            .into_iter()
            .find(|name| request.headers.contains_key(*name) && !declared(name))
        });
    if let Some(carried) = carried.filter(|_| verifier.checks.enforces(Check::Signature)) {
        return Err(ServiceError::entry(
            400,
            "CredentialsNotAllowed",
            format!("The operation takes anonymous calls only; {carried} gives credentials away."),
        ));
    }
    if scheme == Scheme::Anonymous
        && let Some(text) = request.parameter("Timestamp")
    {
        verifier.timely(Some((text, Format::Iso8601)))?;
    }
    Ok(Caller::unsigned(Scheme::Anonymous))
}
