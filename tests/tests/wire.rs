//! Requests equal those that the vendor's own SDKs have sent: method, path, query, form, JSON, headers
//! and signature.

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Call, Config, ConfigOverride, Document, Model,
    bytes::Bytes,
    config::{CallOptions, ConfigBuilder},
    credentials::Credentials,
    http,
    model::{self, Schema},
    operation::{Operation, Request, Service},
    runtime::{Entropy, NoEntropy},
    sign::{Acs3Algorithm, SignatureVersion},
};
use alicloud_spec::{Place, Spec};
use alicloud_tests::{dynamic, json_fixture};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct File {
    frozen: Frozen,
    vectors: Vec<Record>,
}

#[derive(Clone, Debug, Deserialize)]
struct Frozen {
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    bearer_token: String,
    nonce: String,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    version: String,
    operation: String,
    settings: Settings,
    input: Value,
    #[serde(default)]
    string_styles: BTreeMap<String, String>,
    request: Sent,
    request_go_ts: Option<Value>,
    signing: Option<Signing>,
    signing_go_ts: Option<Signing>,
}

#[derive(Deserialize)]
struct Settings {
    credential: String,
    region_id: Option<String>,
    signature_algorithm: Option<String>,
    /// Of services with a protocol of their own.
    signature_version: Option<String>,
    #[serde(default)]
    global_parameters: Extras,
    #[serde(default)]
    extends_parameters: Extras,
}

#[derive(Default, Deserialize)]
struct Extras {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    queries: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    form: Option<Vec<(String, String)>>,
    json: Option<Value>,
}

#[derive(Deserialize)]
struct Signing {
    authorization_core_headers: Option<String>,
}

impl Record {
    /// What was sent, without the peculiarities of one language where another's SDK was recorded, too.
    fn expected(&self) -> Sent {
        let mut sent = serde_json::json!({
            "method": self.request.method, "path": self.request.path, "query": self.request.query,
            "headers": self.request.headers, "body": self.request.body, "form": self.request.form,
            "json": self.request.json,
        });
        for (name, value) in self.request_go_ts.iter().flat_map(|other| other.as_object().unwrap()) {
            sent[name] = value.clone();
            if let ("body", Some(body)) = (name.as_str(), value.as_str())
                && self.request.json.is_some()
            {
                sent["json"] = serde_json::from_str(body).unwrap();
            }
        }
        serde_json::from_value(sent).unwrap()
    }

    /// Pairs in order, JSON text as JSON.
    fn normal(&self, pairs: Vec<(String, String)>) -> Vec<(String, Value)> {
        let json = |name: &str| self.string_styles.get(name).is_some_and(|style| style == "json");
        let value = |name: &str, text: String| match json(name) {
            true => serde_json::from_str(&text).unwrap(),
            false => Value::String(text),
        };
        sorted(pairs)
            .into_iter()
            .map(|(name, text)| {
                let value = value(&name, text);
                (name, value)
            })
            .collect()
    }

    fn authorization(&self) -> Option<&String> {
        let signing = self.signing_go_ts.as_ref().or(self.signing.as_ref())?;
        signing.authorization_core_headers.as_ref()
    }
}

/// The nonce of the records.
#[derive(Debug)]
struct Recorded(u128);

impl Entropy for Recorded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        buffer.iter_mut().zip(self.0.to_be_bytes()).for_each(|(to, from)| *to = from);
        Ok(())
    }
}

/// 2024-01-02T03:04:05Z
fn recorded_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

/// A request made of data: it keeps what no type would hold, such as a list with holes.
#[derive(Clone)]
struct Data<R>(Vec<Option<Document>>, PhantomData<R>);

impl<R: Request> Default for Data<R> {
    fn default() -> Self {
        Self(vec![None; R::default().schema().fields.len()], PhantomData)
    }
}

impl<R: Request> Model for Data<R> {
    fn schema(&self) -> &'static Schema {
        R::default().schema()
    }
    fn field(&self, index: usize) -> &dyn model::Value {
        &self.0[index]
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn model::Value {
        &mut self.0[index]
    }
}

impl<R: Request> Request for Data<R> {
    type Response = R::Response;
    const OPERATION: &'static Operation = R::OPERATION;
}

