//! The text itself: `tests/generated/kitchen` is the snapshot of the Rust files, so that it is compiled;
//! the other files are snapshots of the usual kind.

use std::{collections::BTreeMap, fs};

use alicloud_codegen::{MARK, retry_class};
use alicloud_spec::{RetryClass, Shape, load_dir};

use crate::{generate, kitchen, text, workspace};

#[test]
fn every_construct_is_generated_as_it_is_committed() {
    let root = workspace().join("tests/generated/kitchen");
    for file in generate(&kitchen()).iter().filter(|file| file.path.starts_with("src/")) {
        let committed = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        assert!(committed == file.text, "{} differs; run `cargo xtask codegen kitchen`", file.path);
    }
}

#[test]
fn files_that_are_not_rust() {
    let files = generate(&kitchen());
    insta::assert_snapshot!("kitchen_manifest", text(&files, "Cargo.toml"));
    insta::assert_snapshot!("kitchen_readme", text(&files, "README.md"));
    insta::assert_snapshot!("kitchen_example", text(&files, "examples/kitchen_first_call.rs"));
}

/// A code that no service sends as it stands is told, but is nothing to compare with.
#[test]
fn patterns_of_error_codes_are_no_constants() {
    let files = generate(&kitchen());
    let constants = text(&files, "src/error_codes.rs");
    assert!(!constants.contains('%') && constants.contains("CODE_404_GONE: &str"), "{constants}");
    assert!(text(&files, "src/client.rs").contains("`MissingParam.%s`"));
}

#[test]
fn the_order_in_which_specs_come_does_not_matter() {
    let mut specs = kitchen();
    let files = generate(&specs);
    specs.reverse();
    assert_eq!(generate(&specs), files);
}

#[test]
fn every_file_says_that_it_is_generated() {
    for file in generate(&kitchen()) {
        assert!(file.text.lines().take(2).any(|line| line.contains(MARK)), "{}", file.path);
    }
}

#[test]
fn renaming_a_parameter_changes_its_operation_alone() {
    let mut specs = kitchen();
    let before = generate(&specs);
    let parameters = &mut specs[0].operations.get_mut("GetPlans").unwrap().parameters;
    parameters.push(Shape { name: "Size".into(), place: Some(alicloud_spec::Place::Query), ..string() });
    let after = generate(&specs);
    let changed: Vec<_> = before.iter().zip(&after).filter(|(b, a)| a != b).map(|(_, a)| a.path.as_str()).collect();
    assert_eq!(changed, ["src/operation/get_plans.rs"]);
}

#[test]
fn adding_an_operation_adds_a_file_a_method_and_two_lines() {
    let mut specs = kitchen();
    let before = generate(&specs);
    let operation = specs[0].operations["UploadPlan"].clone();
    specs[0].operations.insert("UploadSecondPlan".into(), operation);
    let after = generate(&specs);
    let mut changed: Vec<_> =
        after.iter().filter(|file| !before.contains(file)).map(|file| file.path.as_str()).collect();
    changed.sort_unstable();
    assert_eq!(changed, ["src/client.rs", "src/lib.rs", "src/operation/mod.rs", "src/operation/upload_second_plan.rs"]);
}

/// Reviewers see here which calls the runtime may repeat at will, and which change between two specs.
#[test]
fn classes_of_the_founding_operations() {
    let mut classes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let specs = load_dir(workspace().join("specs")).unwrap();
    let founding = ["computenestsupplier", "cs", "smartag", "sts"];
    for spec in specs.iter().filter(|spec| founding.contains(&spec.product.as_str())) {
        for (name, operation) in &spec.operations {
            let class = match retry_class(name, operation) {
                RetryClass::Read => "read",
                RetryClass::Idempotent => "idempotent",
                RetryClass::Mutating => "mutating",
            };
            classes.entry(class).or_default().push(format!("{} {name}", spec.product));
        }
    }
    let lines = classes.iter().map(|(class, names)| format!("{class}\n  {}\n", names.join("\n  ")));
    insta::assert_snapshot!(lines.collect::<String>());
}

fn string() -> Shape {
    Shape { kind: Some(alicloud_spec::Kind::String), ..Shape::default() }
}
