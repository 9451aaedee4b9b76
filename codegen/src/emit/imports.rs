//! The `use` declarations of a file: what is used, sorted, and nothing else.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Enum, FieldType, Limits, Operation, Setter, Struct};

/// What a file of types brings into scope. `operation` adds what a fluent call needs; `root` is where the
/// module of shared types is.
pub(super) fn of(
    root: &TokenStream,
    structs: &[&Struct],
    setters: &[&Setter],
    enums: &[&Enum],
    operation: Option<&Operation>,
) -> Vec<TokenStream> {
    let call = operation.is_some();
    let streams = operation.is_some_and(|operation| !operation.streams.is_empty());
    let pages = operation.is_some_and(|operation| operation.pages.is_some());
    // The items of pages may lie inside of a shared type, which no field of this file names.
    let items = operation.and_then(|operation| operation.pages.as_ref()?.items.as_ref());
    let types = || {
        let fields = structs.iter().flat_map(|model| &model.fields).map(|field| &field.ty);
        fields.chain(items.map(|items| &items.element))
    };
    let holds = |property: &dyn Fn(&FieldType) -> bool| types().any(|ty| ty.any(&|ty| property(ty)));
    let fields = structs.iter().any(|model| !model.fields.is_empty());
    let limited = structs.iter().flat_map(|model| &model.fields).any(|field| field.wire.limits != Limits::default());

    let top = list([
        (call, quote!(Call)),
        (holds(&|ty| *ty == FieldType::Any), quote!(Document)),
        (!structs.is_empty(), quote!(Model)),
    ]);
    let model = list([
        (fields, quote!(Field)),
        (setters.iter().any(|setter| matches!(setter.ty, FieldType::List(_))), quote!(IntoList)),
        (limited, quote!(Limits)),
        (!enums.is_empty(), quote!(OpenEnum)),
        (!structs.is_empty(), quote!(Schema)),
        (fields, quote!(Value)),
    ]);
    let core = list([
        (true, quote!(#(#top),*)),
        (holds(&|ty| *ty == FieldType::Bytes), quote!(bytes::Bytes)),
        (call, quote!(http::Method)),
        (true, quote!(model::{#(#model),*})),
        (call, quote!(operation::{Operation, Request})),
        (pages, quote!(paginate)),
        (streams, quote!(stream::ByteStream)),
    ]);
    let core = core.iter().filter(|part| !part.is_empty());
    list([
        (
            holds(&|ty| matches!(ty, FieldType::Map(_))),
            quote!(
                use std::collections::BTreeMap;
            ),
        ),
        (true, quote!(use alicloud_core::{#(#core),*};)),
        (holds(&|ty| ty.type_name().is_some_and(|name| name.shared)), quote!(use #root::types;)),
    ])
}

fn list<const N: usize>(entries: [(bool, TokenStream); N]) -> Vec<TokenStream> {
    entries.into_iter().filter(|(used, _)| *used).map(|(_, tokens)| tokens).collect()
}
