//! Methods that take bytes which need not be in memory.

use proc_macro2::TokenStream;
use quote::quote;

use super::format::docs;
use crate::model::{Operation, StreamSetter, StreamTarget};

/// The methods of the call that take streams.
pub(super) fn setters(operation: &Operation) -> TokenStream {
    let Operation { call, streams, .. } = operation;
    if streams.is_empty() {
        return TokenStream::new();
    }
    let setters = streams.iter().map(|StreamSetter { name, docs: lines, target }| {
        let docs = docs(lines);
        let (argument, set) = match target {
            StreamTarget::Body => (None, quote!(body_stream(value.into()))),
            StreamTarget::File(parameter) => (None, quote!(file(#parameter, value.into()))),
            StreamTarget::FileOfElement(parameter, member) => {
                (Some(quote!(element: usize,)), quote!(file_of(#parameter, element, #member, value.into())))
            }
        };
        quote! {
            #docs
            #[inline]
            pub fn #name(mut self, #argument value: impl Into<ByteStream>) -> Self {
                self.call.#set;
                self
            }
        }
    });
    quote!(impl #call { #(#setters)* })
}
