//! What can be wrong with a spec.

use std::{fmt, io};

use serde_json::Value;

use crate::place::Place;

/// Specs that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    Read {
        /// The file or folder.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// What the files hold is not a spec; never empty.
    Invalid(Vec<Problem>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { file, source } => write!(f, "{file}: cannot be read: {source}"),
            Self::Invalid(problems) => {
                for (index, problem) in problems.iter().enumerate() {
                    let newline = if index > 0 { "\n" } else { "" };
                    write!(f, "{newline}{problem}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Invalid(_) => None,
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file as it was named to the loader.
    pub file: String,
    /// Line and column, both from 1, when the text could not be read that far.
    pub position: Option<(usize, usize)>,
    /// JSON path: `operations.CreateServiceMesh.parameters[2].type`; empty for the whole file.
    pub path: String,
    /// The same in words: `operation CreateServiceMesh, parameter VpcId`.
    pub place: String,
    /// What is wrong and, where it is known, what would be right.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(file: &str, spec: &Value, place: &Place, message: String) -> Self {
        Self { file: file.to_owned(), position: None, path: place.to_string(), place: place.words(spec), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: {}", self.place, self.message)?;
        if !self.path.is_empty() {
            write!(f, " (at {})", self.path)?;
        }
        Ok(())
    }
}
