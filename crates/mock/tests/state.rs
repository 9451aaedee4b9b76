//! Resources that remember.

mod support;

use std::time::Duration;

use alicloud_mock::{MockGateway, Pace};
use alicloud_spec::Spec;
use serde_json::{Value, json};
use support::{Request, code, send};

fn founding() -> MockGateway {
    support::start(MockGateway::builder().specs_dir(support::specs()))
}

fn mesh(action: &str) -> Request {
    let request = Request::rpc(action, "2020-01-11");
    match action {
        "DescribeServiceMeshUpgradeStatus" | "UpgradeMeshVersion" => request.query(&[("ServiceMeshId", "c08ba")]),
        _ => request.form(&[("ServiceMeshId", "c08ba")]),
    }
}

#[test]
fn a_mesh_is_upgraded_gateway_by_gateway() {
    let gateway = founding();
    gateway.world().add_mesh("c08ba", "v1.9.7", &["istio-system:a", "istio-system:b"]);
    gateway.world().pace(Pace::Reads(3));
    assert_eq!(send(&gateway, &mesh("UpgradeMeshVersion")).status, 200);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let detail = send(&gateway, &mesh("DescribeServiceMeshUpgradeStatus")).json()["UpgradeDetail"].clone();
        let state = |name: &str| detail["GatewayStatusRecord"][name]["Status"].as_str().unwrap().to_owned();
        seen.push((
            detail["MeshStatus"].as_str().unwrap().to_owned(),
            state("istio-system:a"),
            state("istio-system:b"),
        ));
    }
    let told = |mesh: &str, a: &str, b: &str| (mesh.to_owned(), a.to_owned(), b.to_owned());
    assert_eq!(
        seen,
        [
            told("running", "upgrading", "pending"),
            told("running", "finished", "upgrading"),
            told("running", "finished", "finished"),
            told("running", "finished", "finished"),
        ]
    );
    let detail = send(&gateway, &mesh("DescribeServiceMeshDetail")).json();
    assert_ne!(detail["ServiceMesh"]["ServiceMeshInfo"]["Version"], "v1.9.7");
    assert_eq!(send(&gateway, &mesh("DeleteServiceMesh")).status, 200);
    let gone = send(&gateway, &mesh("DescribeServiceMeshUpgradeStatus"));
    assert_eq!((gone.status, code(&gone).as_str()), (404, "ERR404"));
    gateway.assert_effects("UpgradeMeshVersion", 1);
}

#[test]
fn upgrades_follow_virtual_time() {
    let gateway = founding();
    gateway.clock().freeze();
    gateway.world().pace(Pace::Time(Duration::from_secs(600)));
    gateway.world().add_cluster("c1", "1.30.1");
    let task = gateway.world().upgrade_cluster("c1", "1.31.1", gateway.clock()).unwrap();
    let ask = |path: &str, action: &str| send(&gateway, &Request::roa("GET", path, action, "2015-12-15")).json();
    let status = || ask("/api/v2/clusters/c1/upgrade/status", "GetUpgradeStatus")["status"].clone();
    let state = || ask(&format!("/tasks/{task}"), "DescribeTaskInfo")["state"].clone();
    assert_eq!((status(), state()), (json!("running"), json!("running")));
    gateway.clock().advance(Duration::from_secs(599));
    assert_eq!((status(), state()), (json!("running"), json!("running")));
    gateway.clock().advance(Duration::from_secs(1));
    assert_eq!((status(), state()), (json!("success"), json!("success")));
    let unknown =
        send(&gateway, &Request::roa("GET", "/api/v2/clusters/no/upgrade/status", "GetUpgradeStatus", "2015-12-15"));
    assert_eq!((unknown.status, code(&unknown).as_str()), (404, "ErrorClusterNotFound"));
}

#[test]
fn service_instances_and_access_gateways() {
    let gateway = founding();
    gateway.world().add_service_instance("si-1", "1");
    gateway.world().add_access_gateway("sag-1", "2.0.0");
    let upgrade = |id: &str| {
        let pairs = [("ServiceInstanceId", id), ("ServiceVersion", "2")];
        send(&gateway, &Request::rpc("UpgradeServiceInstance", "2021-05-21").query(&pairs))
    };
    assert_eq!(upgrade("si-1").json()["Status"], "Upgrading");
    assert_eq!(upgrade("si-2").status, 404);
    let update = |id: &str, version: &str| {
        let pairs = [("RegionId", "cn-hangzhou"), ("SmartAGId", id), ("VersionCode", version)];
        code(&send(&gateway, &Request::rpc("UpdateSmartAccessGatewayVersion", "2018-03-13").query(&pairs)))
    };
    assert_eq!(update("sag-1", "2.10.0"), "");
    assert_eq!(update("sag-1", "2.9.0"), "VersionTooOld");
    assert_eq!(update("sag-2", "2.9.0"), "InvalidId.SMARTAG");
}

