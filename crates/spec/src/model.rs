//! The dialect: what a spec file may say.
//!
//! A spec is a transcription of one product version's documentation. Keys are lower camel case; API
//! names stay verbatim. Everything with a default is left out of the file when it has it.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One product version: `specs/<product>/<version>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Short name of the product: folder of the spec and name of the crate, for example `servicemesh`.
    pub product: String,
    /// The product code as the service spells it, for example `CS` or `ComputeNestSupplier`.
    pub code: String,
    /// API version, for example `2020-01-11`.
    pub version: String,
    /// The root of the crate, though there is a newer version: this is the one that people use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferred: bool,
    /// Name of the product in plain words.
    pub title: String,
    /// What the product is for, in a sentence or two of our own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub summary: String,
    /// The official page of the product's API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Call style of operations that do not say otherwise.
    pub style: Style,
    /// The protocol family; everything but `standard` has rules of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Protocol,
    /// Where the service is reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub endpoints: Endpoints,
    /// Remarks about differences between documents and service, for readers of the spec.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: Vec<String>,
    /// Operations by API name.
    pub operations: BTreeMap<String, Operation>,
    /// Types that several operations share, by API name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub types: BTreeMap<String, Shape>,
    /// Waiters by name (`MeshUpgraded` becomes `wait_until_mesh_upgraded`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub waiters: BTreeMap<String, Waiter>,
}

/// How an operation is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// By name (`Action`), always at `/`.
    Rpc,
    /// By method and path.
    Roa,
}

/// Protocol families of the vendor's services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// RPC and ROA with the common signers.
    #[default]
    Standard,
    /// Log service: own signature, project in the host name.
    Sls,
    /// Object storage: XML, sub-resources, bucket in the host name.
    Oss,
    /// Function compute, 2021 edition: account id in the host name.
    Fc,
    /// Photo and drive service: domain in the host name, bearer tokens.
    Pds,
    /// AliGenie: own gateway and tokens.
    Aligenie,
}

/// Hosts of a product version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoints {
    /// Rule for regions that the tables do not list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<EndpointRule>,
    /// First label of hosts built by the rule; the product's short name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Patterns of hosts by network instead of a rule; `{region}` stands for the region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub patterns: BTreeMap<Network, String>,
    /// Host for every region without an entry and without a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global: Option<String>,
    /// Product code for the location service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_service_code: Option<String>,
    /// Public hosts by region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub regions: BTreeMap<String, String>,
    /// Hosts inside a VPC by region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc_regions: BTreeMap<String, String>,
}

/// The networks from which services are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The internet.
    Public,
    /// A virtual private cloud.
    Vpc,
    /// The internal network that the clouds of several accounts share.
    Share,
    /// Hosts near the caller that pass calls on.
    Accelerate,
}

/// How a host is built for a region that the tables do not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EndpointRule {
    /// `<prefix>[-<network>].<region>.aliyuncs.com`
    Regional,
    /// `<prefix>[-<network>].aliyuncs.com`
    Central,
}

/// One operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// What it does, in one line of our own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub summary: String,
    /// More about it, when one line is not enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// The official page; the API explorer's page when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Call style, when it differs from the product's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
    /// HTTP method to use.
    pub method: Method,
    /// Other methods that the service accepts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub also: Vec<Method>,
    /// Path template of a ROA operation: `{Name}` takes one segment, `{+Name}` several, a fixed query
    /// may follow after `?`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Authentication; a signed call when absent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auth: Auth,
    /// Whether the vendor documents it as reading or writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Retry class, when the rule would choose wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<RetryClass>,
    /// Seconds that one attempt may take, when the default is too short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// The vendor advises against it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deprecated: bool,
    /// The vendor no longer documents it; it stays callable.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retired: bool,
    /// Operation to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// Operation that tells how the work goes on that this one only starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<String>,
    /// Parameters in the order of the documentation.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parameters: Vec<Shape>,
    /// What a successful call returns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub response: Response,
    /// Documented errors.
    #[serde(default, skip_serializing_if = "is_default")]
    pub errors: Vec<ErrorCode>,
    /// Paging, when the rule would choose wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Differences between documents and service, for readers of the spec.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: Vec<String>,
    /// Why no code is generated for it; unsupported constructs are skipped, never dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
}

