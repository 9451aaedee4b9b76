//! Clusters of the container service, and the tasks that upgrade them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Now, Progress, new_id, text};
use crate::answer::Random;
use crate::clock;
use crate::error::ServiceError;
use crate::stub::Call;

#[derive(Debug)]
pub(super) struct Cluster {
    name: String,
    version: String,
    upgrade: Option<Upgrade>,
}

#[derive(Debug)]
struct Upgrade {
    task: String,
    version: String,
    progress: Progress,
}

impl Cluster {
    pub(super) fn running(version: &str) -> Self {
        Self { name: "cluster".to_owned(), version: version.to_owned(), upgrade: None }
    }

    pub(super) fn upgrade(&mut self, id: &str, version: &str, now: Now) -> String {
        let task = format!("T-{id}-upgrade");
        self.upgrade =
            Some(Upgrade { task: task.clone(), version: version.to_owned(), progress: Progress::begin(now) });
        task
    }

    /// How far the upgrade is, counting this question; takes on the new version when it is done.
    fn ask(&mut self, now: Now) -> f64 {
        let Some(upgrade) = &mut self.upgrade else { return 1.0 };
        let done = upgrade.progress.ask(now);
        if done >= 1.0 {
            self.version.clone_from(&upgrade.version);
        }
        done
    }
}

pub(super) fn answer(
    clusters: &mut BTreeMap<String, Cluster>,
    random: &mut Random,
    call: &Call,
    now: Now,
) -> Option<Answer> {
    let id = text(call, "ClusterId");
    Some(match call.operation.as_str() {
        "CreateCluster" => {
            let id = new_id("c", random);
            let version = call.text("kubernetes_version").unwrap_or_else(|| "1.31.1-aliyun.1".to_owned());
            clusters.insert(id.clone(), Cluster { name: text(call, "name"), ..Cluster::running(&version) });
            Ok(json!({"cluster_id": id, "task_id": format!("T-{id}-create")}))
        }
        "DescribeClusterDetail" => known(clusters, &id).map(|cluster| detail(&id, cluster, now)),
        "DescribeClusters" => {
            Ok(clusters.iter_mut().map(|(id, cluster)| detail(id, cluster, now)).collect::<Vec<_>>().into())
        }
        "UpgradeCluster" => known(clusters, &id).map(|cluster| {
            let task = cluster.upgrade(&id, &text(call, "next_version"), now);
            json!({"cluster_id": id, "task_id": task})
        }),
        "GetUpgradeStatus" => known(clusters, &id).map(|cluster| {
            let done = cluster.ask(now);
            let step = match done {
                done if done >= 1.0 => "finished",
                done if done < 0.5 => "prechecking",
                _ => "upgrading",
            };
            let state = if done < 1.0 { "running" } else { "success" };
            json!({
                "status": state,
                "upgrade_step": step,
                "precheck_report_id": "",
                "error_message": "",
                "upgrade_task": {"status": state, "message": ""},
            })
        }),
        "DescribeTaskInfo" => task(clusters, &text(call, "task_id"), now),
        "DeleteCluster" => known(clusters, &id).map(|_| ()).map(|()| {
            clusters.remove(&id);
            json!({"cluster_id": id})
        }),
        _ => return None,
    })
}

fn known<'a>(clusters: &'a mut BTreeMap<String, Cluster>, id: &str) -> Result<&'a mut Cluster, ServiceError> {
    clusters
        .get_mut(id)
        .ok_or_else(|| ServiceError::new(404, "ErrorClusterNotFound", format!("The cluster {id} does not exist.")))
}

fn detail(id: &str, cluster: &mut Cluster, now: Now) -> Value {
    let upgrading = cluster.upgrade.as_ref().is_some_and(|upgrade| upgrade.progress.done(now) < 1.0);
    json!({
        "cluster_id": id,
        "name": cluster.name,
        "current_version": cluster.version,
        "state": if upgrading { "upgrading" } else { "running" },
    })
}

fn task(clusters: &mut BTreeMap<String, Cluster>, task: &str, now: Now) -> Answer {
    let is_it = |cluster: &Cluster| cluster.upgrade.as_ref().is_some_and(|upgrade| upgrade.task == task);
    let (id, cluster) = clusters
        .iter_mut()
        .find(|(_, cluster)| is_it(cluster))
        .ok_or_else(|| ServiceError::new(404, "ErrorTaskNotFound", format!("The task {task} does not exist.")))?;
    let done = cluster.ask(now);
    let began = cluster.upgrade.as_ref().map_or(now.millis, |upgrade| upgrade.progress.began);
    Ok(json!({
        "task_id": task,
        "cluster_id": id,
        "task_type": "cluster_upgrade",
        "state": if done < 1.0 { "running" } else { "success" },
        "created": clock::iso8601(began),
        "updated": clock::iso8601(now.millis),
        "target": {"id": id, "type": "cluster"},
    }))
}
