//! Time and randomness, replaceable so that tests repeat exactly.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

/// The time of day. Requests are stamped with it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still.
impl Clock for SystemTime {
    fn now(&self) -> SystemTime {
        *self
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}

/// Random bytes, for nonces, client tokens and jitter.
pub trait Entropy: fmt::Debug + Send + Sync + 'static {
    /// Fills the buffer.
    ///
    /// # Errors
    /// The source has no bytes to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy>;
}

impl<E: Entropy + ?Sized> Entropy for std::sync::Arc<E> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        (**self).fill(buffer)
    }
}

/// The operating system has no random bytes to give.
#[derive(Clone, Copy, Debug)]
pub struct NoEntropy;

impl fmt::Display for NoEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no random bytes")
    }
}

impl std::error::Error for NoEntropy {}

/// The operating system's random bytes. They differ after a fork or a restored snapshot, too, because
/// nothing is kept in the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::getrandom(buffer).map_err(|_| NoEntropy)
    }
}

/// What comes of a future unless another one ends before.
pub(crate) async fn before<T, E>(work: impl Future<Output = T>, limit: impl Future<Output = E>) -> Result<T, E> {
    let (mut work, mut limit) = (pin!(work), pin!(limit));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Ok(value)),
        Poll::Pending => limit.as_mut().poll(context).map(Err),
    })
    .await
}

/// A number that is used once: 128 random bits in hexadecimal.
pub(crate) fn nonce(entropy: &dyn Entropy) -> Result<String, NoEntropy> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A random UUID (version 4), for client tokens.
pub(crate) fn uuid(entropy: &dyn Entropy) -> Result<String, NoEntropy> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let bits = (u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{bits:032x}");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    Ok(format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)))
}

/// A duration between zero and `limit`, both included, evenly distributed.
pub(crate) fn up_to(limit: Duration, entropy: &dyn Entropy) -> Duration {
    let mut bytes = [0; 8];
    // Without randomness the longest wait is the safe one.
    let fraction = match entropy.fill(&mut bytes) {
        Ok(()) => (u64::from_be_bytes(bytes) >> 11) as f64 / ((1_u64 << 53) - 1) as f64,
        Err(NoEntropy) => 1.0,
    };
    Duration::try_from_secs_f64(limit.as_secs_f64() * fraction).unwrap_or(limit).min(limit)
}

/// A moment so much later. What no clock reaches is decades away.
pub(crate) fn later(now: Instant, time: Duration) -> Instant {
    const DECADES: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
    now.checked_add(time.min(DECADES)).unwrap_or(now)
}

/// The same for the time of day.
pub(crate) fn later_date(now: SystemTime, time: Duration) -> SystemTime {
    now.checked_add(time).unwrap_or(now)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads a date as HTTP writes it.
pub(crate) fn parse_http_date(text: &str) -> Option<SystemTime> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp().into())
}
