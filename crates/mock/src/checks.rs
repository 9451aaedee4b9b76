//! What the gateway verifies, and the switches to stop it.

use std::fmt;

macro_rules! checks {
    ($($(#[$doc:meta])+ $name:ident = $key:literal,)+) => {
        /// A rule the gateway enforces. Everything but [`Place`](Check::Place) is on from the start.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Check {
            $($(#[$doc])+ $name,)+
        }

        impl Check {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name on command lines and in `x-mock-unverified`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }
        }
    };
}

checks! {
    /// Access keys that begin like those of real accounts are refused.
    RealKeys = "real-keys",
    /// The signature itself, that there is one, and that its key is known.
    Signature = "signature",
    /// The payload hash of an ACS3 request is that of the body.
    PayloadHash = "payload-hash",
    /// `host`, `content-type` and every `x-acs-*` header take part in the signature.
    SignedHeaders = "signed-headers",
    /// The timestamp is well formed and at most 15 minutes off the gateway's clock.
    Timestamp = "timestamp",
    /// A nonce is present, sane and new for its key.
    Nonce = "nonce",
    /// A security token is known, not expired and bound to its key.
    SecurityToken = "security-token",
    /// A host of the vendor's domains belongs to the product.
    Host = "host",
    /// The HTTP method is one that the operation takes.
    Method = "method",
    /// Required parameters are present.
    Required = "required",
    /// Every parameter is one that the operation knows.
    Unknown = "unknown",
    /// Values have the declared types.
    Types = "types",
    /// Values keep declared minima, maxima, lengths and patterns.
    Limits = "limits",
    /// Values with a documented list are on it.
    Values = "values",
    /// Lists and objects are encoded as declared: numbered from 1 without gaps, JSON or commas; no name
    /// is given twice.
    Encoding = "encoding",
    /// Body and media type are those of the operation.
    Body = "body",
    /// A parameter travels in the declared place. The services take RPC parameters in the query or the
    /// form alike, therefore this one has to be switched on.
    Place = "place",
    /// Calls with the same client token have one effect.
    Idempotency = "idempotency",
}

impl Check {
    /// The rule of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.key() == key)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// The set of rules that are on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checks(u32);

impl Default for Checks {
    fn default() -> Self {
        Self(!Check::Place.bit())
    }
}

impl Checks {
    pub(crate) fn enforce(&mut self, check: Check) {
        self.0 |= check.bit();
    }

    pub(crate) fn skip(&mut self, check: Check) {
        self.0 &= !check.bit();
    }

    pub(crate) fn enforces(self, check: Check) -> bool {
        self.0 & check.bit() != 0
    }

    /// The rules that were switched off.
    pub(crate) fn skipped(self) -> impl Iterator<Item = Check> {
        Check::ALL.iter().copied().filter(move |check| *check != Check::Place && !self.enforces(*check))
    }
}
