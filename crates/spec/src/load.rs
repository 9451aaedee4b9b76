//! Reading specs.
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
/// A map whose keys occur once.
pub(crate) fn unique_map<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, V>, D::Error> {
    BTreeMap::deserialize(deserializer)
}
