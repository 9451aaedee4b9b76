//! Real downloads: prose, samples, odd shapes, and what the importer does not know.

use alicloud_spec::{Access, EndpointRule, Protocol, Style};

use super::{docs, import, json};
use crate::import::{Options, convert};

const DOWNLOAD: &str = r#"{"GetThing": {
    "title": "The vendor's title", "summary": "The vendor's summary", "description": "The vendor's text",
    "methods": ["get"], "schemes": ["https"], "security": [{"AK": []}], "operationType": "read",
    "deprecated": "true", "systemTags": {"riskType": "none"}, "flowControl": {}, "ramActions": [],
    "parameters": [{"name": "Id", "in": "query", "schema": {
        "title": "The vendor's field", "type": "string", "example": "thing-1", "docRequired": true, "required": true}},
        {"name": "Page", "in": "query", "schema": {"type": "integer", "format": "int32", "example": "3"}},
        {"name": "Wrong", "in": "query", "schema": {"type": "integer", "format": "int32", "example": "three"}}],
    "responses": {"200": {"schema": {"title": "Schema of the answer", "type": "object", "properties": {
        "Name": {"description": "The vendor's name", "type": "string", "example": "a\nb"}}}}},
    "errorCodes": {"404": [{"errorCode": "NotFound", "errorMessage": "The vendor's message", "description": "x"}],
                   "2014": [{"errorCode": "Junk"}, {"errorCode": "NotFound"}, {"errorCode": "Junk"}]},
    "responseDemo": "[{\"type\": \"json\", \"example\": \"{\\n \\\"Name\\\": \\\"toy\\\"}\", \"errorExample\": \"\"}]"}}"#;

#[test]
fn prose_stays_out_unless_asked_for() {
    let text = docs("RPC", "Toy", "{}", DOWNLOAD);
    let (spec, decisions) = import(&text);
    let written = alicloud_spec::to_text(&spec);
    assert!(!written.contains("vendor"), "{written}");
    let operation = &spec.operations["GetThing"];
    assert!(operation.deprecated);
    let examples: Vec<_> = operation.parameters.iter().map(|shape| shape.example.clone()).collect();
    assert_eq!(examples, [Some("thing-1".into()), Some(3.into()), None], "values are facts, when they fit");
    assert!(operation.parameters[0].required);
    let errors: Vec<_> = operation.errors.iter().map(|error| (error.status, error.code.as_str())).collect();
    assert_eq!(errors, [(Some(404), "NotFound"), (None, "Junk")], "a code stays when its status is none");
    assert!(decisions.iter().any(|decision| decision.rule == "status of errors"));

    let options = Options { prose: true, title: Some("Toys".to_owned()), ..Options::default() };
    let (spec, _) = convert(&json(&text), &options).expect("it can be imported");
    let operation = &spec.operations["GetThing"];
    assert_eq!(spec.title, "Toys");
    assert_eq!(
        (operation.summary.as_str(), operation.description.as_str()),
        ("The vendor's summary", "The vendor's text")
    );
    assert_eq!(operation.parameters[0].summary, "The vendor's field");
    assert_eq!(operation.response.fields[0].summary, "The vendor's name");
    assert_eq!(operation.errors[0].summary, "The vendor's message");
    assert_eq!(operation.response.example, Some(serde_json::json!({"Name": "toy"})));
}

