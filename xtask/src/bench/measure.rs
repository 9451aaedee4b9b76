//! One crate, one compilation.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use serde::Deserialize;

use super::scratch::{Package, Workspace};
use super::wrapper;
use crate::failure::Failure;

/// What is done with the crate.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Check,
    Release,
}

impl Step {
    /// In words for the terminal.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Release => "release build",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check"],
            Self::Release => &["build", "--release"],
        }
    }

    /// The extension of the file that dependents read.
    fn extension(self) -> &'static str {
        match self {
            Self::Check => "rmeta",
            Self::Release => "rlib",
        }
    }
}

/// What a compilation took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// User and system time of rustc.
    pub(super) cpu_seconds: f64,
    /// Most memory that rustc had resident.
    pub(super) peak_bytes: u64,
    /// Size of the rmeta of a check, of the rlib of a build.
    pub(super) output_bytes: u64,
}

impl Cost {
    /// The smaller figure of each kind.
    pub(super) fn least(self, other: Self) -> Self {
        Self {
            cpu_seconds: self.cpu_seconds.min(other.cpu_seconds),
            peak_bytes: self.peak_bytes.min(other.peak_bytes),
            output_bytes: self.output_bytes.min(other.output_bytes),
        }
    }
}

/// Compiles a crate again. When something else had to be compiled along, the figures would be of two
/// things at once, so it is done once more.
pub(super) fn compile(workspace: &Workspace, package: &Package, step: Step) -> Result<Cost, Failure> {
    for _ in 0..3 {
        let root = package.folder.join("src/lib.rs");
        File::options()
            .append(true)
            .open(&root)
            .and_then(|file| file.set_modified(SystemTime::now()))
            .map_err(|error| Failure(format!("{}: {error}", root.display())))?;
        let build = cargo(workspace, package, step)?;
        if build.alone {
            return cost(workspace, package, &build);
        }
    }
    Err(Failure(format!("{}: its dependencies are compiled anew each time", package.name)))
}

/// What came of a compilation.
struct Build {
    /// Nothing but the crate itself was compiled.
    alone: bool,
    /// Size of what dependents read.
    output_bytes: u64,
}

/// A line of cargo's output; other kinds have none of this.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    fresh: Option<bool>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

fn cargo(workspace: &Workspace, package: &Package, step: Step) -> Result<Build, Failure> {
    let _ = fs::remove_file(&workspace.log);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(step.arguments())
        .args(["--lib", "--package", &package.name, "--message-format=json"])
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", workspace.root.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", &workspace.wrapper)
        .env(wrapper::LOG, &workspace.log)
        .env_remove("CARGO_MANIFEST_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Failure(format!("cargo does not start: {error}")))?;
    let output = child.stdout.take().ok_or_else(|| Failure("cargo has no output".to_owned()))?;
    let mut build = Build { alone: true, output_bytes: 0 };
    let mut errors = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| Failure(format!("cargo's output ends early: {error}")))?;
        let Ok(message) = serde_json::from_str::<Message>(&line) else { continue };
        match &message {
            Message { target: Some(target), fresh: Some(fresh), filenames, .. } => {
                if target.name == package.crate_name() {
                    build.output_bytes = size(filenames, step.extension());
                } else {
                    build.alone &= *fresh;
                }
            }
            Message { message: Some(Diagnostic { level, rendered: Some(text) }), .. } if level == "error" => {
                errors.push(text.clone());
            }
            _ => {}
        }
    }
    let status = child.wait().map_err(|error| Failure(format!("cargo does not end: {error}")))?;
    if status.success() {
        return Ok(build);
    }
    let first = errors.first().map_or("", String::as_str);
    Err(Failure(format!("{} of {} failed ({} errors)\n{first}", step.name(), package.name, errors.len())))
}

fn size(files: &[PathBuf], extension: &str) -> u64 {
    let files = files.iter().filter(|file| file.extension().is_some_and(|found| found == extension));
    files.filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum()
}

fn cost(workspace: &Workspace, package: &Package, build: &Build) -> Result<Cost, Failure> {
    let log = fs::read_to_string(&workspace.log).unwrap_or_default();
    let Some(usage) = wrapper::read(&log, &package.crate_name()) else {
        return Err(Failure(format!("cargo did not run {} for {}", workspace.wrapper.display(), package.name)));
    };
    Ok(Cost {
        cpu_seconds: usage.cpu_micros as f64 / 1e6,
        peak_bytes: usage.peak_bytes,
        output_bytes: build.output_bytes,
    })
}
