//! The module of an operation, and the list of all.

use alicloud_spec::{Auth, Method, RetryClass};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{
    format::{Source, docs},
    imports, paginator, streams, types,
};
use crate::model::{Http, Operation, ResponseBody, Setter, Struct, Version, enums, plain, structs};

/// `operation/mod.rs`: the modules, one line of docs each.
pub(super) fn list(version: &Version) -> Source {
    let modules = version.operations.iter().map(|Operation { module, summary, .. }| {
        let docs = docs(std::slice::from_ref(summary));
        quote!(#docs pub mod #module;)
    });
    Source {
        path: format!("{}/operation/mod.rs", version.folder()),
        docs: vec!["Operations: the call, the request, the response and the types that only they use.".to_owned()],
        items: vec![quote!(#(#modules)*)],
    }
}

/// `operation/<name>.rs`: what people read first, what machines need after it.
pub(super) fn module(version: &Version, operation: &Operation) -> Source {
    let call = &operation.call;
    let structs: Vec<&Struct> = operation.structs().collect();
    let enums: Vec<_> = enums(&operation.types).collect();
    let setters: Vec<&Setter> =
        operation.setters.iter().chain(structs.iter().flat_map(|model| &model.setters)).collect();

    let mut items = imports::of(&root(version), &structs, &setters, &enums, Some(operation));
    items.push(call_definition(operation));
    items.push(types::setters(call, &operation.setters, &quote!(self.call.request)));
    items.push(streams::setters(operation));
    items.extend(structs.iter().map(|model| types::definition(model)));
    items.extend(enums.iter().map(|open| types::enum_definition(open)));
    items.extend(structs.iter().map(|model| types::setters(&model.name, &model.setters, &quote!(self))));
    items.push(request_impl(operation));
    items.extend(structs.iter().map(|model| types::model(model)));
    items.extend(enums.iter().map(|open| types::open_enum(open)));
    items.push(paginator::pages(operation));
    items.push(macros(operation));
    // The docs of the module are in the list of modules.
    Source { path: format!("{}/operation/{}.rs", version.folder(), plain(&operation.module)), docs: Vec::new(), items }
}

pub(super) fn root(version: &Version) -> TokenStream {
    match &version.module {
        Some(module) => {
            let name = &module.name;
            quote!(crate::#name)
        }
        None => quote!(crate),
    }
}

fn call_definition(operation: &Operation) -> TokenStream {
    let Operation { call, request, call_docs, .. } = operation;
    let (docs, request) = (docs(call_docs), &request.name);
    quote! {
        #docs
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #call {
            pub(crate) call: Call<#request>,
        }
    }
}

fn request_impl(operation: &Operation) -> TokenStream {
    let Operation { request, response, api_name, .. } = operation;
    let (request, response) = (&request.name, &response.name);
    let address = match &operation.http {
        Http::Rpc(method) => {
            let method = method_tokens(*method);
            quote!(rpc(#api_name, #method))
        }
        Http::Roa(method, path) => {
            let method = method_tokens(*method);
            quote!(roa(#api_name, #method, #path))
        }
    };
    let class = match operation.class {
        RetryClass::Read => Some(quote!(.read())),
        RetryClass::Idempotent => Some(quote!(.idempotent())),
        RetryClass::Mutating => None,
    };
    let auth = match operation.auth {
        Auth::Signed => None,
        Auth::Bearer => Some(quote!(.bearer())),
        Auth::Anonymous => Some(quote!(.anonymous())),
    };
    let body = match operation.body {
        ResponseBody::Document => None,
        ResponseBody::Binary => Some(quote!(.binary())),
        ResponseBody::Text => Some(quote!(.text())),
        ResponseBody::Events => Some(quote!(.events())),
    };
    let timeout = operation.attempt_timeout.map(|seconds| {
        let seconds = Literal::u32_unsuffixed(seconds);
        quote!(.attempt_timeout(#seconds))
    });
    quote! {
        impl Request for #request {
            type Response = #response;
            const OPERATION: &'static Operation = &Operation::#address #class #auth #body #timeout;
        }
    }
}

fn method_tokens(method: Method) -> TokenStream {
    let name = match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Patch => "PATCH",
        Method::Head => "HEAD",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
    };
    let name = format_ident!("{name}");
    quote!(Method::#name)
}

fn macros(operation: &Operation) -> TokenStream {
    let Operation { call, request, .. } = operation;
    let request = &request.name;
    let models = operation.structs().map(|model| &model.name);
    let enums = enums(&operation.types).map(|open| &open.name).collect::<Vec<_>>();
    let open = (!enums.is_empty()).then(|| quote!(alicloud_core::open_enums!(#(#enums),*);));
    let stream = match operation.body {
        ResponseBody::Document | ResponseBody::Text => None,
        ResponseBody::Binary => Some(quote!(alicloud_core::download!(#call, #request);)),
        ResponseBody::Events => Some(quote!(alicloud_core::events!(#call, #request);)),
    };
    quote! {
        alicloud_core::operation!(#call, #request);
        #stream
        alicloud_core::models!(#(#models),*);
        #open
    }
}

/// `types.rs`: what several operations share.
pub(super) fn shared_types(version: &Version) -> Option<Source> {
    if version.types.is_empty() {
        return None;
    }
    let structs: Vec<&Struct> = structs(&version.types).collect();
    let enums: Vec<_> = enums(&version.types).collect();
    let setters: Vec<&Setter> = structs.iter().flat_map(|model| &model.setters).collect();
    let mut items = imports::of(&root(version), &structs, &setters, &enums, None);
    items.extend(structs.iter().map(|model| types::definition(model)));
    items.extend(enums.iter().map(|open| types::enum_definition(open)));
    items.extend(structs.iter().map(|model| types::setters(&model.name, &model.setters, &quote!(self))));
    items.extend(structs.iter().map(|model| types::model(model)));
    items.extend(enums.iter().map(|open| types::open_enum(open)));
    let models = structs.iter().map(|model| &model.name);
    let open = enums.iter().map(|open| &open.name);
    if !structs.is_empty() {
        items.push(quote!(alicloud_core::models!(#(#models),*);));
    }
    if !enums.is_empty() {
        items.push(quote!(alicloud_core::open_enums!(#(#open),*);));
    }
    Some(Source {
        path: format!("{}/types.rs", version.folder()),
        docs: vec!["Types that several operations share.".to_owned()],
        items,
    })
}
