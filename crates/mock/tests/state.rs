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
fn a_cluster_is_created_and_upgraded_by_tasks() {
    let gateway = support::start(MockGateway::builder().specs_dir(support::specs().join("cs")).stateful());
    gateway.world().pace(Pace::Reads(2));
    let roa = |method: &str, path: &str, action: &str| Request::roa(method, path, action, "2015-12-15");
    let list = |path: &str, action: &str, pairs: &[(&str, &str)]| {
        send(&gateway, &roa("GET", path, action).query(pairs)).json()
    };
    let ask = |path: &str, action: &str| list(path, action, &[]);
    let order = |path: &str, action: &str| send(&gateway, &roa("POST", path, action)).status;
    let body =
        json!({"name": "c", "region_id": "r", "kubernetes_version": "1.30.1", "cluster_type": "ManagedKubernetes"});
    let made = send(&gateway, &roa("POST", "/clusters", "CreateCluster").json(&body)).json();
    let (id, task) = (made["cluster_id"].as_str().unwrap(), made["task_id"].as_str().unwrap());
    let cluster = format!("/clusters/{id}");
    let state = |task: &str| ask(&format!("/tasks/{task}"), "DescribeTaskInfo")["state"].clone();
    assert_eq!(
        (state(task), ask(&cluster, "DescribeClusterDetail")["state"].clone()),
        (json!("running"), json!("running"))
    );
    assert_eq!(state(task), "success", "both questions counted");

    let upgrade = || {
        let path = format!("/api/v2/clusters/{id}/upgrade");
        send(&gateway, &roa("POST", &path, "UpgradeCluster").json(&json!({"next_version": "1.31.1"})))
    };
    let task = upgrade().json()["task_id"].as_str().unwrap().to_owned();
    assert_eq!(code(&upgrade()), "ErrorClusterState");
    assert_eq!(order(&format!("/tasks/{task}/pause"), "PauseTask"), 200);
    let status = || ask(&format!("/api/v2/clusters/{id}/upgrade/status"), "GetUpgradeStatus")["status"].clone();
    for _ in 0..3 {
        assert_eq!((status(), state(&task)), (json!("pause"), json!("running")));
    }
    assert_eq!(order(&format!("/tasks/{task}/resume"), "ResumeTask"), 200);
    assert_eq!((status(), state(&task)), (json!("running"), json!("success")));
    let found = list("/api/v1/clusters", "DescribeClustersV1", &[("page_size", "1"), ("name", "c")]);
    assert_eq!(
        (&found["clusters"][0]["current_version"], &found["page_info"]["total_count"]),
        (&json!("1.31.1"), &json!(1))
    );

    let task = upgrade().json()["task_id"].as_str().unwrap().to_owned();
    assert_eq!(order(&format!("/tasks/{task}/cancel"), "CancelTask"), 200);
    assert_eq!((state(&task), status()), (json!("fail"), json!("fail")));
    let second = [("page_number", "2"), ("page_size", "2")];
    let listed = list(&format!("{cluster}/tasks"), "DescribeClusterTasks", &second);
    assert_eq!((listed["tasks"].as_array().unwrap().len(), &listed["page_info"]["total_count"]), (1, &json!(3)));
    assert_eq!(send(&gateway, &roa("GET", "/tasks/nothing", "DescribeTaskInfo")).status, 404);
}

#[test]
fn service_instances_are_upgraded_and_rolled_back() {
    let gateway = founding();
    gateway.world().add_service_instance("si-1", "1");
    gateway.world().pace(Pace::Reads(2));
    let call = |action: &str, pairs: &[(&str, &str)]| {
        send(&gateway, &Request::rpc(action, "2021-05-21").query(&[("RegionId", "cn-hangzhou")]).query(pairs))
    };
    let one = ("ServiceInstanceId", "si-1");
    let upgrade = |id: &str| call("UpgradeServiceInstance", &[("ServiceInstanceId", id), ("ServiceVersion", "2")]);
    let get = || {
        let found = call("GetServiceInstance", &[one]).json();
        (found["Status"].clone(), found["ServiceVersion"].clone())
    };
    assert_eq!(call("RollbackServiceInstance", &[one]).status, 400);
    assert_eq!((upgrade("si-1").json()["Status"].clone(), upgrade("si-2").status), (json!("Upgrading"), 404));
    assert_eq!(get(), (json!("Upgrading"), json!("1")));
    assert_eq!(get(), (json!("Deployed"), json!("2")));
    assert_eq!(call("RollbackServiceInstance", &[one]).json()["Status"], "Upgrading");
    assert_eq!((get().1, get().1), (json!("2"), json!("1")));
    let history = call("ListServiceInstanceUpgradeHistory", &[one]).json();
    assert_eq!(history["UpgradeHistory"][0]["Type"], "Rollback");
    assert_eq!(history["UpgradeHistory"][1]["Status"], "Succeeded");

    let made = call("CreateServiceInstance", &[("ServiceId", "service-1"), ("Name", "two")]).json();
    assert_eq!(made["Status"], "Created");
    let list = |status: &str| {
        let filter = [("Filter.1.Name", "Status"), ("Filter.1.Value.1", status), ("MaxResults", "1")];
        call("ListServiceInstances", &filter).json()
    };
    assert_eq!(list("Deploying")["ServiceInstances"][0]["Name"], "two");
    let both = list("Deployed");
    assert_eq!((&both["TotalCount"], both["NextToken"] == ""), (&json!(2), false));
    assert_eq!(call("DeleteServiceInstances", &[("ServiceInstanceId.1", "si-1")]).status, 200);
    assert_eq!(list("Deployed")["TotalCount"], 1);
}

#[test]
fn access_gateways_do_not_go_back() {
    let gateway = founding();
    gateway.world().add_access_gateway("sag-1", "2.0.0");
    let call = |action: &str, pairs: &[(&str, &str)]| {
        send(&gateway, &Request::rpc(action, "2018-03-13").query(&[("RegionId", "cn-hangzhou")]).query(pairs))
    };
    let update = |id: &str, version: &str| {
        code(&call("UpdateSmartAccessGatewayVersion", &[("SmartAGId", id), ("VersionCode", version)]))
    };
    assert_eq!(update("sag-1", "2.10.0"), "");
    assert_eq!(update("sag-1", "2.9.0"), "VersionTooOld");
    assert_eq!(update("sag-2", "2.9.0"), "InvalidId.SMARTAG");
    let version = call("DescribeSmartAccessGatewayVersions", &[("SmartAGId", "sag-1")]).json();
    assert_eq!(version["SmartAGVersions"]["SmartAGVersion"][0]["VersionCode"], "2.10.0");
    let found = |version: &str| {
        call("DescribeSmartAccessGateways", &[("SoftwareVersion", version)]).json()["TotalCount"].clone()
    };
    assert_eq!((found("2.10.0"), found("2.0.0")), (json!(1), json!(0)));
    assert_eq!(call("DeleteSmartAccessGateway", &[("InstanceId", "sag-1")]).status, 200);
    assert_eq!(update("sag-1", "3"), "InvalidId.SMARTAG");
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
