//! The spec dialect: what a file below `specs/` may say, and everything that is done with it before code
//! is generated.
//!
//! A spec is a transcription of one product version's documentation, made for people to read in a diff.
//! [`Spec::load`] and [`load_dir`] read and check specs; their errors name the file, the place in words
//! and as a JSON path, and the key that was probably meant. [`to_text`] writes a spec in the one form that
//! all committed specs have. [`diff`] says what changed between two editions of a spec and whom it concerns.

mod diff;
mod error;
mod load;
mod model;
mod place;
#[cfg(test)]
mod schema;
mod validate;
mod write;

pub use diff::{Change, Impact, diff};
pub use error::{Error, Problem};
pub use load::load_dir;
pub use model::*;
pub use validate::{is_vendor_host, validate};
pub use write::{layout, to_text};
