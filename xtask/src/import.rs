//! `cargo xtask import`: the vendor's published descriptions become specs.
//!
//! [`convert`] is the heart and pure: it turns one `api-docs.json` into a [`Spec`](alicloud_spec::Spec)
//! and says what it decided on the way. [`merge`] lays it over the spec that is there.

mod body;
mod command;
mod constraints;
mod context;
mod dotted;
mod endpoints;
mod json;
mod merge;
mod operation;
mod parameters;
mod path;
mod product;
mod protobuf;
mod response;
mod schema;
mod secret;
mod source;
mod wrapper;

#[cfg(test)]
mod tests;

pub(crate) use command::{import_into, run};
pub(crate) use context::Decision;
pub(crate) use json::Json;
pub(crate) use product::{Options, convert, is_name};
pub(crate) use source::{Source, find as find_sources, read as read_json};
