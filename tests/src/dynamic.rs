//! Operations that are called from their spec alone, without a generated crate: what they have is leaked,
//! which tests can afford.

use std::collections::BTreeMap;

use alicloud_core::{
    Document, Model,
    endpoint::Endpoints,
    http::Method,
    model::{Field, Limits, Place, Schema, Style, Value},
    operation::{Operation, Protocol, Service},
};
use alicloud_spec::{self as spec, Kind, ListStyle, Shape, Spec};

/// Names a folder of specs to test instead of the repository's, to try a whole catalogue.
pub const OTHER_SPECS: &str = "ALICLOUD_TEST_SPECS";

/// Parameters or an answer as data. Unlike a generated type it also holds what no type would, such as a
/// list with holes.
#[derive(Clone)]
pub struct Dynamic {
    schema: &'static Schema,
    fields: Vec<Option<Document>>,
}

impl Dynamic {
    fn new(schema: &'static Schema) -> Self {
        Self { schema, fields: vec![None; schema.fields.len()] }
    }

    /// Sets the parameter of a name; `false` when there is none.
    pub fn set(&mut self, name: &str, value: Document) -> bool {
        // One name may be in two places, path and body for example.
        let mut known = false;
        let fields = self.schema.fields.iter().zip(&mut self.fields);
        for (_, slot) in fields.filter(|(field, _)| field.name == name) {
            known = true;
            *slot = (value != Document::Null).then(|| value.clone());
        }
        known
    }

    /// The parameters that are wanted, none set.
    #[must_use]
    pub fn only(self, wanted: impl Fn(&Field) -> bool) -> Self {
        let fields: Vec<Field> = self.schema.fields.iter().filter(|field| wanted(field)).copied().collect();
        Self::new(leak(Schema::new("Dynamic", leak(fields))))
    }
}

impl Model for Dynamic {
    fn schema(&self) -> &'static Schema {
        self.schema
    }
    fn field(&self, index: usize) -> &dyn Value {
        &self.fields[index]
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn Value {
        &mut self.fields[index]
    }
}

/// An operation, as the runtime wants it.
pub struct Called {
    /// The operation.
    pub operation: &'static Operation,
    /// Its parameters, none set.
    pub request: Dynamic,
    /// Its answer, empty.
    pub response: Dynamic,
}

/// The product version of a spec.
pub fn service(spec: &Spec) -> &'static Service {
    leak(Service {
        product: text(&spec.product),
        code: text(&spec.code),
        version: text(&spec.version),
        protocol: match spec.protocol {
            spec::Protocol::Sls => Protocol::Sls,
            spec::Protocol::Oss => Protocol::Oss,
            spec::Protocol::Pds => Protocol::Pds,
            _ => Protocol::Standard,
        },
        endpoints: Endpoints {
            rule: None,
            prefix: "",
            global: None,
            location_service_code: None,
            regions: &[],
            vpc_regions: &[],
        },
    })
}

/// An operation of a spec.
///
/// # Panics
/// The spec has none of that name.
pub fn operation(spec: &Spec, name: &str) -> Called {
    let declared = &spec.operations[name];
    let method: Method = format!("{:?}", declared.method).to_uppercase().parse().expect("a method");
    let path = declared.path.as_deref().unwrap_or("/");
    let mut operation = match declared.style.unwrap_or(spec.style) {
        spec::Style::Rpc => Operation::rpc(text(name), method),
        spec::Style::Roa => Operation::roa(text(name), method, text(path)),
    };
    operation = match declared.auth {
        spec::Auth::Signed => operation,
        spec::Auth::Bearer => operation.bearer(),
        spec::Auth::Anonymous => operation.anonymous(),
    };
    let binary = |shape: &Shape| shape.place == Some(spec::Place::Payload) && shape.kind == Some(Kind::Binary);
    if declared.response.fields.iter().any(binary) {
        operation = operation.binary();
    }
    Called {
        operation: leak(operation.read()),
        request: Dynamic::new(schema(&declared.parameters)),
        response: Dynamic::new(schema(&declared.response.fields)),
    }
}

fn schema(shapes: &[Shape]) -> &'static Schema {
    let fields: Vec<Field> = shapes.iter().map(field).collect();
    leak(Schema::new("Dynamic", leak(fields)))
}

fn field(shape: &Shape) -> Field {
    let place = match shape.place {
        Some(spec::Place::Query) => Place::Query,
        Some(spec::Place::Form) => Place::Form,
        Some(spec::Place::Path) => Place::Path,
        Some(spec::Place::Header) => Place::Header,
        Some(spec::Place::Host) => Place::Host,
        Some(spec::Place::Payload) => Place::Payload,
        Some(spec::Place::Body) | None => Place::Body,
    };
    let style = match shape.style {
        None | Some(ListStyle::Flat | ListStyle::RepeatList) => Style::Flat,
        Some(ListStyle::Json) => Style::Json,
        Some(ListStyle::Simple) => Style::Simple,
        Some(ListStyle::Xml) => Style::Xml,
        Some(ListStyle::Protobuf) => Style::Protobuf,
    };
    let limits = Limits {
        minimum: shape.minimum.as_ref().and_then(serde_json::Number::as_f64),
        maximum: shape.maximum.as_ref().and_then(serde_json::Number::as_f64),
        ..Limits::default()
    };
    Field {
        place,
        style,
        required: shape.required || matches!(place, Place::Path | Place::Host),
        wrapper: shape.wrapper.as_deref().map(text),
        limits: Some(leak(limits)),
        ..Field::new(text(&shape.name))
    }
}

/// Every spec of the repository, by product code in lower case and version; of another folder when
/// `ALICLOUD_TEST_SPECS` names one.
///
/// # Panics
/// A spec does not load.
pub fn all() -> BTreeMap<(String, String), Spec> {
    let folder = std::env::var_os(OTHER_SPECS).map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../specs"),
        std::path::PathBuf::from,
    );
    let specs = alicloud_spec::load_dir(&folder).unwrap_or_else(|error| panic!("{error}"));
    specs.into_iter().map(|spec| ((spec.code.to_lowercase(), spec.version.clone()), spec)).collect()
}

fn text(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}
