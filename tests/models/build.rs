//! Lists the models of all product crates, so that promises about models hold for every one of them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// At most so many models of a product, when not all are asked for.
const PART: usize = 60;

fn main() {
    let all = env::var_os("CARGO_FEATURE_ALL").is_some();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = here.join("Cargo.toml");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let dependencies = fs::read_to_string(manifest).expect("cargo has read it too");
    // A static, not a constant: what it refers to is compiled here, not in each crate that reads it.
    let mut list = String::from("/// The models.\npub static MODELS: &[Made] = &[\n");
    for (product, source) in products(&here.join("../../crates")) {
        let package = format!("alicloud-{product}");
        assert!(
            dependencies
                .lines()
                .any(|line| line.starts_with(&format!("{package}.")) || line.starts_with(&format!("{package} "))),
            "promises hold for every product: {package} is missing in tests/models/Cargo.toml, run `cargo xtask codegen`"
        );
        let package = package.replace('-', "_");
        println!("cargo::rerun-if-changed={}", source.display());
        let mut models = models(&package, &source);
        for (version, source) in versions(&source) {
            let feature = format!("\"alicloud-{product}/{version}\"");
            assert!(
                dependencies.contains(&feature),
                "promises hold for every version: {feature} is missing in tests/models/Cargo.toml, run `cargo xtask codegen`"
            );
            if all {
                models.extend(self::models(&format!("{package}::{version}"), &source));
            }
        }
        let step = if all { 1 } else { models.len().div_ceil(PART) };
        for path in models.iter().step_by(step.max(1)) {
            list.push_str(&format!("    (\"{path}\", || Box::<{path}>::default()),\n"));
        }
    }
    list.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("models.rs"), list).expect("the folder is there");
}

/// Names and sources of the crates that are generated.
fn products(crates: &Path) -> Vec<(String, PathBuf)> {
    println!("cargo::rerun-if-changed={}", crates.display());
    let mut products: Vec<_> = entries(crates)
        .filter_map(|folder| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
            let generated = manifest.contains("[package.metadata.alicloud]");
            generated.then(|| Some((folder.file_name()?.to_str()?.to_owned(), folder.join("src"))))?
        })
        .collect();
    products.sort();
    products
}

/// Paths of the models of a crate.
fn models(package: &str, source: &Path) -> Vec<String> {
    let mut models = Vec::new();
    for (module, path) in modules(source) {
        let text = fs::read_to_string(path).unwrap_or_default();
        for (at, opening) in text.match_indices("models!(") {
            let names = text[at + opening.len()..].split(')').next().unwrap_or_default();
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            models.extend(names.map(|name| format!("{package}::{module}::{name}")));
        }
    }
    models
}

/// Modules of a crate that have models, and their files.
fn modules(source: &Path) -> Vec<(String, PathBuf)> {
    let mut modules: Vec<_> = entries(&source.join("operation"))
        .filter_map(|path| Some((format!("operation::{}", path.file_stem()?.to_str()?), path)))
        .collect();
    modules.push(("types".to_owned(), source.join("types.rs")));
    modules.sort();
    modules
}

/// Modules of a crate that hold further versions of the API; each is a feature of the crate.
fn versions(source: &Path) -> Vec<(String, PathBuf)> {
    let mut versions: Vec<_> = entries(source)
        .filter(|path| path.join("operation").is_dir())
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path)))
        .collect();
    versions.sort();
    versions
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
