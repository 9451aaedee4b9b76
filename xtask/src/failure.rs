//! How a command ends when it does not end well.

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;

/// What went wrong, where, and what to do about it, in words for the terminal.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Failure {}

/// Prints a line. Whoever reads may have gone away already, and that is no failure of the command.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The root of the workspace: cargo says where this crate lies, and it lies one level below.
pub(crate) fn workspace() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.and_then(|here| here.parent().map(PathBuf::from)).unwrap_or_else(|| PathBuf::from("."))
}

/// A name that is not known, and the one that was probably meant.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let nearest = known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len() / 2)
        .min();
    let hint = nearest.map(|(_, candidate)| format!("; is `{candidate}` meant?")).unwrap_or_default();
    Failure(format!("there is no {what} `{name}`{hint}"))
}
