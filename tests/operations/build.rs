//! Lists the requests of all generated crates, a table for each version of a product.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    println!("cargo::rerun-if-changed={}", crates.display());
    let (mut tables, mut names) = (String::new(), Vec::new());
    for product in folders(&crates)? {
        let source = crates.join(&product).join("src");
        let generated =
            fs::read_to_string(crates.join(&product).join("Cargo.toml"))?.contains("[package.metadata.alicloud]");
        if !generated {
            continue;
        }
        let library = format!("alicloud_{}", product.replace('-', "_"));
        // The root of the crate, and the modules of other versions.
        let versions =
            [String::new()].into_iter().chain(folders(&source)?.into_iter().filter(|name| name.starts_with('v')));
        for module in versions {
            let folder = source.join(&module).join("operation");
            let root = if module.is_empty() { library.clone() } else { format!("{library}::{module}") };
            let name = if module.is_empty() { product.replace('-', "_") } else { format!("{product}_{module}") };
            if !folder.exists() {
                continue;
            }
            writeln!(tables, "    pub(super) static {}: &[Entry] = &[", name.to_uppercase())?;
            let mut files: Vec<_> =
                fs::read_dir(&folder)?.map(|file| Ok(file?.path())).collect::<std::io::Result<_>>()?;
            files.sort();
            for file in files {
                let text = fs::read_to_string(&file)?;
                let Some(request) = request(&text) else { continue };
                let operation = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
                writeln!(tables, "        Entry::of::<{root}::operation::{}::{request}>(),", escaped(operation))?;
            }
            writeln!(tables, "    ];")?;
            names.push((name, root));
        }
    }
    let mut text = format!("mod table {{\n    use super::Entry;\n{tables}}}\n");
    for (name, root) in names {
        writeln!(
            text,
            "#[tokio::test]\nasync fn {name}() {{\n    accepted(&{root}::endpoint::SERVICE, table::{}).await;\n}}",
            name.to_uppercase()
        )?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("table.rs"), text)?;
    Ok(())
}

/// The request that a file of an operation defines.
fn request(text: &str) -> Option<&str> {
    let implemented = text.split("\nimpl Request").skip(1);
    let mut types = implemented.filter_map(|rest| rest.trim_start().strip_prefix("for "));
    types.next()?.split(' ').next()
}

/// Modules whose names are keywords.
fn escaped(module: &str) -> String {
    let keyword = ["move", "match", "type", "use", "async", "await", "loop", "yield"].contains(&module);
    if keyword { format!("r#{module}") } else { module.to_owned() }
}

fn folders(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    names.sort();
    Ok(names)
}