async fn replay<R: Request>(service: &'static Service, record: &Record, frozen: &Frozen) {
    // A typed list has no holes.
    let has_holes = record.id.ends_with(".nulls");
    let request = match has_holes {
        true => prepare::<Data<R>>(service, record, frozen).await,
        false => prepare::<R>(service, record, frozen).await,
    };
    compare(record, &request);
}

/// The settings of the recorded client. `label` is what parameters put before the host.
fn config(record: &Record, frozen: &Frozen, label: &str) -> ConfigBuilder {
    let settings = &record.settings;
    let Frozen { access_key_id: id, access_key_secret: secret, .. } = frozen;
    let credentials = match settings.credential.as_str() {
        "ak" => Credentials::access_key(id, secret),
        "sts" => Credentials::sts(id, secret, &frozen.security_token),
        "bearer" => Credentials::bearer(&frozen.bearer_token),
        "none" => Credentials::anonymous(),
        other => panic!("{}: unknown credential {other}", record.id),
    };
    let mut config = Config::builder()
        .endpoint(record.request.headers["host"].strip_prefix(label).unwrap())
        .credentials(credentials)
        .clock(recorded_time())
        .entropy(Recorded(u128::from_str_radix(&frozen.nonce, 16).unwrap()));
    match settings.signature_algorithm.as_deref() {
        // The retired operations are recorded from an SDK that knew the first version only.
        None if record.id.contains("legacy") => config = config.signature(SignatureVersion::V1),
        None => {}
        Some("v2") => config = config.signature(SignatureVersion::V1),
        Some(other) => panic!("{}: unknown signature algorithm {other}", record.id),
    }
    if settings.signature_version.as_deref() == Some("v4") {
        config = config.signature(SignatureVersion::V4);
    }
    if let Some(region) = &settings.region_id {
        config = config.region(region);
    }
    for (name, value) in &settings.global_parameters.headers {
        config = config.header(name, value);
    }
    for (name, value) in &settings.global_parameters.queries {
        config = config.query(name, value);
    }
    config
}

async fn prepare<R: Request>(service: &'static Service, record: &Record, frozen: &Frozen) -> http::Request<Bytes> {
    let (config, settings) = (config(record, frozen, ""), &record.settings);
    let mut overrides = ConfigOverride::new();
    for (name, value) in &settings.extends_parameters.headers {
        overrides = overrides.header(name, value);
    }
    for (name, value) in &settings.extends_parameters.queries {
        overrides = overrides.query(name, value);
    }
    let client = alicloud_core::Client::new(&config.build().unwrap(), service);
    let mut call = Call::<R>::new(&client);
    call.request = R::from_json(&record.input.to_string()).unwrap_or_else(|error| panic!("{}: {error}", record.id));
    call.config_override(overrides);
    call.prepare().await.unwrap_or_else(|error| panic!("{}: {error}", record.id)).into_inner()
}

/// Data as a typed request would hold it: decimal numbers are written in one way.
fn document(value: &Value) -> Document {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap().into(),
        Value::Array(elements) => Document::List(elements.iter().map(document).collect()),
        Value::Object(members) => Document::object(members.iter().map(|(name, value)| (name, document(value)))),
        other => Document::parse(&other.to_string()).unwrap(),
    }
}

/// The same from the spec alone.
async fn prepare_dynamic(spec: &Spec, record: &Record, frozen: &Frozen) -> http::Request<Bytes> {
    let dynamic::Called { operation, mut request, .. } = dynamic::operation(spec, &record.operation);
    let input = record.input.as_object().unwrap();
    for (name, value) in input {
        let known = request.set(name, document(value));
        assert!(known, "{}: there is no parameter {name}", record.id);
    }
    let hosts = spec.operations[&record.operation].parameters.iter().filter(|shape| shape.place == Some(Place::Host));
    let label: String = hosts.map(|shape| format!("{}.", input[&shape.name].as_str().unwrap())).collect();
    let mut config = config(record, frozen, &label);
    for (name, value) in &record.settings.extends_parameters.headers {
        config = config.header(name, value);
    }
    for (name, value) in &record.settings.extends_parameters.queries {
        config = config.query(name, value);
    }
    let client = alicloud_core::Client::new(&config.build().unwrap(), dynamic::service(spec));
    let prepared = client.prepare(operation, &request, &CallOptions::default()).await;
    prepared.unwrap_or_else(|error| panic!("{}: {error}", record.id)).into_inner()
}

