//! Clusters of the container service, and the tasks that create and upgrade them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Now, Progress, new_id, page, text};
use crate::answer::Random;
use crate::clock;
use crate::error::ServiceError;
use crate::stub::Call;

/// All clusters and their tasks.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    clusters: BTreeMap<String, Cluster>,
    /// Oldest first.
    tasks: Vec<Task>,
}

#[derive(Debug)]
struct Cluster {
    name: String,
    region: String,
    version: String,
    created: i64,
}

/// Something that is done to a cluster.
#[derive(Debug)]
struct Task {
    id: String,
    cluster: String,
    kind: Kind,
    progress: Progress,
    updated: i64,
    canceled: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Create,
    /// To a version.
    Upgrade(String),
}

impl Task {
    fn new(cluster: &str, number: usize, kind: Kind, now: Now) -> Self {
        let id = format!("T-{cluster}-{number}");
        let progress = Progress::begin(now);
        Self { id, cluster: cluster.to_owned(), kind, progress, updated: now.millis, canceled: false }
    }

    /// The documented states are three; a task that was canceled has failed, one that is paused still runs.
    fn state(&self, now: Now) -> &'static str {
        match (self.canceled, self.progress.done(now) >= 1.0) {
            (true, _) => "fail",
            (false, true) => "success",
            (false, false) => "running",
        }
    }

    fn name(&self) -> &'static str {
        if self.kind == Kind::Create { "cluster_create" } else { "cluster_upgrade" }
    }

    fn short(&self, now: Now) -> Value {
        json!({
            "task_id": self.id,
            "task_type": self.name(),
            "state": self.state(now),
            "created": clock::iso8601(self.progress.began),
            "updated": clock::iso8601(self.updated),
        })
    }

    fn shown(&self, now: Now) -> Value {
        let stage = if self.progress.is_paused() { "paused" } else { self.name() };
        let mut shown = self.short(now);
        if let Value::Object(members) = &mut shown {
            members.insert("cluster_id".to_owned(), self.cluster.as_str().into());
            members.insert("current_stage".to_owned(), stage.into());
            members.insert("target".to_owned(), json!({"id": self.cluster, "type": "cluster"}));
            if self.canceled {
                let error = json!({"code": "TaskCanceled", "message": "The task was canceled."});
                members.insert("error".to_owned(), error);
            }
        }
        shown
    }
}

impl Clusters {
    pub(super) fn add(&mut self, id: &str, version: &str) {
        let (name, region) = ("cluster".to_owned(), "cn-hangzhou".to_owned());
        self.clusters.insert(id.to_owned(), Cluster { name, region, version: version.to_owned(), created: 0 });
    }

    /// Starts an upgrade and gives the id of its task.
    pub(super) fn upgrade(&mut self, id: &str, version: &str, now: Now) -> Result<String, ServiceError> {
        self.known(id)?;
        if self.tasks.iter().any(|task| task.cluster == id && task.state(now) == "running") {
            let message = format!("A task of the cluster {id} is running.");
            return Err(ServiceError::new(409, "ErrorClusterState", message));
        }
        Ok(self.begin(id, Kind::Upgrade(version.to_owned()), now))
    }

    fn begin(&mut self, id: &str, kind: Kind, now: Now) -> String {
        let task = Task::new(id, self.tasks.len() + 1, kind, now);
        let id = task.id.clone();
        self.tasks.push(task);
        id
    }

    fn known(&self, id: &str) -> Result<&Cluster, ServiceError> {
        self.clusters
            .get(id)
            .ok_or_else(|| ServiceError::new(404, "ErrorClusterNotFound", format!("The cluster {id} does not exist.")))
    }

    fn task(&mut self, id: &str) -> Result<&mut Task, ServiceError> {
        let task = self.tasks.iter_mut().find(|task| task.id == id);
        task.ok_or_else(|| ServiceError::new(404, "ErrorTaskNotFound", format!("The task {id} does not exist.")))
    }

    /// The latest upgrade of a cluster.
    fn latest(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().rev().find(|task| task.cluster == id && task.kind != Kind::Create)
    }

    /// Goes on with tasks, counting a question about each of them; a cluster takes on its new version.
    fn ask(&mut self, is_asked: impl Fn(&Task) -> bool, now: Now) {
        let running = self.tasks.iter_mut().filter(|task| task.state(now) == "running" && is_asked(task));
        for task in running {
            task.updated = now.millis;
            task.progress.ask(now);
        }
        for task in self.tasks.iter().filter(|task| task.state(now) == "success") {
            if let (Kind::Upgrade(version), Some(cluster)) = (&task.kind, self.clusters.get_mut(&task.cluster)) {
                version.clone_into(&mut cluster.version);
            }
        }
    }

    fn detail(&self, id: &str, cluster: &Cluster, now: Now) -> Value {
        let running = self.tasks.iter().rev().find(|task| task.cluster == id && task.state(now) == "running");
        let state = match running.map(|task| &task.kind) {
            None => "running",
            Some(Kind::Create) => "initial",
            Some(Kind::Upgrade(_)) => "upgrading",
        };
        json!({
            "cluster_id": id,
            "name": cluster.name,
            "region_id": cluster.region,
            "current_version": cluster.version,
            "created": clock::iso8601(cluster.created),
            "state": state,
        })
    }

