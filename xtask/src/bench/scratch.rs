//! The workspace in which is measured: a copy of core and of the product, and the reference.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::reference::{self, Size};
use super::wrapper;
use crate::failure::{Failure, unknown, workspace};

/// Where things are in the scratch folder.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    /// Script that cargo calls instead of rustc.
    pub(super) wrapper: PathBuf,
    /// File that the script writes to.
    pub(super) log: PathBuf,
    /// The crate as it is shipped.
    pub(super) product: Package,
    /// Its types with serde's derives.
    pub(super) reference: Package,
    /// Operations and types, the same in both.
    pub(super) size: Size,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) lines: usize,
}

impl Package {
    /// As rustc calls it.
    pub(super) fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// Copies what has changed, and writes what is not a copy.
pub(super) fn prepare(root: &Path, product: &str) -> Result<Workspace, Failure> {
    let repository = workspace();
    let products = products(&repository.join("specs"))?;
    if !products.contains(product) {
        return Err(unknown("product", product, products.iter().map(String::as_str)));
    }
    fs::create_dir_all(root).map_err(|error| failed(root, &error))?;
    let root = root.canonicalize().map_err(|error| failed(root, &error))?;
    // Only what is needed: a manifest may be of a crate that is no member here.
    for (crate_folder, parts) in [("core", ["Cargo.toml", "src"]), (product, ["Cargo.toml", "src"])] {
        for part in parts {
            let path = Path::new("crates").join(crate_folder).join(part);
            mirror(&repository.join(&path), &root.join(&path))?;
        }
    }
    let folder = root.join("crates").join(product);
    let reference = reference::of(&folder.join("src"))?;
    let size = reference.size;
    let reference = write_reference(&root, product, reference)?;
    let settings = read(&repository.join("Cargo.toml"))?;
    let members = ["core", product, &format!("{product}-serde")].map(|name| format!("crates/{name}"));
    write(&root.join("Cargo.toml"), members_replaced(&settings, &members)?.as_bytes())?;
    let lock = root.join("Cargo.lock");
    if !lock.exists() {
        mirror(&repository.join("Cargo.lock"), &lock)?;
    }
    Ok(Workspace {
        wrapper: write_wrapper(&root)?,
        log: root.join("usage.log"),
        product: Package { name: format!("alicloud-{product}"), folder, lines: size.lines },
        reference,
        size,
        root,
    })
}

fn products(specs: &Path) -> Result<BTreeSet<String>, Failure> {
    let names = entries(specs)?.into_iter().filter(|path| path.is_dir());
    Ok(names.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
}

fn write_reference(root: &Path, product: &str, reference: reference::Reference) -> Result<Package, Failure> {
    let name = format!("alicloud-{product}-serde");
    let folder = root.join("crates").join(format!("{product}-serde"));
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\npublish = false\n\n[lints]\nworkspace = true\n\n\
         [dependencies]\nserde.workspace = true\nserde_json.workspace = true\n"
    );
    write(&folder.join("Cargo.toml"), manifest.as_bytes())?;
    let src = folder.join("src");
    if src.exists() {
        fs::remove_dir_all(&src).map_err(|error| failed(&src, &error))?;
    }
    let mut lines = 0;
    for (path, text) in reference.files {
        lines += text.lines().count();
        write(&src.join(path), text.as_bytes())?;
    }
    Ok(Package { name, folder, lines })
}

/// The settings of this repository with other members.
fn members_replaced(settings: &str, members: &[String]) -> Result<String, Failure> {
    let is_members = |line: &str| line.starts_with("members = [") && line.ends_with(']');
    let line = |line: &str| if is_members(line) { format!("members = {members:?}") } else { line.to_owned() };
    let replaced = settings.lines().map(line).collect::<Vec<_>>().join("\n") + "\n";
    if replaced.contains(&format!("members = {members:?}")) {
        Ok(replaced)
    } else {
        Err(Failure("Cargo.toml: there is no line `members = [...]` to replace".to_owned()))
    }
}

/// The script starts a copy of this program, which others may build anew while it is measured.
fn write_wrapper(root: &Path) -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure(format!("this program has no path: {error}")))?;
    let copy = root.join("xtask");
    mirror(&program, &copy)?;
    let script = root.join("rustc.sh");
    write(&script, format!("#!/bin/sh\nexec '{}' bench {} \"$@\"\n", copy.display(), wrapper::COMMAND).as_bytes())?;
    make_executable(&script).map_err(|error| failed(&script, &error))?;
    Ok(script)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a file or folder equal to another, and leaves alone what is equal: cargo goes by times.
fn mirror(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.is_dir() {
        let permissions = fs::metadata(from).map_err(|error| failed(from, &error))?.permissions();
        write(to, &fs::read(from).map_err(|error| failed(from, &error))?)?;
        return fs::set_permissions(to, permissions).map_err(|error| failed(to, &error));
    }
    for path in entries(to)? {
        let origin = path.file_name().map(|name| from.join(name));
        if origin.is_none_or(|origin| origin.is_dir() != path.is_dir() || !origin.exists()) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| failed(&path, &error))?;
        }
    }
    for path in entries(from)? {
        if let Some(name) = path.file_name() {
            mirror(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// Entries of a folder; none when it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map_err(|error| failed(folder, &error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(folder, &error)),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| failed(path, &error))
}

/// Writes a file unless it is as it should be.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{members_replaced, mirror};

    #[test]
    fn members_are_replaced_or_missed() {
        let members = ["crates/core".to_owned()];
        let settings = "[workspace]\nmembers = [\"a\", \"b\"]\n[lints]\n";
        let replaced = members_replaced(settings, &members).map_err(|failure| failure.0);
        assert_eq!(replaced.as_deref(), Ok("[workspace]\nmembers = [\"crates/core\"]\n[lints]\n"));
        assert!(members_replaced("[workspace]\nmembers = [\n\"a\",\n]\n[lints]\n", &members).is_err());
    }

    #[test]
    fn a_mirror_is_equal_and_touches_nothing_that_is() {
        let root = std::env::temp_dir().join(format!("alicloud-bench-mirror-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::write(from.join("deep/kept.rs"), "kept").unwrap();
        fs::write(from.join("gone.rs"), "gone").unwrap();
        mirror(&from, &to).unwrap();
        let before = fs::metadata(to.join("deep/kept.rs")).unwrap().modified().unwrap();
        fs::remove_file(from.join("gone.rs")).unwrap();
        fs::write(from.join("new.rs"), "new").unwrap();
        mirror(&from, &to).unwrap();
        let after = fs::metadata(to.join("deep/kept.rs")).unwrap().modified().unwrap();
        let state = (to.join("gone.rs").exists(), fs::read_to_string(to.join("new.rs")).ok());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(state, (false, Some("new".to_owned())));
        assert_eq!(before, after);
    }
}
