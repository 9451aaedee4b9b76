//! One operation: how it is called, what it returns, how it pages.

use serde::{Deserialize, Serialize};

use super::{Shape, Style, is_default};

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
    /// HTTP status; absent when the vendor documents none that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
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
    /// Where the response holds the items; empty when none of its lists is the page.
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
