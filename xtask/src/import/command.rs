//! The command itself: reads descriptions, writes specs, says what happened.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use alicloud_spec::{Change, Error, Spec, diff, to_text, validate};

use super::context::Decision;
use super::json::Json;
use super::merge::merge;
use super::product::{Identity, Options, convert, identity, short_name};
use super::source::{self, Source};
use crate::failure::{Failure, say, unknown, value, workspace};

const USAGE: &str = "\
usage: cargo xtask import [--with-prose] [--skip-unknown] [--into DIR] FILE|FOLDER|products.json …

Turns the vendor's api-docs.json into specs below specs/ (or DIR). What people added to a spec stays;
operations that disappeared are retired. Every decision is printed.

  --with-prose    take the vendor's titles, descriptions and samples, too: they are the vendor's own
                  texts, so this is for private use and not for specs that are published
  --skip-unknown  leave out operations with constructs that the importer does not know";

/// What the user asked for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) named: Vec<PathBuf>,
    pub(super) into: PathBuf,
    pub(super) options: Options,
}

/// Reads the command line; `None` is a call for help.
pub(super) fn parse(args: &[String]) -> Result<Option<Request>, Failure> {
    let (mut options, mut into, mut named) = (Options::default(), None, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--with-prose" => options.prose = true,
            "--skip-unknown" => options.skip_unknown = true,
            "--into" => into = Some(PathBuf::from(value(arg, &mut args)?)),
            "--help" | "-h" => return Ok(None),
            option if option.starts_with('-') => {
                let known = ["--with-prose", "--skip-unknown", "--into", "--help"];
                return Err(unknown("option", option, known.into_iter()));
            }
            path => named.push(PathBuf::from(path)),
        }
    }
    if named.is_empty() {
        return Err(Failure(USAGE.to_owned()));
    }
    Ok(Some(Request { named, into: into.unwrap_or_else(|| workspace().join("specs")), options }))
}

/// Runs `cargo xtask import`.
///
/// # Errors
/// A file cannot be read or written, or holds what the importer does not know.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let Some(Request { named, into, options }) = parse(args)? else {
        say(USAGE);
        return Ok(());
    };
    let (sources, missing) = source::find(&named)?;
    for version in &missing {
        say(format_args!("{version}: is on the list, but not beside it"));
    }
    distinct(&sources)?;
    let mut failed = 0;
    for source in &sources {
        let options = Options { title: source.title.clone(), ..options.clone() };
        match source::read(&source.file).and_then(|docs| import_into(&docs, &options, &into)) {
            Ok(report) => report.print(),
            Err(failure) => {
                say(format_args!("{}: {failure}", source.file.display()));
                failed += 1;
            }
        }
    }
    if failed > 0 {
        return Err(Failure(format!("{failed} of {} files were not imported", sources.len())));
    }
    Ok(())
}

/// Two descriptions of one product version would be one spec, and the later would win by its name. What
/// cannot be read is left to the import itself.
pub(super) fn distinct(sources: &[Source]) -> Result<(), Failure> {
    let mut seen: BTreeMap<(String, String), &Path> = BTreeMap::new();
    for source in sources.iter().filter(|_| sources.len() > 1) {
        let Ok(docs) = source::read(&source.file) else { continue };
        let Ok(Identity { code, version, .. }) = identity(&docs) else { continue };
        let (product, version) = (short_name(code), version.to_owned());
        if let Some(other) = seen.insert((product.clone(), version.clone()), &source.file) {
            return Err(Failure(format!(
                "{} and {} both describe {product}/{version}; nothing is imported, name one of them",
                other.display(),
                source.file.display(),
            )));
        }
    }
    Ok(())
}

/// What importing one description did.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    spec: Spec,
    written: bool,
    changes: Vec<Change>,
    decisions: Vec<Decision>,
}

/// Imports one description into the folder of specs.
pub(crate) fn import_into(docs: &Json, options: &Options, into: &Path) -> Result<Report, Failure> {
    let (imported, decisions) = convert(docs, options).map_err(|error| Failure(error.to_string()))?;
    if imported.operations.is_empty() {
        // Merging it would retire everything that is there.
        return Err(Failure(format!("{}/{} documents no operations; left alone", imported.product, imported.version)));
    }
    let file = into.join(&imported.product).join(format!("{}.json", imported.version));
    let before = match Spec::load(&file) {
        Ok(spec) => Some(spec),
        Err(Error::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure(format!("the spec that is there cannot be kept: {error}"))),
    };
    let text_before = before.as_ref().and_then(|_| fs::read_to_string(&file).ok());
    let (spec, changes) = match before {
        Some(old) => {
            let merged = merge(old.clone(), imported);
            let changes = diff(&old, &merged);
            (merged, changes)
        }
        None => (imported, Vec::new()),
    };
    let problems = validate(&file.display().to_string(), &spec);
    if !problems.is_empty() {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(Failure(format!("the result is no valid spec:\n{}", problems.join("\n"))));
    }
    let text = to_text(&spec);
    let written = text_before.as_ref() != Some(&text);
    if written {
        let fail = |error| Failure(format!("{}: cannot be written: {error}", file.display()));
        fs::create_dir_all(file.parent().unwrap_or(into)).map_err(fail)?;
        fs::write(&file, text).map_err(fail)?;
    }
    Ok(Report { file, spec, written, changes, decisions })
}

impl Report {
    /// Prints a summary, the changes and every decision.
    pub(crate) fn print(&self) {
        let count = |test: fn(&alicloud_spec::Operation) -> bool| {
            self.spec.operations.values().filter(|operation| test(operation)).count()
        };
        say(format_args!(
            "{}: {} operations, {} skipped, {} retired, {} types: {}",
            self.file.display(),
            self.spec.operations.len(),
            count(|operation| operation.skip.is_some()),
            count(|operation| operation.retired),
            self.spec.types.len(),
            if self.written { "written" } else { "unchanged" },
        ));
        for change in &self.changes {
            say(format_args!("  changed: {change}"));
        }
        for decision in &self.decisions {
            say(format_args!("  decided: {decision}"));
        }
    }
}
