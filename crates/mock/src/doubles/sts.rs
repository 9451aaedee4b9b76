//! The security token service.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Settings, issue};
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::keys::Keyring;
use crate::stub::Call;

const ACCOUNT: &str = "1234567890123456";

pub(super) fn answer(
    settings: &mut Settings,
    call: &Call,
    keys: &Keyring,
    clock: &Clock,
) -> Option<Result<Value, ServiceError>> {
    Some(match call.operation.as_str() {
        "GetCallerIdentity" => Ok(json!({
            "AccountId": ACCOUNT,
            "Arn": format!("acs:ram::{ACCOUNT}:root"),
            "IdentityType": "Account",
            "PrincipalId": ACCOUNT,
            "UserId": ACCOUNT,
        })),
        "AssumeRole" | "AssumeRoleWithOIDC" | "AssumeRoleWithSAML" => {
            assume(settings, call, &call.text("RoleArn")?, keys, clock)
        }
        _ => return None,
    })
}

fn assume(
    settings: &mut Settings,
    call: &Call,
    arn: &str,
    keys: &Keyring,
    clock: &Clock,
) -> Result<Value, ServiceError> {
    let role = arn.strip_prefix("acs:ram::").and_then(|rest| rest.split_once(":role/")).ok_or_else(|| {
        ServiceError::new(
            400,
            "InvalidParameter.RoleArn",
            format!("`{arn}` is not of the form acs:ram::<account>:role/<name>."),
        )
    })?;
    let seconds = call.parameters.get("DurationSeconds").and_then(Value::as_u64);
    if seconds.is_some_and(|seconds| !(900..=43_200).contains(&seconds)) {
        let message = "DurationSeconds has to be from 900 to 43200.";
        return Err(ServiceError::new(400, "InvalidParameter.DurationSeconds", message));
    }
    if let Some(policy) = call.text("Policy").filter(|policy| !policy.is_empty())
        && serde_json::from_str::<Value>(&policy).is_err()
    {
        return Err(ServiceError::new(400, "InvalidParameter.PolicyGrammar", "The policy is not JSON."));
    }
    let issued = issue(settings, seconds.map(Duration::from_secs), keys, clock)?;
    let session = call.text("RoleSessionName").unwrap_or_else(|| "session".to_owned());
    Ok(json!({
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{}:role/{}/{session}", role.0, role.1),
            "AssumedRoleId": format!("300000000000000000:{session}"),
        },
        "Credentials": {
            "AccessKeyId": issued.id,
            "AccessKeySecret": issued.secret,
            "SecurityToken": issued.token,
            "Expiration": issued.expiration,
        },
    }))
}
