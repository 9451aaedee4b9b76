//! `cargo xtask codegen` in a workspace of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const SPEC: &str = r#"{
  "product": "pan",
  "code": "Pan",
  "version": "2020-01-01",
  "title": "Pan",
  "style": "rpc",
  "operations": {
    "CreatePan": { "method": "POST" },
    "DescribePans": { "method": "POST", "response": { "fields": [{ "name": "RequestId", "type": "string" }] } }
  }
}"#;

const DESCRIBE: &str = "crates/pan/src/operation/describe_pans.rs";

/// A workspace with the spec of one product.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        let workspace = Self(root);
        workspace.write("specs/pan/2020-01-01.json", SPEC);
        workspace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    fn run(&self, args: &[&str]) -> Output {
        let xtask = self.path("xtask");
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(args).env("CARGO_MANIFEST_DIR", xtask).output().unwrap()
    }

    fn succeed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn fail(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn what_is_generated_once_stays_as_it_is() {
    let workspace = Workspace::new("idempotent");
    workspace.fail(&["codegen", "--check"]);
    workspace.succeed(&["codegen"]);
    let first = workspace.read(DESCRIBE);
    assert!(workspace.succeed(&["codegen"]).contains("nothing to change"));
    workspace.succeed(&["codegen", "--check"]);
    assert_eq!(workspace.read(DESCRIBE), first);
}

#[test]
fn a_check_shows_what_differs_and_mends_nothing() {
    let workspace = Workspace::new("drift");
    workspace.succeed(&["codegen"]);
    let drifted = workspace.read(DESCRIBE).replace("pub request_id", "pub reqest_id");
    workspace.write(DESCRIBE, &drifted);
    let message = workspace.fail(&["codegen", "pan", "--check"]);
    assert!(message.contains(&format!("{DESCRIBE} (committed)")), "{message}");
    assert!(message.contains("-    pub reqest_id") && message.contains("+    pub request_id"), "{message}");
    assert!(message.contains("run `cargo xtask codegen pan`"), "{message}");
    assert_eq!(workspace.read(DESCRIBE), drifted);
}

#[test]
fn files_that_are_no_longer_generated_go_and_those_by_hand_stay() {
    let workspace = Workspace::new("stale");
    workspace.succeed(&["codegen"]);
    workspace.write("crates/pan/tests/by_hand.rs", "// By hand.\n");
    let without = SPEC.replace(r#""CreatePan": { "method": "POST" },"#, "");
    workspace.write("specs/pan/2020-01-01.json", &without);
    workspace.succeed(&["codegen", "pan"]);
    assert!(!workspace.exists("crates/pan/src/operation/create_pan.rs"));
    assert!(workspace.exists(DESCRIBE) && workspace.exists("crates/pan/tests/by_hand.rs"));

    fs::remove_dir_all(workspace.path("specs/pan")).unwrap();
    workspace.succeed(&["codegen"]);
    assert!(!workspace.exists("crates/pan/src") && workspace.exists("crates/pan/tests/by_hand.rs"));
}

#[test]
fn tests_of_all_products_depend_on_all_products() {
    let workspace = Workspace::new("dependents");
    let list = "# Every product. Written by `cargo xtask codegen`.\nalicloud-gone = { path = \"../../crates/gone\" }\n";
    let (models, operations) = ("tests/models/Cargo.toml", "tests/operations/Cargo.toml");
    workspace.write(models, &format!("[features]\nall = []\n\n[dependencies]\nmine = \"1\"\n{list}\n[x]\n"));
    workspace.write(operations, &format!("[dependencies]\n{list}"));
    workspace.write("specs/pan/2019-01-01.json", &SPEC.replace("2020-01-01", "2019-01-01"));
    workspace.succeed(&["codegen"]);
    let list = list.lines().next().unwrap();
    assert_eq!(
        workspace.read(models),
        format!(
            "[features]\nall = [\"alicloud-pan/v2019_01_01\"]\n\n[dependencies]\nmine = \"1\"\n{list}\n\
             alicloud-pan = {{ path = \"../../crates/pan\" }}\n\n[x]\n"
        )
    );
    let inline = "alicloud-pan = { path = \"../../crates/pan\", features = [\"v2019_01_01\"] }";
    assert_eq!(workspace.read(operations), format!("[dependencies]\n{list}\n{inline}\n"));
    workspace.write(operations, &format!("[dependencies]\n{list}\n"));
    assert!(workspace.fail(&["codegen", "pan", "--check"]).contains(operations));
}

#[test]
fn a_crate_by_hand_is_never_overwritten() {
    let workspace = Workspace::new("by_hand");
    workspace.write("crates/pan/Cargo.toml", "[package]\nname = \"pan\"\n");
    assert!(workspace.fail(&["codegen"]).contains("written by hand"));
    assert!(!workspace.exists("crates/pan/src"));
}

#[test]
fn one_bad_spec_keeps_everything_from_being_written() {
    let workspace = Workspace::new("half");
    let bad = SPEC.replace("\"pan\"", "\"sink\"").replace("\"title\"", "\"titel\"");
    workspace.write("specs/sink/2020-01-01.json", &bad);
    let message = workspace.fail(&["codegen"]);
    assert!(message.contains("specs/sink/2020-01-01.json") && message.contains("`title`"), "{message}");
    assert!(!workspace.exists("crates"));
}

#[test]
fn names_that_are_not_known_are_told_with_the_nearest_one() {
    let workspace = Workspace::new("unknown");
    assert!(workspace.fail(&["codgen"]).contains("is `codegen` meant?"));
    assert!(workspace.fail(&["codegen", "pam"]).contains("is `pan` meant?"));
    assert!(workspace.fail(&["codegen", "--chek"]).contains("is `--check` meant?"));
    assert!(workspace.succeed(&["--help"]).contains("codegen"));
}
