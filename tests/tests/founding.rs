//! Every operation of the founding documents is a typed method, is accepted by the gateway, and reads the
//! documents' sample answers, JSON and XML, without loss.
#![allow(deprecated, reason = "the documents are old")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use alicloud_core::{Config, Document, Model, credentials::Credentials};
use alicloud_mock::MockGateway;
use alicloud_spec::{Kind, Operation, Shape, Spec};
use alicloud_tests::{fixture, spec};
use serde_json::{Value, json};

struct Sample {
    content_type: &'static str,
    text: String,
    name: String,
}

/// The samples of an operation that are well formed, the repaired ones in place of those that are not.
fn samples(operation: &str) -> Vec<Sample> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/docs");
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let of_operation = |name: &&String| name.starts_with(&format!("{operation}.")) && !name.contains(".data.");
    let repaired: BTreeSet<_> = names
        .iter()
        .filter(of_operation)
        .map(|name| name.replace(".repaired", ""))
        .filter(|name| {
            let (stem, extension) = name.rsplit_once('.').unwrap();
            names.contains(&format!("{stem}.repaired.{extension}"))
        })
        .collect();
    let whole = names.iter().filter(of_operation).filter(|name| !repaired.contains(*name));
    whole
        .map(|name| Sample {
            content_type: if name.ends_with("xml") { "application/xml" } else { "application/json" },
            text: fixture(&format!("docs/{name}")),
            name: name.clone(),
        })
        .collect()
}

/// A request with a value for every required parameter.
fn required(operation: &Operation) -> String {
    let value = |shape: &Shape| match (&shape.example, shape.kind) {
        (Some(example), _) => example.clone(),
        (None, Some(Kind::Boolean)) => json!(true),
        (None, Some(Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double)) => json!(1),
        (None, _) => json!("a"),
    };
    let required = operation.parameters.iter().filter(|shape| shape.required);
    Value::Object(required.map(|shape| (shape.name.clone(), value(shape))).collect()).to_string()
}

/// The leaves of a document: path and text.
fn leaves(path: &str, document: &Document, output: &mut BTreeSet<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match document {
        Document::Object(members) => members.iter().for_each(|(name, value)| leaves(&below(name), value, output)),
        Document::List(elements) => elements.iter().for_each(|element| leaves(path, element, output)),
        Document::String(text) if text.is_empty() => {}
        // A list that is given as text.
        Document::String(text) if text.starts_with("[\"") => leaves(path, &Document::parse(text).unwrap(), output),
        Document::Null => {}
        Document::String(text) | Document::Number(text) => drop(output.insert((path.to_owned(), text.clone()))),
        other => drop(output.insert((path.to_owned(), other.to_string()))),
    }
}

fn check_loss(spec: &Spec, operation: &Operation, sample: &Sample, read: &Document) {
    let mut there = BTreeSet::new();
    leaves("", read, &mut there);
    assert!(!there.is_empty(), "{}: nothing was read", sample.name);
    // The samples of this operation hold every member in every branch.
    let garbled = sample.name.starts_with("DescribeServiceMeshDetail.");
    let Ok(document) = Document::parse(&sample.text) else {
        if garbled {
            for (path, text) in [
                ("RequestId", "11fd0027-c27e-41bb-a565-75583054****"),
                ("ServiceMesh.Clusters", "caf089e56daba4c51a8906fe43ea1****"),
                ("ServiceMesh.ServiceMeshInfo.State", "running"),
                ("ServiceMesh.Spec.MeshConfig.Pilot.TraceSampling", "100"),
                ("ServiceMesh.Spec.Network.VSwitches", "vsw-2ze66z3ntvsej0mdo****"),
            ] {
                assert!(there.contains(&(path.to_owned(), text.to_owned())), "{}: lost {path}", sample.name);
            }
            return;
        }
        // Without a parser of our own the texts between the tags are the leaves of XML.
        let texts: BTreeSet<_> = there.into_iter().map(|(_, text)| text).collect();
        for text in sample.text.split('>').filter_map(|piece| piece.split('<').next()).map(str::trim) {
            assert!(text.is_empty() || texts.iter().any(|have| have.contains(text)), "{}: lost {text:?}", sample.name);
        }
        return;
    };
    let mut sent = BTreeSet::new();
    leaves("", &document, &mut sent);
    let is_declared = |path: &str| declared(spec, &operation.response.fields, &path.split('.').collect::<Vec<_>>());
    // The sample has the id of the request inside the answer's only object, the table beside it.
    let misplaced = |path: &str| sample.name == "GetVmMeta.json" && path == "VmMetaInfo.RequestId";
    let counts = |path: &str| !misplaced(path) && (!garbled || is_declared(path));
    let lost: Vec<_> = sent.difference(&there).filter(|(path, _)| counts(path)).collect();
    assert!(lost.is_empty(), "{}: lost {lost:?}", sample.name);
    assert!(sent.len() > 1 || !garbled);
}

