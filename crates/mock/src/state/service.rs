//! Service instances of Compute Nest.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Answer, Now, Progress, text};
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Service {
    version: String,
    upgrade: Option<(String, Progress)>,
}

impl Service {
    pub(super) fn deployed(version: &str) -> Self {
        Self { version: version.to_owned(), upgrade: None }
    }

    /// The state, counting this question.
    fn ask(&mut self, now: Now) -> &'static str {
        if self.upgrade.as_mut().is_some_and(|(_, progress)| progress.ask(now) >= 1.0) {
            self.version = self.upgrade.take().map(|(version, _)| version).unwrap_or_default();
        }
        if self.upgrade.is_some() { "Upgrading" } else { "Deployed" }
    }
}

pub(super) fn answer(services: &mut BTreeMap<String, Service>, call: &Call, now: Now) -> Option<Answer> {
    let id = text(call, "ServiceInstanceId");
    if !matches!(call.operation.as_str(), "UpgradeServiceInstance" | "GetServiceInstance") {
        return None;
    }
    let Some(service) = services.get_mut(&id) else {
        let message = format!("The service instance {id} does not exist.");
        return Some(Err(ServiceError::new(404, "EntityNotExist.ServiceInstance", message)));
    };
    Some(Ok(match call.operation.as_str() {
        "UpgradeServiceInstance" => {
            if text(call, "DryRun") != "true" {
                service.upgrade = Some((text(call, "ServiceVersion"), Progress::begin(now)));
            }
            let state = if service.upgrade.is_some() { "Upgrading" } else { "Deployed" };
            json!({"ServiceInstanceId": id, "Status": state, "UpgradeRequiredParameters": []})
        }
        _ => {
            let state = service.ask(now);
            json!({"ServiceInstanceId": id, "Status": state, "ServiceVersion": service.version})
        }
    }))
}
