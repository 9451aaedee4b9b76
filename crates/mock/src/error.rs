//! Errors: those the services answer, and those of the gateway itself.

use std::fmt;

/// An error as a service answers it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Milliseconds for `x-acs-retry-after`.
    pub(crate) retry_after: Option<u64>,
    /// Raised by the common entry of the cloud, before any service saw the request.
    pub(crate) at_entry: bool,
}

impl ServiceError {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None, at_entry: false }
    }

    /// An error of the entry: authentication, routing, throttling.
    pub(crate) fn entry(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { at_entry: true, ..Self::new(status, code, message) }
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(400, "MissingParameter", format!("The parameter {parameter} is required and was not given."))
    }

    pub(crate) fn invalid(parameter: &str, reason: impl fmt::Display) -> Self {
        Self::new(400, "InvalidParameter", format!("The parameter {parameter} is not valid: {reason}."))
    }
}

/// Why the gateway could not start or take an instruction.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A socket, file or thread could not be had.
    Io {
        /// What was attempted.
        action: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A spec could not be read.
    Spec(String),
    /// No loaded spec has the operation.
    UnknownOperation {
        /// What was asked for.
        name: String,
        /// What is likely meant.
        nearest: Option<String>,
    },
    /// The access key looks like one of a real account.
    RealAccessKey {
        /// Its first characters.
        prefix: String,
    },
}

impl Error {
    pub(crate) fn io(action: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { action: action.into(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, source } => write!(f, "cannot {action}: {source}"),
            Self::Spec(reason) => f.write_str(reason),
            Self::UnknownOperation { name, nearest } => {
                write!(f, "no loaded spec has the operation `{name}`")?;
                nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; is `{nearest}` meant?"))
            }
            Self::RealAccessKey { prefix } => write!(
                f,
                "access keys that begin with {prefix} belong to real accounts; give the gateway invented ones, such as `testid`"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
