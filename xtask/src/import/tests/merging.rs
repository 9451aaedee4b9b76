//! Importing over a spec that people have worked on.

use alicloud_spec::{Spec, to_text, validate};

use super::{docs, import};
use crate::import::merge::merge;

const BEFORE: &str = r##"{
    "DescribeThing": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
        {"name": "Id", "in": "query", "schema": {"type": "string", "required": false}},
        {"name": "Old", "in": "query", "schema": {"type": "string"}},
        {"name": "Kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}}],
        "responses": {"200": {"schema": {"type": "object", "properties": {
            "Status": {"type": "string"}, "Owner": {"$ref": "#/components/schemas/Owner"}}}}},
        "errorCodes": {"404": [{"errorCode": "NotFound"}]}},
    "DeleteThing": {"methods": ["post"], "security": [{"AK": []}], "parameters": [
        {"name": "Data", "in": "query", "style": "json", "schema": {"$ref": "#/components/schemas/Gone"}}]}
}"##;

/// The same product later: one operation is gone, one is new, a parameter is gone, facts have changed.
const AFTER: &str = r##"{
    "DescribeThing": {"methods": ["post", "get"], "security": [{"AK": []}], "deprecated": true, "parameters": [
        {"name": "Id", "in": "query", "schema": {"type": "integer", "format": "int64", "required": true}},
        {"name": "Kind", "in": "query", "schema": {"type": "string", "enum": ["b", "c"]}}],
        "responses": {"200": {"schema": {"type": "object", "properties": {
            "Status": {"type": "string"}, "Owner": {"$ref": "#/components/schemas/Owner"}}}}},
        "errorCodes": {"404": [{"errorCode": "NotFound"}], "500": [{"errorCode": "Broken"}]}},
    "CreateThing": {"methods": ["post"], "security": [{"AK": []}]}
}"##;

const TYPES: &str = r##"{
    "Owner": {"type": "object", "properties": {"Name": {"type": "string"}}},
    "Gone": {"type": "object", "properties": {"Inner": {"$ref": "#/components/schemas/GoneInner"}}},
    "GoneInner": {"type": "object", "properties": {"x": {"type": "string"}}}
}"##;

fn spec(apis: &str) -> Spec {
    import(&docs("RPC", "Toy", TYPES, apis)).0
}

/// What a careful reader makes of the first import.
fn worked_on() -> Spec {
    let mut value = serde_json::to_value(spec(BEFORE)).expect("a spec is JSON");
    let mut add = |place: &str, more: serde_json::Value| {
        let target = value.pointer_mut(place).expect("the place exists").as_object_mut().expect("it is an object");
        for (key, more) in more.as_object().expect("it is an object") {
            target.insert(key.clone(), more.clone());
        }
    };
    add(
        "",
        serde_json::json!({
            "title": "Toys", "summary": "Things to play with.", "documentation": "https://example.com/toys",
            "notes": ["Documents and service disagree."],
            "waiters": {"ThingReady": {"summary": "The thing is ready.", "operation": "DescribeThing", "delay": 5, "limit": 60,
                "rules": [{"then": "success", "path": "Status", "values": ["Ready"]}]}}
        }),
    );
    add(
        "/endpoints",
        serde_json::json!({"rule": "regional", "prefix": "toys", "vpcRegions": {"cn-hangzhou": "toy-vpc.aliyuncs.com"}}),
    );
    add(
        "/operations/DescribeThing",
        serde_json::json!({
            "summary": "Shows a thing.", "description": "At length.", "documentation": "https://example.com/thing",
            "class": "read", "timeout": 40, "pagination": {"none": true}, "notes": ["Slow."]
        }),
    );
    add(
        "/operations/DescribeThing/parameters/0",
        serde_json::json!({
            "summary": "Which thing.", "note": "Once a number.", "example": "thing-1", "secret": true, "default": "thing-0", "maxLength": 64
        }),
    );
    add(
        "/operations/DescribeThing/parameters/2",
        serde_json::json!({
            "enum": [{"value": "a", "summary": "The first kind."}, {"value": "b", "summary": "The second kind."}]
        }),
    );
    add("/operations/DescribeThing/response", serde_json::json!({"example": {"Status": "Ready"}}));
    add("/operations/DescribeThing/response/fields/0", serde_json::json!({"summary": "How it is.", "enum": ["Ready"]}));
    add("/operations/DescribeThing/errors/0", serde_json::json!({"summary": "There is no such thing."}));
    add("/types/Owner/fields/0", serde_json::json!({"summary": "Who it belongs to."}));
    let unlisted =
        serde_json::json!({"name": "Extra", "type": "string", "note": "Seen on the wire, not in the documents."});
    let fields =
        value.pointer_mut("/operations/DescribeThing/response/fields").and_then(|fields| fields.as_array_mut());
    fields.expect("there are fields").push(unlisted);
    serde_json::from_value(value).expect("it is still a spec")
}

