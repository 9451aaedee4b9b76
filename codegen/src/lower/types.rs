//! Shapes into Rust types.

use std::collections::{BTreeMap, VecDeque};

use alicloud_spec::{Kind, Shape, Spec};
use proc_macro2::Ident;

use super::{
    describe::sentence,
    docs, fields,
    names::{self, Scope},
};
use crate::{
    error::Error,
    model::{Docs, Enum, FieldType, Struct, Type, TypeName, Variant},
};

/// What the names of shared types stand for.
pub(crate) type References = BTreeMap<String, FieldType>;

/// Names that generated files use for something else.
const RESERVED: &[&str] = &[
    "AsRef",
    "BTreeMap",
    "Box",
    "Bytes",
    "Call",
    "Client",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Document",
    "Drop",
    "Eq",
    "Err",
    "Field",
    "From",
    "Into",
    "IntoIterator",
    "IntoList",
    "Iterator",
    "Limits",
    "Method",
    "Model",
    "New",
    "None",
    "Ok",
    "OpenEnum",
    "Operation",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Request",
    "Response",
    "Result",
    "Schema",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Value",
    "Vec",
];

/// The types of one file. Every name occurs once; objects are lowered level by level, so that the outer
/// ones get the shorter names.
pub(crate) struct File<'s> {
    scope: Scope,
    types: Vec<Type>,
    queue: VecDeque<Pending<'s>>,
}

/// An object that has a name but no fields yet.
struct Pending<'s> {
    name: Ident,
    docs: Docs,
    fields: &'s [Shape],
}

/// Who holds a value: decides name and docs of the type that is made for it.
#[derive(Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// The struct.
    pub(crate) owner: &'a str,
    /// What a type's name begins with when its own name is taken.
    pub(crate) prefix: &'a str,
    /// The struct's field; empty for a shared type.
    pub(crate) field: &'a str,
    /// API name that the type is named after.
    pub(crate) name: &'a str,
    pub(crate) role: Role,
}

/// What a value is to the field that holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Whole,
    Element,
    Entry,
}

impl Holder<'_> {
    fn candidates(&self) -> [String; 2] {
        let name = match self.role {
            Role::Element | Role::Entry => names::pascal_singular(self.name),
            Role::Whole => names::pascal(self.name),
        };
        let longer = format!("{}{name}", self.prefix);
        [name, longer]
    }

    fn link(&self) -> String {
        match self.field {
            "" => docs::name(self.owner),
            // Structs below request and answer may have a setter of the same name.
            field if self.owner == self.prefix => format!("[`{field}`](field@{}::{field})", self.owner),
            field => format!("[`{field}`]({}::{field})", self.owner),
        }
    }
}

impl<'s> File<'s> {
    pub(crate) fn new() -> Self {
        Self { scope: Scope::reserving(RESERVED), types: Vec::new(), queue: VecDeque::new() }
    }

    /// Takes a name for a type, or the other one when it is taken.
    pub(crate) fn name(&mut self, name: &str, other: &str) -> Result<Ident, Error> {
        names::ident(&self.scope.take(&[name.to_owned(), other.to_owned()]))
    }

    /// The type of a value; types that it needs join the file.
    pub(crate) fn resolve(
        &mut self,
        references: &References,
        shape: &'s Shape,
        holder: Holder<'_>,
    ) -> Result<FieldType, Error> {
        if let Some(name) = &shape.reference {
            return references
                .get(name)
                .cloned()
                .ok_or_else(|| Error::new(format!("there is no shared type `{name}`")));
        }
        let Some(kind) = shape.kind else { return Err(Error::new("neither `type` nor `ref` is given")) };
        let mut inner = |role| {
            let of = shape.of.as_deref().ok_or_else(|| Error::new("a list or map needs `of`"))?;
            // A wrapper is named after one element already.
            let name = shape.wrapper.as_deref().unwrap_or(holder.name);
            self.resolve(references, of, Holder { role, name, ..holder }).map(Box::new)
        };
        Ok(match kind {
            Kind::String if has_values(shape) => FieldType::Enum(self.open_enum(shape, holder)?),
            Kind::String => FieldType::String,
            Kind::Int32 | Kind::Int64 => FieldType::Integer,
            Kind::Float | Kind::Double => FieldType::Decimal,
            Kind::Boolean => FieldType::Boolean,
            Kind::Any => FieldType::Any,
            Kind::Object if shape.fields.is_empty() => FieldType::Any,
            Kind::Object => FieldType::Struct(self.object(shape, holder)?),
            Kind::Binary => FieldType::Bytes,
            Kind::List => FieldType::List(inner(Role::Element)?),
            Kind::Map => FieldType::Map(inner(Role::Entry)?),
        })
    }

    /// Lowers the objects that were met, and those that they hold.
    pub(crate) fn finish(mut self, references: &References) -> Result<Vec<Type>, Error> {
        while let Some(Pending { name, docs, fields }) = self.queue.pop_front() {
            let owner = name.to_string();
            let fields =
                fields::lower(&mut self, references, fields, &owner, &owner).map_err(|error| error.inside(&owner))?;
            self.types.push(Type::Struct(Struct { name, docs, fields, setters: Vec::new() }));
        }
        Ok(self.types)
    }

