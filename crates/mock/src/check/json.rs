//! JSON in which no object names a member twice: readers disagree about which of them counts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a document; says what is wrong with it.
pub(super) fn read(bytes: &[u8], unique: bool) -> Result<Value, serde_json::Error> {
    if unique { serde_json::from_slice(bytes).map(|Unique(value)| value) } else { serde_json::from_slice(bytes) }
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Unique(member))) = members.next_entry::<String, _>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("it names `{name}` twice")));
            }
            map.insert(name, member);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_serde_reads_but_for_names_that_come_twice() {
        let text = br#"{"a":[1,-2,1e-7,true,null,"x\u00e9"],"b":{"a":{"b":18446744073709551615}}}"#;
        assert_eq!(read(text, true).unwrap(), serde_json::from_slice::<Value>(text).unwrap());
        let twice = br#"{"a":1,"b":{"c":1,"c":2}}"#;
        assert!(read(twice, true).unwrap_err().to_string().contains("names `c` twice"));
        assert_eq!(read(twice, false).unwrap()["b"]["c"], 2);
        assert!(read(b"{", true).is_err());
    }
}
