//! Values: parameters, fields, elements and shared types.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::is_default;

/// A value: a parameter, a field of an object, an element or a shared type.
///
/// `name` is present on parameters and fields, `in` and `style` on parameters only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shape {
    /// API name of a parameter or field.
    #[serde(default, skip_serializing_if = "is_default")]
    pub name: String,
    /// Where a parameter (or a response header) travels.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How a list, object or map is written into a query, form or header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<ListStyle>,
    /// What kind of value it is; absent when `ref` says it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Name of a shared type.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Must be given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: bool,
    /// Never printed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub secret: bool,
    /// The vendor advises against it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deprecated: bool,
    /// The vendor's documents leave it out, though the service takes it: usable, but not shown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hidden: bool,
    /// What it means, in one line of our own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub summary: String,
    /// Differences between documents and service, for readers of the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// A documented example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<serde_json::Value>,
    /// Documented values; others are accepted.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<EnumValue>>,
    /// What the service assumes when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<serde_json::Number>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<serde_json::Number>,
    /// Fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Fewest elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    /// Most elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// Regular expression that a string matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The vendor's name of a special text format, for example `iso8601` or `byte`. `fileUrl` marks the URL
    /// of a file, for which the file itself can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Number of a field in a protocol buffer; `format` `fixed32` says that it is written in four bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<u32>,
    /// Name of the member that wraps a list on the wire: `{"Regions": {"Region": [..]}}` is a list
    /// named `Regions` with the wrapper `Region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapper: Option<String>,
    /// Elements of a list, values of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<Shape>>,
    /// Fields of an object.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fields: Vec<Shape>,
}

/// A documented value: the text alone, or the text with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum EnumValue {
    /// The value as it is on the wire.
    Plain(String),
    /// The value and what it means.
    Described(DescribedValue),
}

/// An enum value with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DescribedValue {
    /// The value as it is on the wire.
    pub value: String,
    /// What it means, in one line of our own.
    pub summary: String,
}

/// By hand, because errors of derived untagged enums do not say what is wrong.
impl<'de> Deserialize<'de> for EnumValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = EnumValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the value as text, or an object with `value` and `summary`")
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<EnumValue, E> {
                Ok(EnumValue::Plain(value.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EnumValue, A::Error> {
                DescribedValue::deserialize(MapAccessDeserializer::new(map)).map(EnumValue::Described)
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl EnumValue {
    /// The value as it is on the wire.
    pub fn value(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Described(described) => &described.value,
        }
    }

    /// What it means; empty when the spec does not say.
    pub fn summary(&self) -> &str {
        match self {
            Self::Plain(_) => "",
            Self::Described(described) => &described.summary,
        }
    }
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Query string.
    Query,
    /// Form body.
    Form,
    /// A segment of the path.
    Path,
    /// A header.
    Header,
    /// A label of the host name.
    Host,
    /// A member of the JSON (or XML) object that is the body.
    Body,
    /// The body itself, under no name.
    Payload,
}

/// How a list, object or map becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ListStyle {
    /// `Name.1.Field=value`: numbered from 1, members behind dots.
    Flat,
    /// The vendor's other name of the same encoding.
    RepeatList,
    /// One JSON text.
    Json,
    /// Elements joined by commas.
    Simple,
    /// An XML document.
    Xml,
    /// A protocol buffer whose fields have the numbers that `tag` says.
    Protobuf,
}

/// Kinds of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    String,
    /// Whole number of 32 bits, as the vendor declares it.
    Int32,
    /// Whole number.
    Int64,
    /// Decimal number of 32 bits, as the vendor declares it.
    Float,
    /// Decimal number.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Object with known fields.
    Object,
    /// List of `of`.
    List,
    /// Map from text to `of`.
    Map,
    /// Any JSON value; an object without declared fields is one, too.
    Any,
    /// Bytes that are the body.
    Binary,
}
