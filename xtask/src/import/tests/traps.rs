//! One small spec for every trap that was found in the vendor's metadata: what comes in, what must come
//! out, and which decisions have to be on record.

use std::collections::BTreeSet;

use alicloud_spec::validate;
use serde_json::Value;

use super::{docs, import};
use crate::import::Json;

const TRAPS: &str = include_str!("traps.json");

#[test]
fn every_trap_is_handled_on_purpose() {
    let traps: Vec<Value> = serde_json::from_str(TRAPS).expect("the table is JSON");
    // The same again with the order of members, which matters for what is read.
    let ordered: Json = serde_json::from_str(TRAPS).expect("the table is JSON");
    let mut seen = BTreeSet::new();
    for (trap, ordered) in traps.iter().zip(ordered.elements()) {
        let number = trap["trap"].as_u64().expect("every trap has a number");
        let about = format!("trap {number}: {}", trap["about"].as_str().expect("every trap says what it is about"));
        let text = |key: &str, default: &str| trap[key].as_str().unwrap_or(default).to_owned();
        let part = |key: &str| ordered.get(key).map_or_else(|| "{}".to_owned(), write);
        let (spec, decisions) =
            import(&docs(&text("style", ""), &text("product", "Toy"), &part("components"), &part("apis")));

        let operations = serde_json::to_value(&spec.operations).expect("a spec is JSON");
        assert_eq!(operations, trap["operations"], "{about}: operations are\n{operations}");
        let types = serde_json::to_value(&spec.types).expect("a spec is JSON");
        assert_eq!(types, trap["types"], "{about}: types are\n{types}");
        let rules: BTreeSet<&str> =
            decisions.iter().map(|decision| decision.rule).filter(|rule| *rule != "endpoint").collect();
        let expected: BTreeSet<&str> =
            trap["decided"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(rules, expected, "{about}: decisions are {decisions:#?}");

        let problems = validate("trap", &spec);
        assert!(problems.is_empty(), "{about}: {problems:?}");
        if let Err(error) = alicloud_codegen::generate(&[&spec]) {
            panic!("{about}: no code: {error}");
        }
        seen.insert(number);
    }
    assert_eq!(seen, (1..=46).collect(), "the table has all traps");
}

fn write(json: &Json) -> String {
    match json {
        Json::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key:?}: {}", write(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Json::List(elements) => format!("[{}]", elements.iter().map(write).collect::<Vec<_>>().join(", ")),
        other => Value::from(other).to_string(),
    }
}