/// HTTP methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Method {
    Get,
    #[default]
    Post,
    Put,
    Delete,
    Patch,
    Head,
    Options,
    Trace,
}

/// How a call proves who makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// Signed with an access key, or with a bearer token when the credentials are one.
    #[default]
    Signed,
    /// Bearer token only.
    Bearer,
    /// No authentication: credentials are never attached.
    Anonymous,
}

/// What an operation does to resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// Reads only.
    Read,
    /// Writes.
    Write,
    /// Both, or the vendor does not say which.
    ReadWrite,
}

/// How safe it is to send a call twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RetryClass {
    /// Changes nothing.
    Read,
    /// Repeating it has no second effect.
    Idempotent,
    /// Repeating it may repeat the effect.
    Mutating,
}

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

/// What a successful call returns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Response {
    /// Success status codes when they are not 200 alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: Vec<u16>,
    /// The answer is a stream of server-sent events, each of which holds one body.
    #[serde(default, skip_serializing_if = "is_default")]
    pub events: bool,
    /// The body is XML.
    #[serde(default, skip_serializing_if = "is_default")]
    pub xml: bool,
    /// Members of the body (`in` absent), headers (`in: header`) or the whole body (`in: payload`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub fields: Vec<Shape>,
    /// A sample answer of the documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<serde_json::Value>,
}

/// A documented error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorCode {
    /// HTTP status.
    pub status: u16,
    /// Error code as it is on the wire.
    pub code: String,
    /// What it means and what to do, in our own words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub summary: String,
    /// Differences between documents and service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How an operation pages. Paths into the response use dots: `Data.NextToken`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pagination {
    /// The operation does not page although it looks like it; nothing else is set then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub none: bool,
    /// Request parameter that takes the page number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Request parameter that takes the page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Request parameter that takes the number of items to skip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// Request parameter that takes the token of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Where the response holds the token of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Where the response says that more follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
    /// Where the response holds the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Where the response holds the items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Number of the first page, when it is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Page size to ask for when the caller does not: for services that give tokens only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<i64>,
    /// The token stays the same from page to page; an empty page is the end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scroll: bool,
}

/// Something to wait for: an operation that is asked until its answer says that it has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiter {
    /// What is waited for, in one line of our own.
    pub summary: String,
    /// What one should know, such as states that are not documented for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Operation that is asked.
    pub operation: String,
    /// Optional parameters that must be set, because the question would be about everything without them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires: Vec<String>,
    /// Values of parameters that the caller leaves open.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preset: BTreeMap<String, String>,
    /// Seconds between two questions.
    pub delay: u32,
    /// Seconds after which waiting ends.
    pub limit: u32,
    /// Tried in order; the first that holds decides. None holds: ask again.
    pub rules: Vec<WaiterRule>,
}

/// A condition on an answer and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiterRule {
    /// What it means when the condition holds.
    pub then: WaiterState,
    /// Path into the response (`UpgradeDetail.MeshStatus`); `*` stands for every element of a list or
    /// every value of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The values that count; none with `orEmpty`: nothing may be left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub values: Vec<String>,
    /// With `*`: whether every element must match or one is enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub all: bool,
    /// With `*`: an empty collection counts as a match.
    #[serde(default, skip_serializing_if = "is_default")]
    pub or_empty: bool,
    /// Error code of a failed call that counts instead of a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Conditions that must hold as well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub and: Vec<WaiterRule>,
}

/// Outcome of a waiter rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WaiterState {
    /// It has happened.
    Success,
    /// It can no longer happen.
    Failure,
    /// Ask again.
    Retry,
}
