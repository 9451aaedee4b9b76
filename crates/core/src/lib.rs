//! Runtime of the alicloud SDK: everything between a typed request and a typed answer.
//!
//! ```ignore
//! use alicloud_ecs::{Client, Config};
//!
//! let config = Config::builder().region("cn-hangzhou").build()?;
//! let regions = Client::new(&config).describe_regions().send().await?;
//! ```
//!
//! How to use it, subject by subject, is in the
//! [guide](https://github.com/alicloud-rs/alicloud/tree/main/crates/guide). Here is every detail.
//!
//! Product crates such as `alicloud-servicemesh` hold what is true of an operation as data; this crate
//! makes the call. A request meets its modules in this order: [`config`] → [`endpoint`] → parameters →
//! [`credentials`] → [`sign`] → [`retry`] → [`transport`] → decoding. The client alone knows the order.
//!
//! # Defaults
//!
//! Every setting, where it is made, and what holds without it. A call can replace those marked \* by
//! [`config_override`](Call::config_override), [`timeout`](Call::timeout) and [`retry`](Call::retry).
//!
//! | setting | [`ConfigBuilder`](config::ConfigBuilder) | environment or file | default |
//! |---|---|---|---|
//! | region \* | `region` | `ALIBABA_CLOUD_REGION_ID`, else `region_id` of the profile in `~/.aliyun/config.json` (`ALIBABA_CLOUD_CONFIG_FILE`, `ALIBABA_CLOUD_PROFILE`) | none |
//! | endpoint \* | `endpoint` | `ALIBABA_CLOUD_ENDPOINT_<PRODUCT>`, `ALIBABA_CLOUD_ENDPOINT`: the vendor's hosts or this machine only, logged, off with `ignore_configured_endpoints` | region table, else rule, else host for all regions, else location service |
//! | network | `network` | | internet |
//! | suffix of hosts | `endpoint_suffix`, `dual_stack` | | none |
//! | location service | `location_endpoint` | | `location-readonly.aliyuncs.com`, asked for up to 10 s; answers kept for 1 h, and longer while it does not answer |
//! | plain HTTP | `allow_insecure_http` | | refused |
//! | credentials \* | `credentials` | see [`credentials`] | the [default chain](credentials::DefaultChain) |
//! | signature \* | `signature` | | ACS3-HMAC-SHA256 |
//! | retries \* | `retry` | | [standard](RetryMode::Standard), 4 attempts |
//! | wait before a repeat | [`RetryConfig`] | | up to 100 ms, doubling, at most 20 s; throttled: up to 500 ms, doubling; what the service asks for: at most 60 s |
//! | budget for repeats | [`RetryConfig`] | | 500 tokens by endpoint and account; a repeat costs 5, after a timeout 10 |
//! | one attempt | `attempt_timeout` | | what the operation needs, else 30 s for calls that read, 60 s for others |
//! | the whole call \* | `timeout` | | 60 s, or one and a half attempts if that is longer; none while a [stream] is sent |
//! | connecting, TLS included | `connect_timeout` | | 5 s |
//! | idle connections | [`TransportConfig`](transport::TransportConfig) | | 32 per host, 15 s |
//! | proxies | `proxies`, `no_proxy` | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | those of the environment |
//! | certificates | [`TransportConfig`](transport::TransportConfig) | | the platform's authorities; TLS 1.2 or newer |
//! | HTTP version | [`TransportConfig`](transport::TransportConfig) | | HTTP/1.1 |
//! | size of an answer | `body_limits` | | 32 MiB; 1 MiB of a refusal; 128 headers, 64 KiB |
//! | streams that stand still \* | `stall_protection` | | less than 1 byte per second over 20 s, events over 5 min |
//! | open platform, for files | `open_platform_endpoint` | | `openplatform.aliyuncs.com` |
//! | headers and queries \* | `header`, `query` | | none |
//! | text in `User-Agent` | `user_agent` | `ALIBABA_CLOUD_USER_AGENT` | none |
//! | hooks | `interceptor` | | none |
//! | clock, randomness | `clock`, `entropy` | | the operating system's |
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `rustls` (default) | HTTPS through reqwest and rustls |
//! | `native-tls` | HTTPS through reqwest and the platform's library |
//! | `reqwest` | plain HTTP through reqwest; `rustls` and `native-tls` bring it |
//! | `http2` | HTTP/2, where [`TransportConfig::http2`](transport::TransportConfig::http2) asks for it |
//! | `blocking` | `send_blocking` on whatever can be awaited |
//! | `serde` | serde's traits for requests and models |
//! | `sm3` | signatures with the Chinese national hash |
//!
//! Without `rustls` and `native-tls` there is no client for HTTPS: give the configuration a
//! [`Transport`](transport::Transport) of your own. A small HTTP/1.1 client stays in the tree, for the credentials
//! that this machine or the instance gives.
//!
//! This is a community project, not affiliated with Alibaba Cloud.

// What comes from outside must not end a program: no step of the way may panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

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
pub mod fleet;
pub mod interceptor;
pub mod model;
pub mod operation;
pub mod paginate;
mod params;
mod response;
pub mod retry;
pub mod runtime;
pub mod sign;
pub mod stream;
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
    retry::{RetryConfig, RetryMode},
    wire::SignedRequest,
};

#[doc(hidden)]
pub mod __private {
    pub use serde;

    use crate::{Document, Model, model::DecodeError};

    /// [`Model::from_document`] for a model whose type is not known.
    ///
    /// # Errors
    /// The same.
    pub fn decode(model: &mut dyn Model, document: Document) -> Result<(), DecodeError> {
        crate::model::decode::decode(model, document)
    }
}
