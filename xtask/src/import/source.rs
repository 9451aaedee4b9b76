//! What `import` is pointed at: files, folders, lists of products.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::json::Json;
use super::product::short_name;
use crate::failure::Failure;

/// One description to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The `api-docs.json`.
    pub(crate) file: PathBuf,
    /// Name of the product in plain words, when a list of products gives it.
    pub(crate) title: Option<String>,
}

/// Finds the descriptions behind what the user named, sorted, each once.
///
/// A folder stands for every JSON file below it. A list of products (`products.json`) stands for the
/// versions it names, looked for beside it; what is not there is reported in the second list.
pub(crate) fn find(named: &[PathBuf]) -> Result<(Vec<Source>, Vec<String>), Failure> {
    let (mut files, mut titles, mut missing) = (Vec::new(), BTreeMap::new(), Vec::new());
    for path in named {
        if path.is_dir() {
            walk(path, &mut files)?;
        } else if is_list(path) {
            let listed = read(path)?;
            for (product, versions, title) in products(&listed) {
                titles.insert(short_name(&product), title);
                for version in versions {
                    match beside(path, &product, &version) {
                        Some(file) => files.push(file),
                        None => missing.push(format!("{product}/{version}")),
                    }
                }
            }
        } else {
            files.push(path.clone());
        }
    }
    for list in files.iter().filter(|file| is_list(file)) {
        for (product, _, title) in products(&read(list)?) {
            titles.insert(short_name(&product), title);
        }
    }
    files.retain(|file| !is_list(file));
    files.sort();
    files.dedup();
    let source = |file: PathBuf| {
        let folder = |up: usize| file.ancestors().nth(up).and_then(Path::file_name).and_then(|name| name.to_str());
        let title = [1, 2, 3].into_iter().filter_map(folder).find_map(|name| titles.get(&short_name(name)).cloned());
        Source { title: title.flatten(), file }
    };
    Ok((files.into_iter().map(source).collect(), missing))
}

/// Reads a JSON file.
pub(crate) fn read(path: &Path) -> Result<Json, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure(format!("{}: cannot be read: {error}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure(format!("{}: is no JSON: {error}", path.display())))
}

fn is_list(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "products.json")
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let fail = |error| Failure(format!("{}: cannot be read: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

/// Code, versions and name of each product of a list.
fn products(list: &Json) -> Vec<(String, Vec<String>, Option<String>)> {
    let product = |entry: &Json| {
        let code = entry.text_of("code")?.to_owned();
        let versions = entry.get("versions").map(Json::elements).unwrap_or_default();
        let mut versions: Vec<String> = versions.iter().filter_map(Json::text).map(str::to_owned).collect();
        if versions.is_empty() {
            versions.extend(entry.text_of("defaultVersion").map(str::to_owned));
        }
        Some((code, versions, entry.text_of("name").map(str::to_owned)))
    };
    let entries = list.get("products").unwrap_or(list);
    entries.elements().iter().filter_map(product).collect()
}

/// Where a version may lie beside its list: as this tool keeps it, or as the vendor's addresses go.
fn beside(list: &Path, product: &str, version: &str) -> Option<PathBuf> {
    let folder = list.parent()?;
    let places = [
        format!("{}/{version}.json", short_name(product)),
        format!("{product}/{version}.json"),
        format!("products/{product}/versions/{version}/api-docs.json"),
        format!("{product}/versions/{version}/api-docs.json"),
        format!("{product}/{version}/api-docs.json"),
    ];
    places.iter().map(|place| folder.join(place)).find(|path| path.is_file())
}