/// The part of the ECS spec that is played with here.
fn ecs() -> Spec {
    let text = |name: &str| json!({"name": name, "in": "query", "type": "string"});
    let number = |name: &str| json!({"name": name, "in": "query", "type": "int32"});
    let list = json!({"name": "InstanceId", "in": "query", "style": "flat", "type": "list", "of": {"type": "string"}});
    let call = |parameters: Vec<Value>| {
        json!({"summary": "-", "method": "POST", "parameters": parameters,
            "response": {"fields": [{"name": "RequestId", "type": "string"}]}})
    };
    serde_json::from_value(json!({
        "product": "ecs", "code": "Ecs", "version": "2014-05-26", "title": "ECS", "style": "rpc",
        "operations": {
            "RunInstances": call(vec![text("RegionId"), text("InstanceName"), number("Amount")]),
            "DescribeInstances": call(vec![
                text("RegionId"), text("Status"), text("InstanceIds"), text("InstanceName"), text("NextToken"),
                number("PageNumber"), number("PageSize"), number("MaxResults"),
            ]),
            "StartInstances": call(vec![list.clone()]),
            "StopInstance": call(vec![text("InstanceId")]),
            "DeleteInstances": call(vec![list, json!({"name": "Force", "in": "query", "type": "boolean"})]),
        }
    }))
    .unwrap()
}

#[test]
fn instances_live_and_are_listed_in_pages() {
    let gateway = support::start(MockGateway::builder().product(ecs()).stateful());
    gateway.world().pace(Pace::Reads(1));
    let call = |action: &str, pairs: &[(&str, &str)]| send(&gateway, &Request::rpc(action, "2014-05-26").query(pairs));
    let made = call("RunInstances", &[("RegionId", "r"), ("Amount", "23"), ("InstanceName", "web")]).json();
    let ids = made["InstanceIdSets"]["InstanceIdSet"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 23);

    let page = |pairs: &[(&str, &str)]| {
        let answer = call("DescribeInstances", pairs).json();
        let list = answer["Instances"]["Instance"].as_array().unwrap();
        let ids: Vec<Value> = list.iter().map(|instance| instance["InstanceId"].clone()).collect();
        (ids, answer)
    };
    let mut by_number = Vec::new();
    for number in ["1", "2", "3"] {
        by_number.extend(page(&[("PageNumber", number), ("PageSize", "10")]).0);
    }
    assert_eq!(by_number, ids);

    let (mut by_token, mut token) = (Vec::new(), String::new());
    loop {
        let (found, answer) = page(&[("MaxResults", "7"), ("NextToken", &token)]);
        by_token.extend(found);
        token = answer["NextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(by_token, ids);
    let (_, first) = page(&[("MaxResults", "7")]);
    let token = first["NextToken"].as_str().unwrap();
    assert_eq!(code(&call("DescribeInstances", &[("NextToken", "nonsense")])), "InvalidNextToken");
    assert_eq!(code(&call("DescribeInstances", &[("PageSize", "101")])), "InvalidParameter");

    let one = ids[4].as_str().unwrap();
    let status = || page(&[("InstanceIds", &json!([one]).to_string())]).1["Instances"]["Instance"][0]["Status"].clone();
    assert_eq!(status(), "Running");
    assert_eq!(code(&call("StartInstances", &[("InstanceId.1", one)])), "IncorrectInstanceStatus");
    assert_eq!(code(&call("DeleteInstances", &[("InstanceId.1", one)])), "IncorrectInstanceStatus");
    assert_eq!(code(&call("StopInstance", &[("InstanceId", one)])), "");
    assert_eq!(status(), "Stopped");
    assert_eq!(code(&call("DeleteInstances", &[("InstanceId.1", one)])), "");
    assert_eq!(page(&[("InstanceName", "web")]).1["TotalCount"], 22);
    assert_eq!(code(&call("StopInstance", &[("InstanceId", one)])), "InvalidInstanceId.NotFound");

    gateway.clock().advance(Duration::from_secs(2 * 60 * 60));
    let moment = support::sign::Moment::at(jiff::Timestamp::now().as_second() + 2 * 60 * 60);
    let request = Request::rpc("DescribeInstances", "2014-05-26").query(&[("NextToken", token)]);
    let late = support::exchange(gateway.address(), &support::Signer::acs3(support::key()).sign(&request, &moment));
    assert_eq!(code(&late), "InvalidNextToken.Expired");
}
