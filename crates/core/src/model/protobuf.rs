//! Models as protocol buffers: the fields that have a number, in its order.
//!
//! Only what the services use: texts, bytes, whole numbers, booleans, messages, and lists of them.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{DecodeError, Field, Model, Parts, Value, View};
use crate::Document;

/// Ways to write a value, as the wire names them.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// The message of a value that is a model; empty for everything else.
pub(crate) fn encode(value: &dyn Value) -> Vec<u8> {
    let mut output = Vec::new();
    if let Parts::Model(model) = value.parts() {
        message(model, &mut output);
    }
    output
}

fn message(model: &dyn Model, output: &mut Vec<u8>) {
    let fields = model.schema().fields.iter().enumerate().filter(|(_, field)| field.tag != 0);
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(_, field)| field.tag);
    for (index, field) in fields {
        member(field, model.field(index), output);
    }
}

fn member(field: &Field, value: &dyn Value, output: &mut Vec<u8>) {
    match value.parts() {
        Parts::Model(model) => {
            let mut inner = Vec::new();
            message(model, &mut inner);
            bytes(field, &inner, output);
        }
        Parts::List(elements) => elements.into_iter().for_each(|element| member(field, element, output)),
        Parts::Map(_) => {}
        Parts::None => match value.to_document(View::Wire) {
            Some(Document::String(text)) => bytes(field, text.as_bytes(), output),
            Some(Document::Binary(content)) => bytes(field, &content, output),
            Some(Document::Bool(value)) => number(field, value.into(), output),
            Some(Document::Number(digits)) => number(field, digits.parse().unwrap_or_default(), output),
            _ => {}
        },
    }
}

fn bytes(field: &Field, content: &[u8], output: &mut Vec<u8>) {
    key(field, BYTES, output);
    varint(content.len() as u64, output);
    output.extend_from_slice(content);
}

fn number(field: &Field, value: i64, output: &mut Vec<u8>) {
    if field.fixed32 {
        key(field, FIXED32, output);
        output.extend_from_slice(&(value as u32).to_le_bytes());
    } else {
        key(field, VARINT, output);
        varint(value as u64, output);
    }
}

fn key(field: &Field, kind: u64, output: &mut Vec<u8>) {
    varint(u64::from(field.tag) << 3 | kind, output);
}

fn varint(mut value: u64, output: &mut Vec<u8>) {
    while value > 0x7f {
        output.push(value as u8 | 0x80);
        value >>= 7;
    }
    output.push(value as u8);
}

/// The members of a message by their API names; those without a field are ignored. Texts, bytes and inner
/// messages are bytes still: the type that takes them knows which they are.
pub(crate) fn members(fields: &[Field], message: &Bytes) -> Result<BTreeMap<String, Document>, DecodeError> {
    let cut = || DecodeError::syntax("a protocol buffer that is cut off or malformed");
    let mut found: BTreeMap<&str, Vec<Document>> = BTreeMap::new();
    let mut rest = message.clone();
    while !rest.is_empty() {
        let key = read_varint(&mut rest).ok_or_else(cut)?;
        let value = match key & 7 {
            VARINT => (read_varint(&mut rest).ok_or_else(cut)? as i64).into(),
            FIXED32 => i64::from(u32::from_le_bytes(read_array(&mut rest).ok_or_else(cut)?)).into(),
            FIXED64 => i64::from_le_bytes(read_array(&mut rest).ok_or_else(cut)?).into(),
            BYTES => {
                let length = read_varint(&mut rest).and_then(|length| usize::try_from(length).ok()).ok_or_else(cut)?;
                Document::Binary(take(&mut rest, length).ok_or_else(cut)?)
            }
            _ => return Err(cut()),
        };
        if let Some(field) = fields.iter().find(|field| field.tag != 0 && u64::from(field.tag) == key >> 3) {
            found.entry(field.name).or_default().push(value);
        }
    }
    let one_or_list = |mut values: Vec<Document>| match (values.pop(), values.is_empty()) {
        (Some(one), true) => one,
        (last, _) => Document::List(values.into_iter().chain(last).collect()),
    };
    Ok(found.into_iter().map(|(name, values)| (name.to_owned(), one_or_list(values))).collect())
}

