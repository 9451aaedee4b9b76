//! What an operation that pages has besides its call.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::types::type_tokens;
use crate::model::{ItemList, Operation, Pages};

/// The paging of an operation as data, the way to its items, and the methods of its call.
pub(super) fn pages(operation: &Operation) -> TokenStream {
    let Some(Pages { how, items }) = &operation.pages else { return TokenStream::new() };
    let (call, request, response) = (&operation.call, &operation.request.name, &operation.response.name);
    let start = match (&how.token, &how.page, &how.offset) {
        (Some(token), _, _) => quote!(by_token(#token)),
        (None, Some(page), _) => quote!(by_page(#page)),
        (None, None, Some(offset)) => quote!(by_offset(#offset)),
        (None, None, None) => return TokenStream::new(),
    };
    let next = how.next.as_ref().filter(|_| how.token.is_some()).map(|next| quote!(.next(#next)));
    let or_pages = how.page.as_ref().filter(|_| how.token.is_some()).map(|page| quote!(.or_pages(#page)));
    let first = how.first.map(Literal::i64_unsuffixed).map(|first| quote!(.first(#first)));
    let size = how.size.as_ref().map(|size| quote!(.size(#size)));
    let ask = how.ask.map(Literal::i64_unsuffixed).map(|ask| quote!(.ask(#ask)));
    let total = how.total.as_ref().map(|total| quote!(.total(#total)));
    let more = how.more.as_ref().map(|more| quote!(.more(#more)));
    let path = how.items.as_ref().map(|items| quote!(.items(#items)));
    let scroll = how.scroll.then(|| quote!(.scroll()));
    let paginated = quote! {
        impl paginate::Paginated for #request {
            const PAGES: &'static paginate::Pagination =
                &paginate::#start #next #or_pages #first #size #ask #more #total #path #scroll;
        }
    };
    let Some(ItemList { steps, element }) = items else {
        return quote!(#paginated alicloud_core::paginated!(#call, #request););
    };
    let element = type_tokens(element);
    let way = match steps.as_slice() {
        [] => return TokenStream::new(),
        [first, inner @ ..] => {
            let inner = inner.iter().map(|step| quote!(.and_then(|inner| inner.#step)));
            quote!(page.#first #(#inner)*)
        }
    };
    quote! {
        #paginated
        impl paginate::Itemized for #request {
            type Item = #element;
            #[inline]
            fn items(page: #response) -> Vec<#element> {
                #way.unwrap_or_default()
            }
        }
        alicloud_core::paginated!(#call, #request, items);
    }
}
