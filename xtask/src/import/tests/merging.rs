//! Importing over a spec that people have worked on.

use alicloud_spec::{Change, Spec, diff, to_text, validate};

use super::{docs, import};
use crate::import::merge;

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

/// The merged spec and what the command says that it changes.
fn merge(old: Spec, imported: Spec) -> (Spec, Vec<Change>) {
    let merged = merge::merge(old.clone(), imported);
    let changes = diff(&old, &merged);
    (merged, changes)
}

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
            "breaking: operation DescribeThing, parameter Id: `type` was `string`, is `int64`",
            "breaking: operation DescribeThing, parameter Old: is gone",
            "addition: operation DescribeThing: is now deprecated",
            "addition: operation DescribeThing, error Broken: is new",
            "addition: operation DescribeThing, parameter Kind, value c: is new",
            "addition: operation CreateThing: is new",
            "behaviour: operation DescribeThing, parameter Id: `maxLength` was `64`, is gone",
            "behaviour: operation DescribeThing, parameter Id: is now required",
            "docs: operation DeleteThing: is now retired",
            "docs: operation DescribeThing: `also` is now `[\"GET\"]`",
            "docs: operation DescribeThing, parameter Id: `default` was `thing-0`, is gone",
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
    assert!(changes.iter().any(|change| change.to_string() == "docs: operation DeleteThing: is no longer retired"));
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

/// Downloads leave hidden parameters out, and somebody may set them.
#[test]
fn hidden_parameters_stay() {
    let hidden = |apis: &str| {
        apis.replace(
            r#"{"name": "Id""#,
            r#"{"name": "OwnerId", "in": "query", "x-hidden": true, "schema": {"type": "integer", "format": "int64"}}, {"name": "Id""#,
        )
    };
    let (listed, _) = merge(worked_on(), spec(&hidden(BEFORE)));
    let owner =
        |spec: &Spec| spec.operations["DescribeThing"].parameters.iter().find(|shape| shape.name == "OwnerId").cloned();
    assert!(owner(&listed).is_some_and(|owner| owner.hidden));
    let (unlisted, changes) = merge(listed.clone(), spec(BEFORE));
    assert_eq!(owner(&unlisted), owner(&listed));
    assert_eq!(changes, []);
    let shown = hidden(BEFORE).replace(r#""x-hidden": true, "#, "");
    let (shown, changes) = merge(listed.clone(), spec(&shown));
    assert!(owner(&shown).is_some_and(|owner| !owner.hidden));
    assert_eq!(changes[0].to_string(), "docs: operation DescribeThing, parameter OwnerId: is no longer hidden");

    let files = alicloud_codegen::generate(&[&listed]).expect("it can be generated");
    let code: String = files.iter().map(|file| file.text.as_str()).collect();
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    for item in ["pub owner_id: Option<i64>", "pub fn owner_id(mut self, value: i64) -> Self {"] {
        let at = lines.iter().position(|line| line.starts_with(item)).expect(item);
        assert!(lines[at - 3..at].contains(&"#[doc(hidden)]"), "{item}: {:?}", &lines[at - 3..=at]);
    }
    assert_eq!(lines.iter().filter(|line| **line == "#[doc(hidden)]").count(), 3, "those, and what a waiter has");
}

/// Why an operation is skipped is said by people, too, also when it has no parameters.
#[test]
fn a_skip_by_hand_stays() {
    let apis = r#"{"DropAll": {"methods": ["post"], "security": [{"AK": []}],
                     "responses": {"200": {"schema": {"type": "object", "properties": {"Id": {"type": "string"}}}}}},
                   "Ping": {"methods": ["post"], "security": [{"AK": []}]}}"#;
    let mut by_hand = spec(apis);
    for operation in by_hand.operations.values_mut() {
        operation.skip = Some("Too dangerous.".to_owned());
    }
    let (merged, changes) = merge(by_hand.clone(), spec(apis));
    assert_eq!((merged, changes), (by_hand, vec![]));

    // A refusal of the importer ends when it takes the operation.
    let refused = apis.replace(r#""methods""#, r#""schemes": ["websocket"], "methods""#);
    let (merged, _) = merge(spec(&refused), spec(apis));
    assert_eq!(merged.operations["DropAll"].skip, None);
}
