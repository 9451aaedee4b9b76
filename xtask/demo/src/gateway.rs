//! The gateway and what it is told to answer.

use std::path::Path;

use alicloud_core::{Config, credentials::Credentials, sign::SignatureVersion};
use alicloud_mock::MockGateway;
use serde_json::{Value, json};

use crate::Failure;

const PRODUCTS: [&str; 4] = [
    "servicemesh/2020-01-11.json",
    "cs/2015-12-15.json",
    "computenestsupplier/2021-05-21.json",
    "smartag/2018-03-13.json",
];

/// Starts the gateway with the founding specs and the answers of the story.
pub(crate) async fn start() -> Result<MockGateway, Failure> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let mut builder = MockGateway::builder().seed(2020);
    for product in PRODUCTS {
        builder = builder.product(alicloud_spec::Spec::load(specs.join(product))?);
    }
    let gateway = builder.start().await?;
    gateway.on("DescribeServiceMeshUpgradeStatus").reply_sequence([
        progress("upgrading", "upgrading", "pending"),
        progress("upgrading", "finished", "upgrading"),
        progress("running", "finished", "finished"),
    ]);
    gateway.on("GetUpgradeStatus").reply(json!({
        "status": "running", "upgrade_step": "prechecking", "upgrade_task": {"status": "running", "message": "ok"},
    }));
    gateway.on("UpgradeServiceInstance").reply(json!({
        "Status": "Upgrading", "ServiceInstanceId": "si-5cbae874da0e47",
    }));
    gateway.on("DeleteServiceMesh").reply_error(404, "ERR404", "Not found");
    Ok(gateway)
}

fn progress(mesh: &str, first: &str, second: &str) -> Value {
    let finished = [first, second].iter().filter(|status| **status == "finished").count();
    let gateway = |status: &str| json!({"Status": status, "Message": "success", "Version": "1.9.7"});
    json!({"UpgradeDetail": {
        "MeshStatus": mesh,
        "FinishedGatewaysNum": finished,
        "TotalGatewaysNum": 2,
        "GatewayStatusRecord": {
            "istio-system:ingressgateway1": gateway(first),
            "istio-system:ingressgateway2": gateway(second),
        },
    }})
}

/// What a program needs to call the gateway in place of the cloud: an endpoint and credentials.
pub(crate) fn config(gateway: &MockGateway, signature: SignatureVersion) -> Result<Config, Failure> {
    let (id, secret) = gateway.credentials();
    Ok(Config::builder()
        .region("cn-hangzhou")
        .endpoint(gateway.endpoint())
        .allow_insecure_http()
        .credentials(Credentials::access_key(id, secret))
        .signature(signature)
        .build()?)
}
