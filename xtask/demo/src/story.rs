//! The story of the founding documents: a service mesh is upgraded, then what stands around it.

use std::time::Duration;

use alicloud_core::{ErrorKind, credentials::Credentials, sign::SignatureVersion};
use alicloud_mock::MockGateway;
use alicloud_servicemesh::{error_codes, operation::describe_service_mesh_upgrade_status::MeshStatus};

use crate::{Failure, gateway::config, report::Report};

const MESH: &str = "c08ba3fd1e6484b0f8cc1ad8fe10d";
const GATEWAYS: &str = "istio-system:ingressgateway1,istio-system:ingressgateway2";

/// Starts the upgrade of a mesh and watches it until every gateway has finished.
pub(crate) async fn upgrade_mesh(gateway: &MockGateway, report: &mut Report) -> Result<(), Failure> {
    println!("\nThe mesh is upgraded (signed with ACS3-HMAC-SHA256):");
    let mesh = alicloud_servicemesh::Client::new(&config(gateway, SignatureVersion::Acs3)?);

    let call = mesh.upgrade_mesh_version().service_mesh_id(MESH).send();
    report.call("UpgradeMeshVersion", "ACS3", call).await?;
    println!("  UpgradeMeshVersion accepted");

    for _ in 0..10 {
        let call = mesh
            .describe_service_mesh_upgrade_status()
            .service_mesh_id(MESH)
            .all_istio_gateway_full_names(GATEWAYS)
            .send();
        let reply = report.call("DescribeServiceMeshUpgradeStatus", "ACS3", call).await?;
        let detail = reply.upgrade_detail.clone().ok_or("the answer has no UpgradeDetail")?;
        let status = detail.mesh_status.ok_or("the answer has no MeshStatus")?;
        let gateways: Vec<_> = detail
            .gateway_status_record
            .iter()
            .flatten()
            .map(|(name, gateway)| format!("{name} {}", text(&gateway.status)))
            .collect();
        println!("  mesh {status}: {}", gateways.join(", "));
        if status == MeshStatus::Running {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the mesh never ran".into())
}

/// The other three operations of the documents, two of them signed as the older documents describe it.
pub(crate) async fn upgrade_others(gateway: &MockGateway, report: &mut Report) -> Result<(), Failure> {
    println!("\nThe rest is upgraded:");
    let first_version = config(gateway, SignatureVersion::V1)?;

    let cluster = alicloud_cs::Client::new(&first_version);
    #[expect(deprecated, reason = "the document describes it")]
    let call = cluster.get_upgrade_status().cluster_id("c106f377e16f34eb1808d6b9362c9").send();
    let reply = report.call("GetUpgradeStatus", "ROA v1", call).await?;
    println!("  ACK cluster: {} in step {}", text(&reply.status), text(&reply.upgrade_step));

    let nest = alicloud_computenestsupplier::Client::new(&config(gateway, SignatureVersion::Acs3)?);
    let call = nest
        .upgrade_service_instance()
        .region_id("cn-hangzhou")
        .service_instance_id("si-5cbae874da0e47")
        .service_version("2")
        .parameters([("EcsInstanceType", "ecs.g6.large")])
        .send();
    let reply = report.call("UpgradeServiceInstance", "ACS3", call).await?;
    println!("  service instance {}: {}", text(&reply.service_instance_id), text(&reply.status));

    let sag = alicloud_smartag::Client::new(&first_version);
    let call = sag
        .update_smart_access_gateway_version()
        .region_id("cn-hangzhou")
        .smart_ag_id("sag-0ovhf732a9j")
        .version_code("1.0.1")
        .send();
    report.call("UpdateSmartAccessGatewayVersion", "RPC v1", call).await?;
    println!("  smart access gateway: version 1.0.1 ordered");

    for operation in ["UpgradeMeshVersion", "UpgradeServiceInstance", "UpdateSmartAccessGatewayVersion"] {
        let effects = gateway.ledger().effects(operation).len();
        if effects != 1 {
            return Err(format!("{operation} took effect {effects} times").into());
        }
    }
    Ok(())
}

/// One call of each failing kind.
pub(crate) async fn fail(gateway: &MockGateway, report: &mut Report) -> Result<(), Failure> {
    println!("\nWhat goes wrong is said plainly:");
    let mesh = alicloud_servicemesh::Client::new(&config(gateway, SignatureVersion::Acs3)?);

    let call = mesh.delete_service_mesh().service_mesh_id("no-such-mesh").send();
    let error = report.call("DeleteServiceMesh", "ACS3", call).await.err().ok_or("a missing mesh was deleted")?;
    println!("  documented error:   {error}");
    if error.code() != Some(error_codes::ERR404) {
        return Err(format!("expected the code ERR404, got {:?}", error.code()).into());
    }

    let call = mesh.describe_service_mesh_detail().send();
    let error = report.call("DescribeServiceMeshDetail", "-", call).await.err().ok_or("no parameter was needed")?;
    println!("  missing parameter:  {error}");
    match error.kind() {
        ErrorKind::InvalidInput(input) if input.parameter == "ServiceMeshId" => {}
        other => return Err(format!("expected the parameter ServiceMeshId to be missed, got {other:?}").into()),
    }

    let (id, _) = gateway.credentials();
    let overrides = alicloud_core::ConfigOverride::new().credentials(Credentials::access_key(id, "wrong"));
    let call = mesh.describe_cens().service_mesh_id(MESH).config_override(overrides).send();
    let error = report.call("DescribeCens", "ACS3", call).await.err().ok_or("a wrong secret was accepted")?;
    println!("  wrong secret:       {error}");
    match error.code() {
        Some("SignatureDoesNotMatch") => Ok(()),
        other => Err(format!("expected SignatureDoesNotMatch, got {other:?}").into()),
    }
}

fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "(nothing)".to_owned(), ToString::to_string)
}
