//! The command line, and what it must not write.

use std::fs;
use std::path::{Path, PathBuf};

use super::{docs, json};
use crate::import::command::{distinct, import_into, parse};
use crate::import::source::find;
use crate::import::{Options, convert};

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("alicloud-import-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the system's temporary folder can be written");
    folder
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it is there").path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

#[test]
fn options_are_read_or_refused() {
    let request = parse(&words("--into out --skip-unknown a.json b")).expect("all is known").expect("no call for help");
    assert_eq!((request.into, request.named), ("out".into(), vec!["a.json".into(), "b".into()]));
    assert!(request.options.skip_unknown && !request.options.prose);
    assert!(parse(&words("a.json --help")).expect("help is known").is_none());
    for (line, expected) in [
        ("a.json --into", "`--into` needs a value"),
        ("--into --with-prose a.json", "`--into` needs a value"),
        ("--intro out a.json", "is `--into` meant?"),
        ("-x a.json", "no option `-x`"),
        ("--into out", "usage:"),
    ] {
        let failure = parse(&words(line)).expect_err(line);
        assert!(failure.to_string().contains(expected), "{line}: {failure}");
    }
}

#[test]
fn one_version_from_two_files_is_refused() {
    let folder = folder("twice");
    let text = docs("RPC", "Toy", "{}", r#"{"GetThing": {"methods": ["get"]}}"#);
    for name in ["old.json", "new.json", "other.json"] {
        let product = if name == "other.json" { "Other" } else { "toy" };
        fs::write(folder.join(name), text.replace("Toy", product)).expect("it can be written");
    }
    let (sources, _) = find(std::slice::from_ref(&folder)).expect("the folder is there");
    let failure = distinct(&sources).expect_err("two files are one spec").to_string();
    for part in ["new.json", "old.json", "toy/2024-01-01"] {
        assert!(failure.contains(part), "{failure}");
    }
    let (sources, _) = find(&[folder.join("new.json"), folder.join("other.json")]).expect("they are there");
    assert!(distinct(&sources).is_ok());
    fs::remove_dir_all(folder).expect("it can be removed");
}

/// A name with a way out of the folder is refused before a file of that name is looked at.
#[test]
fn names_are_no_paths() {
    let folder = folder("names");
    let into = folder.join("specs");
    fs::create_dir_all(into.join("toy")).expect("it can be made");
    // Reading it would be told: it is no spec.
    fs::write(folder.join("x.json"), "what is here stays").expect("it can be written");
    let text = docs("RPC", "Toy", "{}", r#"{"GetThing": {"methods": ["get"]}}"#);
    let bad = ["../../x", "..", "a/b", "/tmp/x", "a\\\\b", ".hidden", "a b", "a\\u0000b", "C:x"];
    for (key, good) in [("product", "\"Toy\""), ("version", "\"2024-01-01\"")] {
        for name in bad {
            let docs = json(&text.replace(good, &format!("\"{name}\"")));
            let failure = import_into(&docs, &Options::default(), &into).expect_err(name).to_string();
            assert!(failure.contains(&format!("is no name of a {key}")), "{key} {name}: {failure}");
            assert_eq!(files(&folder), [folder.join("x.json")], "{key} {name}");
        }
    }
    assert_eq!(fs::read_to_string(folder.join("x.json")).expect("it is there"), "what is here stays");
    fs::remove_dir_all(folder).expect("it can be removed");
}

#[test]
fn a_single_operation_is_told_from_a_product() {
    let failure = |text| convert(&json(text), &Options::default()).expect_err(text).to_string();
    let one = failure(r#"{"methods": ["get"], "parameters": [], "responses": {}}"#);
    assert!(one.contains("single operation") && one.contains("api-docs.json"), "{one}");
    assert!(failure("{}").contains("no `info`"));
}