#[test]
fn the_product_is_read_with_its_hosts() {
    let text = r#"{"info": {"style": "RPC", "product": "Toy_Store", "version": "2024-01-01"}, "apis": {},
        "x-endpointRule": "central", "x-endpointPrefix": "toys", "x-endpointGlobal": "toy.aliyuncs.com",
        "x-locationServiceCode": "toy",
        "endpoints": [{"regionId": "cn-hangzhou", "public": "https://toy.Aliyuncs.com/ ", "vpc": "toy-vpc.aliyuncs.com"},
                      {"regionId": "cn-beijing", "endpoint": "not a host"}, {"endpoint": "a.b"},
                      {"regionId": "cn-hangzhou", "endpoint": "other.aliyuncs.com"}]}"#;
    let (spec, decisions) = import(text);
    assert_eq!((spec.product.as_str(), spec.code.as_str(), spec.style), ("toy-store", "Toy_Store", Style::Rpc));
    let endpoints = spec.endpoints;
    assert_eq!(endpoints.rule, Some(EndpointRule::Central));
    assert_eq!(endpoints.prefix.as_deref(), Some("toys"));
    assert_eq!(endpoints.global.as_deref(), Some("toy.aliyuncs.com"));
    assert_eq!(endpoints.location_service_code.as_deref(), Some("toy"));
    assert_eq!(
        endpoints.regions.into_iter().collect::<Vec<_>>(),
        [("cn-hangzhou".to_owned(), "toy.aliyuncs.com".to_owned())]
    );
    assert_eq!(endpoints.vpc_regions.len(), 1);
    assert_eq!(decisions.iter().filter(|decision| decision.rule == "endpoint").count(), 4, "{decisions:?}");
}

#[test]
fn protocols_follow_style_and_product() {
    for (style, product, protocol) in [
        ("RPC", "Toy", Protocol::Standard),
        ("ROA", "Toy", Protocol::Standard),
        ("V3", "Toy", Protocol::Standard),
        ("ROA", "Sls", Protocol::Sls),
        ("SLS", "Sls", Protocol::Sls),
        ("OSS", "Oss", Protocol::Oss),
        ("FC", "FC-Open", Protocol::Fc),
        ("FC", "FC", Protocol::Standard),
        ("PDS", "pds", Protocol::Pds),
        ("AliGenie", "AliGenie", Protocol::Aligenie),
    ] {
        assert_eq!(import(&docs(style, product, "{}", "{}")).0.protocol, protocol, "{style} {product}");
    }
}

#[test]
fn streams_uploads_and_sockets() {
    let apis = r#"{
        "Chat": {"methods": ["post"], "schemes": ["https", "sse"], "security": [{"AK": []}]},
        "Talk": {"methods": ["get"], "schemes": ["https", "websocket"], "security": [{"AK": []}]},
        "Watch": {"methods": ["get"], "schemes": ["wss"], "security": [{"AK": []}]},
        "Detect": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
            {"name": "ImageURL", "in": "query", "schema": {"type": "string", "isFileTransferUrl": true}},
            {"name": "Tasks", "in": "formData", "style": "repeatList", "schema": {"type": "array", "items": {
                "type": "object", "properties": {"URL": {"type": "string", "isFileTransferUrl": true}}}}}]},
        "Upload": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
            {"name": "Name", "in": "formData", "schema": {"type": "string"}},
            {"name": "body", "in": "body", "schema": {"type": "string", "format": "binary"}}]},
        "Scan": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
            {"name": "Url", "in": "query", "schema": {"type": "string"}},
            {"name": "body", "in": "formData", "schema": {"type": "string", "format": "stream"}}]},
        "Save": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
            {"name": "body", "in": "body", "schema": {"type": "object", "properties": {
                "Name": {"type": "string"}, "Parts": {"type": "array", "items": {"type": "string"}}}}}]},
        "Read": {"methods": ["get"], "security": [{"AK": []}], "parameters": [
            {"name": "Data", "in": "formData", "schema": {"type": "string"}}]}
    }"#;
    let (spec, _) = import(&docs("RPC", "Toy", "{}", apis));
    assert_eq!(alicloud_spec::validate("streams", &spec), []);
    let operation = |name: &str| &spec.operations[name];
    assert!(operation("Chat").response.events && operation("Chat").skip.is_none());
    for name in ["Talk", "Watch"] {
        assert!(operation(name).skip.as_ref().is_some_and(|reason| reason.contains("WebSocket")), "{name}");
    }
    let detect = &operation("Detect").parameters;
    let element = detect[1].of.as_ref().expect("a list has elements");
    for url in [&detect[0], &element.fields[0]] {
        assert_eq!(url.format.as_deref(), Some("fileUrl"), "{}", url.name);
    }
    let places = |name: &str| {
        let parameters = operation(name).parameters.iter();
        parameters.map(|shape| serde_json::to_value(shape.place).expect("a place is JSON")).collect::<Vec<_>>()
    };
    assert_eq!(places("Upload"), ["query", "payload"], "a call has one body");
    assert_eq!(places("Scan"), ["query", "payload"], "bytes that are called the body are the body");
    assert_eq!(places("Save"), ["form", "form"], "RPC calls have a form where others have JSON");
    assert_eq!(places("Read"), ["query"], "GET has no form");
}