/// Whatever is recorded of operations that have a spec, of shipped products and others.
#[tokio::test]
async fn every_record_from_its_spec() {
    let specs = dynamic::all();
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors/wire");
    let (mut replayed, mut unknown) = (0, Vec::new());
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let File { frozen, vectors } = json_fixture(&format!("vectors/wire/{file}"));
        for record in &vectors {
            let spec = specs.get(&(record.product.to_lowercase(), record.version.clone()));
            match spec.filter(|spec| spec.operations.contains_key(&record.operation)) {
                Some(spec) => {
                    compare(record, &prepare_dynamic(spec, record, &frozen).await);
                    replayed += 1;
                }
                None => unknown.push(record.id.clone()),
            }
        }
    }
    println!("{replayed} records replayed; without a spec are {unknown:?}");
    assert!(replayed > 80 && unknown.is_empty(), "{unknown:?}");
}

/// Compares everything but the user agent and what belongs to the connection.
fn compare(record: &Record, request: &http::Request<Bytes>) {
    let id = &record.id;
    let expected = record.expected();
    assert_eq!(request.method().as_str(), expected.method, "{id}");
    assert_eq!(request.uri().path(), expected.path, "{id}");
    let query = decode(request.uri().query().unwrap_or_default());
    assert_eq!(record.normal(query.clone()), record.normal(expected.query.clone()), "{id}: query");
    // Members of free-form JSON are sorted here and as given there: the same value in other bytes.
    let mut same_bytes = sorted(query) == sorted(expected.query);
    let body = std::str::from_utf8(request.body()).unwrap();
    if let Some(form) = expected.form.clone() {
        same_bytes &= sorted(decode(body)) == sorted(form);
    }
    let expected_json = expected.json.clone();
    match (expected.form, expected.json) {
        (Some(form), _) => assert_eq!(record.normal(decode(body)), record.normal(form), "{id}: form"),
        (None, Some(json)) => assert_eq!(serde_json::from_str::<Value>(body).unwrap(), json, "{id}: body"),
        (None, None) => assert_eq!(body, expected.body, "{id}: body"),
    }
    let ours: BTreeMap<_, _> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let mut theirs: BTreeMap<_, _> =
        expected.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Some(authorization) = record.authorization() {
        theirs.insert("authorization", authorization);
        let hash = Acs3Algorithm::HmacSha256.hash(request.body());
        assert_eq!(ours.get("x-acs-content-sha256"), Some(&hash.as_str()), "{id}");
        theirs.insert("x-acs-content-sha256", ours["x-acs-content-sha256"]);
        if !same_bytes || (expected_json.is_some() && body != expected.body) {
            theirs.insert("authorization", ours["authorization"]);
        }
    }
    for unsigned in ["user-agent", "accept-encoding", "content-length", "connection"] {
        theirs.remove(unsigned);
    }
    let ours: BTreeMap<_, _> = ours.into_iter().filter(|(name, _)| *name != "user-agent").collect();
    assert_eq!(ours, theirs, "{id}: headers");
}

fn decode(text: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(text).unwrap()
}

fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

/// A test that replays the records of one file through the typed requests of a crate. Every operation of
/// the records that has a spec must be listed.
macro_rules! replay {
    ($test:ident, $product:ident, $($module:ident :: $request:ident),* $(,)?) => {
        #[tokio::test]
        async fn $test() {
            use $product::{endpoint::SERVICE, operation};
            let File { frozen, vectors } = json_fixture(&format!("vectors/wire/{}.json", stringify!($test).replace('_', "-")));
            let spec = alicloud_tests::spec(SERVICE.product);
            let mut replayed = 0;
            for record in &vectors {
                match record.operation.as_str() {
                    $(name if name == operation::$module::$request::OPERATION.name =>
                        replay::<operation::$module::$request>(&SERVICE, record, &frozen).await,)*
                    name => {
                        assert!(!spec.operations.contains_key(name), "{name} has a spec and is not listed here");
                        continue;
                    }
                }
                replayed += 1;
            }
            println!("{replayed} of {} records replayed", vectors.len());
            assert!(replayed > 0);
        }
    };
}

