//! Service meshes: created, upgraded gateway by gateway, deleted.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::{Answer, Now, Progress, new_id, text};
use crate::answer::Random;
use crate::clock;
use crate::error::ServiceError;
use crate::stub::Call;

/// What a mesh can be upgraded to.
const NEXT: &str = "v1.22.6.71-g7d67a80b-aliyun";

#[derive(Debug)]
pub(super) struct Mesh {
    name: String,
    region: String,
    version: String,
    created: i64,
    /// Full names, `namespace:name`.
    gateways: Vec<String>,
    creation: Option<Progress>,
    upgrade: Option<Progress>,
}

impl Mesh {
    pub(super) fn running(version: &str, gateways: &[&str]) -> Self {
        Self {
            name: "mesh".to_owned(),
            region: "cn-hangzhou".to_owned(),
            version: version.to_owned(),
            created: 0,
            gateways: gateways.iter().map(|name| (*name).to_owned()).collect(),
            creation: None,
            upgrade: None,
        }
    }
}

pub(super) fn answer(
    meshes: &mut BTreeMap<String, Mesh>,
    random: &mut Random,
    call: &Call,
    now: Now,
) -> Option<Answer> {
    let id = text(call, "ServiceMeshId");
    Some(match call.operation.as_str() {
        "CreateServiceMesh" => {
            let id = new_id("c", random);
            let name = call.text("Name").unwrap_or_else(|| id.clone());
            let version = call.text("IstioVersion").unwrap_or_else(|| "v1.21.6.82-gb4f1b9fd-aliyun".to_owned());
            let mesh = Mesh {
                name,
                region: text(call, "RegionId"),
                created: now.millis,
                creation: Some(Progress::begin(now)),
                ..Mesh::running(&version, &["istio-system:ingressgateway"])
            };
            meshes.insert(id.clone(), mesh);
            Ok(json!({"ServiceMeshId": id}))
        }
        "DescribeServiceMeshes" => {
            let list = meshes.iter().map(|(id, mesh)| json!({"ServiceMeshInfo": info(id, mesh, 1.0)}));
            Ok(json!({"ServiceMeshes": list.collect::<Vec<_>>()}))
        }
        "DescribeServiceMeshDetail" => known(meshes, &id).map(|mesh| {
            let created = mesh.creation.as_mut().map_or(1.0, |creation| creation.ask(now));
            json!({"ServiceMesh": {"ServiceMeshInfo": info(&id, mesh, created), "Clusters": []}})
        }),
        "DescribeUpgradeVersion" => known(meshes, &id).map(|_| json!({"Version": {"IstioVersion": NEXT}})),
        "UpgradeMeshVersion" => known(meshes, &id).map(|mesh| {
            let only_checks = call.text("PreCheck").as_deref() == Some("true");
            if mesh.upgrade.is_none() && !only_checks {
                mesh.upgrade = Some(Progress::begin(now));
            }
            json!({})
        }),
        "DescribeServiceMeshUpgradeStatus" => known(meshes, &id).map(|mesh| status(mesh, call, now)),
        "DeleteServiceMesh" => known(meshes, &id).map(|_| ()).map(|()| {
            meshes.remove(&id);
            json!({})
        }),
        _ => return None,
    })
}

fn known<'a>(meshes: &'a mut BTreeMap<String, Mesh>, id: &str) -> Result<&'a mut Mesh, ServiceError> {
    meshes.get_mut(id).ok_or_else(|| ServiceError::new(404, "ERR404", format!("The mesh {id} does not exist.")))
}

fn info(id: &str, mesh: &Mesh, created: f64) -> serde_json::Value {
    json!({
        "ServiceMeshId": id,
        "Name": mesh.name,
        "RegionId": mesh.region,
        "State": if created < 1.0 { "initial" } else { "running" },
        "Version": mesh.version,
        "CreationTime": clock::iso8601(mesh.created),
        "ErrorMessage": "",
    })
}

/// The mesh itself comes first, then one gateway after the other.
fn status(mesh: &mut Mesh, call: &Call, now: Now) -> serde_json::Value {
    let done = mesh.upgrade.as_mut().map_or(1.0, |upgrade| upgrade.ask(now));
    if done >= 1.0 && mesh.upgrade.take().is_some() {
        NEXT.clone_into(&mut mesh.version);
    }
    let steps = mesh.gateways.len() + 1;
    let reached = (done * steps as f64 + 1e-9).floor() as usize;
    let target = if mesh.upgrade.is_some() { NEXT } else { mesh.version.as_str() };
    let asked = text(call, "AllIstioGatewayFullNames");
    let wanted = |name: &str| asked.is_empty() || asked.split(',').any(|asked| asked == name);
    let mut record = Map::new();
    for (before, name) in mesh.gateways.iter().enumerate().filter(|(_, name)| wanted(name)) {
        let (state, version) = match reached.checked_sub(before + 1) {
            None => ("pending", mesh.version.as_str()),
            Some(0) => ("upgrading", mesh.version.as_str()),
            Some(_) => ("finished", target),
        };
        record.insert(name.clone(), json!({"Status": state, "Version": version, "Message": ""}));
    }
    json!({"UpgradeDetail": {
        "MeshStatus": if reached == 0 { "upgrading" } else { "running" },
        "TotalGatewaysNum": mesh.gateways.len(),
        "FinishedGatewaysNum": reached.saturating_sub(1),
        "GatewayStatusRecord": record,
    }})
}
