//! x
pub mod load;
mod model;
mod write;
pub use model::*;
pub use write::{layout, to_text};
