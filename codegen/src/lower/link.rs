//! Names that other parts of a version refer to, and addresses of official pages.

use std::collections::BTreeMap;

use alicloud_spec::{Operation, Spec};
use proc_macro2::Ident;

use super::names::{self, Scope};
use crate::error::Error;

/// Names that `Client` needs for itself, and files that cannot be.
const RESERVED_METHODS: &[&str] = &[
    "aux",
    "borrow",
    "borrow_mut",
    "clone",
    "clone_into",
    "con",
    "fmt",
    "from",
    "into",
    "mod",
    "new",
    "nul",
    "prn",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// The names of a version's operations and error codes.
pub(crate) struct Names {
    /// Path of the version in the crate.
    pub(crate) root: String,
    methods: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn new(spec: &Spec, root: String) -> Self {
        let mut scope = Scope::reserving(RESERVED_METHODS);
        let mut methods = BTreeMap::new();
        for name in operations(spec).map(|(name, _)| name) {
            let method = names::snake(name);
            let longer = format!("{method}_operation");
            methods.insert(name.clone(), scope.take(&[method, longer]));
        }
        let mut scope = Scope::default();
        let mut errors = BTreeMap::new();
        for error in operations(spec).flat_map(|(_, operation)| &operation.errors) {
            if !is_template(&error.code) && !errors.contains_key(&error.code) {
                errors.insert(error.code.clone(), scope.take(&[constant(&error.code)]));
            }
        }
        Self { root, methods, errors }
    }

    /// The client's method and the module of an operation.
    pub(crate) fn method(&self, operation: &str) -> Result<Ident, Error> {
        match self.methods.get(operation) {
            Some(method) => names::ident(method),
            None => Err(Error::new(format!("there is no operation `{operation}`"))),
        }
    }

    /// The constant of an error code; none for a pattern.
    pub(crate) fn error(&self, code: &str) -> Option<&str> {
        self.errors.get(code).map(String::as_str)
    }
}

/// Whether a documented code is a pattern, `MissingParam.%s`: the service never sends it as it stands.
fn is_template(code: &str) -> bool {
    code.contains(['%', '{', '<', '*', '$'])
}

/// `INVALID_PARAMETER`, `CODE_400`.
fn constant(code: &str) -> String {
    let name = names::screaming(code);
    match name.strip_prefix('_') {
        Some(number) => format!("CODE_{number}"),
        None => name,
    }
}

/// The operations that code is generated for.
pub(crate) fn operations(spec: &Spec) -> impl Iterator<Item = (&String, &Operation)> {
    spec.operations.iter().filter(|(_, operation)| operation.skip.is_none())
}

/// The official page of an operation.
pub(crate) fn operation(spec: &Spec, name: &str, operation: &Operation) -> String {
    match &operation.documentation {
        Some(page) => address(page),
        None => address(&format!("https://api.aliyun.com/api/{}/{}/{name}", spec.code, spec.version)),
    }
}

/// The official page of a product version.
pub(crate) fn product(spec: &Spec) -> String {
    match &spec.documentation {
        Some(page) => address(page),
        None => address(&format!("https://api.aliyun.com/product/{}", spec.code)),
    }
}

/// An address that can stand in a Markdown link.
fn address(text: &str) -> String {
    let mut address = String::new();
    for byte in text.bytes() {
        match byte {
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'\\' | b'`' | b'"' | b'*' | 0..=b' ' | 0x7f.. => {
                address.push_str(&format!("%{byte:02X}"));
            }
            _ => address.push(char::from(byte)),
        }
    }
    address
}
