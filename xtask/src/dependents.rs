//! Manifests of tests that depend on every product: codegen keeps their lists complete.

use std::fmt::Write as _;

/// The manifests, from the root of the workspace.
pub(crate) const MANIFESTS: [&str; 2] = ["tests/models/Cargo.toml", "tests/operations/Cargo.toml"];

/// The line after which the list begins; it ends with the last dependency of a product.
const MARK: &str = "# Every product. Written by `cargo xtask codegen`.\n";

/// The beginning of the line of a feature that switches all versions on. Without one, the dependencies do.
const ALL: &str = "\nall = [";

/// A product crate, and the features of its older versions.
pub(crate) struct Product {
    pub(crate) folder: String,
    pub(crate) versions: Vec<String>,
}

impl Product {
    /// What a generated manifest says.
    pub(crate) fn of(folder: &str, manifest: &str) -> Self {
        let features = manifest.split("\n[features]\n").nth(1).unwrap_or_default();
        let features = features.lines().take_while(|line| !line.starts_with('['));
        let older = features.filter_map(|line| line.strip_suffix(" = []"));
        let is_version =
            |name: &&str| name.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_numeric()));
        Self { folder: folder.to_owned(), versions: older.filter(is_version).map(str::to_owned).collect() }
    }
}

/// A manifest with the list of these products; `None` when it has no list.
pub(crate) fn list(manifest: &str, products: &[Product]) -> Option<String> {
    let (head, tail) = manifest.split_once(MARK)?;
    let mut head = head.to_owned();
    let listed = |line: &&str| line.starts_with("alicloud-");
    let rest: String = tail.split_inclusive('\n').skip_while(listed).collect();
    let by_feature = head.split_once(ALL).map(|(before, after)| {
        let after = after.split_once('\n').map_or("", |(_, after)| after);
        let versions = |product: &Product| {
            let folder = product.folder.clone();
            product.versions.clone().into_iter().map(move |version| format!("\"alicloud-{folder}/{version}\""))
        };
        let all: Vec<String> = products.iter().flat_map(versions).collect();
        format!("{before}{ALL}{}]\n{after}", all.join(", "))
    });
    let inline = by_feature.is_none();
    head = by_feature.unwrap_or(head);
    let mut lines = String::new();
    for Product { folder, versions } in products {
        let features = versions.iter().map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(", ");
        let features =
            if inline && !versions.is_empty() { format!(", features = [{features}]") } else { String::new() };
        let _ = writeln!(lines, "alicloud-{folder} = {{ path = \"../../crates/{folder}\"{features} }}");
    }
    Some(format!("{head}{MARK}{lines}{rest}"))
}
