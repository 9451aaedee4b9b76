//! The founding specs hold what their documents and the service say.

use std::{collections::BTreeSet, path::PathBuf, sync::LazyLock};

use alicloud_spec::{Kind, Operation, Place, Shape, Spec, load_dir};
use serde_json::Value;

static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    load_dir(dir).unwrap_or_else(|error| panic!("{error}"))
});

fn spec(product: &str) -> &'static Spec {
    SPECS.iter().find(|spec| spec.product == product).unwrap()
}

fn founding() -> [&'static Spec; 4] {
    ["servicemesh", "cs", "computenestsupplier", "smartag"].map(spec)
}

/// The operations of the documents.
const DOCUMENTED: &[(&str, &[&str])] = &[
    (
        "servicemesh",
        &[
            "AddClusterIntoServiceMesh",
            "AddVmAppToMesh",
            "CreateServiceMesh",
            "DeleteServiceMesh",
            "DescribeCens",
            "DescribeClusterGrafana",
            "DescribeClusterPrometheus",
            "DescribeClustersInServiceMesh",
            "DescribeGuestClusterAccessLogDashboards",
            "DescribeServiceMeshClusters",
            "DescribeServiceMeshDetail",
            "DescribeServiceMeshKubeconfig",
            "DescribeServiceMeshUpgradeStatus",
            "DescribeUpgradeVersion",
            "GetVmAppMeshInfo",
            "GetVmMeta",
            "RemoveClusterFromServiceMesh",
            "RemoveVmAppFromMesh",
            "UpdateMeshFeature",
            "UpgradeMeshVersion",
        ],
    ),
    ("cs", &["GetUpgradeStatus", "DescribeTaskInfo"]),
    ("computenestsupplier", &["UpgradeServiceInstance"]),
    ("smartag", &["UpdateSmartAccessGatewayVersion"]),
];

fn documented() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    DOCUMENTED.iter().flat_map(|(product, names)| names.iter().map(|name| (*name, &spec(product).operations[*name])))
}

fn find<'a>(fields: &'a [Shape], name: &str) -> &'a Shape {
    fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn today_is_recorded_where_documents_are_out_of_date() {
    let mesh = spec("servicemesh");
    let names = |name: &str| mesh.operations[name].parameters.iter().map(|p| p.name.as_str()).collect::<BTreeSet<_>>();
    let (create, update) = (names("CreateServiceMesh"), names("UpdateMeshFeature"));
    assert_eq!((create.len(), update.len()), (78, 107));
    for old in ["OPAResourceCPU", "OPAResourceMemory", "PilotPublicEip"] {
        assert!(!create.contains(old) && !update.contains(old), "{old}");
    }
    let place = |operation: &str, name: &str| find(&mesh.operations[operation].parameters, name).place;
    assert_eq!(place("CreateServiceMesh", "VpcId"), Some(Place::Form));
    assert_eq!(place("CreateServiceMesh", "Tag"), Some(Place::Query));
    assert_eq!(place("UpdateMeshFeature", "AccessLogGatewayEnabled"), Some(Place::Query));
    assert_eq!(place("DescribeServiceMeshUpgradeStatus", "GuestClusterIds"), Some(Place::Form));
    let error = &mesh.operations["DescribeServiceMeshUpgradeStatus"].errors[0];
    assert_eq!((error.code.as_str(), error.status), ("ERR404", Some(404)));
    assert!(error.note.as_deref().unwrap().contains("503"));
    for name in ["AddVmAppToMesh", "RemoveVmAppFromMesh"] {
        assert!(mesh.operations[name].retired, "{name}");
    }
    let cs = spec("cs");
    let status = &cs.operations["GetUpgradeStatus"];
    assert!(status.deprecated);
    assert_eq!(status.replacement.as_deref(), Some("DescribeTaskInfo"));
    assert_eq!(spec("smartag").operations["UpdateSmartAccessGatewayVersion"].errors.len(), 10);
}

/// Owner parameters are not documented anywhere.
#[test]
fn everything_documented_has_a_summary() {
    fn missing(place: &str, fields: &[Shape], found: &mut Vec<String>) {
        for field in fields {
            let place = format!("{place} {}", field.name);
            if field.summary.is_empty() && !place.contains("Owner") {
                found.push(place.clone());
            }
            let inner = field.of.as_deref().unwrap_or(field);
            missing(&place, &inner.fields, found);
        }
    }
    let mut found = Vec::new();
    for (name, operation) in documented() {
        assert!(!operation.summary.is_empty(), "{name}");
        missing(name, &operation.parameters, &mut found);
        missing(name, &operation.response.fields, &mut found);
        found.extend(operation.errors.iter().filter(|error| error.summary.is_empty()).map(|error| error.code.clone()));
    }
    assert_eq!(found, Vec::<String>::new());
}

/// The gateway answers with them, so an example has the shape that the spec gives the answer.
#[test]
fn examples_have_the_shape_of_the_answer() {
    let mut examples = 0;
    for spec in founding() {
        for (name, operation) in &spec.operations {
            let Some(example) = &operation.response.example else { continue };
            examples += 1;
            let body =
                Shape { kind: Some(Kind::Object), fields: operation.response.fields.clone(), ..Shape::default() };
            fits(spec, name, &body, example);
        }
    }
    assert!(examples >= 23, "{examples}");
}

fn fits(spec: &Spec, place: &str, shape: &Shape, value: &Value) {
    let shape = shape.reference.as_ref().map_or(shape, |name| &spec.types[name]);
    let fits_kind = match shape.kind.unwrap() {
        Kind::String => value.is_string(),
        Kind::Int32 | Kind::Int64 => value.is_i64(),
        Kind::Float | Kind::Double => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Object | Kind::Map => value.is_object(),
        Kind::List => value.is_array(),
        Kind::Any => true,
        Kind::Binary => false,
    };
    assert!(fits_kind, "{place}: {value} is no {:?}", shape.kind);
    let element = |key: &str, value: &Value| fits(spec, &format!("{place}.{key}"), shape.of.as_ref().unwrap(), value);
    match (shape.kind.unwrap(), value) {
        (Kind::Object, Value::Object(members)) => {
            for (key, member) in members {
                let field = shape.fields.iter().find(|field| field.name == *key);
                fits(spec, &format!("{place}.{key}"), field.unwrap_or_else(|| panic!("{place} has no {key}")), member);
            }
        }
        (Kind::Map, Value::Object(members)) => members.iter().for_each(|(key, member)| element(key, member)),
        (Kind::List, Value::Array(elements)) => elements.iter().for_each(|value| element("*", value)),
        _ => {}
    }
}

/// The vendor's label alone would make a call that only looks one that is never repeated.
#[test]
fn reads_that_are_labelled_as_writes_have_a_class() {
    use alicloud_spec::Access;
    // It issues a password.
    let known = ["GetArtifactRepositoryCredentials"];
    let mut checked = 0;
    for spec in SPECS.iter() {
        for (name, operation) in &spec.operations {
            let looks = ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb));
            let writes = matches!(operation.access, Some(Access::Write | Access::ReadWrite));
            if looks && writes && !known.contains(&name.as_str()) {
                assert!(operation.class.is_some(), "{}: {name} needs a `class`", spec.product);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}
