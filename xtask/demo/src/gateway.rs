//! The gateway and what it is told to answer.

use std::path::Path;

use alicloud_core::{Config, credentials::Credentials, sign::SignatureVersion};
use alicloud_mock::{MockGateway, StubReply};
use serde_json::{Value, json};

use crate::{Failure, report::Report};

const PRODUCTS: [&str; 4] = [
    "servicemesh/2020-01-11.json",
    "cs/2015-12-15.json",
    "computenestsupplier/2021-05-21.json",
    "smartag/2018-03-13.json",
];

/// The clusters of the account.
const CLUSTERS: [&str; 5] = ["orders", "payments", "search", "stock", "web"];

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
    gateway.on("DescribeServiceMeshClusters").reply_with(|call| {
        let number = |name| call.text(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        let clusters = CLUSTERS.iter().skip(number("Offset")).take(number("Limit"));
        let clusters: Vec<_> = clusters.map(|name| json!({"Name": name, "State": "running"})).collect();
        StubReply::ok(json!({"Clusters": clusters, "NumberOfClusters": CLUSTERS.len()}))
    });
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

/// Where the story's calls go, and where they are written down.
pub(crate) struct Cloud<'a> {
    pub(crate) gateway: &'a MockGateway,
    pub(crate) report: &'a Report,
}

impl Cloud<'_> {
    /// What a program needs to call the gateway in place of the cloud: an endpoint and credentials.
    pub(crate) fn config(&self, signature: SignatureVersion, signer: &'static str) -> Result<Config, Failure> {
        let (id, secret) = self.gateway.credentials();
        Ok(Config::builder()
            .region("cn-hangzhou")
            .endpoint(self.gateway.endpoint())
            .allow_insecure_http()
            .credentials(Credentials::access_key(id, secret))
            .signature(signature)
            .interceptor(self.report.of(signer))
            .build()?)
    }

    /// The signature that calls carry by default.
    pub(crate) fn acs3(&self) -> Result<Config, Failure> {
        self.config(SignatureVersion::Acs3, "ACS3")
    }
}
