//! Smart access gateways and their versions.

use serde_json::{Value, json};

use super::{Answer, Now, new_id, page, text};
use crate::answer::Random;
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Gateway {
    id: String,
    name: String,
    version: String,
    created: i64,
}

impl Gateway {
    pub(super) fn online(id: &str, version: &str) -> Self {
        Self { id: id.to_owned(), name: id.to_owned(), version: version.to_owned(), created: 0 }
    }

    fn shown(&self) -> Value {
        json!({
            "SmartAGId": self.id,
            "Name": self.name,
            "Status": "Active",
            "SoftwareVersion": self.version,
            "CreateTime": self.created,
        })
    }

    fn fits(&self, call: &Call) -> bool {
        let equal = |name: &str, value: &str| call.text(name).is_none_or(|wanted| wanted.is_empty() || wanted == value);
        let ids = call.parameters.get("SmartAGIds").and_then(Value::as_array);
        equal("SmartAGId", &self.id)
            && equal("Name", &self.name)
            && equal("SoftwareVersion", &self.version)
            && equal("Status", "Active")
            && ids.is_none_or(|ids| ids.iter().any(|id| id == self.id.as_str()))
    }
}

pub(super) fn answer(gateways: &mut Vec<Gateway>, random: &mut Random, call: &Call, now: Now) -> Option<Answer> {
    let id = text(call, "SmartAGId");
    Some(match call.operation.as_str() {
        "CreateSmartAccessGateway" => {
            let mut gateway = Gateway { created: now.millis, ..Gateway::online(&new_id("sag-", random), "2.0.0") };
            if let Some(name) = call.text("Name") {
                gateway.name = name;
            }
            let answer = json!({"SmartAGId": gateway.id, "Name": gateway.name, "OrderId": random.word()});
            gateways.push(gateway);
            Ok(answer)
        }
        "DescribeSmartAccessGateways" => {
            let fitting = gateways.iter().filter(|gateway| gateway.fits(call));
            page::cut(fitting.map(Gateway::shown).collect(), call, now).map(|page| {
                json!({
                    "SmartAccessGateways": {"SmartAccessGateway": page.items},
                    "PageNumber": page.number,
                    "PageSize": page.size,
                    "TotalCount": page.total,
                })
            })
        }
        "DescribeSmartAccessGatewayAttribute" => known(gateways, &id).map(|gateway| {
            let mut shown = gateway.shown();
            shown["Devices"] = json!({"Device": [{"SoftwareVersion": gateway.version}]});
            shown
        }),
        "UpdateSmartAccessGatewayVersion" => known(gateways, &id).and_then(|gateway| {
            let wanted = text(call, "VersionCode");
            if numbers(&wanted) < numbers(&gateway.version) {
                let message = format!("The version {wanted} is older than {}.", gateway.version);
                return Err(ServiceError::new(403, "VersionTooOld", message));
            }
            gateway.version = wanted;
            Ok(json!({}))
        }),
        "DescribeSmartAccessGatewayVersions" => known(gateways, &id)
            .map(|gateway| json!({"SmartAGVersions": {"SmartAGVersion": [{"VersionCode": gateway.version}]}})),
        "DeleteSmartAccessGateway" => known(gateways, &text(call, "InstanceId")).map(|_| ()).map(|()| {
            let id = text(call, "InstanceId");
            gateways.retain(|gateway| gateway.id != id);
            json!({})
        }),
        _ => return None,
    })
}

fn known<'a>(gateways: &'a mut [Gateway], id: &str) -> Result<&'a mut Gateway, ServiceError> {
    gateways.iter_mut().find(|gateway| gateway.id == id).ok_or_else(|| {
        ServiceError::new(403, "InvalidId.SMARTAG", format!("The smart access gateway {id} does not exist."))
    })
}

/// `1.10.2` comes after `1.9.0`.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}
