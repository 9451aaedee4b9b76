//! What the fourth version of the signatures shares: a credential with day, region and product, and a key
//! that is derived from them.

use hmac::{Hmac, KeyInit as _, Mac as _};

use super::{hex, sha256_hex};
use crate::error::ServiceError;
use crate::request::Request;

/// The parts of `Authorization`.
pub(super) struct Scoped<'a> {
    pub(super) access_key_id: &'a str,
    /// `<day>/<region>/<product>/aliyun_v4_request`
    scope: &'a str,
    /// Names of further headers that are signed.
    pub(super) additional: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Scoped<'a> {
    pub(super) fn read(request: &'a Request, algorithm: &str) -> Result<Self, ServiceError> {
        let incomplete = || {
            let reason = format!("Authorization has to be `{algorithm} Credential=…,Signature=…`.");
            ServiceError::entry(400, "IncompleteSignature", reason)
        };
        let text = request.header("authorization").unwrap_or_default();
        let parts = text.strip_prefix(algorithm).and_then(|rest| rest.strip_prefix(' ')).ok_or_else(incomplete)?;
        let part = |name: &str| {
            let mut pairs = parts.split(',').filter_map(|part| part.trim().split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (credential, signature) = part("Credential").zip(part("Signature")).ok_or_else(incomplete)?;
        let (access_key_id, scope) = credential.split_once('/').ok_or_else(incomplete)?;
        Ok(Self { access_key_id, scope, additional: part("AdditionalHeaders").unwrap_or_default(), signature })
    }

    /// The scope has to be for this product and the day of the request.
    pub(super) fn check(&self, product: &str, time: &str) -> Result<(), ServiceError> {
        let day = time.get(..8).unwrap_or_default();
        let parts: Vec<&str> = self.scope.split('/').collect();
        match parts.as_slice() {
            [date, region, name, "aliyun_v4_request"] if *date == day && !region.is_empty() && *name == product => {
                Ok(())
            }
            _ => {
                let reason = format!(
                    "The credential is for `{}`; it has to be for `{day}/<region>/{product}/aliyun_v4_request`.",
                    self.scope
                );
                Err(ServiceError::entry(400, "InvalidCredential", reason))
            }
        }
    }

    /// What the signature has to be.
    pub(super) fn signature(&self, secret: &str, algorithm: &str, time: &str, canonical: &str) -> String {
        let mut key = format!("aliyun_v4{secret}").into_bytes();
        for part in self.scope.split('/') {
            key = mac(&key, part);
        }
        let text = format!("{algorithm}\n{time}\n{}\n{}", self.scope, sha256_hex(canonical.as_bytes()));
        hex(&mac(&key, &text))
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // Every length of key is accepted; an empty tag never equals a signature.
    Hmac::<sha2::Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}