    fn list(&self, call: &Call, now: Now) -> Vec<Value> {
        let wanted = |name: &str, value: &str| call.text(name).is_none_or(|text| text.is_empty() || text == value);
        let fits = |id: &str, cluster: &Cluster| {
            wanted("cluster_id", id) && wanted("region_id", &cluster.region) && wanted("name", &cluster.name)
        };
        let fitting = self.clusters.iter().filter(|(id, cluster)| fits(id, cluster));
        fitting.map(|(id, cluster)| self.detail(id, cluster, now)).collect()
    }
}

pub(super) fn answer(clusters: &mut Clusters, random: &mut Random, call: &Call, now: Now) -> Option<Answer> {
    // Paths of this product write their placeholders both ways.
    let id = call.text("ClusterId").unwrap_or_else(|| text(call, "cluster_id"));
    let task_id = text(call, "task_id");
    Some(match call.operation.as_str() {
        "CreateCluster" => {
            let id = new_id("c", random);
            let version = call.text("kubernetes_version").unwrap_or_else(|| "1.31.1-aliyun.1".to_owned());
            let (name, region) = (text(call, "name"), text(call, "region_id"));
            clusters.clusters.insert(id.clone(), Cluster { name, region, version, created: now.millis });
            let task = clusters.begin(&id, Kind::Create, now);
            Ok(json!({"cluster_id": id, "task_id": task, "request_id": call.request_id}))
        }
        "DescribeClusterDetail" => {
            clusters.ask(|task| task.cluster == id, now);
            clusters.known(&id).map(|cluster| clusters.detail(&id, cluster, now))
        }
        "DescribeClusters" => {
            clusters.ask(|_| true, now);
            Ok(clusters.list(call, now).into())
        }
        "DescribeClustersV1" | "DescribeClustersForRegion" => {
            clusters.ask(|_| true, now);
            page::cut(clusters.list(call, now), call, now)
                .map(|page| json!({"clusters": page.items, "page_info": info(&page)}))
        }
        "UpgradeCluster" => clusters
            .upgrade(&id, &text(call, "next_version"), now)
            .map(|task| json!({"cluster_id": id, "task_id": task, "request_id": call.request_id})),
        "GetUpgradeStatus" => clusters.known(&id).map(|_| ()).map(|()| {
            clusters.ask(|task| task.cluster == id, now);
            status(clusters.latest(&id), now)
        }),
        "DescribeTaskInfo" => {
            clusters.ask(|task| task.id == task_id, now);
            clusters.task(&task_id).map(|task| task.shown(now))
        }
        "DescribeClusterTasks" => clusters.known(&id).and_then(|_| {
            let of_cluster = clusters.tasks.iter().filter(|task| task.cluster == id);
            let tasks = of_cluster.map(|task| task.short(now)).collect();
            page::cut(tasks, call, now)
                .map(|page| json!({"tasks": page.items, "page_info": info(&page), "next_token": page.next}))
        }),
        "PauseTask" => clusters.task(&task_id).map(|task| task.progress.pause(now)).map(|()| Value::Null),
        "ResumeTask" => clusters.task(&task_id).map(|task| task.progress.resume(now)).map(|()| Value::Null),
        "CancelTask" => clusters.task(&task_id).map(|task| task.canceled = true).map(|()| Value::Null),
        "PauseClusterUpgrade" | "ResumeUpgradeCluster" | "CancelClusterUpgrade" => {
            clusters.known(&id).map(|_| ()).map(|()| {
                match (clusters.latest(&id), call.operation.as_str()) {
                    (Some(task), "PauseClusterUpgrade") => task.progress.pause(now),
                    (Some(task), "ResumeUpgradeCluster") => task.progress.resume(now),
                    (Some(task), _) => task.canceled = true,
                    (None, _) => {}
                }
                Value::Null
            })
        }
        "DeleteCluster" => clusters.known(&id).map(|_| ()).map(|()| {
            clusters.clusters.remove(&id);
            json!({"cluster_id": id, "request_id": call.request_id})
        }),
        _ => return None,
    })
}

fn info(page: &page::Page<Value>) -> Value {
    json!({"page_number": page.number, "page_size": page.size, "total_count": page.total})
}

/// How the deprecated operation tells of an upgrade.
fn status(upgrade: Option<&mut Task>, now: Now) -> Value {
    let done = upgrade.as_ref().map_or(1.0, |task| task.progress.done(now));
    let step = match done {
        done if done >= 1.0 => "finished",
        done if done < 0.5 => "prechecking",
        _ => "upgrading",
    };
    let paused = upgrade.as_ref().is_some_and(|task| task.progress.is_paused() && !task.canceled);
    let state = if paused { "pause" } else { upgrade.map_or("success", |task| task.state(now)) };
    json!({
        "status": state,
        "upgrade_step": step,
        "precheck_report_id": "",
        "error_message": "",
        "upgrade_task": {"status": state, "message": ""},
    })
}
