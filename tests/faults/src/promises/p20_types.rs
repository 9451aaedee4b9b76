//! Services send one type where another is declared; models take what has a meaning and never panic.

use std::panic::catch_unwind;

use alicloud_core::{Document, Model};
use alicloud_models::MODELS;

use super::{Figure, Promise, Scale, printed};
use crate::things::Thing;

pub(super) const PROMISE: Promise = Promise {
    id: "P20",
    title: "Decoder takes what the service really sends",
    pass: "20 values in every field of every generated model (of a part of each product's when quick): 0 panics; documented coercions only; big numbers exact",
    measure,
};

const VALUES: [&str; 20] = [
    "null",
    "true",
    "0",
    "-7",
    "1.5",
    "1e400",
    "123456789012345678901234567890",
    r#""""#,
    r#"" ""#,
    r#""12""#,
    r#""true""#,
    r#""text""#,
    r#""[1]""#,
    r#""{}""#,
    "[]",
    "[null]",
    r#"["x", 1, true, null, {}, []]"#,
    "{}",
    r#"{"item": []}"#,
    r#"{"item": "x"}"#,
];

fn measure(_: Scale) -> Figure {
    let (mut decoded, mut taken, mut panics) = (0_u64, 0_u64, Vec::new());
    let values = VALUES.map(|text| Document::parse(text).unwrap());
    for (name, new) in MODELS {
        for field in new().schema().fields {
            for value in &values {
                decoded += 1;
                let document = Document::object([(field.name, value.clone())]);
                match catch_unwind(|| takes(*new, document)) {
                    Ok(ok) => taken += u64::from(ok),
                    Err(_) => panics.push(format!("{name}.{}: {value}", field.name)),
                }
            }
        }
    }
    let wrong = coercions();
    Figure::new(
        panics.is_empty() && wrong.is_empty() && decoded > 0,
        format!(
            "{} models, {decoded} decodings, {taken} with a meaning, {} panics {}; {} coercions wrong {}",
            MODELS.len(),
            panics.len(),
            panics.first().cloned().unwrap_or_default(),
            wrong.len(),
            wrong.join("; ")
        ),
    )
}

/// Whether a model takes a document. What was read can be written and printed, too.
fn takes(new: fn() -> Box<dyn Model>, document: Document) -> bool {
    let mut model = new();
    let taken = alicloud_core::__private::decode(&mut *model, document).is_ok();
    assert!(alicloud_core::model::equal(&*model, &*model));
    assert!(!printed(&*model).is_empty());
    taken
}

/// What becomes of each kind of value in each kind of field: the value as it is written again, `-` when the
/// field stays unset, `!` when the answer is refused.
const COERCIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "Name",
        &[
            ("\"x\"", "\"x\""),
            ("1", "\"1\""),
            ("1.50", "\"1.50\""),
            ("true", "\"true\""),
            ("null", "-"),
            ("\"\"", "\"\""),
            ("[1]", "\"[1]\""),
            ("{\"a\":1}", "\"{\\\"a\\\":1}\""),
        ],
    ),
    (
        "Count",
        &[
            ("1", "1"),
            ("\"1\"", "1"),
            ("\" 1 \"", "1"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("true", "1"),
            ("null", "-"),
            ("\"\"", "-"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "!"),
            ("1.5", "!"),
            ("\"x\"", "!"),
            ("[]", "!"),
            ("{}", "!"),
            ("1e400", "!"),
        ],
    ),
    (
        "Success",
        &[
            ("true", "true"),
            ("\"true\"", "true"),
            ("\"True\"", "true"),
            ("1", "true"),
            ("null", "-"),
            ("\"\"", "-"),
            ("\"yes\"", "!"),
            ("2", "!"),
            ("[]", "!"),
        ],
    ),
    (
        "Ratio",
        &[
            ("1.5", "1.5"),
            ("\"1.5\"", "1.5"),
            ("1", "1"),
            ("null", "-"),
            ("\"\"", "-"),
            ("1e400", "!"),
            ("\"x\"", "!"),
            ("[]", "!"),
        ],
    ),
    (
        "Ids",
        &[
            ("{\"Id\":[\"a\",\"b\"]}", "{\"Id\":[\"a\",\"b\"]}"),
            ("[\"a\"]", "{\"Id\":[\"a\"]}"),
            ("{\"Id\":\"a\"}", "{\"Id\":[\"a\"]}"),
            ("{\"Id\":[]}", "{\"Id\":[]}"),
            ("{}", "{\"Id\":[]}"),
            ("\"\"", "{\"Id\":[]}"),
            ("null", "-"),
            ("{\"Id\":null}", "-"),
            ("\"[\\\"a\\\"]\"", "{\"Id\":[\"a\"]}"),
            ("[1,null,\"b\"]", "{\"Id\":[\"1\",\"b\"]}"),
            ("\"a\"", "{\"Id\":[\"a\"]}"),
        ],
    ),
    (
        "Inner",
        &[
            ("{\"Name\":\"x\"}", "{\"Name\":\"x\"}"),
            ("\"{\\\"Name\\\":\\\"x\\\"}\"", "{\"Name\":\"x\"}"),
            ("\"\"", "-"),
            ("null", "-"),
            ("{}", "{}"),
            ("[]", "!"),
            ("1", "!"),
            ("{\"List\":{\"Inner\":[{\"Name\":1}]}}", "{\"List\":[{\"Name\":\"1\"}]}"),
        ],
    ),
    (
        "Big",
        &[
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1.50", "1.50"),
            ("1e400", "1e400"),
            ("[1,\"a\",null]", "[1,\"a\",null]"),
            ("null", "-"),
        ],
    ),
];

fn coercions() -> Vec<String> {
    let mut wrong = Vec::new();
    for (field, cases) in COERCIONS {
        for (value, expected) in *cases {
            let found = match Thing::from_json(&format!("{{\"{field}\": {value}}}")) {
                Err(_) => "!".to_owned(),
                Ok(thing) => thing.to_document().get(field).map_or("-".to_owned(), Document::to_string),
            };
            if found != *expected {
                wrong.push(format!("{field} {value}: {found}, not {expected}"));
            }
        }
    }
    wrong
}
