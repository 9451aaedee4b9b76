//! What keeps a spec from becoming a crate.

use std::fmt;

/// A place in a spec and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    file: String,
    /// From the outermost part to the offending one: operation, parameter, field.
    place: Vec<String>,
    cause: String,
}

impl Error {
    pub(crate) fn new(cause: impl Into<String>) -> Self {
        Self { file: String::new(), place: Vec::new(), cause: cause.into() }
    }

    /// The same error, seen from one level further out.
    pub(crate) fn inside(mut self, part: impl Into<String>) -> Self {
        self.place.insert(0, part.into());
        self
    }

    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in std::iter::once(&self.file).chain(&self.place).filter(|part| !part.is_empty()) {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.cause)
    }
}

impl std::error::Error for Error {}
