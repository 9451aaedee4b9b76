//! x
pub mod load;
mod model;
pub use model::*;
