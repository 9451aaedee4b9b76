//! Sign-in tokens for credentials: OAuth and CloudSSO.

use serde_json::{Value, json};

use super::{Settings, bearer, issue};
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::keys::Keyring;
use crate::reply::Reply;
use crate::request::Request;

pub(super) fn oauth(
    settings: &mut Settings,
    request: &Request,
    keys: &Keyring,
    clock: &Clock,
) -> Result<Reply, ServiceError> {
    if request.method != http::Method::POST {
        return Err(ServiceError::new(405, "UnsupportedHTTPMethod", "The exchange takes POST."));
    }
    if bearer(request) != settings.access_token {
        return Ok(Reply::document(
            401,
            json!({"error": "invalid_token", "error_description": "unknown access token"}),
        ));
    }
    let issued = issue(settings, None, keys, clock)?;
    Ok(Reply::document(
        200,
        json!({
            "requestId": settings.random.word(),
            "accessKeyId": issued.id,
            "accessKeySecret": issued.secret,
            "securityToken": issued.token,
            "expiration": issued.expiration,
        }),
    ))
}

pub(super) fn refresh(settings: &mut Settings, request: &Request) -> Result<Reply, ServiceError> {
    let refused = |error: &str| Ok(Reply::document(400, json!({"error": error})));
    match (request.parameter("grant_type"), request.parameter("refresh_token")) {
        (Some("refresh_token"), Some(token)) if token == settings.refresh_token => {
            settings.access_token = format!("access-{}", settings.random.word());
            settings.refresh_token = format!("refresh-{}", settings.random.word());
            Ok(Reply::document(
                200,
                json!({
                    "access_token": settings.access_token,
                    "refresh_token": settings.refresh_token,
                    "token_type": "Bearer",
                    "expires_in": 10_800,
                }),
            ))
        }
        (Some("refresh_token"), _) => refused("invalid_grant"),
        _ => refused("unsupported_grant_type"),
    }
}

pub(super) fn cloud_sso(
    settings: &mut Settings,
    request: &Request,
    keys: &Keyring,
    clock: &Clock,
) -> Result<Reply, ServiceError> {
    if bearer(request) != settings.access_token {
        return Err(ServiceError::new(401, "InvalidAccessToken", "The access token is not known."));
    }
    let wanted: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    for name in ["AccountId", "AccessConfigurationId"] {
        if wanted[name].as_str().is_none_or(str::is_empty) {
            return Err(ServiceError::missing(name));
        }
    }
    let issued = issue(settings, None, keys, clock)?;
    Ok(Reply::document(
        200,
        json!({
            "CloudCredential": {
                "AccessKeyId": issued.id,
                "AccessKeySecret": issued.secret,
                "SecurityToken": issued.token,
                "Expiration": issued.expiration,
            },
            "RequestId": settings.random.word(),
        }),
    ))
}
