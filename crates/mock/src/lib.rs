//! An embedded gateway that stands in for Alibaba Cloud in tests.
//!
//! It listens on loopback and speaks real HTTP, so any SDK of any language can use it through an endpoint
//! override. It verifies every signature from the raw bytes with code of its own, checks each request
//! against the spec of its operation, answers from the spec, from what it was told or from state, breaks
//! connections on order, and keeps a ledger of what happened.
//!
//! ```no_run
//! # async fn example(spec: alicloud_spec::Spec) -> Result<(), alicloud_mock::Error> {
//! use alicloud_mock::{Fault, MockGateway, When};
//! use serde_json::json;
//!
//! let gateway = MockGateway::builder().product(spec).seed(7).start().await?;
//! gateway.on("DescribeRegions").reply(json!({"Regions": {"Region": []}}));
//! gateway.fault(When::operation("RunInstances").nth(1), Fault::ResetAfterExecute);
//! // … point a client at gateway.endpoint() with gateway.credentials() …
//! gateway.assert_effects("RunInstances", 1);
//! # Ok(())
//! # }
//! ```
//!
//! A community project, not affiliated with Alibaba Cloud.

mod admin;
mod answer;
mod catalog;
mod check;
mod checks;
#[cfg(feature = "client")]
mod client;
mod clock;
mod cycle;
mod disfigure;
mod doubles;
mod engine;
mod error;
mod fault;
mod gateway;
mod idempotency;
mod keys;
mod latency;
mod ledger;
mod lock;
mod log;
mod redact;
mod reply;
mod request;
mod server;
mod state;
mod stub;
mod throttle;
#[cfg(feature = "tls")]
mod tls;
mod verify;
mod wire;

pub use answer::Answers;
pub use checks::Check;
#[cfg(feature = "client")]
pub use client::InProcess;
pub use clock::Clock;
pub use doubles::{Doubles, UploadedFile};
pub use error::Error;
pub use fault::{Fault, When};
pub use gateway::{Builder, MockGateway};
pub use keys::Keyring;
pub use latency::Latency;
pub use ledger::{Effect, Ledger};
pub use log::Exchange;
pub use server::Connections;
pub use state::{Pace, World};
pub use stub::{Call, IntoReply, On, StubReply};
#[cfg(feature = "tls")]
pub use tls::Certificate;
