//! Runtime of the alicloud SDK: everything between a typed request and a typed answer.
//!
//! Product crates such as `alicloud-servicemesh` hold what is true of an operation as data; this crate
//! makes the call. A request meets its modules in this order: [`config`] → [`endpoint`] → parameters →
//! [`credentials`] → [`sign`] → [`retry`] → [`transport`] → decoding. The client alone knows the order.
//!
//! This is a community project, not affiliated with Alibaba Cloud.

#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod client;
pub mod config;
pub mod credentials;
mod decode;
mod document;
pub mod endpoint;
pub mod error;
pub mod interceptor;
pub mod model;
pub mod operation;
pub mod paginate;
mod params;
mod response;
pub mod retry;
pub mod runtime;
pub mod sign;
pub mod transport;
pub mod wait;
mod wire;

pub use bytes;
pub use http;

pub use self::{
    call::{Call, Sending},
    client::Client,
    config::{Config, ConfigOverride},
    document::{Document, ParseError},
    error::{Error, ErrorKind},
    interceptor::Interceptor,
    model::Model,
    response::{Response, ResponseMeta},
    retry::RetryConfig,
};

#[doc(hidden)]
pub mod __private {
    pub use serde;
}
