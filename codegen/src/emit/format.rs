//! Tokens into the text of a file.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{GeneratedFile, MARK, error::Error, model::Docs};

/// A Rust file: docs and items, which stand apart by a blank line.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) docs: Docs,
    pub(super) items: Vec<TokenStream>,
}

impl Source {
    /// The file's text. `spec` is named in its header.
    pub(super) fn format(self, spec: &str) -> Result<GeneratedFile, Error> {
        let mut text = format!("// SPDX-License-Identifier: MIT OR Apache-2.0\n// {MARK} from {spec}; do not edit.\n");
        let docs = self.docs.iter().map(|line| doc_line(line)).map(|line| quote!(#![doc = #line]));
        for item in std::iter::once(quote!(#(#docs)*)).chain(self.items).filter(|item| !item.is_empty()) {
            let item = syn::parse2(item).map_err(|error| {
                Error::new(format!("the generated code is not Rust: {error}; this is a defect of codegen"))
                    .in_file(&self.path)
            })?;
            text.push('\n');
            push_spaced(&prettyplease::unparse(&item), &mut text);
        }
        Ok(GeneratedFile { path: self.path, text })
    }
}

/// Docs of an item.
pub(super) fn docs(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| doc_line(line));
    quote!(#(#[doc = #lines])*)
}

fn doc_line(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!(" {line}") }
}

/// Adds a blank line between methods and between documented fields. Generated code holds no text with
/// line breaks, so lines can be looked at one by one.
fn push_spaced(code: &str, text: &mut String) {
    let mut previous = "{";
    for line in code.lines() {
        let (now, before) = (line.trim_start(), previous.trim_start());
        let begins = is_attribute(now) && !is_attribute(before) && !before.ends_with('{');
        let follows = before == "}" && !now.starts_with(['}', ')']);
        if begins || follows {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        previous = line;
    }
}

fn is_attribute(line: &str) -> bool {
    line.starts_with("//") || line.starts_with("#[")
}
