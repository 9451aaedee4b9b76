//! The model into files of Rust source. Nothing is decided here.

mod example;
mod format;
mod imports;
mod library;
mod operation;
mod paginator;
mod streams;
mod types;
mod waiter;

pub(crate) use self::example::program;
use crate::{GeneratedFile, error::Error, model::Package};

/// All Rust files of a crate.
pub(crate) fn files(package: &Package) -> Result<Vec<GeneratedFile>, Error> {
    let mut files = Vec::new();
    for version in &package.versions {
        let mut sources = vec![
            library::root(package, version),
            library::client(version),
            library::endpoint(version),
            operation::list(version),
        ];
        sources.extend(library::error_codes(version));
        sources.extend(waiter::files(version, &operation::root(version)));
        sources.extend(operation::shared_types(version));
        sources.extend(version.operations.iter().map(|one| operation::module(version, one)));
        if version.module.is_none() {
            sources.extend(version.sample.as_ref().map(|sample| example::file(package, sample)));
        }
        for source in sources {
            files.push(source.format(&version.file)?);
        }
    }
    Ok(files)
}
