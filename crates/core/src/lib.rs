//! Runtime of the alicloud SDK.
mod document;
pub mod model;

pub use self::{
    document::{Document, ParseError},
    model::Model,
};

#[doc(hidden)]
pub mod __private {
    pub use serde;
}
