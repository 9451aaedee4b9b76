//! What can go wrong with pages and waits.

use std::fmt;

use crate::{Error, decode::printable};

/// Pages that do not lead to the end of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagingError {
    /// What is wrong with them.
    pub problem: PagingProblem,
    /// Where paging stopped, or the parameter that cannot be set. For people: what a service put into a
    /// token is escaped.
    pub place: String,
}

/// What can be wrong with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagingProblem {
    /// The service gave a token for the second time.
    RepeatedToken,
    /// The service says that more follows and gives no token to get it with.
    MissingToken,
    /// The service gave page after page without items.
    EmptyPages,
    /// The operation does not page by what the position names.
    Position,
    /// The parameter that takes the position cannot hold it.
    Parameter,
}

impl PagingError {
    pub(crate) fn at(problem: PagingProblem, position: &crate::paginate::Position) -> Self {
        Self { problem, place: printable(&position.to_string()) }
    }

    pub(crate) fn parameter(path: &str) -> Self {
        Self { problem: PagingProblem::Parameter, place: path.to_owned() }
    }
}

impl fmt::Display for PagingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, place } = self;
        match problem {
            PagingProblem::RepeatedToken => {
                write!(
                    f,
                    "the service gave the same page token again, the list would never end; stopped before {place}"
                )
            }
            PagingProblem::MissingToken => {
                write!(f, "the service says that more follows, but gives no token for the page after {place}")
            }
            PagingProblem::EmptyPages => {
                write!(f, "the service gave page after page without items; stopped before {place}")
            }
            PagingProblem::Position => write!(f, "this operation does not page by {place}"),
            PagingProblem::Parameter => write!(f, "parameter {place} cannot hold the position of the page"),
        }
    }
}

/// Waiting without success.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitError {
    /// What was waited for, for example `MeshUpgraded`.
    pub waiter: &'static str,
    /// Why waiting ended.
    pub problem: WaitProblem,
    /// What the last answer said.
    pub state: crate::wait::State,
    /// Questions asked.
    pub questions: u32,
    /// Time since the first one.
    pub elapsed: std::time::Duration,
    /// How the last question failed, if it did.
    pub failure: Option<String>,
    /// The last answer, secrets masked.
    pub answer: Option<crate::Document>,
}

/// Why waiting ended without success.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitProblem {
    /// It can no longer happen: the answer says so, or the service's refusal.
    Failed(Option<Error>),
    /// The time is up.
    TimedOut(std::time::Duration),
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiter, problem, state, questions, failure, .. } = self;
        match problem {
            WaitProblem::Failed(None) => write!(f, "{waiter} will not happen: {state}")?,
            WaitProblem::Failed(Some(error)) => write!(f, "{waiter} will not happen: {}", error.kind())?,
            WaitProblem::TimedOut(limit) => {
                write!(f, "{waiter} has not happened within {limit:?}: {state}")?;
                if let Some(failure) = failure {
                    write!(f, "; the last question failed: {failure}")?;
                }
            }
        }
        write!(f, " (asked {questions} times)")
    }
}