/// Whether a path into an answer leads to a declared value.
fn declared(spec: &Spec, fields: &[Shape], path: &[&str]) -> bool {
    let [name, rest @ ..] = path else { return true };
    let Some(mut shape) = fields.iter().find(|field| field.name == *name) else { return false };
    loop {
        match (&shape.reference, shape.kind, &shape.of) {
            (Some(name), ..) => shape = &spec.types[name],
            (_, Some(Kind::List), Some(of)) => shape = of,
            (_, Some(Kind::Map), _) => return true,
            _ => return declared(spec, &shape.fields, rest),
        }
    }
}

fn config(gateway: &MockGateway) -> Config {
    let (id, secret) = gateway.credentials();
    let config = Config::builder().endpoint(gateway.endpoint()).allow_insecure_http();
    config.credentials(Credentials::access_key(id, secret)).build().unwrap()
}

async fn start(spec: &Spec) -> MockGateway {
    MockGateway::builder().product(spec.clone()).start().await.unwrap()
}

/// A test that calls the operations of a crate; it fails when the spec has one that is not listed.
macro_rules! operations {
    ($product:ident, $crate_:ident: $($method:ident $operation:ident $request:ident),* $(,)?) => {
        #[tokio::test]
        async fn $product() {
            use $crate_::{Client, operation};
            let spec = spec(stringify!($product));
            let listed: BTreeSet<_> = [$(stringify!($operation)),*].into();
            let documented = spec.operations.keys().map(String::as_str).collect();
            assert!(listed.is_subset(&documented), "{:?} have no spec", listed.difference(&documented));
            let gateway = start(&spec).await;
            let client = Client::new(&config(&gateway));
            $({
                let definition = &spec.operations[stringify!($operation)];
                let request = operation::$method::$request::from_json(&required(definition)).unwrap();
                // The gateway checks parameters and signature and invents an answer.
                let reply = client.$method().request(request.clone()).send().await;
                let reply = reply.unwrap_or_else(|error| panic!("{error}"));
                assert!(!reply.request_id().is_empty(), stringify!($operation));
                for sample in samples(stringify!($operation)) {
                    let headers = [("content-type", sample.content_type)];
                    gateway.on(stringify!($operation)).reply_raw(200, &headers, sample.text.clone());
                    let reply = client.$method().request(request.clone()).send().await;
                    let reply = reply.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
                    check_loss(&spec, definition, &sample, &reply.to_document());
                }
            })*
        }
    };
}

operations!(
    servicemesh, alicloud_servicemesh:
    create_service_mesh CreateServiceMesh CreateServiceMeshRequest,
    delete_service_mesh DeleteServiceMesh DeleteServiceMeshRequest,
    describe_service_mesh_detail DescribeServiceMeshDetail DescribeServiceMeshDetailRequest,
    describe_service_mesh_kubeconfig DescribeServiceMeshKubeconfig DescribeServiceMeshKubeconfigRequest,
    update_mesh_feature UpdateMeshFeature UpdateMeshFeatureRequest,
    describe_cens DescribeCens DescribeCensRequest,
    describe_service_mesh_clusters DescribeServiceMeshClusters DescribeServiceMeshClustersRequest,
    describe_clusters_in_service_mesh DescribeClustersInServiceMesh DescribeClustersInServiceMeshRequest,
    add_cluster_into_service_mesh AddClusterIntoServiceMesh AddClusterIntoServiceMeshRequest,
    remove_cluster_from_service_mesh RemoveClusterFromServiceMesh RemoveClusterFromServiceMeshRequest,
    describe_cluster_grafana DescribeClusterGrafana DescribeClusterGrafanaRequest,
    describe_cluster_prometheus DescribeClusterPrometheus DescribeClusterPrometheusRequest,
    describe_guest_cluster_access_log_dashboards DescribeGuestClusterAccessLogDashboards
        DescribeGuestClusterAccessLogDashboardsRequest,
    describe_upgrade_version DescribeUpgradeVersion DescribeUpgradeVersionRequest,
    upgrade_mesh_version UpgradeMeshVersion UpgradeMeshVersionRequest,
    add_vm_app_to_mesh AddVmAppToMesh AddVmAppToMeshRequest,
    remove_vm_app_from_mesh RemoveVmAppFromMesh RemoveVmAppFromMeshRequest,
    get_vm_meta GetVmMeta GetVmMetaRequest,
    get_vm_app_mesh_info GetVmAppMeshInfo GetVmAppMeshInfoRequest,
    describe_service_mesh_upgrade_status DescribeServiceMeshUpgradeStatus DescribeServiceMeshUpgradeStatusRequest,
);
operations!(cs, alicloud_cs: get_upgrade_status GetUpgradeStatus GetUpgradeStatusRequest);
operations!(
    computenestsupplier, alicloud_computenestsupplier:
    upgrade_service_instance UpgradeServiceInstance UpgradeServiceInstanceRequest
);
operations!(
    smartag, alicloud_smartag:
    update_smart_access_gateway_version UpdateSmartAccessGatewayVersion UpdateSmartAccessGatewayVersionRequest
);
