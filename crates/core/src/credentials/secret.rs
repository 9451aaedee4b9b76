//! Text that is never printed.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A secret: printed as `**`, wiped from memory when it is dropped, compared in constant time.
///
/// It cannot be printed or turned into a string by accident:
///
/// ```compile_fail
/// println!("{}", alicloud_core::credentials::Secret::new("s"));
/// ```
///
/// ```compile_fail
/// let text: String = alicloud_core::credentials::Secret::new("s").into();
/// ```
///
/// ```compile_fail
/// serde_json::to_string(&alicloud_core::credentials::Secret::new("s"));
/// ```
///
/// ```compile_fail
/// let text: &str = &alicloud_core::credentials::Secret::new("s");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself. Whoever calls this is responsible for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("**")
    }
}
