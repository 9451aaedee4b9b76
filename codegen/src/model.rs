//! The description of a crate in Rust's terms: nothing is left to decide.

use alicloud_spec::{Auth, EndpointRule, Method, Network, Place, Protocol, RetryClass};
use proc_macro2::Ident;

/// Lines of a doc comment.
pub(crate) type Docs = Vec<String>;

/// An identifier as a reader says it.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// A product crate.
pub(crate) struct Package {
    pub(crate) product: String,
    /// What the registry shows.
    pub(crate) description: String,
    /// Name of the product, in Markdown.
    pub(crate) title: String,
    /// What the product is for, in Markdown.
    pub(crate) summary: String,
    /// Page of the vendor about the product's API.
    pub(crate) documentation: String,
    /// The first one is the crate, the others are modules behind features.
    pub(crate) versions: Vec<Version>,
}

impl Package {
    /// Name on the registry.
    pub(crate) fn name(&self) -> String {
        format!("alicloud-{}", self.product)
    }

    /// Name in `use` declarations.
    pub(crate) fn library(&self) -> String {
        self.name().replace('-', "_")
    }
}

/// A version of a product's API.
pub(crate) struct Version {
    /// For example `2020-01-11`.
    pub(crate) version: String,
    /// Module of a version that is not the root and the feature that switches it on.
    pub(crate) module: Option<Module>,
    /// The spec it comes from, for people.
    pub(crate) file: String,
    pub(crate) docs: Docs,
    /// What there is to call, and what is missing and why.
    pub(crate) contents: Docs,
    pub(crate) client_docs: Docs,
    pub(crate) service: Service,
    /// Sorted by module.
    pub(crate) operations: Vec<Operation>,
    pub(crate) types: Vec<Type>,
    pub(crate) waiters: Vec<Waiter>,
    pub(crate) errors: Vec<ErrorCode>,
    pub(crate) sample: Option<Sample>,
}

/// Where an older version lives.
pub(crate) struct Module {
    pub(crate) name: Ident,
    pub(crate) feature: String,
}

impl Version {
    /// Folder of the version's files in the crate.
    pub(crate) fn folder(&self) -> String {
        match &self.module {
            Some(module) => format!("src/{}", module.name),
            None => "src".to_owned(),
        }
    }
}

/// What the runtime knows of a product version.
pub(crate) struct Service {
    pub(crate) product: String,
    pub(crate) code: String,
    pub(crate) version: String,
    pub(crate) protocol: Protocol,
    pub(crate) rule: Option<EndpointRule>,
    /// Patterns of hosts instead of a rule.
    pub(crate) patterns: Vec<(Network, String)>,
    pub(crate) prefix: String,
    pub(crate) global: Option<String>,
    pub(crate) location_service_code: Option<String>,
    pub(crate) regions: Vec<(String, String)>,
    pub(crate) vpc_regions: Vec<(String, String)>,
}

/// An operation: a method of the client and a module with its types.
pub(crate) struct Operation {
    pub(crate) api_name: String,
    /// Method of the client.
    pub(crate) method: Ident,
    pub(crate) module: Ident,
    /// One line, in Markdown.
    pub(crate) summary: String,
    /// Docs of the client's method.
    pub(crate) docs: Docs,
    /// Note of the deprecation.
    pub(crate) deprecated: Option<String>,
    pub(crate) retired: bool,
    /// Name of the fluent call.
    pub(crate) call: Ident,
    pub(crate) call_docs: Docs,
    pub(crate) setters: Vec<Setter>,
    /// Methods that take bytes which need not be in memory.
    pub(crate) streams: Vec<StreamSetter>,
    pub(crate) request: Struct,
    pub(crate) response: Struct,
    /// Types that only this operation uses.
    pub(crate) types: Vec<Type>,
    pub(crate) http: Http,
    pub(crate) auth: Auth,
    pub(crate) class: RetryClass,
    pub(crate) attempt_timeout: Option<u32>,
    pub(crate) body: ResponseBody,
    /// How the answer comes in pages, when it does.
    pub(crate) pages: Option<Pages>,
}

impl Operation {
    /// Request, response and what they are made of.
    pub(crate) fn structs(&self) -> impl Iterator<Item = &Struct> {
        [&self.request, &self.response].into_iter().chain(structs(&self.types))
    }
}

/// How an operation is addressed.
pub(crate) enum Http {
    Rpc(Method),
    Roa(Method, String),
}

/// How an answer comes in pages.
pub(crate) struct Pages {
    pub(crate) how: alicloud_spec::Pagination,
    pub(crate) items: Option<ItemList>,
}

/// The way from an answer to its items.
pub(crate) struct ItemList {
    /// Fields, from the answer inwards.
    pub(crate) steps: Vec<Ident>,
    pub(crate) element: FieldType,
}

/// Something to wait for: a method of the client and a module with its type.
pub(crate) struct Waiter {
    pub(crate) api_name: String,
    /// Method of the client.
    pub(crate) method: Ident,
    pub(crate) module: Ident,
    /// Name of the fluent type.
    pub(crate) wait: Ident,
    pub(crate) constant: Ident,
    pub(crate) docs: Docs,
    /// Module of the operation that is asked, and its parameters.
    pub(crate) operation: Ident,
    pub(crate) request: Ident,
    pub(crate) setters: Vec<Setter>,
    pub(crate) delay: u32,
    pub(crate) limit: u32,
    pub(crate) requires: Vec<String>,
    pub(crate) preset: Vec<(String, String)>,
    pub(crate) rules: Vec<Rule>,
}

