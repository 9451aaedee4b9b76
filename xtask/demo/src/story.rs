//! The story of the founding documents: a service mesh is upgraded, then what stands around it.

use std::time::Duration;

use alicloud_core::{ConfigOverride, ErrorKind, credentials::Credentials, sign::SignatureVersion};
use alicloud_servicemesh::error_codes;

use crate::{Failure, gateway::Cloud};

const MESH: &str = "c08ba3fd1e6484b0f8cc1ad8fe10d";
const GATEWAYS: &str = "istio-system:ingressgateway1,istio-system:ingressgateway2";

/// Starts the upgrade of a mesh and waits until every gateway has finished.
pub(crate) async fn upgrade_mesh(cloud: &Cloud<'_>) -> Result<(), Failure> {
    println!("\nA service mesh is upgraded:");
    let mesh = alicloud_servicemesh::Client::new(&cloud.acs3()?);

    mesh.upgrade_mesh_version().service_mesh_id(MESH).await?;
    println!("  the upgrade has begun");
    let reply = mesh
        .wait_until_mesh_upgraded()
        .service_mesh_id(MESH)
        .all_istio_gateway_full_names(GATEWAYS)
        .delay(Duration::from_millis(100))
        .timeout(Duration::from_secs(30))
        .on_progress(|progress| println!("  {}", progress.state))
        .await?;
    let detail = reply.upgrade_detail.as_ref().ok_or("the answer has no UpgradeDetail")?;
    println!("  the mesh is {}, its gateways:", text(&detail.mesh_status));
    for (name, gateway) in detail.gateway_status_record.iter().flatten() {
        println!("    {name}: {}, version {}", text(&gateway.status), text(&gateway.version));
    }

    let mut clusters = mesh.describe_service_mesh_clusters().service_mesh_id(MESH).limit(2).items();
    let mut names = Vec::new();
    while let Some(cluster) = clusters.next().await {
        names.extend(cluster?.name);
    }
    println!("  clusters, two to a page: {}", names.join(", "));
    if names.len() == 5 { Ok(()) } else { Err(format!("expected 5 clusters, found {}", names.len()).into()) }
}

/// The other three operations of the documents, two of them signed as the older documents describe it.
pub(crate) async fn upgrade_others(cloud: &Cloud<'_>) -> Result<(), Failure> {
    println!("\nWhat stands around it is upgraded:");
    let cluster = alicloud_cs::Client::new(&cloud.config(SignatureVersion::V1, "ROA v1")?);
    #[expect(deprecated, reason = "the document describes it")]
    let reply = cluster.get_upgrade_status().cluster_id("c106f377e16f34eb1808d6b9362c9").await?;
    println!("  ACK cluster: {} in step {}", text(&reply.status), text(&reply.upgrade_step));

    let nest = alicloud_computenestsupplier::Client::new(&cloud.acs3()?);
    let reply = nest
        .upgrade_service_instance()
        .region_id("cn-hangzhou")
        .service_instance_id("si-5cbae874da0e47")
        .service_version("2")
        .parameters([("EcsInstanceType", "ecs.g6.large")])
        .await?;
    println!("  service instance {}: {}", text(&reply.service_instance_id), text(&reply.status));

    let access = alicloud_smartag::Client::new(&cloud.config(SignatureVersion::V1, "RPC v1")?);
    let call = access.update_smart_access_gateway_version().region_id("cn-hangzhou");
    call.smart_ag_id("sag-0ovhf732a9j").version_code("1.0.1").await?;
    println!("  smart access gateway: version 1.0.1 ordered");

    for operation in ["UpgradeMeshVersion", "UpgradeServiceInstance", "UpdateSmartAccessGatewayVersion"] {
        let effects = cloud.gateway.ledger().effects(operation).len();
        if effects != 1 {
            return Err(format!("{operation} took effect {effects} times").into());
        }
    }
    Ok(())
}

/// One call of each failing kind.
pub(crate) async fn fail(cloud: &Cloud<'_>) -> Result<(), Failure> {
    println!("\nWhat goes wrong is said plainly:");
    let mesh = alicloud_servicemesh::Client::new(&cloud.acs3()?);

    let call = mesh.delete_service_mesh().service_mesh_id("no-such-mesh");
    let error = call.await.err().ok_or("a mesh that does not exist was deleted")?;
    println!("  a documented error:   {error}");
    if error.code() != Some(error_codes::ERR404) {
        return Err(format!("expected the code ERR404, got {:?}", error.code()).into());
    }

    let error = mesh.describe_service_mesh_detail().await.err().ok_or("a required parameter was not missed")?;
    println!("  a missing parameter:  {error}");
    match error.kind() {
        ErrorKind::InvalidInput(input) if input.parameter == "ServiceMeshId" => {}
        other => return Err(format!("expected the parameter ServiceMeshId to be missed, got {other:?}").into()),
    }

    let (id, _) = cloud.gateway.credentials();
    let wrong = ConfigOverride::new().credentials(Credentials::access_key(id, "wrong"));
    let call = mesh.describe_cens().service_mesh_id(MESH).config_override(wrong);
    let error = call.await.err().ok_or("a wrong secret was accepted")?;
    println!("  a wrong secret:       {error}");
    match error.code() {
        Some("SignatureDoesNotMatch") => Ok(()),
        other => Err(format!("expected SignatureDoesNotMatch, got {other:?}").into()),
    }
}

fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "(nothing)".to_owned(), ToString::to_string)
}
