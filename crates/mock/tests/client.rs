//! Programs on the client runtime: without a socket, under paused time, answered by models.

mod support;

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::time::Duration;

use alicloud_core::credentials::Credentials;
use alicloud_core::{Config, ErrorKind as Kind};
use alicloud_mock::{Connections, Fault, Latency, MockGateway, When};
use alicloud_servicemesh::Client;
use alicloud_servicemesh::operation::describe_service_mesh_upgrade_status::{
    DescribeServiceMeshUpgradeStatusResponse, MeshStatus, UpgradeDetail,
};
use support::{call, send};

fn in_process() -> (MockGateway, Client) {
    let gateway = MockGateway::builder().specs_dir(support::specs()).in_process().unwrap();
    let (id, secret) = gateway.credentials();
    let config = Config::builder().endpoint(gateway.endpoint()).allow_insecure_http();
    let config = config.credentials(Credentials::access_key(id, secret)).transport(gateway.transport());
    let client = Client::new(&config.build().unwrap());
    (gateway, client)
}

fn status() -> DescribeServiceMeshUpgradeStatusResponse {
    let mut detail = UpgradeDetail::default();
    detail.mesh_status = Some(MeshStatus::Upgrading);
    detail.total_gateways_num = Some(9_007_199_254_740_993);
    let mut status = DescribeServiceMeshUpgradeStatusResponse::default();
    status.upgrade_detail = Some(detail);
    status
}

#[tokio::test(start_paused = true)]
async fn models_are_answers() {
    let (gateway, mesh) = in_process();
    gateway.on("DescribeServiceMeshUpgradeStatus").reply_sequence([&status(), &Default::default()]);
    let ask = || mesh.describe_service_mesh_upgrade_status().service_mesh_id("c08ba").send();
    let answer = ask().await.unwrap();
    let detail = answer.upgrade_detail.as_ref().unwrap();
    assert!(matches!(detail.mesh_status, Some(MeshStatus::Upgrading)));
    assert_eq!(detail.total_gateways_num, Some(9_007_199_254_740_993));
    assert_eq!(answer.request_id(), gateway.requests()[0].request_id, "it is added");
    assert!(ask().await.unwrap().upgrade_detail.is_none(), "the second of the sequence");
    assert_eq!(gateway.requests()[1].verdict, "ACS3-HMAC-SHA256", "signatures are verified as ever");
    assert_eq!(gateway.address().port(), 0);
}

#[tokio::test(start_paused = true)]
async fn faults_strike_without_a_socket() {
    // What befalls the first of all calls, and how many of them have an effect.
    for (fault, effects, known) in [
        (Fault::ResetBeforeRead, 0, false),
        (Fault::ResetAfterExecute, 1, false),
        (Fault::CutReply { after: 5 }, 1, false),
        (Fault::CutReply { after: 400 }, 1, false),
        (Fault::StallReply { after: 400 }, 1, false),
        (Fault::WrongLength, 1, false),
        (Fault::Html502, 0, false),
        (Fault::DripReply { bytes: 1, every: Duration::from_millis(10) }, 1, true),
        (Fault::SliceReply, 1, true),
        (Fault::Delay(Duration::from_secs(5)), 1, true),
    ] {
        let (gateway, mesh) = in_process();
        gateway.fault(When::operation("CreateServiceMesh").nth(1), fault.clone());
        let create = mesh.create_service_mesh().region_id("cn-hangzhou").vpc_id("vpc-1").vswitches("[\"vsw-1\"]");
        let answer = create.send().await;
        assert_eq!(answer.is_ok(), known, "{fault:?}: {answer:?}");
        gateway.assert_effects("CreateServiceMesh", effects);
    }
}

#[tokio::test(start_paused = true)]
async fn time_that_is_paused_does_not_pass() {
    let (gateway, mesh) = in_process();
    gateway.latency("DescribeVersions", Latency::Fixed(Duration::from_secs(8)));
    let (began, wall) = (tokio::time::Instant::now(), std::time::Instant::now());
    for _ in 0..3 {
        mesh.describe_versions().send().await.unwrap();
    }
    assert!(began.elapsed() >= Duration::from_secs(24) && wall.elapsed() < began.elapsed());
    gateway.latency("*", Latency::Fixed(Duration::from_secs(50)));
    gateway.fault(When::always(), Fault::StallReply { after: 0 });
    let error = mesh.describe_versions().timeout(Duration::from_secs(20)).send().await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Timeout(_)), "{error:?}");
}

#[test]
fn nobody_listens_and_nobody_answers() {
    let gateway = support::gateway();
    let request = call("DescribeThings", &[]);
    let mut open = TcpStream::connect(gateway.address()).unwrap();
    gateway.connections(Connections::Refuse);
    assert_eq!(open.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    assert_eq!(TcpStream::connect(gateway.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    gateway.connections(Connections::Ignore);
    let mut silent = TcpStream::connect(gateway.address()).unwrap();
    silent.set_read_timeout(Some(support::SHORT)).unwrap();
    let waited = silent.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(waited, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waited}");
    gateway.connections(Connections::Accept);
    assert_eq!(send(&gateway, &request).status, 200);
    assert_eq!(gateway.served(), 1);
}

/// The gateway is a second opinion about the client runtime, and has none of its code.
#[test]
fn one_file_knows_the_client_runtime() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut knowing = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains("alicloud_core") {
                knowing.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(knowing, ["client.rs"]);
}