/// What follows when all conditions hold.
pub(crate) struct Rule {
    pub(crate) then: alicloud_spec::WaiterState,
    pub(crate) when: Vec<Condition>,
}

/// A condition on an answer, or on a refusal.
pub(crate) enum Condition {
    Value { path: String, values: Vec<String>, all: bool, or_empty: bool },
    Error(String),
}

/// What the body of an answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseBody {
    Document,
    Binary,
    Text,
    Events,
}

/// A generated type.
pub(crate) enum Type {
    Struct(Struct),
    Enum(Enum),
}

pub(crate) fn structs(types: &[Type]) -> impl Iterator<Item = &Struct> {
    types.iter().filter_map(|one| match one {
        Type::Struct(model) => Some(model),
        Type::Enum(_) => None,
    })
}

pub(crate) fn enums(types: &[Type]) -> impl Iterator<Item = &Enum> {
    types.iter().filter_map(|one| match one {
        Type::Enum(open) => Some(open),
        Type::Struct(_) => None,
    })
}

/// A struct whose fields have API names.
pub(crate) struct Struct {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) fields: Vec<Field>,
    /// Empty for types that only answers hold.
    pub(crate) setters: Vec<Setter>,
}

/// A field and its entry in the schema.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) ty: FieldType,
    pub(crate) wire: Wire,
    pub(crate) deprecated: bool,
    /// Left out of the docs.
    pub(crate) hidden: bool,
}

/// What is true of a field on the wire.
pub(crate) struct Wire {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) style: Style,
    pub(crate) required: bool,
    pub(crate) secret: bool,
    pub(crate) wrapper: Option<String>,
    /// Number in a protocol buffer, and whether it is written in four bytes there.
    pub(crate) tag: Option<(u32, bool)>,
    pub(crate) limits: Limits,
}

/// How a list, object or map becomes text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Flat,
    Json,
    Simple,
    Xml,
    Protobuf,
}

/// Documented limits of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
    pub(crate) length: Option<(usize, usize)>,
    pub(crate) items: Option<(usize, usize)>,
}

/// A method that sets a field.
pub(crate) struct Setter {
    pub(crate) name: Ident,
    pub(crate) field: Ident,
    pub(crate) ty: FieldType,
    pub(crate) docs: Docs,
    pub(crate) deprecated: bool,
    /// Left out of the docs.
    pub(crate) hidden: bool,
}

/// A method that takes bytes which need not be in memory.
pub(crate) struct StreamSetter {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) target: StreamTarget,
}

/// What becomes of the bytes.
pub(crate) enum StreamTarget {
    /// They are the body.
    Body,
    /// They are uploaded, and a parameter says where they are.
    File(String),
    /// The same for a member of an element of a list.
    FileOfElement(String, String),
}

/// What a field holds, when it is set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldType {
    String,
    Integer,
    Decimal,
    Boolean,
    Any,
    Bytes,
    List(Box<FieldType>),
    Map(Box<FieldType>),
    Struct(TypeName),
    /// A struct that may contain itself.
    Boxed(TypeName),
    Enum(TypeName),
}

impl FieldType {
    /// Whether the type or one that it is made of has the property.
    pub(crate) fn any(&self, property: &impl Fn(&Self) -> bool) -> bool {
        property(self)
            || match self {
                Self::List(inner) | Self::Map(inner) => inner.any(property),
                _ => false,
            }
    }

    /// The type that it names, if it names one.
    pub(crate) fn type_name(&self) -> Option<&TypeName> {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.type_name(),
            Self::Struct(name) | Self::Boxed(name) | Self::Enum(name) => Some(name),
            _ => None,
        }
    }

    /// Calls the type as one of the module `types` is called outside of it.
    pub(crate) fn mark_shared(&mut self) {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.mark_shared(),
            Self::Struct(name) | Self::Boxed(name) | Self::Enum(name) => name.shared = true,
            _ => {}
        }
    }
}

/// The name of a generated type, as it is written where it is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeName {
    /// It comes from the module `types`.
    pub(crate) shared: bool,
    pub(crate) name: Ident,
}

/// An enumeration that keeps values it does not know.
pub(crate) struct Enum {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) variants: Vec<Variant>,
}

/// A documented value.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) value: String,
    pub(crate) docs: Docs,
}

/// A constant for a documented error code.
pub(crate) struct ErrorCode {
    pub(crate) name: Ident,
    pub(crate) code: String,
    pub(crate) docs: Docs,
}

/// A first call, for the crate's docs and its example.
pub(crate) struct Sample {
    /// Docs of the example.
    pub(crate) docs: Docs,
    pub(crate) method: Ident,
    /// Setters and the literals they are given.
    pub(crate) values: Vec<(Ident, SampleValue)>,
    /// A region of the product.
    pub(crate) region: Option<String>,
}

/// A literal.
pub(crate) enum SampleValue {
    Text(String),
    Integer(i64),
    Boolean(bool),
}
