//! Smart access gateways and their versions.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Answer, text};
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Gateway {
    version: String,
}

impl Gateway {
    pub(super) fn online(version: &str) -> Self {
        Self { version: version.to_owned() }
    }
}

pub(super) fn answer(gateways: &mut BTreeMap<String, Gateway>, call: &Call) -> Option<Answer> {
    let id = text(call, "SmartAGId");
    if !matches!(call.operation.as_str(), "UpdateSmartAccessGatewayVersion" | "DescribeSmartAccessGatewayVersions") {
        return None;
    }
    let Some(gateway) = gateways.get_mut(&id) else {
        let message = format!("The smart access gateway {id} does not exist.");
        return Some(Err(ServiceError::new(403, "InvalidId.SMARTAG", message)));
    };
    Some(match call.operation.as_str() {
        "UpdateSmartAccessGatewayVersion" => {
            let wanted = text(call, "VersionCode");
            if numbers(&wanted) < numbers(&gateway.version) {
                let message = format!("The version {wanted} is older than {}.", gateway.version);
                Err(ServiceError::new(403, "VersionTooOld", message))
            } else {
                gateway.version = wanted;
                Ok(json!({}))
            }
        }
        _ => Ok(json!({"SmartAGVersions": {"SmartAGVersion": [{"VersionCode": gateway.version}]}})),
    })
}

/// `1.10.2` comes after `1.9.0`.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}
