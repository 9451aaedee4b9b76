//! What the tests share: the recorded facts.

pub mod dynamic;

use std::{fs, path::PathBuf};

use alicloud_spec::Spec;
use serde::de::DeserializeOwned;

/// A file of `tests/fixtures`.
///
/// # Panics
/// The file is missing.
pub fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A JSON file of `tests/fixtures`.
///
/// # Panics
/// The file is missing or of another shape.
pub fn json_fixture<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The newest spec of a product.
///
/// # Panics
/// There is none, or it does not load.
pub fn spec(product: &str) -> Spec {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let specs = alicloud_spec::load_dir(&folder).unwrap_or_else(|error| panic!("{error}"));
    let newest = specs.into_iter().rfind(|spec| spec.product == product);
    newest.unwrap_or_else(|| panic!("no spec of {product} in {}", folder.display()))
}
