//! ECS instances: created, described in pages and by filters, started, stopped, deleted.

use serde_json::{Value, json};

use super::page::{self, Page};
use super::{Answer, Now, Progress, new_id, text};
use crate::answer::Random;
use crate::clock;
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    name: String,
    region: String,
    zone: String,
    kind: String,
    tags: Value,
    created: i64,
    state: &'static str,
    /// The state to come, and how far it is.
    change: Option<(&'static str, Progress)>,
}

impl Instance {
    pub(super) fn running(region: &str, random: &mut Random) -> Self {
        let id = new_id("i-", random);
        Self {
            name: id.clone(),
            id,
            region: region.to_owned(),
            zone: format!("{region}-h"),
            kind: "ecs.g7.large".to_owned(),
            tags: json!([]),
            created: 0,
            state: "Running",
            change: None,
        }
    }

    /// Goes on with what is under way, counting this question.
    fn ask(&mut self, now: Now) {
        if self.change.as_mut().is_some_and(|(_, progress)| progress.ask(now) >= 1.0) {
            self.state = self.change.take().map_or(self.state, |(state, _)| state);
        }
    }

    fn shown(&self) -> Value {
        json!({
            "InstanceId": self.id,
            "InstanceName": self.name,
            "RegionId": self.region,
            "ZoneId": self.zone,
            "InstanceType": self.kind,
            "Status": self.state,
            "CreationTime": clock::iso8601(self.created),
            "Tags": {"Tag": self.tags.as_array().into_iter().flatten().map(|tag| {
                json!({"TagKey": tag["Key"], "TagValue": tag["Value"]})
            }).collect::<Vec<_>>()},
        })
    }

    fn fits(&self, call: &Call) -> bool {
        let equal = |name: &str, value: &str| call.text(name).is_none_or(|wanted| wanted.is_empty() || wanted == value);
        let ids = call.parameters.get("InstanceIds").map(listed);
        let tags = call.parameters.get("Tag").and_then(Value::as_array);
        let tagged = |wanted: &Value| {
            let same = |tag: &Value| {
                tag["Key"] == wanted["Key"] && (wanted["Value"].is_null() || tag["Value"] == wanted["Value"])
            };
            self.tags.as_array().is_some_and(|tags| tags.iter().any(same))
        };
        equal("RegionId", &self.region)
            && equal("ZoneId", &self.zone)
            && equal("InstanceName", &self.name)
            && equal("InstanceType", &self.kind)
            && equal("Status", self.state)
            && ids.is_none_or(|ids| ids.is_empty() || ids.contains(&self.id))
            && tags.is_none_or(|tags| tags.iter().all(tagged))
    }
}

pub(super) fn answer(instances: &mut Vec<Instance>, random: &mut Random, call: &Call, now: Now) -> Option<Answer> {
    Some(match call.operation.as_str() {
        "RunInstances" | "CreateInstance" => Ok(create(instances, random, call, now)),
        "DescribeInstances" => describe(instances, call, now).map(|page| {
            json!({
                "Instances": {"Instance": page.items},
                "PageNumber": page.number,
                "PageSize": page.size,
                "TotalCount": page.total,
                "NextToken": page.next,
            })
        }),
        "DescribeInstanceStatus" => describe(instances, call, now).map(|page| {
            let state = |shown: Value| json!({"InstanceId": shown["InstanceId"], "Status": shown["Status"]});
            json!({
                "InstanceStatuses": {"InstanceStatus": page.items.into_iter().map(state).collect::<Vec<_>>()},
                "PageNumber": page.number,
                "PageSize": page.size,
                "TotalCount": page.total,
            })
        }),
        "StartInstance" | "StartInstances" => turn(instances, call, now, "Stopped", ("Starting", "Running")),
        "StopInstance" | "StopInstances" => turn(instances, call, now, "Running", ("Stopping", "Stopped")),
        "DeleteInstance" | "DeleteInstances" => delete(instances, call),
        _ => return None,
    })
}

