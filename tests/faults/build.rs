//! Lists the models of all generated crates, so that promises about models hold for every one of them.

use std::{env, fs, path::Path};

/// The crates that are dependencies of this one.
const CRATES: [&str; 6] = ["computenestsupplier", "cs", "ecs", "servicemesh", "smartag", "sts"];

fn main() {
    let mut list = String::from("pub(super) const MODELS: &[(&str, Decode)] = &[\n");
    for product in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").join(product).join("src");
        println!("cargo::rerun-if-changed={}", source.display());
        let mut files: Vec<_> = fs::read_dir(source.join("operation"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((format!("operation::{}", entry.path().file_stem()?.to_str()?), entry.path())))
            .collect();
        files.push(("types".to_owned(), source.join("types.rs")));
        files.sort();
        for (module, path) in files {
            let text = fs::read_to_string(path).unwrap_or_default();
            for (at, opening) in text.match_indices("models!(") {
                let names = text[at + opening.len()..].split(')').next().unwrap_or_default();
                for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    let path = format!("alicloud_{product}::{module}::{name}");
                    list.push_str(&format!("    (\"{path}\", decode::<{path}>),\n"));
                }
            }
        }
    }
    list.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("models.rs"), list).expect("the folder is there");
}