fn take(rest: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= rest.len()).then(|| rest.split_to(length))
}

fn read_array<const N: usize>(rest: &mut Bytes) -> Option<[u8; N]> {
    take(rest, N)?.as_ref().try_into().ok()
}

fn read_varint(rest: &mut Bytes) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Schema, decode};

    #[derive(Clone, Default)]
    struct Group {
        items: Option<Vec<Item>>,
        topic: Option<String>,
        unnumbered: Option<String>,
    }

    impl Model for Group {
        fn schema(&self) -> &'static Schema {
            const SCHEMA: &Schema = &Schema::new(
                "Group",
                &[Field::new("Items").tag(1), Field::new("Topic").tag(300), Field::new("Unnumbered")],
            );
            SCHEMA
        }
        fn field(&self, index: usize) -> &dyn Value {
            match index {
                0 => &self.items,
                1 => &self.topic,
                _ => &self.unnumbered,
            }
        }
        fn field_mut(&mut self, index: usize) -> &mut dyn Value {
            match index {
                0 => &mut self.items,
                1 => &mut self.topic,
                _ => &mut self.unnumbered,
            }
        }
    }

    #[derive(Clone, Default)]
    struct Item {
        nanos: Option<i64>,
        time: Option<i64>,
        good: Option<bool>,
    }

    impl Model for Item {
        fn schema(&self) -> &'static Schema {
            const SCHEMA: &Schema = &Schema::new(
                "Item",
                &[Field::new("Nanos").tag(4).fixed32(), Field::new("Time").tag(1), Field::new("Good").tag(2)],
            );
            SCHEMA
        }
        fn field(&self, index: usize) -> &dyn Value {
            match index {
                0 => &self.nanos,
                1 => &self.time,
                _ => &self.good,
            }
        }
        fn field_mut(&mut self, index: usize) -> &mut dyn Value {
            match index {
                0 => &mut self.nanos,
                1 => &mut self.time,
                _ => &mut self.good,
            }
        }
    }

    fn group() -> Group {
        let item = Item { nanos: Some(1), time: Some(300), good: Some(true) };
        Group {
            items: Some(vec![item, Item { time: Some(-1), ..Item::default() }]),
            topic: Some("té".to_owned()),
            unnumbered: Some("x".to_owned()),
        }
    }

    #[test]
    fn written_as_the_wire_format_says() {
        // Two messages under the number 1, a text of three bytes under the number 300.
        let mut expected = vec![0x0a, 10, 0x08, 0xac, 0x02, 0x10, 0x01, 0x25, 1, 0, 0, 0];
        expected.extend([0x0a, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        expected.extend([0xe2, 0x12, 3, b't', 0xc3, 0xa9]);
        assert_eq!(encode(&group()), expected);
    }

    #[test]
    fn read_as_it_was_written() {
        let mut read = Group::default();
        decode::decode(&mut read, Document::Binary(encode(&group()).into())).unwrap();
        let json = r#"{"Items":[{"Good":true,"Nanos":1,"Time":300},{"Time":-1}],"Topic":"té"}"#;
        assert_eq!(read.to_json(), json);
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_what_is_unknown_is_not() {
        let bytes = encode(&group());
        for length in 1..bytes.len() {
            // Never a panic; a cut between two members is a shorter message.
            let _ = decode::decode(&mut Group::default(), Document::Binary(bytes[..length].to_vec().into()));
        }
        for broken in [&[0x0a][..], &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], &[0xff; 11], &[0x0b], &[0x0a, 2, 1]] {
            let error = decode::decode(&mut Group::default(), Document::Binary(broken.to_vec().into())).unwrap_err();
            assert!(error.to_string().contains("protocol buffer"), "{error}");
        }
        let mut read = Group::default();
        let unknown = vec![0x51, 1, 2, 3, 4, 5, 6, 7, 8, 0x5d, 1, 2, 3, 4, 0x60, 1, 0x6a, 1, 9];
        decode::decode(&mut read, Document::Binary(unknown.into())).unwrap();
        assert_eq!(read.to_json(), "{}");
    }
}
