//! Imports and generates many product versions at once, without writing anything.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use alicloud_codegen::GeneratedFile;

use super::paging::Coverage;
use crate::failure::Failure;
use crate::import::{Decision, Options, Source, convert, read_json};
use crate::parallel;

/// What became of a product version.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) name: String,
    pub(super) outcome: Outcome,
    pub(super) decisions: Vec<Decision>,
    pub(super) seconds: f64,
    /// The crate, when somebody wants to compile it.
    pub(super) files: Vec<GeneratedFile>,
}

/// How it went.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A crate came out.
    Made(Made),
    /// The vendor documents no operations.
    Empty,
    /// Importer or generator refused, and said why.
    Failed(String),
    /// Importer or generator panicked.
    Crashed(String),
}

/// Numbers about a crate.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) operations: usize,
    pub(super) generated: usize,
    pub(super) skipped: Vec<(String, String)>,
    pub(super) types: usize,
    pub(super) lines: usize,
    /// Of all files: the same for the same input.
    pub(super) digest: u64,
    pub(super) paging: Coverage,
}

/// Surveys all sources on all cores. `keep` keeps the generated files.
pub(super) fn survey(sources: &[Source], keep: bool) -> Result<Vec<Version>, Failure> {
    let started = Instant::now();
    let progress = |done| eprintln!("{done} of {} versions, {} s", sources.len(), started.elapsed().as_secs());
    let mut versions = parallel::map(sources, |source| one(source, keep), progress)
        .map_err(|error| Failure(format!("no thread starts: {error}")))?;
    versions.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(versions)
}

fn one(source: &Source, keep: bool) -> Version {
    let started = Instant::now();
    let name = source.file.iter().rev().take(2).map(|part| part.to_string_lossy()).collect::<Vec<_>>();
    let name = name.into_iter().rev().collect::<Vec<_>>().join("/");
    let mut version = Version {
        name: name.trim_end_matches(".json").to_owned(),
        outcome: Outcome::Empty,
        decisions: Vec::new(),
        seconds: 0.0,
        files: Vec::new(),
    };
    version.outcome = match catch_unwind(AssertUnwindSafe(|| make(source, keep, &mut version))) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(reason)) => Outcome::Failed(reason),
        Err(panic) => Outcome::Crashed(
            panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default(),
        ),
    };
    version.seconds = started.elapsed().as_secs_f64();
    version
}

fn make(source: &Source, keep: bool, version: &mut Version) -> Result<Outcome, String> {
    let docs = read_json(&source.file).map_err(|failure| failure.to_string())?;
    let documented = docs.get("apis").map_or(0, |apis| apis.members().len());
    let options = Options { skip_unknown: true, ..Options::default() };
    let (spec, decisions) = convert(&docs, &options).map_err(|error| error.to_string())?;
    drop(docs);
    version.name = format!("{}/{}", spec.product, spec.version);
    version.decisions = decisions;
    if spec.operations.is_empty() {
        return Ok(Outcome::Empty);
    }
    if let Some(problem) = alicloud_spec::validate(&version.name, &spec).first() {
        return Err(problem.to_string());
    }
    let files = alicloud_codegen::generate(&[&spec]).map_err(|error| error.to_string())?;
    let skipped = spec.operations.iter().filter_map(|(name, operation)| Some((name.clone(), operation.skip.clone()?)));
    let sources = || files.iter().filter(|file| file.path.ends_with(".rs"));
    let lines = || sources().flat_map(|file| file.text.lines());
    let mut digest = DefaultHasher::new();
    files.iter().for_each(|file| (&file.path, &file.text).hash(&mut digest));
    let count = |start: &str| lines().filter(|line| line.starts_with(start)).count();
    let made = Made {
        operations: documented,
        // A long name breaks the line before `for`.
        generated: lines().filter(|line| line.starts_with("impl Request for ") || *line == "impl Request").count(),
        skipped: skipped.collect(),
        types: count("pub struct ") + count("pub enum "),
        lines: lines().count(),
        digest: digest.finish(),
        paging: Coverage::of(&spec),
    };
    if keep {
        version.files = files;
    }
    Ok(Outcome::Made(made))
}