#[test]
fn a_label_does_not_make_an_operation_safe_to_repeat() {
    let apis = r#"{"DescribeThing": {"methods": ["post"], "security": [{"AK": []}], "operationType": "read"},
        "SendSms": {"methods": ["post"], "security": [{"AK": []}], "operationType": "read"},
        "CreateThing": {"methods": ["post"], "security": [{"AK": []}], "operationType": "readAndWrite"}}"#;
    let (spec, decisions) = import(&docs("RPC", "Toy", "{}", apis));
    let access = |name: &str| spec.operations[name].access;
    assert_eq!(access("DescribeThing"), Some(Access::Read));
    assert_eq!(access("SendSms"), None);
    assert_eq!(access("CreateThing"), Some(Access::ReadWrite));
    let decision = decisions.iter().find(|decision| decision.rule == "read by label only");
    assert_eq!(decision.map(|decision| decision.operation.as_str()), Some("SendSms"));
}

#[test]
fn unknown_constructs_are_errors_that_say_where() {
    for (operation, expected) in [
        (
            r#"{"methods": ["post"], "parameters": [{"name": "A", "in": "cookie", "schema": {"type": "string"}}]}"#,
            "A: position `cookie`",
        ),
        (
            r#"{"methods": ["post"], "parameters": [{"name": "A", "in": "query", "style": "matrix", "schema": {"type": "array", "items": {"type": "string"}}}]}"#,
            "A: style `matrix`",
        ),
        (
            r#"{"methods": ["post"], "parameters": [{"name": "A", "in": "query", "schema": {"type": "object", "properties": {"B": {"type": "decimal"}}}}]}"#,
            "A.B: type `decimal`",
        ),
        (
            r#"{"methods": ["post"], "parameters": [{"name": "A", "in": "query", "schema": {"oneOf": []}}]}"#,
            "A: `oneOf` in a schema",
        ),
        (
            r##"{"methods": ["post"], "parameters": [{"name": "A", "in": "query", "schema": {"$ref": "#/definitions/A"}}]}"##,
            "A: reference to `#/definitions/A`",
        ),
        (r#"{"methods": ["fetch"]}"#, "method `fetch`"),
        (r#"{"methods": ["post"], "schemes": ["gopher"]}"#, "scheme `gopher`"),
        (r#"{"methods": ["post"], "security": [{"Palm": []}]}"#, "security scheme `Palm`"),
        (r#"{"methods": ["post"], "parameters": [{"in": "query"}]}"#, "a parameter without a name"),
    ] {
        let text = docs("RPC", "Toy", "{}", &format!(r#"{{"DoThing": {operation}}}"#));
        let error = convert(&json(&text), &Options::default()).expect_err(expected);
        assert_eq!(error.to_string(), format!("toy/2024-01-01 DoThing: {expected}"));

        let lenient = Options { skip_unknown: true, ..Options::default() };
        let (spec, decisions) = convert(&json(&text), &lenient).expect("it is left out instead");
        assert_eq!(spec.operations["DoThing"].skip.as_deref(), Some(expected));
        assert!(decisions.iter().any(|decision| decision.rule == "skipped"), "and that is on record");
    }
    for (text, expected) in [
        ("[]", "there is no `info`"),
        (r#"{"info": {"product": "Toy", "version": "1"}}"#, "`info` has no `style`"),
        (r#"{"info": {"product": "Toy", "version": "1", "style": "SOAP"}, "apis": {}}"#, "style `SOAP` is not known"),
    ] {
        let error = convert(&json(text), &Options::default()).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}
