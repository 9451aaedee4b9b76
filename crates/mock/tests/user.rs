//! A test as users of a generated crate write it; the README shows it.

use alicloud_core::Config;
use alicloud_core::credentials::Credentials;
use alicloud_mock::{Fault, MockGateway, When};

#[tokio::test]
async fn a_lost_answer_is_not_a_second_mesh() -> Result<(), Box<dyn std::error::Error>> {
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs");
    let gateway = MockGateway::builder().specs_dir(specs).start().await?;
    gateway.fault(When::operation("CreateServiceMesh").nth(1), Fault::ResetAfterExecute);

    let (id, secret) = gateway.credentials();
    let credentials = Credentials::access_key(id, secret);
    let config =
        Config::builder().endpoint(gateway.endpoint()).allow_insecure_http().credentials(credentials).build()?;
    let mesh = alicloud_servicemesh::Client::new(&config);
    let call = mesh.create_service_mesh().region_id("cn-hangzhou").vpc_id("vpc-1").vswitches("[\"vsw-1\"]");
    assert!(call.send().await.is_err(), "nobody can know whether the mesh was created");

    gateway.assert_effects("CreateServiceMesh", 1);
    Ok(())
}
