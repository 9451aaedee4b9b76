//! Trouble on purpose, and what the runtime promises when it happens.
//!
//! [`FaultServer`] fails below and inside HTTP on the loopback interface; [`Scripted`] is a service inside the
//! process, for everything that waits, under a clock that jumps. [`promises`] measures each promise and holds
//! the figure against what it must be.

pub mod h2_server;
pub mod ledger;
pub mod promises;
pub mod proxy;
pub mod random;
pub mod scripted;
pub mod server;
pub mod source;
pub mod things;
pub mod tls;
pub mod verify;

pub use self::{
    ledger::Ledger,
    scripted::{Act, Scripted},
    server::{Fault, FaultServer},
};
