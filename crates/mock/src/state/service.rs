//! Service instances of Compute Nest.

use serde_json::{Value, json};

use super::{Answer, Now, Progress, new_id, page, text};
use crate::answer::Random;
use crate::clock;
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Service {
    id: String,
    name: String,
    version: String,
    created: i64,
    /// What is under way, and the version that the instance has when it is done.
    change: Option<Change>,
    history: Vec<Upgrade>,
}

#[derive(Debug)]
struct Change {
    state: &'static str,
    version: String,
    progress: Progress,
}

/// An upgrade, or the way back.
#[derive(Debug)]
struct Upgrade {
    kind: &'static str,
    from: String,
    to: String,
    began: i64,
    ended: Option<i64>,
}

impl Service {
    pub(super) fn deployed(id: &str, version: &str) -> Self {
        let version = version.to_owned();
        Self { id: id.to_owned(), name: id.to_owned(), version, created: 0, change: None, history: Vec::new() }
    }

    fn begin(&mut self, kind: &'static str, version: String, now: Now) {
        let from = self.version.clone();
        self.history.push(Upgrade { kind, from, to: version.clone(), began: now.millis, ended: None });
        self.change = Some(Change { state: "Upgrading", version, progress: Progress::begin(now) });
    }

    /// Goes on with what is under way, counting this question.
    fn ask(&mut self, now: Now) {
        if self.change.as_mut().is_some_and(|change| change.progress.ask(now) >= 1.0) {
            self.version = self.change.take().map(|change| change.version).unwrap_or_default();
            for upgrade in self.history.iter_mut().filter(|upgrade| upgrade.ended.is_none()) {
                upgrade.ended = Some(now.millis);
            }
        }
    }

    fn state(&self) -> &'static str {
        self.change.as_ref().map_or("Deployed", |change| change.state)
    }

    fn shown(&self, now: Now) -> Value {
        let done = self.change.as_ref().map_or(1.0, |change| change.progress.done(now));
        json!({
            "ServiceInstanceId": self.id,
            "Name": self.name,
            "Status": self.state(),
            "Progress": (done * 100.0).floor() as i64,
            "ServiceVersion": self.version,
            "Service": {"Version": self.version},
            "CreateTime": clock::iso8601(self.created),
        })
    }

    fn fits(&self, call: &Call) -> bool {
        let filters = call.parameters.get("Filter").and_then(Value::as_array);
        filters.into_iter().flatten().all(|filter| {
            let value = match filter["Name"].as_str() {
                Some("ServiceInstanceId") => self.id.as_str(),
                Some("ServiceInstanceName" | "Name") => self.name.as_str(),
                Some("Status") => self.state(),
                // Nothing is known about the others.
                _ => return true,
            };
            filter["Value"].as_array().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == value))
        })
    }
}

pub(super) fn answer(services: &mut Vec<Service>, random: &mut Random, call: &Call, now: Now) -> Option<Answer> {
    let id = text(call, "ServiceInstanceId");
    Some(match call.operation.as_str() {
        "CreateServiceInstance" => {
            let id = new_id("si-", random);
            let version = call.text("ServiceVersion").unwrap_or_else(|| "1".to_owned());
            let mut service = Service { created: now.millis, ..Service::deployed(&id, &version) };
            if let Some(name) = call.text("Name") {
                service.name = name;
            }
            service.change = Some(Change { state: "Deploying", version, progress: Progress::begin(now) });
            services.push(service);
            Ok(json!({"ServiceInstanceId": id, "Status": "Created"}))
        }
        "ListServiceInstances" => {
            services.iter_mut().for_each(|service| service.ask(now));
            let fitting = services.iter().filter(|service| service.fits(call));
            page::cut_by_token(fitting.map(|service| service.shown(now)).collect(), call, now).map(|page| {
                json!({
                    "ServiceInstances": page.items,
                    "TotalCount": page.total,
                    "MaxResults": page.size,
                    "NextToken": page.next,
                })
            })
        }
        "GetServiceInstance" => known(services, &id).map(|service| {
            service.ask(now);
            service.shown(now)
        }),
        "UpgradeServiceInstance" => known(services, &id).map(|service| {
            if text(call, "DryRun") != "true" {
                service.begin("Upgrade", text(call, "ServiceVersion"), now);
            }
            json!({"ServiceInstanceId": id, "Status": service.state(), "UpgradeRequiredParameters": []})
        }),
        "RollbackServiceInstance" => known(services, &id).and_then(|service| {
            let Some(version) = service.history.last().map(|upgrade| upgrade.from.clone()) else {
                let message = format!("The service instance {id} was never upgraded.");
                return Err(ServiceError::new(400, "OperationDenied.ServiceInstanceStatus", message));
            };
            service.begin("Rollback", version, now);
            Ok(json!({"ServiceInstanceId": id, "Status": service.state()}))
        }),
        "ListServiceInstanceUpgradeHistory" => known(services, &id).and_then(|service| {
            let upgrades = service.history.iter().rev().map(|upgrade| {
                json!({
                    "Type": upgrade.kind,
                    "FromVersion": upgrade.from,
                    "ToVersion": upgrade.to,
                    "Status": if upgrade.ended.is_some() { "Succeeded" } else { "Upgrading" },
                    "StartTime": clock::iso8601(upgrade.began),
                    "EndTime": upgrade.ended.map(clock::iso8601),
                })
            });
            page::cut_by_token(upgrades.collect(), call, now).map(|page| {
                json!({
                    "UpgradeHistory": page.items,
                    "TotalCount": page.total,
                    "MaxResults": page.size,
                    "NextToken": page.next,
                })
            })
        }),
        "DeleteServiceInstances" => {
            let ids = call.parameters.get("ServiceInstanceId").and_then(Value::as_array).cloned().unwrap_or_default();
            let ids: Vec<&str> = ids.iter().filter_map(Value::as_str).collect();
            let gone = ids.iter().find(|id| services.iter().all(|service| service.id != **id));
            match gone {
                Some(id) => Err(unknown(id)),
                None => {
                    services.retain(|service| !ids.contains(&service.id.as_str()));
                    Ok(json!({}))
                }
            }
        }
        _ => return None,
    })
}

fn known<'a>(services: &'a mut [Service], id: &str) -> Result<&'a mut Service, ServiceError> {
    services.iter_mut().find(|service| service.id == id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> ServiceError {
    ServiceError::new(404, "EntityNotExist.ServiceInstance", format!("The service instance {id} does not exist."))
}