#[test]
fn importing_twice_changes_nothing() {
    for apis in [BEFORE, AFTER] {
        let (once, _) = merge(worked_on(), spec(apis));
        let (twice, changes) = merge(once.clone(), spec(apis));
        assert_eq!(to_text(&twice), to_text(&once));
        assert_eq!(changes, [], "nothing is left to report");
    }
}

#[test]
fn importing_the_same_keeps_all_that_people_added() {
    let (merged, changes) = merge(worked_on(), spec(BEFORE));
    assert_eq!(to_text(&merged), to_text(&worked_on()));
    assert_eq!(changes, []);
}

#[test]
fn facts_are_replaced_and_words_stay() {
    let (merged, changes) = merge(worked_on(), spec(AFTER));
    assert_eq!(validate("merged", &merged), []);
    let worked = worked_on();
    assert_eq!(
        (&merged.title, &merged.summary, &merged.documentation, &merged.notes, &merged.waiters),
        (&worked.title, &worked.summary, &worked.documentation, &worked.notes, &worked.waiters),
    );
    assert_eq!(merged.endpoints, worked.endpoints, "what the file does not speak of stays");

    let (new, old) = (&merged.operations["DescribeThing"], &worked.operations["DescribeThing"]);
    assert_eq!(
        (&new.summary, &new.description, &new.documentation, &new.class, &new.timeout, &new.pagination, &new.notes),
        (&old.summary, &old.description, &old.documentation, &old.class, &old.timeout, &old.pagination, &old.notes),
    );
    let operation = serde_json::to_value(new).expect("an operation is JSON");
    let expected = serde_json::json!([
        {"name": "Id", "in": "query", "type": "int64", "required": true, "secret": true, "summary": "Which thing.",
         "note": "Once a number.", "example": "thing-1"},
        {"name": "Kind", "in": "query", "type": "string", "enum": [
            {"value": "b", "summary": "The second kind."}, "c", {"value": "a", "summary": "The first kind."}]}
    ]);
    assert_eq!(operation["parameters"], expected, "the default and the limit belong to the old type");
    assert_eq!(operation["also"], serde_json::json!(["GET"]));
    assert_eq!(operation["deprecated"], true);
    assert_eq!(
        operation["errors"],
        serde_json::json!([
            {"status": 404, "code": "NotFound", "summary": "There is no such thing."}, {"status": 500, "code": "Broken"}
        ])
    );
    assert_eq!(new.response, old.response, "a field with a note stays, although the vendor does not list it");
    assert_eq!(merged.types["Owner"].fields[0].summary, "Who it belongs to.");

    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "DeleteThing: the vendor no longer documents it; retired",
            "DescribeThing: deprecated",
            "DescribeThing: parameter Id is now required",
            "DescribeThing: parameter Id turned from string into int64",
            "DescribeThing: parameter Old is gone",
            "CreateThing: added",
        ]
    );
}

#[test]
fn what_disappears_is_retired_and_comes_back() {
    let (gone, _) = merge(worked_on(), spec(AFTER));
    let retired = &gone.operations["DeleteThing"];
    assert!(retired.retired && retired.skip.is_none(), "it stays callable");
    assert_eq!(retired.parameters, worked_on().operations["DeleteThing"].parameters);
    assert!(gone.types.contains_key("Gone") && gone.types.contains_key("GoneInner"), "and so do its types");

    let (back, changes) = merge(gone, spec(BEFORE));
    assert!(!back.operations["DeleteThing"].retired);
    assert!(back.operations["CreateThing"].retired);
    assert!(changes.iter().any(|change| change.to_string() == "DeleteThing: documented again"));
}

#[test]
fn types_that_nothing_needs_go() {
    let without = BEFORE.replace(
        r##""style": "json", "schema": {"$ref": "#/components/schemas/Gone"}"##,
        r#""schema": {"type": "string"}"#,
    );
    let (merged, _) = merge(spec(BEFORE), spec(&without));
    assert_eq!(merged.types.keys().collect::<Vec<_>>(), ["Owner"]);
}
