//! What codegen makes of specs: the committed crates, what changes when a spec does, and that no spec can
//! make it panic or write something that is not Rust.

#[path = "codegen/behaviour.rs"]
mod behaviour;
#[path = "codegen/errors.rs"]
mod errors;
#[path = "codegen/hostile.rs"]
mod hostile;
#[path = "codegen/output.rs"]
mod output;

use std::path::{Path, PathBuf};

use alicloud_codegen::GeneratedFile;
use alicloud_spec::Spec;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The specs of a product that holds every construct, the newest first.
fn kitchen() -> Vec<Spec> {
    let folder = workspace().join("tests/fixtures/specs/kitchen");
    ["2024-02-29", "2014-05-26"].map(|version| Spec::load(folder.join(format!("{version}.json"))).unwrap()).into()
}

fn generate(specs: &[Spec]) -> Vec<GeneratedFile> {
    alicloud_codegen::generate(&specs.iter().collect::<Vec<_>>()).unwrap()
}

fn text<'a>(files: &'a [GeneratedFile], path: &str) -> &'a str {
    &files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} is not generated")).text
}