fn create(instances: &mut Vec<Instance>, random: &mut Random, call: &Call, now: Now) -> Value {
    let amount = call.parameters.get("Amount").and_then(Value::as_u64).unwrap_or(1);
    let runs = call.operation == "RunInstances";
    let mut ids = Vec::new();
    for _ in 0..amount.min(100) {
        let mut instance = Instance::running(&text(call, "RegionId"), random);
        let given = |name: &str, value: &mut String| {
            if let Some(text) = call.text(name).filter(|text| !text.is_empty()) {
                *value = text;
            }
        };
        given("InstanceName", &mut instance.name);
        given("ZoneId", &mut instance.zone);
        given("InstanceType", &mut instance.kind);
        instance.tags = call.parameters.get("Tag").cloned().unwrap_or(json!([]));
        instance.created = now.millis;
        // RunInstances starts what it creates, CreateInstance leaves it stopped.
        instance.state = "Pending";
        instance.change = Some((if runs { "Running" } else { "Stopped" }, Progress::begin(now)));
        ids.push(instance.id.clone());
        instances.push(instance);
    }
    if runs { json!({"InstanceIdSets": {"InstanceIdSet": ids}}) } else { json!({"InstanceId": ids.first()}) }
}

fn describe(instances: &mut [Instance], call: &Call, now: Now) -> Result<Page<Value>, ServiceError> {
    let named = |instance: &Instance| {
        // DescribeInstanceStatus lists its ids by number.
        let ids = call.parameters.get("InstanceId").map(listed);
        ids.is_none_or(|ids| ids.contains(&instance.id))
    };
    let mut found = Vec::new();
    for instance in instances.iter_mut().filter(|instance| named(instance)) {
        instance.ask(now);
        if instance.fits(call) {
            found.push(instance.shown());
        }
    }
    page::cut(found, call, now)
}

fn turn(
    instances: &mut [Instance],
    call: &Call,
    now: Now,
    from: &str,
    (meanwhile, to): (&'static str, &'static str),
) -> Answer {
    let ids = ids(call);
    let positions = ids.iter().map(|id| position(instances, id)).collect::<Result<Vec<_>, _>>()?;
    let wrong = positions.iter().filter_map(|at| instances.get(*at)).find(|instance| instance.state != from);
    if let Some(instance) = wrong {
        let message = format!("The instance {} is {}, not {from}.", instance.id, instance.state);
        return Err(ServiceError::new(403, "IncorrectInstanceStatus", message));
    }
    for at in positions {
        if let Some(instance) = instances.get_mut(at) {
            instance.state = meanwhile;
            instance.change = Some((to, Progress::begin(now)));
        }
    }
    Ok(json!({}))
}

fn delete(instances: &mut Vec<Instance>, call: &Call) -> Answer {
    let force = call.text("Force").as_deref() == Some("true");
    let ids = ids(call);
    for id in &ids {
        let at = position(instances, id)?;
        if let Some(instance) = instances.get(at).filter(|instance| instance.state != "Stopped" && !force) {
            let message = format!("The instance {id} is {}; stop it first or use Force.", instance.state);
            return Err(ServiceError::new(403, "IncorrectInstanceStatus", message));
        }
    }
    instances.retain(|instance| !ids.contains(&instance.id));
    Ok(json!({}))
}

fn position(instances: &[Instance], id: &str) -> Result<usize, ServiceError> {
    instances.iter().position(|instance| instance.id == id).ok_or_else(|| {
        ServiceError::new(404, "InvalidInstanceId.NotFound", format!("The instance {id} does not exist."))
    })
}

fn ids(call: &Call) -> Vec<String> {
    call.parameters.get("InstanceId").map(listed).unwrap_or_default()
}

/// A list, a JSON text that holds one, or a single value.
fn listed(value: &Value) -> Vec<String> {
    let texts = |values: &[Value]| values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    match value {
        Value::Array(values) => texts(values),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(values)) => texts(&values),
            _ => vec![text.clone()],
        },
        _ => Vec::new(),
    }
}