replay!(
    servicemesh,
    alicloud_servicemesh,
    add_cluster_into_service_mesh::AddClusterIntoServiceMeshRequest,
    create_service_mesh::CreateServiceMeshRequest,
    delete_service_mesh::DeleteServiceMeshRequest,
    describe_cluster_grafana::DescribeClusterGrafanaRequest,
    describe_clusters_in_service_mesh::DescribeClustersInServiceMeshRequest,
    describe_service_mesh_detail::DescribeServiceMeshDetailRequest,
    describe_service_mesh_kubeconfig::DescribeServiceMeshKubeconfigRequest,
    describe_service_mesh_upgrade_status::DescribeServiceMeshUpgradeStatusRequest,
    describe_upgrade_version::DescribeUpgradeVersionRequest,
    get_vm_meta::GetVmMetaRequest,
    grant_user_permissions::GrantUserPermissionsRequest,
    list_tag_resources::ListTagResourcesRequest,
    tag_resources::TagResourcesRequest,
    untag_resources::UntagResourcesRequest,
    update_mesh_feature::UpdateMeshFeatureRequest,
    update_mesh_multi_cluster_network::UpdateMeshMultiClusterNetworkRequest,
    upgrade_mesh_version::UpgradeMeshVersionRequest,
);
replay!(
    servicemesh_legacy,
    alicloud_servicemesh,
    add_vm_app_to_mesh::AddVmAppToMeshRequest,
    create_service_mesh::CreateServiceMeshRequest,
    remove_vm_app_from_mesh::RemoveVmAppFromMeshRequest,
);
replay!(
    cs,
    alicloud_cs,
    cancel_cluster_upgrade::CancelClusterUpgradeRequest,
    clean_user_permissions::CleanUserPermissionsRequest,
    create_cluster::CreateClusterRequest,
    create_template::CreateTemplateRequest,
    delete_cluster_nodepool::DeleteClusterNodepoolRequest,
    describe_cluster_user_kubeconfig::DescribeClusterUserKubeconfigRequest,
    describe_clusters_v1::DescribeClustersV1Request,
    get_upgrade_status::GetUpgradeStatusRequest,
    install_cluster_addons::InstallClusterAddonsRequest,
    list_tag_resources::ListTagResourcesRequest,
    tag_resources::TagResourcesRequest,
    modify_cluster_tags::ModifyClusterTagsRequest,
    remove_node_pool_nodes::RemoveNodePoolNodesRequest,
    scale_out_cluster::ScaleOutClusterRequest,
    start_alert::StartAlertRequest,
    upgrade_cluster::UpgradeClusterRequest,
);
replay!(
    computenestsupplier,
    alicloud_computenestsupplier,
    create_artifact::CreateArtifactRequest,
    create_service::CreateServiceRequest,
    create_service_instance::CreateServiceInstanceRequest,
    get_service::GetServiceRequest,
    list_service_instances::ListServiceInstancesRequest,
    list_service_usages::ListServiceUsagesRequest,
    list_services::ListServicesRequest,
    update_service::UpdateServiceRequest,
    update_service_instance_attribute::UpdateServiceInstanceAttributeRequest,
    upgrade_service_instance::UpgradeServiceInstanceRequest,
);
replay!(
    smartag,
    alicloud_smartag,
    create_smart_access_gateway::CreateSmartAccessGatewayRequest,
    describe_sag_current_dns::DescribeSagCurrentDnsRequest,
    describe_smart_access_gateways::DescribeSmartAccessGatewaysRequest,
    kick_out_clients::KickOutClientsRequest,
    list_smart_ag_api_unsupported_feature::ListSmartAgApiUnsupportedFeatureRequest,
    set_advanced_monitor_state::SetAdvancedMonitorStateRequest,
    update_smart_access_gateway_bgp_route::UpdateSmartAccessGatewayBgpRouteRequest,
    update_smart_access_gateway_version::UpdateSmartAccessGatewayVersionRequest,
);
replay!(
    ecs,
    alicloud_ecs,
    create_security_group::CreateSecurityGroupRequest,
    describe_instance_types::DescribeInstanceTypesRequest,
    describe_instances::DescribeInstancesRequest,
    describe_regions::DescribeRegionsRequest,
    describe_reserved_instances::DescribeReservedInstancesRequest,
    invoke_command::InvokeCommandRequest,
    run_command::RunCommandRequest,
    run_instances::RunInstancesRequest,
    send_file::SendFileRequest,
);
replay!(
    sts,
    alicloud_sts,
    assume_role::AssumeRoleRequest,
    assume_role_with_oidc::AssumeRoleWithOidcRequest,
    assume_role_with_saml::AssumeRoleWithSamlRequest,
    get_caller_identity::GetCallerIdentityRequest,
);
