//! What is true of a field on the wire, as data.

/// The fields of a model.
#[derive(Debug)]
pub struct Schema {
    /// API name of the type.
    pub name: &'static str,
    /// Fields in the order of [`Model::field`](crate::Model::field).
    pub fields: &'static [Field],
}

impl Schema {
    /// Describes a type.
    pub const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, fields }
    }
}

/// Where a field travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// A member of the object that holds it; at the top, of the body.
    #[default]
    Body,
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
    /// The body itself, under no name.
    Payload,
}

/// How a list, object or map becomes text in a query, form or header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `Name.1.Field=value`: numbered from 1, members behind dots.
    #[default]
    Flat,
    /// One JSON text.
    Json,
    /// Elements joined by commas.
    Simple,
    /// An XML document.
    Xml,
    /// A protocol buffer.
    Protobuf,
}

/// Limits that the vendor documents for a value, checked before a call is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Smallest number.
    pub minimum: Option<f64>,
    /// Largest number.
    pub maximum: Option<f64>,
    /// Fewest and most characters.
    pub length: Option<(usize, usize)>,
    /// Fewest and most elements.
    pub items: Option<(usize, usize)>,
}

impl Limits {
    /// No limits.
    pub const fn new() -> Self {
        Self { minimum: None, maximum: None, length: None, items: None }
    }

    /// Smallest number.
    pub const fn minimum(mut self, minimum: f64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// Largest number.
    pub const fn maximum(mut self, maximum: f64) -> Self {
        self.maximum = Some(maximum);
        self
    }

    /// Fewest and most characters.
    pub const fn length(mut self, fewest: usize, most: usize) -> Self {
        self.length = Some((fewest, most));
        self
    }

    /// Fewest and most elements.
    pub const fn items(mut self, fewest: usize, most: usize) -> Self {
        self.items = Some((fewest, most));
        self
    }
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// API name.
    pub name: &'static str,
    /// Where it travels.
    pub place: Place,
    /// How it becomes text.
    pub style: Style,
    /// Must be set before the call is sent.
    pub required: bool,
    /// Never printed.
    pub secret: bool,
    /// Member that wraps the list on the wire.
    pub wrapper: Option<&'static str>,
    /// Number in a protocol buffer; 0 when it has none.
    pub tag: u32,
    /// Written in four bytes there.
    pub fixed32: bool,
    /// Documented limits.
    pub limits: Option<&'static Limits>,
}

impl Field {
    /// Whether it makes the service recognise a repeated call. The generator has the same rule.
    pub(crate) fn is_client_token(&self) -> bool {
        self.name.replace(['-', '_'], "").eq_ignore_ascii_case("ClientToken")
    }

    /// A member of an object, or of the body.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Body,
            style: Style::Flat,
            required: false,
            secret: false,
            wrapper: None,
            tag: 0,
            fixed32: false,
            limits: None,
        }
    }

    /// A query parameter.
    pub const fn query(name: &'static str) -> Self {
        Self::new(name).at(Place::Query)
    }

    /// A form parameter.
    pub const fn form(name: &'static str) -> Self {
        Self::new(name).at(Place::Form)
    }

    /// A path parameter; always required.
    pub const fn path(name: &'static str) -> Self {
        Self::new(name).at(Place::Path).required()
    }

    /// A header.
    pub const fn header(name: &'static str) -> Self {
        Self::new(name).at(Place::Header)
    }

    /// A label of the host name; always required.
    pub const fn host(name: &'static str) -> Self {
        Self::new(name).at(Place::Host).required()
    }

    /// The whole body.
    pub const fn payload(name: &'static str) -> Self {
        Self::new(name).at(Place::Payload)
    }

    const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Must be set before the call is sent.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Never printed.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Written as one JSON text.
    pub const fn json(mut self) -> Self {
        self.style = Style::Json;
        self
    }

    /// Elements joined by commas.
    pub const fn simple(mut self) -> Self {
        self.style = Style::Simple;
        self
    }

    /// Written as an XML document.
    pub const fn xml(mut self) -> Self {
        self.style = Style::Xml;
        self
    }

    /// Written as a protocol buffer.
    pub const fn protobuf(mut self) -> Self {
        self.style = Style::Protobuf;
        self
    }

    /// Number in a protocol buffer.
    pub const fn tag(mut self, number: u32) -> Self {
        self.tag = number;
        self
    }

    /// Written in four bytes in a protocol buffer.
    pub const fn fixed32(mut self) -> Self {
        self.fixed32 = true;
        self
    }

    /// A list inside a member of its own: `{"Regions": {"Region": [..]}}`.
    pub const fn wrapper(mut self, name: &'static str) -> Self {
        self.wrapper = Some(name);
        self
    }

    /// Documented limits.
    pub const fn limits(mut self, limits: &'static Limits) -> Self {
        self.limits = Some(limits);
        self
    }
}
