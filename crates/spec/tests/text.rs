//! The form of spec files. `UPDATE_SPECS=1 cargo test -p alicloud-spec` writes specs that were edited by hand
//! anew in it.

use std::{fs, path::PathBuf};

use alicloud_spec::{Spec, layout, load_dir, to_text};
use proptest::prelude::*;
use serde_json::Value;

fn specs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

#[test]
fn committed_specs_are_in_form() {
    for spec in load_dir(specs()).unwrap_or_else(|error| panic!("{error}")) {
        let path = specs().join(&spec.product).join(format!("{}.json", spec.version));
        let text = fs::read_to_string(&path).unwrap();
        let formed = to_text(&spec);
        if std::env::var_os("UPDATE_SPECS").is_some() {
            fs::write(&path, &formed).unwrap();
            continue;
        }
        let differs = text.lines().zip(formed.lines()).position(|(a, b)| a != b);
        assert!(text == formed, "{}: not as `to_text` writes it, from line {differs:?} (from 0)", path.display());
        assert_eq!(Spec::parse("again", &formed).unwrap(), spec);
    }
}

#[test]
fn lines_are_filled() {
    let json = r#"{"short":[1,{"a":"b"},[]],"empty":{},"long":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",null]}"#;
    let text = r#"{
  "short": [1, {"a": "b"}, []],
  "empty": {},
  "long": [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    null
  ]
}"#;
    assert_eq!(layout(json).unwrap(), text);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,20}", inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn layout_keeps_the_value_and_the_width(value in json()) {
        let text = layout(&value.to_string()).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
        prop_assert_eq!(&layout(&text).unwrap(), &text);
        for line in text.lines() {
            // Only what cannot be broken is longer: one scalar and its key.
            let inside = line.trim().trim_end_matches(',');
            let broken = line.chars().count() <= 120 || !(inside.ends_with('}') || inside.ends_with(']')) || inside.ends_with('"');
            prop_assert!(broken, "{line}");
        }
    }
}
