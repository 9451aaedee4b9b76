//! Nonces: present, sane, and never seen before under the same key.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;

use crate::error::ServiceError;
use crate::lock::lock;

/// How long a nonce is remembered, in milliseconds.
const MEMORY: i64 = 15 * 60 * 1000;
const LONGEST: usize = 128;

/// The nonces of the last quarter of an hour, as hashes in two generations.
#[derive(Debug, Default)]
pub(crate) struct Nonces(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashSet<u64>,
    old: HashSet<u64>,
    /// When the young generation began.
    began: i64,
}

impl Nonces {
    pub(super) fn take(&self, owner: &str, nonce: Option<&str>, now: i64) -> Result<(), ServiceError> {
        let nonce = nonce.filter(|nonce| !nonce.is_empty()).ok_or_else(|| {
            ServiceError::entry(400, "MissingSignatureNonce", "SignatureNonce is mandatory for this action.")
        })?;
        if nonce.len() > LONGEST || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ServiceError::entry(
                400,
                "InvalidSignatureNonce",
                format!("A nonce is at most {LONGEST} visible ASCII characters."),
            ));
        }
        let mut hasher = DefaultHasher::new();
        (owner, nonce).hash(&mut hasher);
        let hash = hasher.finish();

        let mut seen = lock(&self.0);
        if (now - seen.began).abs() > MEMORY {
            let forgotten = (now - seen.began).abs() > 2 * MEMORY;
            seen.old = std::mem::take(&mut seen.young);
            if forgotten {
                seen.old.clear();
            }
            seen.began = now;
        }
        if seen.old.contains(&hash) || !seen.young.insert(hash) {
            return Err(ServiceError::entry(400, "SignatureNonceUsed", "Specified signature nonce was used already."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_each_nonce_once_per_key() {
        let nonces = Nonces::default();
        let code = |owner, nonce, now| nonces.take(owner, nonce, now).err().map(|error| error.code);
        assert_eq!(code("a", Some("n"), 0), None);
        assert_eq!(code("b", Some("n"), 0), None);
        assert_eq!(code("a", Some("n"), MEMORY - 1).as_deref(), Some("SignatureNonceUsed"));
        assert_eq!(code("a", Some("n"), MEMORY + 1).as_deref(), Some("SignatureNonceUsed"));
        assert_eq!(code("a", Some("n"), 10 * MEMORY), None);
        assert_eq!(code("a", None, 0).as_deref(), Some("MissingSignatureNonce"));
        assert_eq!(code("a", Some("a b"), 0).as_deref(), Some("InvalidSignatureNonce"));
    }
}
