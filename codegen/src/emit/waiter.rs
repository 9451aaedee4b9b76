//! Waiters: what is waited for as data, and a fluent type around it.

use std::collections::BTreeSet;

use alicloud_spec::WaiterState;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{
    format::{Source, docs},
    types,
};
use crate::model::{Condition, FieldType, Rule, Version, Waiter, plain};

/// `waiter/mod.rs` and a file per waiter.
pub(super) fn files(version: &Version, root: &TokenStream) -> Vec<Source> {
    if version.waiters.is_empty() {
        return Vec::new();
    }
    let files = version.waiters.iter().map(|waiter| file(version, waiter, root));
    std::iter::once(list(version)).chain(files).collect()
}

fn list(version: &Version) -> Source {
    let modules = version.waiters.iter().map(|waiter| &waiter.module);
    let waits = version.waiters.iter().map(|Waiter { module, wait, .. }| quote!(pub use self::#module::#wait;));
    let methods = version.waiters.iter().map(|Waiter { method, wait, docs: lines, .. }| {
        let docs = docs(lines);
        quote! {
            #docs
            #[inline]
            pub fn #method(&self) -> #wait {
                #wait::new(&self.core)
            }
        }
    });
    Source {
        path: format!("{}/waiter/mod.rs", version.folder()),
        docs: vec!["Waiting until something has happened.".to_owned()],
        items: vec![
            quote!(#(mod #modules;)*),
            quote!(#(#waits)*),
            quote!(
                use super::Client;
            ),
            quote!(impl Client { #(#methods)* }),
        ],
    }
}

fn file(version: &Version, waiter: &Waiter, root: &TokenStream) -> Source {
    let Waiter { wait, request, constant, api_name, operation, delay, limit, .. } = waiter;
    let line = format!(" Waits: [`Client::{method}`](super::super::Client::{method}).", method = plain(&waiter.method));
    let holds =
        |property: &dyn Fn(&FieldType) -> bool| waiter.setters.iter().any(|setter| setter.ty.any(&|ty| property(ty)));
    let document = holds(&|ty| *ty == FieldType::Any).then(|| quote!(Document,));
    let bytes = holds(&|ty| *ty == FieldType::Bytes).then(|| quote!(bytes::Bytes,));
    let list = waiter.setters.iter().any(|setter| matches!(setter.ty, FieldType::List(_)));
    let list = list.then(|| quote!(model::IntoList,));
    // A map itself is taken as an iterator; one inside another type is named.
    let map = waiter.setters.iter().any(|setter| match &setter.ty {
        FieldType::List(inner) | FieldType::Map(inner) => inner.any(&|ty| matches!(ty, FieldType::Map(_))),
        _ => false,
    });
    let map = map.then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let shared = holds(&|ty| ty.type_name().is_some_and(|name| name.shared)).then(|| quote!(use #root::types;));
    let (delay, limit) = (Literal::u32_unsuffixed(*delay), Literal::u32_unsuffixed(*limit));
    let rules: Vec<_> = waiter.rules.iter().map(rule).collect();
    let requires = &waiter.requires;
    let preset = waiter.preset.iter().map(|(name, value)| quote!((#name, #value)));
    let functions = functions(waiter).into_iter().map(|name| format_ident!("{name}"));
    Source {
        path: format!("{}/waiter/{}.rs", version.folder(), plain(&waiter.module)),
        docs: Vec::new(),
        items: vec![
            quote!(#map),
            quote!(use alicloud_core::{#document #bytes #list wait::{self, #(#functions),*}};),
            quote!(#[allow(unused_imports)] use #root::operation::#operation::*;),
            quote!(#shared),
            quote! {
                #[doc = #line]
                #[must_use = "waiting begins with `.await`"]
                pub struct #wait {
                    wait: wait::Wait<#request>,
                }
            },
            types::setters(wait, &waiter.setters, &quote!(self.wait.call.request)),
            quote! {
                const #constant: &wait::Waiter = &wait::Waiter {
                    name: #api_name,
                    delay: #delay,
                    limit: #limit,
                    requires: &[#(#requires),*],
                    preset: &[#(#preset),*],
                    rules: &[#(#rules),*],
                };
            },
            quote!(alicloud_core::waiter!(#wait, #request, #constant);),
        ],
    }
}

fn rule(rule: &Rule) -> TokenStream {
    let conditions = rule.when.iter().map(|condition| match condition {
        Condition::Error(code) => quote!(refused(#code)),
        Condition::Value { path, values, all, or_empty } => {
            let kind = if *all { quote!(all) } else { quote!(any) };
            let or_empty = or_empty.then(|| quote!(.or_empty()));
            quote!(#kind(#path, &[#(#values),*]) #or_empty)
        }
    });
    let then = format_ident!("{}", verdict(rule.then));
    quote!(#then(&[#(#conditions),*]))
}

fn verdict(state: WaiterState) -> &'static str {
    match state {
        WaiterState::Success => "success",
        WaiterState::Failure => "failure",
        WaiterState::Retry => "retry",
    }
}

/// The functions that the rules are written with.
fn functions(waiter: &Waiter) -> BTreeSet<&'static str> {
    let conditions = waiter.rules.iter().flat_map(|rule| &rule.when).map(|condition| match condition {
        Condition::Error(_) => "refused",
        Condition::Value { all: true, .. } => "all",
        Condition::Value { all: false, .. } => "any",
    });
    conditions.chain(waiter.rules.iter().map(|rule| verdict(rule.then))).collect()
}
