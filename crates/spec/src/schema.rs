//! `specs/schema.json` is made of the types in `model`, whose docs become its descriptions. The tests
//! keep the two in step and hold every committed spec against the schema.
//!
//! After a change of the types: `UPDATE_SPECS=1 cargo test -p alicloud-spec schema`.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use crate::{Spec, diff, layout};

fn specs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

fn schema() -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(Spec)).unwrap();
    schema["title"] = "Spec of an Alibaba Cloud product version".into();
    tidy(&mut schema);
    schema
}

/// What the types say and readers of specs need not know: line breaks of the source in descriptions, and
/// that absent keys are read like `null`.
fn tidy(value: &mut Value) {
    let null = |option: &Value| option == "null" || option["type"] == "null";
    match value {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n");
            }
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|option| !null(option));
                members["type"] = types.remove(0);
            }
            if let Some(options) =
                members.get("anyOf").and_then(Value::as_array).filter(|options| options.iter().any(null))
            {
                let kept: Vec<Value> = options.iter().filter(|option| !null(option)).cloned().collect();
                members.remove("anyOf");
                members.extend(kept.into_iter().flat_map(|option| option.as_object().unwrap().clone()));
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(elements) => elements.iter_mut().for_each(tidy),
        _ => {}
    }
}

#[test]
fn schema_is_up_to_date() {
    let path = specs().join("schema.json");
    let text = layout(&schema().to_string()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SPECS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "specs/schema.json is out of date; run UPDATE_SPECS=1 cargo test -p alicloud-spec schema"
    );
}

#[test]
fn committed_specs_follow_the_schema() {
    let schema = schema();
    let mut count = 0;
    for folder in fs::read_dir(specs()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let spec: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let faults = check(&schema, &schema, &spec);
            assert!(faults.is_empty(), "{}: {faults:?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 4, "the founding products have specs");
}

#[test]
fn the_schema_rejects() {
    let schema = schema();
    let sound = serde_json::json!({
        "product": "demo", "code": "Demo", "version": "1", "title": "Demo", "style": "rpc",
        "operations": {"Get": {"method": "GET", "parameters": [{"name": "A", "in": "query", "type": "string", "enum": ["a", {"value": "b", "summary": "B"}]}]}}
    });
    assert_eq!(check(&schema, &schema, &sound), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/style", serde_json::json!("soap")),
        ("/title", serde_json::json!(1)),
        ("/operations/Get/parameters/0", serde_json::json!({"name": "A", "requird": true})),
        ("/operations/Get/parameters/0/enum", serde_json::json!([1])),
        ("/operations/Get/parameters/0/type", serde_json::json!("text")),
        ("/operations/Get", serde_json::json!({"summary": "no method"})),
    ] {
        let mut spec = sound.clone();
        *spec.pointer_mut(pointer).unwrap() = wrong.clone();
        assert!(!check(&schema, &schema, &spec).is_empty(), "{pointer} {wrong}");
    }
}

/// Editors show them, so none may be missing.
#[test]
fn every_key_has_a_description() {
    let schema = schema();
    for (name, definition) in definitions(&schema) {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name}.{key}");
        }
    }
}

/// A key that `diff` does not know would be called breaking whatever it is.
#[test]
fn diff_knows_every_key() {
    let schema = schema();
    let keys: BTreeSet<&String> = definitions(&schema)
        .filter(|(name, _)| !["Pagination", "WaiterRule"].contains(&name.as_str()))
        .flat_map(|(_, definition)| definition["properties"].as_object().into_iter().flatten().map(|(key, _)| key))
        .collect();
    let unknown: Vec<_> = keys.into_iter().filter(|key| !diff::knows(key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn definitions(schema: &Value) -> impl Iterator<Item = (String, &Value)> {
    let top = std::iter::once(("Spec".to_owned(), schema));
    top.chain(schema["$defs"].as_object().unwrap().iter().map(|(name, definition)| (name.clone(), definition)))
}

/// The part of JSON Schema that the schema uses; a keyword that is not understood is a fault.
fn check(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(schema) = schema.as_object() else {
        return if schema == &Value::Bool(true) { faults } else { vec![format!("{value} is forbidden")] };
    };
    for (keyword, rule) in schema {
        let sound = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                faults.extend(check(root, target, value));
                true
            }
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap() {
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "null" => value.is_null(),
                    other => panic!("type {other}"),
                };
                rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is))
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "const" => rule == value,
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "anyOf" => rule.as_array().unwrap().iter().any(|option| check(root, option, value).is_empty()),
            "oneOf" => {
                rule.as_array().unwrap().iter().filter(|option| check(root, option, value).is_empty()).count() == 1
            }
            "items" => {
                faults.extend(value.as_array().into_iter().flatten().flat_map(|element| check(root, rule, element)));
                true
            }
            "properties" => {
                let members = rule.as_object().unwrap().iter();
                faults.extend(members.filter_map(|(key, rule)| Some(check(root, rule, value.get(key)?))).flatten());
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                let others = others.filter(|(key, _)| known.is_none_or(|known| !known.contains_key(*key)));
                faults.extend(others.flat_map(|(_, member)| check(root, rule, member)));
                true
            }
            "required" => rule.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            other => panic!("keyword {other}"),
        };
        if !sound {
            faults.push(format!("{value} breaks {keyword} {rule}"));
        }
    }
    faults
}
