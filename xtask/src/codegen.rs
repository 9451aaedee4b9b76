//! `cargo xtask codegen`: specs become product crates, or are compared with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use alicloud_codegen::{GeneratedFile, MARK};
use alicloud_spec::Spec;

use crate::{
    dependents::{self, Product},
    failure::{Failure, unknown, workspace},
    parallel,
};

const HELP: &str = "\
cargo xtask codegen [PRODUCT...] [--check]

Generates crates/<product> from specs/<product>/*.json, for all products or for those named. Files that
codegen wrote once and writes no longer are removed; files written by hand are left alone. Manifests of tests that
depend on every product get the new list.

  --check   write nothing; fail and show the differences when committed code is not what codegen writes";

/// Where specs are, and where their crates go. The last entry is the crate that tests compile: it holds
/// every construct, and its manifest is written by hand.
const TARGETS: &[Target] = &[
    Target { specs: "specs", crates: "crates", sources_only: false },
    Target { specs: "tests/fixtures/specs", crates: "tests/generated", sources_only: true },
];

struct Target {
    specs: &'static str,
    crates: &'static str,
    sources_only: bool,
}

/// What has to happen to a file for it to be as codegen writes it.
enum Change {
    Write { text: String, before: Option<String> },
    Remove,
}

type Changes = BTreeMap<PathBuf, Change>;

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let (mut check, mut products) = (false, BTreeSet::new());
    for arg in args {
        match arg.as_str() {
            "-h" | "--help" => {
                println!("{HELP}");
                return Ok(());
            }
            "--check" => check = true,
            option if option.starts_with('-') => {
                return Err(unknown("option", option, ["--check", "--help"].into_iter()));
            }
            product => drop(products.insert(product.to_owned())),
        }
    }
    let root = workspace();
    let (crates, changes) = plan(&root, &products)?;
    match (check, changes.is_empty()) {
        (_, true) => println!("codegen: {crates} crates, nothing to change"),
        (true, false) => return Err(Failure(differences(&root, &changes, &products))),
        (false, false) => {
            let count = changes.len();
            apply(changes)?;
            println!("codegen: {crates} crates, {count} files changed");
        }
    }
    Ok(())
}

/// Everything that has to change. Nothing is written before all products are generated.
fn plan(root: &Path, wanted: &BTreeSet<String>) -> Result<(usize, Changes), Failure> {
    let mut changes = Changes::new();
    let (mut known, mut chosen) = (BTreeSet::new(), Vec::new());
    for target in TARGETS {
        let products = folders(&root.join(target.specs))?;
        if wanted.is_empty() {
            // Crates whose spec is gone.
            for orphan in folders(&root.join(target.crates))?.difference(&products) {
                plan_crate(&root.join(target.crates).join(orphan), target, Vec::new(), &mut changes)?;
            }
        }
        let named = products.iter().filter(|product| wanted.is_empty() || wanted.contains(*product));
        chosen.extend(named.map(|product| (target, product.clone())));
        known.extend(products);
    }
    if let Some(product) = wanted.difference(&known).next() {
        return Err(unknown("product", product, known.iter().map(String::as_str)));
    }
    let generated =
        parallel::map(&chosen, |(target, product)| generate(&root.join(target.specs).join(product)), |_| {});
    let generated = generated.map_err(|error| Failure(format!("no thread starts: {error}")))?;
    for ((target, product), files) in chosen.iter().zip(generated) {
        plan_crate(&root.join(target.crates).join(product), target, files?, &mut changes)?;
    }
    plan_dependents(root, &mut changes)?;
    Ok((chosen.len(), changes))
}

fn generate(specs: &Path) -> Result<Vec<GeneratedFile>, Failure> {
    let mut files: Vec<PathBuf> = entries(specs)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    let specs =
        files.iter().map(Spec::load).collect::<Result<Vec<_>, _>>().map_err(|error| Failure(error.to_string()))?;
    alicloud_codegen::generate(&specs.iter().collect::<Vec<_>>()).map_err(|error| Failure(error.to_string()))
}

fn plan_crate(folder: &Path, target: &Target, files: Vec<GeneratedFile>, changes: &mut Changes) -> Result<(), Failure> {
    let manifest = read(&folder.join("Cargo.toml"))?;
    if !files.is_empty() && !target.sources_only && manifest.is_some_and(|text| !is_generated(&text)) {
        return Err(Failure(format!("{} is written by hand; its spec needs another `product`", folder.display())));
    }
    let mut wanted = BTreeSet::new();
    for GeneratedFile { path, text } in files {
        if target.sources_only && !path.starts_with("src/") {
            continue;
        }
        let path = folder.join(path);
        let before = read(&path)?;
        if before.as_ref() != Some(&text) {
            changes.insert(path.clone(), Change::Write { text, before });
        }
        wanted.insert(path);
    }
    for path in files_below(folder)? {
        if !wanted.contains(&path) && read(&path)?.is_some_and(|text| is_generated(&text)) {
            changes.insert(path, Change::Remove);
        }
    }
    Ok(())
}

/// The lists of all products, in the manifests that have one.
fn plan_dependents(root: &Path, changes: &mut Changes) -> Result<(), Failure> {
    let mut products = Vec::new();
    for product in folders(&root.join("specs"))? {
        let path = root.join("crates").join(&product).join("Cargo.toml");
        let manifest = match changes.get(&path) {
            Some(Change::Write { text, .. }) => Some(text.clone()),
            Some(Change::Remove) => None,
            None => read(&path)?,
        };
        products.extend(manifest.map(|manifest| Product::of(&product, &manifest)));
    }
    for path in dependents::MANIFESTS.map(|path| root.join(path)) {
        let Some(before) = read(&path)? else { continue };
        match dependents::list(&before, &products) {
            Some(text) if text != before => drop(changes.insert(path, Change::Write { text, before: Some(before) })),
            _ => {}
        }
    }
    Ok(())
}

/// Whether codegen wrote a file: it says so in its first lines.
fn is_generated(text: &str) -> bool {
    text.lines().take(2).any(|line| line.contains(MARK))
}

fn apply(changes: Changes) -> Result<(), Failure> {
    for (path, change) in changes {
        let result = match change {
            Change::Write { text, .. } => {
                path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text))
            }
            Change::Remove => fs::remove_file(&path).map(|()| remove_empty_folders(&path)),
        };
        result.map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

fn remove_empty_folders(file: &Path) {
    for folder in file.ancestors().skip(1) {
        // A folder that is not empty refuses, and so do those above it.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// What differs, for people, and the command that mends it.
fn differences(root: &Path, changes: &Changes, products: &BTreeSet<String>) -> String {
    const FILES: usize = 8;
    const LINES: usize = 60;
    let mut text = String::new();
    for (path, change) in changes.iter().take(FILES) {
        let name = path.strip_prefix(root).unwrap_or(path).display();
        let (before, after) = match change {
            Change::Remove => {
                let _ = writeln!(text, "{name}: no longer generated");
                continue;
            }
            Change::Write { before: None, .. } => {
                let _ = writeln!(text, "{name}: missing");
                continue;
            }
            Change::Write { before: Some(before), text } => (before, text),
        };
        let diff = similar::TextDiff::from_lines(before.as_str(), after.as_str());
        let diff =
            diff.unified_diff().header(&format!("{name} (committed)"), &format!("{name} (generated)")).to_string();
        text.extend(diff.lines().take(LINES).flat_map(|line| [line, "\n"]));
        if diff.lines().count() > LINES {
            text.push_str("...\n");
        }
    }
    if changes.len() > FILES {
        let _ = writeln!(text, "and {} more files", changes.len() - FILES);
    }
    let products: String = products.iter().map(|product| format!(" {product}")).collect();
    text + &format!(
        "\ngenerated code is not what the specs say; run `cargo xtask codegen{products}` and commit the result"
    )
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        // What is not text was not generated; it differs, and that is all.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() {
            files.extend(files_below(&entry)?);
        } else {
            files.push(entry);
        }
    }
    Ok(files)
}

fn folders(path: &Path) -> Result<BTreeSet<String>, Failure> {
    let names = entries(path)?.into_iter().filter(|entry| entry.is_dir());
    Ok(names.filter_map(|entry| Some(entry.file_name()?.to_str()?.to_owned())).collect())
}

/// Entries of a folder; none when it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, &error)),
    };
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(|e| failed(folder, &e))?;
    paths.sort();
    Ok(paths)
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}
