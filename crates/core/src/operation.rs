//! What the runtime knows of an operation and of its service, as data.

use http::Method;

use crate::{Model, endpoint::Endpoints};

/// One version of a product.
#[derive(Debug)]
pub struct Service {
    /// Short name, for example `servicemesh`.
    pub product: &'static str,
    /// Product code as the service spells it, for example `CS`.
    pub code: &'static str,
    /// API version, for example `2020-01-11`.
    pub version: &'static str,
    /// The rules by which its calls are written and signed.
    pub protocol: Protocol,
    /// Where it is reached.
    pub endpoints: Endpoints,
}

/// Families of services that share rules about signatures, headers and hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// RPC and ROA with the common signatures.
    #[default]
    Standard,
    /// Log service: a signature and headers of its own, the project in the host name, bodies that may be
    /// protocol buffers and compressed.
    Sls,
    /// Object storage: a signature and headers of its own, the bucket in the host name, XML.
    Oss,
    /// Drive and photo service: ROA v1, and bearer tokens in `Authorization`, the domain in the host name.
    Pds,
}

/// How an operation is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStyle {
    /// By name, at `/`.
    Rpc,
    /// By method and path.
    Roa,
}

/// How a call proves who makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Signed, or with a bearer token when the credentials are one.
    #[default]
    Signed,
    /// Bearer token only.
    Bearer,
    /// Credentials are never attached.
    Anonymous,
}

/// How safe it is to send a call twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Changes nothing.
    Read,
    /// Repeating it has no second effect.
    Idempotent,
    /// Repeating it may repeat the effect.
    #[default]
    Mutating,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseBody {
    /// One document: JSON, or XML when the service says so.
    #[default]
    Document,
    /// Bytes, kept as they are.
    Binary,
    /// One text, kept as it is; a JSON string is what it says.
    Text,
    /// Server-sent events, each of which holds one document.
    Events,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// API name, for example `DescribeInstances`.
    pub name: &'static str,
    /// How it is addressed.
    pub style: CallStyle,
    /// HTTP method.
    pub method: Method,
    /// Path template: `{Name}` is one segment, `{+Name}` several, a fixed query may follow after `?`.
    pub path: &'static str,
    /// How the call proves who makes it.
    pub auth: Auth,
    /// How safe it is to send it twice.
    pub class: RetryClass,
    /// Seconds that one attempt may take, when the default is too short.
    pub attempt_timeout: Option<u32>,
    /// What the body of an answer is.
    pub response: ResponseBody,
}

impl Operation {
    const fn new(name: &'static str, style: CallStyle, method: Method, path: &'static str) -> Self {
        Self {
            name,
            style,
            method,
            path,
            auth: Auth::Signed,
            class: RetryClass::Mutating,
            attempt_timeout: None,
            response: ResponseBody::Document,
        }
    }

    /// An operation that is addressed by name.
    pub const fn rpc(name: &'static str, method: Method) -> Self {
        Self::new(name, CallStyle::Rpc, method, "/")
    }

    /// An operation that is addressed by method and path.
    pub const fn roa(name: &'static str, method: Method, path: &'static str) -> Self {
        Self::new(name, CallStyle::Roa, method, path)
    }

    /// It changes nothing.
    pub const fn read(mut self) -> Self {
        self.class = RetryClass::Read;
        self
    }

    /// Repeating it has no second effect.
    pub const fn idempotent(mut self) -> Self {
        self.class = RetryClass::Idempotent;
        self
    }

    /// Credentials are never attached.
    pub const fn anonymous(mut self) -> Self {
        self.auth = Auth::Anonymous;
        self
    }

    /// It takes a bearer token only.
    pub const fn bearer(mut self) -> Self {
        self.auth = Auth::Bearer;
        self
    }

    /// Seconds that one attempt may take.
    pub const fn attempt_timeout(mut self, seconds: u32) -> Self {
        self.attempt_timeout = Some(seconds);
        self
    }

    /// The answer is bytes.
    pub const fn binary(mut self) -> Self {
        self.response = ResponseBody::Binary;
        self
    }

    /// The answer is one text.
    pub const fn text(mut self) -> Self {
        self.response = ResponseBody::Text;
        self
    }

    /// The answer is a stream of server-sent events.
    pub const fn events(mut self) -> Self {
        self.response = ResponseBody::Events;
        self
    }
}

/// The parameters of an operation.
pub trait Request: Model + Default + Clone {
    /// What a successful call returns.
    type Response: Model + Default;
    /// The operation.
    const OPERATION: &'static Operation;
}
