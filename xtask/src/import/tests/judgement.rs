//! Where the vendor's files contradict themselves or are not to be trusted.

use alicloud_codegen::retry_class;
use alicloud_spec::{Access, RetryClass, validate};

use super::{docs, import};

/// Name, label and tag of an operation; what comes of it, and the decision about it.
#[test]
fn reading_needs_two_witnesses() {
    use RetryClass::{Mutating, Read};
    let table = [
        ("DescribeX", "readAndWrite", "get", Some(Access::Read), Read, "written by label only"),
        ("ListX", "write", "list", Some(Access::Read), Read, "written by label only"),
        ("ListX", "write", "none", Some(Access::Write), Mutating, ""),
        ("GetX", "readAndWrite", "create", Some(Access::ReadWrite), Mutating, ""),
        ("GetX", "write", "delete", Some(Access::Write), Mutating, ""),
        ("ReplaceX", "readAndWrite", "get", Some(Access::ReadWrite), Mutating, ""),
        ("DeleteX", "read", "get", None, Mutating, "read by label only"),
        ("GetX", "read", "create", Some(Access::Read), Read, ""),
        ("GetX", "", "get", None, Read, ""),
        ("GetX", "none", "update", Some(Access::Write), Mutating, "read by name only"),
        ("GetX", "sometimes", "", None, Read, "operation type"),
    ];
    for (name, label, tag, access, class, rule) in table {
        let apis = format!(
            r#"{{"{name}": {{"methods": ["post"], "security": [{{"AK": []}}],
                "operationType": "{label}", "systemTags": {{"operationType": "{tag}"}}}}}}"#
        );
        let (spec, decisions) = import(&docs("RPC", "Toy", "{}", &apis));
        let operation = &spec.operations[name];
        assert_eq!((operation.access, retry_class(name, operation)), (access, class), "{name} {label} {tag}");
        let rules: Vec<&str> =
            decisions.iter().map(|decision| decision.rule).filter(|rule| *rule != "endpoint").collect();
        assert_eq!(rules, if rule.is_empty() { vec![] } else { vec![rule] }, "{name} {label} {tag}");
    }
}

/// Names outside of the vendor's domains can be registered by anybody.
#[test]
fn hosts_of_others_are_dropped() {
    let text = r#"{"info": {"style": "RPC", "product": "Toy", "version": "2024-01-01"},
        "apis": {"GetThing": {"methods": ["get"]}}, "x-endpointGlobal": "toy.com", "endpoints": [
        {"regionId": "ap-southeast-7", "endpoint": "toy.ap-southeast-7.com", "vpc": "toy-vpc.aliyuncs.com.cn"},
        {"regionId": "cn-hangzhou", "endpoint": "evil-aliyuncs.com", "vpc": "toy-vpc.cn-hangzhou.aliyuncs.com"}]}"#;
    let (spec, decisions) = import(text);
    assert_eq!(spec.endpoints.global, None);
    assert!(spec.endpoints.regions.is_empty(), "{:?}", spec.endpoints.regions);
    assert_eq!(spec.endpoints.vpc_regions.keys().collect::<Vec<_>>(), ["cn-hangzhou"]);
    let dropped = decisions.iter().filter(|decision| decision.detail.contains("outside of the vendor's domains"));
    assert_eq!(dropped.count(), 4, "{decisions:?}");

    let mut spec = spec;
    spec.endpoints.regions.insert("ap-southeast-7".to_owned(), "toy.ap-southeast-7.com".to_owned());
    let problems = validate("toy", &spec);
    assert!(matches!(problems.as_slice(), [only] if only.to_string().contains("vendor's domains")), "{problems:?}");
}

fn rules(style: &str, api: &str) -> (alicloud_spec::Operation, Vec<&'static str>) {
    let (mut spec, decisions) = import(&docs(style, "Toy", "{}", &format!(r#"{{"Talk": {api}}}"#)));
    let rules = decisions.iter().map(|decision| decision.rule).filter(|rule| *rule != "endpoint").collect();
    (spec.operations.remove("Talk").expect("it is there"), rules)
}

#[test]
fn events_are_told_by_scheme_or_by_content_type() {
    for (schemes, produces, events) in [
        (r#""https", "sse""#, r#""application/json""#, true),
        (r#""https""#, r#""text/event-stream", "application/json""#, true),
        (r#""https""#, r#""application/json""#, false),
    ] {
        let api = format!(
            r#"{{"path": "/talk", "methods": ["post"], "security": [{{"AK": []}}], "schemes": [{schemes}],
                "produces": [{produces}], "parameters": [],
                "responses": {{"200": {{"schema": {{"type": "object", "properties": {{"text": {{"type": "string"}}}}}}}}}}}}"#
        );
        assert_eq!(rules("ROA", &api).0.response.events, events, "{schemes} {produces}");
    }
}

#[test]
fn a_multipart_form_is_decided() {
    for (position, consumes, decided) in [
        ("formData", r#""multipart/form-data""#, vec!["multipart"]),
        ("body", r#""multipart/form-data", "application/json""#, vec!["multipart"]),
        ("query", r#""multipart/form-data""#, vec!["multipart"]),
        ("formData", r#""application/x-www-form-urlencoded""#, vec![]),
    ] {
        let api = format!(
            r#"{{"path": "/talk", "methods": ["post"], "security": [{{"AK": []}}], "consumes": [{consumes}],
                "parameters": [{{"name": "Text", "in": "{position}", "schema": {{"type": "string"}}}}]}}"#
        );
        assert_eq!(rules("ROA", &api).1, decided, "{position} {consumes}");
    }
}

/// The field numbers of the log service's messages say nothing about messages of that name elsewhere.
#[test]
fn field_numbers_are_those_of_the_log_service() {
    let components = r#"{"LogGroup": {"type": "object", "properties": {"Topic": {"type": "string"}}}}"#;
    let apis = r##"{"Put": {"path": "/put", "methods": ["post"], "security": [{"AK": []}],
        "consumes": ["application/x-protobuf"], "parameters": [
        {"name": "body", "in": "body", "schema": {"$ref": "#/components/schemas/LogGroup"}}]}}"##;
    for (product, numbered) in [("Sls", true), ("Toy", false)] {
        let (spec, _) = import(&docs("ROA", product, components, apis));
        assert_eq!(spec.types["LogGroup"].fields[0].tag.is_some(), numbered, "{product}");
        assert_eq!(spec.operations["Put"].skip.is_none(), numbered, "{product}");
    }
}