    fn object(&mut self, shape: &'s Shape, holder: Holder<'_>) -> Result<TypeName, Error> {
        let place = match holder.role {
            Role::Whole => format!("What {} holds.", holder.link()),
            Role::Element => format!("An element of {}.", holder.link()),
            Role::Entry => format!("An entry of {}.", holder.link()),
        };
        // The prose about a whole value stands at the field.
        let summary = if holder.role == Role::Whole { String::new() } else { sentence(&shape.summary) };
        let [name, longer] = holder.candidates();
        let name = self.name(&name, &longer)?;
        self.push_object(name.clone(), docs::comment([summary, place]), shape);
        Ok(TypeName { shared: false, name })
    }

    fn push_object(&mut self, name: Ident, docs: Docs, shape: &'s Shape) {
        self.queue.push_back(Pending { name, docs, fields: &shape.fields });
    }

    fn open_enum(&mut self, shape: &Shape, holder: Holder<'_>) -> Result<TypeName, Error> {
        let [name, longer] = holder.candidates();
        let name = self.name(&name, &longer)?;
        let docs = docs::comment([format!("Documented values of {}. Others are kept as they are.", holder.link())]);
        self.push_enum(name.clone(), docs, shape)?;
        Ok(TypeName { shared: false, name })
    }

    fn push_enum(&mut self, name: Ident, docs: Docs, shape: &Shape) -> Result<(), Error> {
        let variants = variants(shape)?;
        self.types.push(Type::Enum(Enum { name, docs, variants }));
        Ok(())
    }
}

fn has_values(shape: &Shape) -> bool {
    shape.values.as_ref().is_some_and(|values| !values.is_empty())
}

fn variants(shape: &Shape) -> Result<Vec<Variant>, Error> {
    let mut scope = Scope::reserving(&["Other"]);
    let mut variants: Vec<Variant> = Vec::new();
    for value in shape.values.iter().flatten() {
        if variants.iter().any(|variant| variant.value == value.value()) {
            continue;
        }
        let name = names::pascal(value.value());
        let name = if name == "Other" { "OtherValue".to_owned() } else { name };
        let name = names::ident(&scope.take(&[name]))?;
        let wire = match docs::code(value.value()) {
            Some(code) => format!("{code}."),
            None => "An empty or unprintable text.".to_owned(),
        };
        let docs = docs::comment([sentence(value.summary()), wire]);
        variants.push(Variant { name, value: value.value().to_owned(), docs });
    }
    Ok(variants)
}

/// The shared types of a spec, and what their names stand for inside their own file.
pub(crate) fn shared(spec: &Spec) -> Result<(Vec<Type>, References), Error> {
    let mut file = File::new();
    let mut references = References::new();
    let mut aliases = Vec::new();
    for (name, shape) in &spec.types {
        let inside = |error: Error| error.inside(format!("type {name}"));
        let object = shape.kind == Some(Kind::Object) && !shape.fields.is_empty();
        let open = shape.kind == Some(Kind::String) && has_values(shape);
        if shape.reference.is_some() || !object && !open {
            aliases.push((name, shape));
            continue;
        }
        let class = names::pascal(name);
        let ident = file.name(&class, &format!("{class}Object")).map_err(inside)?;
        let docs = docs::comment([sentence(&shape.summary), format!("The shared type {}.", docs::name(name))]);
        let type_name = TypeName { shared: false, name: ident.clone() };
        if object {
            references.insert(name.clone(), FieldType::Struct(type_name));
            file.push_object(ident, docs, shape);
        } else {
            references.insert(name.clone(), FieldType::Enum(type_name));
            file.push_enum(ident, docs, shape).map_err(inside)?;
        }
    }
    resolve_aliases(&mut file, &mut references, aliases)?;
    Ok((file.finish(&references)?, references))
}

/// Shared types that are lists, maps, plain values or other names of shared types have no Rust type of
/// their own.
fn resolve_aliases<'s>(
    file: &mut File<'s>,
    references: &mut References,
    mut aliases: Vec<(&'s String, &'s Shape)>,
) -> Result<(), Error> {
    while let Some(next) = aliases.iter().position(|(_, shape)| {
        let target = innermost(shape).reference.as_ref();
        target.is_none_or(|target| aliases.iter().all(|(name, _)| *name != target))
    }) {
        let (name, shape) = aliases.remove(next);
        let holder = Holder { owner: name, prefix: "", field: "", name, role: Role::Whole };
        let ty = file.resolve(references, shape, holder).map_err(|error| error.inside(format!("type {name}")))?;
        references.insert(name.clone(), ty);
    }
    match aliases.first() {
        None => Ok(()),
        Some((name, _)) => Err(Error::new("the type consists of itself alone; it needs an object in between")
            .inside(format!("type {name}"))),
    }
}

fn innermost(shape: &Shape) -> &Shape {
    match &shape.of {
        Some(of) if shape.reference.is_none() => innermost(of),
        _ => shape,
    }
}
