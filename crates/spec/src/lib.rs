//! x
mod model;
pub mod load;
pub use model::*;
