//! Replies, and how they become bytes.

use alicloud_spec::Protocol;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::answer::xml;
use crate::error::ServiceError;

/// What the gateway answers, before it is written as JSON or XML.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Document(Value),
    Error(ServiceError),
    Raw(Bytes),
}

impl Reply {
    pub(crate) fn document(status: u16, document: Value) -> Self {
        Self { status, headers: Vec::new(), body: Body::Document(document) }
    }

    pub(crate) fn raw(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: Body::Raw(body.into()) }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status < 400 && !matches!(self.body, Body::Error(_))
    }
}

impl From<ServiceError> for Reply {
    fn from(error: ServiceError) -> Self {
        let retry_after = error.retry_after.map(|millis| ("x-acs-retry-after".to_owned(), millis.to_string()));
        Self { status: error.status, headers: retry_after.into_iter().collect(), body: Body::Error(error) }
    }
}

/// How the caller and the operation want answers to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format<'a> {
    pub(crate) xml: bool,
    /// The product writes its own errors with lower-case names, as the container service does.
    pub(crate) lower_case: bool,
    /// The product has a protocol, and error bodies, of its own.
    pub(crate) protocol: Protocol,
    /// Name of the operation, for the root element of XML.
    pub(crate) operation: &'a str,
    pub(crate) product: &'a str,
    pub(crate) host: &'a str,
    pub(crate) request_id: &'a str,
}

/// Writes a reply; the caller adds the headers that every answer has.
pub(crate) fn write(reply: Reply, format: Format<'_>) -> Response<Bytes> {
    let (content_type, body) = match reply.body {
        Body::Raw(bytes) => (None, bytes),
        Body::Document(Value::Null) => (None, Bytes::new()),
        Body::Document(Value::String(text)) => (Some("text/plain;charset=utf-8"), Bytes::from(text)),
        Body::Document(document) => document_bytes(&format!("{}Response", format.operation), &document, format.xml),
        Body::Error(error) => document_bytes("Error", &error_document(&error, format), format.xml),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content_type) = content_type {
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn document_bytes(root: &str, document: &Value, as_xml: bool) -> (Option<&'static str>, Bytes) {
    if as_xml {
        (Some("text/xml;charset=utf-8"), Bytes::from(xml::write(root, document)))
    } else {
        (Some("application/json;charset=utf-8"), Bytes::from(document.to_string()))
    }
}

fn error_document(error: &ServiceError, format: Format<'_>) -> Value {
    if format.protocol == Protocol::Sls {
        return json!({"errorCode": error.code, "errorMessage": error.message});
    }
    if format.lower_case && !error.at_entry {
        return json!({
            "code": error.code,
            "message": error.message,
            "requestId": format.request_id,
            "status": error.status,
        });
    }
    let mut document = Map::new();
    let mut put = |name: &str, value: &str| document.insert(name.to_owned(), value.into());
    put("RequestId", format.request_id);
    put("HostId", format.host);
    put("Code", &error.code);
    put("Message", &error.message);
    put(
        "Recommend",
        &format!(
            "https://api.aliyun.com/troubleshoot?q={}&product={}&requestId={}",
            error.code, format.product, format.request_id
        ),
    );
    Value::Object(document)
}
