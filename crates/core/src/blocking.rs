//! Calls from programs without an asynchronous runtime. Product crates have the trait under their own name.
//!
//! ```no_run
//! use alicloud_core::blocking::SendBlocking as _;
//! # fn example<C, T>(call: C) -> Result<T, alicloud_core::Error>
//! # where C: IntoFuture<Output = Result<T, alicloud_core::Error>> {
//! // let reply = client.describe_instances().send_blocking()?;
//! let reply = call.send_blocking()?;
//! # Ok(reply)
//! # }
//! ```

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{Error, error::ConfigError};

/// Waits for whatever can be awaited: calls, prepared requests, waiters.
pub trait SendBlocking<T> {
    /// Sends and waits.
    ///
    /// # Errors
    /// See [`Error`]. Inside an asynchronous runtime, where waiting would stop other tasks, nothing is
    /// sent: use `.await` there.
    fn send_blocking(self) -> Result<T, Error>;
}

impl<T, C: IntoFuture<Output = Result<T, Error>>> SendBlocking<T> for C {
    fn send_blocking(self) -> Result<T, Error> {
        if Handle::try_current().is_ok() {
            let message = "send_blocking was called inside an asynchronous runtime: use .send().await there";
            return Err(Error::config(ConfigError { message: message.to_owned() }));
        }
        match runtime() {
            Ok(runtime) => runtime.block_on(self.into_future()),
            Err(message) => Err(Error::config(ConfigError { message: message.clone() })),
        }
    }
}

/// One thread that keeps connections alive between calls, shared by all clients of the process.
fn runtime() -> Result<&'static Runtime, &'static String> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let build = || Builder::new_multi_thread().worker_threads(1).thread_name("alicloud").enable_all().build();
    let runtime = RUNTIME.get_or_init(|| build().map_err(|error| format!("no thread for blocking calls: {error}")));
    runtime.as_ref()
}
