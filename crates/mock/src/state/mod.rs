//! Resources that remember: what was created can be described, and upgrades take their time.

mod cluster;
mod gateway;
mod instance;
mod mesh;
mod page;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::answer::Random;
use crate::error::ServiceError;
use crate::lock::lock;
use crate::stub::Call;

/// How fast things that take their time get done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// After they have been asked about so many times.
    Reads(u32),
    /// After so much time of the gateway's clock.
    Time(Duration),
}

/// The resources of a gateway.
///
/// A product has state from the moment something is put into it, or from the start with
/// [`Builder::stateful`](crate::Builder::stateful); then unknown ids are errors. Operations that are not
/// modelled are answered from the spec. Clones share the same resources.
#[derive(Clone, Debug)]
pub struct World(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Every product has state.
    whole: bool,
    /// Products that have state.
    alive: BTreeSet<&'static str>,
    pace: Pace,
    random: Random,
    meshes: BTreeMap<String, mesh::Mesh>,
    clusters: cluster::Clusters,
    services: Vec<service::Service>,
    gateways: Vec<gateway::Gateway>,
    instances: Vec<instance::Instance>,
}

/// The moment of a call.
#[derive(Clone, Copy)]
struct Now {
    millis: i64,
    pace: Pace,
}

/// What an operation answers.
type Answer = Result<Value, ServiceError>;

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            whole: false,
            alive: BTreeSet::new(),
            pace: Pace::Reads(3),
            random: Random::new(seed, &["resources"]),
            meshes: BTreeMap::new(),
            clusters: cluster::Clusters::default(),
            services: Vec::new(),
            gateways: Vec::new(),
            instances: Vec::new(),
        })))
    }

    pub(crate) fn whole(&self) {
        lock(&self.0).whole = true;
    }

    /// Sets how fast upgrades, starts and the like get done; at first after 3 reads.
    pub fn pace(&self, pace: Pace) {
        lock(&self.0).pace = pace;
    }

    /// Adds a running service mesh with gateways of these full names (`istio-system:ingressgateway`).
    pub fn add_mesh(&self, id: &str, version: &str, gateways: &[&str]) {
        self.put("servicemesh", |state| {
            state.meshes.insert(id.to_owned(), mesh::Mesh::running(version, gateways));
        });
    }

    /// Adds a running cluster of the container service.
    pub fn add_cluster(&self, id: &str, version: &str) {
        self.put("cs", |state| state.clusters.add(id, version));
    }

    /// Starts the upgrade of a cluster, as its own operation does, and returns the id of the task; nothing when
    /// there is no such cluster or a task of it is running.
    pub fn upgrade_cluster(&self, id: &str, version: &str, now: &crate::Clock) -> Option<String> {
        let mut state = lock(&self.0);
        let now = Now { millis: now.millis(), pace: state.pace };
        state.clusters.upgrade(id, version, now).ok()
    }

    /// Adds a deployed service instance of Compute Nest.
    pub fn add_service_instance(&self, id: &str, version: &str) {
        self.put("computenestsupplier", |state| {
            state.services.push(service::Service::deployed(id, version));
        });
    }

    /// Adds an online smart access gateway.
    pub fn add_access_gateway(&self, id: &str, version: &str) {
        self.put("smartag", |state| {
            state.gateways.push(gateway::Gateway::online(id, version));
        });
    }

    /// Adds running ECS instances to a region and returns their ids.
    pub fn add_instances(&self, region: &str, count: usize) -> Vec<String> {
        self.put("ecs", |state| {
            let new: Vec<_> = (0..count).map(|_| instance::Instance::running(region, &mut state.random)).collect();
            let ids = new.iter().map(|instance| instance.id.clone()).collect();
            state.instances.extend(new);
            ids
        })
    }

    fn put<T>(&self, product: &'static str, put: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.0);
        state.alive.insert(product);
        put(&mut state)
    }

    /// The answer of a modelled operation of a product that has state.
    pub(crate) fn answer(&self, call: &Call, millis: i64) -> Option<Answer> {
        let mut state = lock(&self.0);
        if !state.whole && !state.alive.contains(call.product.as_str()) {
            return None;
        }
        let now = Now { millis, pace: state.pace };
        let State { random, meshes, clusters, services, gateways, instances, .. } = &mut *state;
        match call.product.as_str() {
            "servicemesh" => mesh::answer(meshes, random, call, now),
            "cs" => cluster::answer(clusters, random, call, now),
            "computenestsupplier" => service::answer(services, random, call, now),
            "smartag" => gateway::answer(gateways, random, call, now),
            "ecs" => instance::answer(instances, random, call, now),
            _ => None,
        }
    }
}

/// Something under way.
#[derive(Clone, Debug)]
struct Progress {
    began: i64,
    reads: u32,
    pace: Pace,
    /// Since when it stands still.
    paused: Option<i64>,
}

impl Progress {
    fn begin(now: Now) -> Self {
        Self { began: now.millis, reads: 0, pace: now.pace, paused: None }
    }

    /// How much is done, from 0 to 1, counting this question.
    fn ask(&mut self, now: Now) -> f64 {
        if self.paused.is_none() {
            self.reads = self.reads.saturating_add(1);
        }
        self.done(now)
    }

    /// How much is done, from 0 to 1.
    fn done(&self, now: Now) -> f64 {
        let (part, whole) = match self.pace {
            Pace::Reads(reads) => (f64::from(self.reads), f64::from(reads)),
            Pace::Time(time) => ((self.paused.unwrap_or(now.millis) - self.began) as f64, time.as_millis() as f64),
        };
        if whole <= 0.0 { 1.0 } else { (part / whole).clamp(0.0, 1.0) }
    }

    fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    fn pause(&mut self, now: Now) {
        self.paused.get_or_insert(now.millis);
    }

    /// Goes on where it was: the time in between does not count.
    fn resume(&mut self, now: Now) {
        if let Some(since) = self.paused.take() {
            self.began += now.millis - since;
        }
    }
}

/// A new id with the prefix that the product uses.
fn new_id(prefix: &str, random: &mut Random) -> String {
    format!("{prefix}{}{}", random.word(), random.word())
}

/// A text parameter; empty when it was not given.
fn text(call: &Call, name: &str) -> String {
    call.text(name).unwrap_or_default()
}
