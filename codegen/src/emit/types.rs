//! Structs, enums and their mechanical implementations.

use alicloud_spec::Place;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::format::docs;
use crate::model::{Enum, Field, FieldType, Limits, Setter, Struct, Style, TypeName, Wire};

/// The struct itself.
pub(super) fn definition(model: &Struct) -> TokenStream {
    let Struct { name, docs: lines, fields, .. } = model;
    let model_docs = docs(lines);
    let fields = fields.iter().map(|Field { name, docs: lines, ty, hidden, .. }| {
        let (docs, ty, hidden) = (docs(lines), type_tokens(ty), hide(*hidden));
        quote!(#docs #hidden pub #name: Option<#ty>)
    });
    quote! {
        #model_docs
        #[derive(Clone, Default)]
        #[non_exhaustive]
        pub struct #name { #(#fields),* }
    }
}

/// Methods that set fields; `target` is where the fields are.
pub(super) fn setters(owner: &proc_macro2::Ident, setters: &[Setter], target: &TokenStream) -> TokenStream {
    if setters.is_empty() {
        return TokenStream::new();
    }
    let setters = setters.iter().map(|Setter { name, field, ty, docs: lines, deprecated, hidden }| {
        let (docs, hidden) = (docs(lines), hide(*hidden));
        let deprecated = deprecated.then(|| quote!(#[deprecated(note = "the vendor advises against it")]));
        let (argument, value) = argument(ty);
        quote! {
            #docs
            #hidden
            #deprecated
            #[inline]
            pub fn #name(mut self, value: #argument) -> Self {
                #target.#field = Some(#value);
                self
            }
        }
    });
    quote!(impl #owner { #(#setters)* })
}

fn hide(hidden: bool) -> Option<TokenStream> {
    hidden.then(|| quote!(#[doc(hidden)]))
}

/// What a setter takes, and what it makes of it.
fn argument(ty: &FieldType) -> (TokenStream, TokenStream) {
    let plain = type_tokens(ty);
    match ty {
        FieldType::Integer | FieldType::Decimal | FieldType::Boolean | FieldType::Struct(_) => (plain, quote!(value)),
        FieldType::String | FieldType::Any | FieldType::Bytes | FieldType::Enum(_) => {
            (quote!(impl Into<#plain>), quote!(value.into()))
        }
        FieldType::Boxed(name) => (type_name(name), quote!(Box::new(value))),
        FieldType::List(element) => {
            let element = type_tokens(element);
            (quote!(impl IntoList<#element>), quote!(value.into_list()))
        }
        FieldType::Map(entry) => {
            let (entry, value) = match **entry {
                FieldType::List(_) | FieldType::Map(_) => (type_tokens(entry), quote!(value)),
                _ => argument(entry),
            };
            (
                quote!(impl IntoIterator<Item = (impl Into<String>, #entry)>),
                quote!(value.into_iter().map(|(name, value)| (name.into(), #value)).collect()),
            )
        }
    }
}

pub(super) fn type_tokens(ty: &FieldType) -> TokenStream {
    match ty {
        FieldType::String => quote!(String),
        FieldType::Integer => quote!(i64),
        FieldType::Decimal => quote!(f64),
        FieldType::Boolean => quote!(bool),
        FieldType::Any => quote!(Document),
        FieldType::Bytes => quote!(Bytes),
        FieldType::Struct(name) | FieldType::Enum(name) => type_name(name),
        FieldType::Boxed(name) => {
            let name = type_name(name);
            quote!(Box<#name>)
        }
        FieldType::List(element) => {
            let element = type_tokens(element);
            quote!(Vec<#element>)
        }
        FieldType::Map(entry) => {
            let entry = type_tokens(entry);
            quote!(BTreeMap<String, #entry>)
        }
    }
}

fn type_name(TypeName { shared, name }: &TypeName) -> TokenStream {
    if *shared { quote!(types::#name) } else { quote!(#name) }
}

/// Schema and accessors of a struct.
pub(super) fn model(model: &Struct) -> TokenStream {
    let Struct { name, fields, .. } = model;
    let text = name.to_string();
    let wires = fields.iter().map(|field| wire(&field.wire));
    let accessors = match fields.as_slice() {
        [] => TokenStream::new(),
        [only] => {
            let only = &only.name;
            quote! {
                #[inline]
                fn field(&self, _index: usize) -> &dyn Value { &self.#only }
                #[inline]
                fn field_mut(&mut self, _index: usize) -> &mut dyn Value { &mut self.#only }
            }
        }
        [others @ .., last] => {
            let index = (0..others.len()).map(Literal::usize_unsuffixed).collect::<Vec<_>>();
            let names = others.iter().map(|field| &field.name).collect::<Vec<_>>();
            let last = &last.name;
            quote! {
                #[inline]
                fn field(&self, index: usize) -> &dyn Value {
                    match index { #(#index => &self.#names,)* _ => &self.#last }
                }
                #[inline]
                fn field_mut(&mut self, index: usize) -> &mut dyn Value {
                    match index { #(#index => &mut self.#names,)* _ => &mut self.#last }
                }
            }
        }
    };
    quote! {
        impl Model for #name {
            #[inline]
            fn schema(&self) -> &'static Schema {
                const SCHEMA: &Schema = &Schema { name: #text, fields: &[#(#wires),*] };
                SCHEMA
            }
            #accessors
        }
    }
}

fn wire(wire: &Wire) -> TokenStream {
    let name = &wire.name;
    let place = match wire.place {
        Place::Body => quote!(new),
        Place::Query => quote!(query),
        Place::Form => quote!(form),
        Place::Path => quote!(path),
        Place::Header => quote!(header),
        Place::Host => quote!(host),
        Place::Payload => quote!(payload),
    };
    let implied = matches!(wire.place, Place::Path | Place::Host);
    let required = (wire.required && !implied).then(|| quote!(.required()));
    let secret = wire.secret.then(|| quote!(.secret()));
    let style = match wire.style {
        Style::Flat => None,
        Style::Json => Some(quote!(.json())),
        Style::Simple => Some(quote!(.simple())),
        Style::Xml => Some(quote!(.xml())),
        Style::Protobuf => Some(quote!(.protobuf())),
    };
    let wrapper = wire.wrapper.as_ref().map(|wrapper| quote!(.wrapper(#wrapper)));
    let tag = wire.tag.map(|(tag, fixed)| {
        let tag = Literal::u32_unsuffixed(tag);
        let fixed = fixed.then(|| quote!(.fixed32()));
        quote!(.tag(#tag) #fixed)
    });
    let limits = limits(&wire.limits);
    quote!(Field::#place(#name) #style #required #secret #wrapper #tag #limits)
}

fn limits(limits: &Limits) -> Option<TokenStream> {
    if *limits == Limits::default() {
        return None;
    }
    let number = |name: TokenStream, value: Option<f64>| value.map(|value| (name, Literal::f64_unsuffixed(value)));
    let numbers = [number(quote!(minimum), limits.minimum), number(quote!(maximum), limits.maximum)];
    let numbers = numbers.into_iter().flatten().map(|(name, value)| quote!(.#name(#value)));
    let length = limits.length.map(|(fewest, most)| {
        let (fewest, most) = (size(fewest), size(most));
        quote!(.length(#fewest, #most))
    });
    let items = limits.items.map(|(fewest, most)| {
        let (fewest, most) = (size(fewest), size(most));
        quote!(.items(#fewest, #most))
    });
    Some(quote!(.limits(&Limits::new() #(#numbers)* #length #items)))
}

fn size(size: usize) -> TokenStream {
    if size == usize::MAX {
        return quote!(usize::MAX);
    }
    let size = Literal::usize_unsuffixed(size);
    quote!(#size)
}

/// An open enumeration.
pub(super) fn enum_definition(open: &Enum) -> TokenStream {
    let Enum { name, docs: lines, variants } = open;
    let enum_docs = docs(lines);
    let variants = variants.iter().map(|variant| {
        let (docs, name) = (docs(&variant.docs), &variant.name);
        quote!(#docs #name)
    });
    quote! {
        #enum_docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// A value that is not documented.
            Other(String),
        }
    }
}

/// What the values of an enumeration are on the wire.
pub(super) fn open_enum(open: &Enum) -> TokenStream {
    let Enum { name, variants, .. } = open;
    let names = variants.iter().map(|variant| &variant.name).collect::<Vec<_>>();
    let values = variants.iter().map(|variant| &variant.value).collect::<Vec<_>>();
    quote! {
        impl OpenEnum for #name {
            #[inline]
            fn as_str(&self) -> &str {
                match self { #(Self::#names => #values,)* Self::Other(value) => value }
            }
            #[inline]
            fn from_value(value: String) -> Self {
                match value.as_str() { #(#values => Self::#names,)* _ => Self::Other(value) }
            }
        }
    }
}
