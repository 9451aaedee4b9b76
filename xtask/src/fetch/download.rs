//! One bounded download.

use std::time::Duration;

use crate::failure::Failure;
use crate::import::Json;

/// How long a download may take and how much it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For the whole download.
    pub(super) time: Duration,
    /// For the body; the largest description of a product is about 10 MB.
    pub(super) bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(120), bytes: 64 << 20 }
    }
}

/// Gets a JSON document. No redirects: what is asked for is what is taken.
pub(super) fn get(url: &str, limits: Limits) -> Result<Json, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure(format!("no runtime for downloads: {error}")))?;
    let bytes = runtime
        .block_on(async { tokio::time::timeout(limits.time, body(url, limits.bytes)).await })
        .map_err(|_| Failure(format!("{url}: no complete answer within {} s", limits.time.as_secs_f32())))??;
    serde_json::from_slice(&bytes).map_err(|error| Failure(format!("{url}: the answer is no JSON: {error}")))
}

async fn body(url: &str, most: usize) -> Result<Vec<u8>, Failure> {
    let fail = |error: reqwest::Error| Failure(format!("{url}: {}", reasons(&error.without_url())));
    // Whoever came first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder();
    if url.starts_with("http://") {
        // Only this machine is reached without TLS, and never by way of a proxy.
        builder = builder.no_proxy();
    }
    let client = builder
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .build()
        .map_err(fail)?;
    let mut response = client.get(url).send().await.map_err(fail)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(Failure(format!("{url}: the service answers {}", response.status())));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(fail)? {
        if bytes.len() + piece.len() > most {
            return Err(Failure(format!("{url}: the answer is longer than {most} bytes")));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// An error with what is underneath it.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
