//! Checks generated crates with the compiler, in a workspace outside of the repository.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::survey::Version;
use crate::failure::{Failure, say, workspace};
use crate::import::Json;

/// What the compiler said about a crate.
#[derive(Debug, Default)]
struct Verdict {
    errors: usize,
    warnings: usize,
    first: String,
}

/// Compiles the kept crates; says whether all of them are clean.
pub(super) fn check(versions: &[Version], scratch: &Path) -> Result<bool, Failure> {
    let started = Instant::now();
    let crates: Vec<&Version> = versions.iter().filter(|version| !version.files.is_empty()).collect();
    write(&crates, scratch)?;
    say(format_args!("\ncompiling {} crates in {}", crates.len(), scratch.display()));
    let verdicts = run(crates.len(), scratch)?;
    let mut clean = true;
    for (name, verdict) in &verdicts {
        if verdict.errors + verdict.warnings > 0 {
            clean = false;
            say(format_args!(
                "{name}: {} errors, {} warnings; first:\n{}",
                verdict.errors, verdict.warnings, verdict.first
            ));
        }
    }
    let errors: usize = verdicts.values().map(|verdict| verdict.errors).sum();
    let warnings: usize = verdicts.values().map(|verdict| verdict.warnings).sum();
    say(format_args!(
        "{} crates checked: {errors} errors, {warnings} warnings, {:.0} s",
        crates.len(),
        started.elapsed().as_secs_f64()
    ));
    Ok(clean)
}

/// Writes a workspace with the crates. It takes its settings from this repository.
fn write(crates: &[&Version], scratch: &Path) -> Result<(), Failure> {
    let fail = |path: &Path, error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    let root = workspace();
    let root = root.canonicalize().map_err(|error| fail(&root, error))?;
    let manifest = root.join("Cargo.toml");
    let settings = fs::read_to_string(&manifest).map_err(|error| fail(&manifest, error))?;
    let mut lines: Vec<String> = Vec::new();
    for line in settings.lines() {
        if line.starts_with("members") {
            lines.push("members = [\"crates/*\"]".to_owned());
        } else {
            lines.push(line.replace("path = \"", &format!("path = \"{}/", root.display())));
        }
    }
    let folder = scratch.join("crates");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| fail(&folder, error))?;
    }
    for version in crates {
        let name = package(&version.name);
        for file in &version.files {
            let path = folder.join(&name).join(&file.path);
            let text = if file.path == "Cargo.toml" { rename(&file.text, &name) } else { file.text.clone() };
            let parent = path.parent().unwrap_or(&folder);
            fs::create_dir_all(parent).and_then(|()| fs::write(&path, text)).map_err(|error| fail(&path, error))?;
        }
    }
    let path = scratch.join("Cargo.toml");
    fs::write(&path, lines.join("\n") + "\n").map_err(|error| fail(&path, error))?;
    let lock = scratch.join("Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock).map_err(|error| fail(&lock, error))?;
    Ok(())
}

/// A package name of its own for each version.
fn package(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    format!("alicloud-{}", name.chars().map(plain).collect::<String>())
}

fn rename(manifest: &str, name: &str) -> String {
    let rename = |line: &str| if line.starts_with("name = ") { format!("name = \"{name}\"") } else { line.to_owned() };
    manifest.lines().map(rename).collect::<Vec<_>>().join("\n") + "\n"
}

fn run(total: usize, scratch: &Path) -> Result<BTreeMap<String, Verdict>, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(["check", "--workspace", "--lib", "--keep-going", "--message-format=json", "--quiet"])
        .arg("--target-dir")
        .arg(scratch.join("target"))
        .current_dir(scratch)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_MANIFEST_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Failure(format!("cargo does not start: {error}")))?;
    let mut verdicts: BTreeMap<String, Verdict> = BTreeMap::new();
    let output = child.stdout.take().ok_or_else(|| Failure("cargo has no output".to_owned()))?;
    let (mut finished, mut said) = (0, Instant::now());
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| Failure(format!("cargo's output ends early: {error}")))?;
        let Ok(message) = serde_json::from_str::<Json>(&line) else { continue };
        let target = message.get("target").and_then(|target| target.text_of("name")).unwrap_or_default();
        let ours = message.text_of("manifest_path").is_some_and(|path| Path::new(path).starts_with(scratch));
        match message.text_of("reason") {
            Some("compiler-artifact") if ours => {
                finished += 1;
                verdicts.entry(target.to_owned()).or_default();
            }
            Some("compiler-message") => note(verdicts.entry(target.to_owned()).or_default(), &message),
            _ => {}
        }
        if said.elapsed().as_secs() >= 5 {
            said = Instant::now();
            eprintln!("{finished} of {total} crates checked");
        }
    }
    let status = child.wait().map_err(|error| Failure(format!("cargo does not end: {error}")))?;
    if !status.success() && verdicts.values().all(|verdict| verdict.errors == 0) {
        return Err(Failure(format!("cargo check ended with {status}")));
    }
    Ok(verdicts)
}

fn note(verdict: &mut Verdict, message: &Json) {
    let Some(message) = message.get("message") else { return };
    match message.text_of("level") {
        Some("error") => verdict.errors += 1,
        Some("warning") => verdict.warnings += 1,
        _ => return,
    }
    if verdict.first.is_empty() {
        verdict.first = message.text_of("rendered").unwrap_or_default().to_owned();
    }
}
