//! The models of all products, for what must hold for every one of them.
//!
//! A crate of its own, because compiling them takes longer than all else that uses them.

use alicloud_core::Model;

/// Path of a model, and a function that makes an empty one.
pub type Made = (&'static str, fn() -> Box<dyn Model>);

include!(concat!(env!("OUT_DIR"), "/models.rs"));
