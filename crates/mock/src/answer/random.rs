//! Numbers from a seed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A small generator (splitmix64): good enough for invented data, the same everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator of its own for a topic, so that one topic's draws do not disturb another's.
    pub(crate) fn new(seed: u64, topic: &[&str]) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, topic).hash(&mut hasher);
        Self(hasher.finish())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.abs_diff(least).saturating_add(1);
        let step = if most < least { 0 } else { self.next() % span };
        least.saturating_add_unsigned(step)
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        // 53 bits are all that a float holds.
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `true` with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let most = i64::try_from(items.len()).unwrap_or(i64::MAX) - 1;
        let at = usize::try_from(self.between(0, most)).ok()?;
        items.get(at)
    }

    /// Eight letters and digits.
    pub(crate) fn word(&mut self) -> String {
        let mut bits = self.next();
        let mut word = String::with_capacity(8);
        for _ in 0..8 {
            word.push(char::from_digit((bits % 36) as u32, 36).unwrap_or('0'));
            bits /= 36;
        }
        word
    }
}

/// The id of a request, as the vendor writes them.
pub(crate) fn request_id(seed: u64, number: u64) -> String {
    let mut random = Random::new(seed, &["request id"]);
    random.0 ^= number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        (high >> 16) & 0xffff,
        (high & 0x0fff) | 0x5000,
        ((low >> 48) & 0x3fff) | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
