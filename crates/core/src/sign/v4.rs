//! What the fourth version of the signatures has in common: a key of its own for every day, region and
//! product.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{error::ConfigError, runtime::hex};

/// What a signature is good for.
pub(super) struct Scope<'a> {
    /// `20240102`
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) product: &'a str,
}

impl Scope<'_> {
    /// As it stands in a text to sign and in `Authorization`.
    pub(super) fn text(&self) -> String {
        format!("{}/{}/{}/aliyun_v4_request", self.date, self.region, self.product)
    }

    /// The signature of a canonical request, in hexadecimal.
    pub(super) fn sign(&self, algorithm: &str, time: &str, canonical: &str, secret: &str) -> String {
        let text = format!("{algorithm}\n{time}\n{}\n{}", self.text(), hex(&Sha256::digest(canonical.as_bytes())));
        let parts = [self.date, self.region, self.product, "aliyun_v4_request", &text];
        let key = format!("aliyun_v4{secret}").into_bytes();
        let signature = parts.iter().fold(key, |key, part| hmac_sha256(&key, part.as_bytes()));
        hex(&signature)
    }
}

/// The region that the fourth version signs.
pub(super) fn region(region: Option<&str>) -> Result<&str, ConfigError> {
    region.ok_or_else(|| ConfigError {
        message: "the signature covers the region and none is set: call .region(\"cn-hangzhou\") or set \
                  ALIBABA_CLOUD_REGION_ID"
            .to_owned(),
    })
}

pub(super) fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
        // HMAC takes keys of any length.
        Err(_) => Vec::new(),
    }
}
