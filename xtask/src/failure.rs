//! How a command ends when it does not end well.

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

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

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// A call of the cargo that called us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    command
}

/// What a program printed, if it ended well.
pub(crate) fn succeed(output: std::io::Result<Output>, otherwise: &str) -> Result<String, Failure> {
    let output = output.map_err(|error| Failure(format!("{otherwise}\n{error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    // Some complain on their standard output.
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    Err(Failure(format!("{otherwise}\n{}", String::from_utf8_lossy(said).trim_end())))
}

/// The value of an option: the next word, which must not be an option itself.
pub(crate) fn value<'a>(option: &str, args: &mut impl Iterator<Item = &'a String>) -> Result<&'a str, Failure> {
    let next = args.next().filter(|next| !next.is_empty() && !next.starts_with('-'));
    next.map(String::as_str).ok_or_else(|| Failure(format!("`{option}` needs a value")))
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
