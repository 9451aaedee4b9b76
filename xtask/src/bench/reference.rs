//! The same types in the style that everybody knows: serde's derives on plain structs.
//!
//! They are made from the source of the product crate, not from its specs, so that both crates have the
//! same structs, fields, docs and setters by construction.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenTree;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Expr, FnArg, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, Lit, Member, Pat, ReceiverKind, Type,
    Visibility, parse_quote,
};

use crate::failure::Failure;

/// How much is compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) operations: usize,
    pub(super) types: usize,
    pub(super) lines: usize,
}

/// The sources of a crate, by their paths below `src`.
#[derive(Debug, Default)]
pub(super) struct Reference {
    pub(super) files: Vec<(PathBuf, String)>,
    /// Of the crate that the reference is made from.
    pub(super) size: Size,
}

/// What the generated files import from core.
const SUPPORT: &str = "\
/// Any JSON.
pub type Document = serde_json::Value;
/// Binary data.
pub type Bytes = Vec<u8>;
/// Anything that holds many.
pub trait IntoList<T> {
    /// The elements.
    fn into_list(self) -> Vec<T>;
}
impl<T, I: IntoIterator<Item: Into<T>>> IntoList<T> for I {
    #[inline]
    fn into_list(self) -> Vec<T> {
        self.into_iter().map(Into::into).collect()
    }
}
";

/// The reference for the crate whose sources are in a folder: all that its default features compile.
pub(super) fn of(src: &Path) -> Result<Reference, Failure> {
    let mut reference = Reference::default();
    module(src, Path::new("lib.rs"), &mut reference)?;
    match reference.files.iter_mut().find(|(path, _)| path == Path::new("lib.rs")) {
        Some((_, root)) => root.push_str("\n/// What the types are made of.\npub mod support;\n"),
        None => return Err(Failure(format!("{} has no types to compare", src.display()))),
    }
    reference.files.push((PathBuf::from("support.rs"), SUPPORT.to_owned()));
    Ok(reference)
}

/// Turns a file and its modules; says whether anything is left of them.
fn module(src: &Path, path: &Path, reference: &mut Reference) -> Result<bool, Failure> {
    let fail = |reason: &dyn std::fmt::Display| Failure(format!("{}: {reason}", src.join(path).display()));
    let text = fs::read_to_string(src.join(path)).map_err(|error| fail(&error))?;
    let mut file = syn::parse_file(&text).map_err(|error| fail(&error))?;
    reference.size.lines += text.lines().count();
    let known = Known::of(&file.items);
    reference.size.operations += known.requests;
    reference.size.types += known.fields.len() + known.values.len();
    let mut items = Vec::new();
    for item in file.items {
        if let Item::Mod(inner) = &item {
            let optional = inner.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
            if !optional && module(src, &below(src, path, &inner.ident.to_string()), reference)? {
                items.push(item);
            }
        } else if let Some(item) = known.derived(item).map_err(|reason| fail(&reason))? {
            items.push(item);
        }
    }
    if items.iter().all(|item| matches!(item, Item::Use(_))) {
        return Ok(false);
    }
    items.insert(
        0,
        parse_quote!(
            #[allow(unused_imports)]
            use crate::support::*;
        ),
    );
    file.items = items;
    reference.files.push((path.to_owned(), prettyplease::unparse(&file)));
    Ok(true)
}

/// The file of a module that `path` declares.
fn below(src: &Path, path: &Path, name: &str) -> PathBuf {
    let name = name.trim_start_matches("r#");
    let folder = match path.file_name().and_then(|file| file.to_str()) {
        Some("lib.rs" | "mod.rs") => path.with_file_name(name),
        _ => path.with_extension("").join(name),
    };
    let nested = folder.join("mod.rs");
    if src.join(&nested).exists() { nested } else { folder.with_extension("rs") }
}

/// What a generated file says about its types.
#[derive(Default)]
struct Known {
    /// API names of the fields of each struct.
    fields: BTreeMap<String, Vec<String>>,
    /// API names of the values of each enumeration, by variant.
    values: BTreeMap<String, BTreeMap<String, String>>,
    /// Requests by the fluent call that wraps them.
    calls: BTreeMap<String, Type>,
    /// How many requests there are.
    requests: usize,
}

impl Known {
    fn of(items: &[Item]) -> Self {
        let mut known = Self::default();
        for item in items {
            match item {
                Item::Impl(ItemImpl { trait_: Some((path, _)), self_ty, .. }) => {
                    let (name, mut names) = (name_of(self_ty), Names::default());
                    names.visit_item(item);
                    match path.segments.last().map(|segment| segment.ident.to_string()).as_deref() {
                        Some("Model") => drop(known.fields.insert(name, names.fields)),
                        Some("OpenEnum") => drop(known.values.insert(name, names.values)),
                        Some("Request") => known.requests += 1,
                        _ => {}
                    }
                }
                Item::Macro(call) if call.mac.path.segments.last().is_some_and(|last| last.ident == "operation") => {
                    let mut names = call.mac.tokens.clone().into_iter().filter_map(|token| match token {
                        TokenTree::Ident(name) => Some(name),
                        _ => None,
                    });
                    if let (Some(call), Some(request)) = (names.next(), names.next()) {
                        known.calls.insert(call.to_string(), parse_quote!(#request));
                    }
                }
                _ => {}
            }
        }
        known
    }

    /// What becomes of an item: types and setters stay, the rest is not needed.
    fn derived(&self, item: Item) -> Result<Option<Item>, String> {
        Ok(match item {
            Item::Use(import) if !is_of_core(&import) && matches!(import.vis, Visibility::Inherited) => {
                Some(Item::Use(import))
            }
            Item::Struct(model) => match self.fields.get(&model.ident.to_string()) {
                Some(names) => Some(Item::Struct(derive_struct(model, names)?)),
                None => None,
            },
            Item::Enum(open) => match self.values.get(&open.ident.to_string()) {
                Some(values) => Some(Item::Enum(derive_enum(open, values)?)),
                None => None,
            },
            Item::Impl(block) if block.trait_.is_none() => self.setters(block).map(Item::Impl),
            _ => None,
        })
    }

    /// The setters of a model, or of a call: those are put on its request.
    fn setters(&self, mut block: ItemImpl) -> Option<ItemImpl> {
        let name = name_of(&block.self_ty);
        if let Some(request) = self.calls.get(&name) {
            *block.self_ty = request.clone();
        } else if !self.fields.contains_key(&name) {
            return None;
        }
        block.items.retain(is_setter);
        Target.visit_item_impl_mut(&mut block);
        (!block.items.is_empty()).then_some(block)
    }
}

fn derive_struct(mut model: ItemStruct, names: &[String]) -> Result<ItemStruct, String> {
    if model.fields.len() != names.len() {
        return Err(format!("`{}` has {} fields, its schema {}", model.ident, model.fields.len(), names.len()));
    }
    derives(
        &mut model.attrs,
        parse_quote!(#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]),
    );
    for (field, name) in model.fields.iter_mut().zip(names) {
        field.attrs.push(parse_quote!(#[serde(rename = #name)]));
    }
    Ok(model)
}

fn derive_enum(mut open: ItemEnum, values: &BTreeMap<String, String>) -> Result<ItemEnum, String> {
    derives(&mut open.attrs, parse_quote!(#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]));
    for variant in &mut open.variants {
        let attribute = match values.get(&variant.ident.to_string()) {
            Some(value) => parse_quote!(#[serde(rename = #value)]),
            None if variant.fields.is_empty() => {
                return Err(format!("`{}::{}` has no value", open.ident, variant.ident));
            }
            // Whatever is not documented.
            None => parse_quote!(#[serde(untagged)]),
        };
        variant.attrs.push(attribute);
    }
    Ok(open)
}

fn derives(attributes: &mut Vec<Attribute>, wanted: Attribute) {
    attributes.retain(|attribute| !attribute.path().is_ident("derive"));
    attributes.push(wanted);
}

fn is_of_core(import: &syn::ItemUse) -> bool {
    matches!(&import.tree, syn::UseTree::Path(path) if path.ident == "alicloud_core")
}

/// A method that takes itself and a value.
fn is_setter(item: &ImplItem) -> bool {
    let ImplItem::Fn(method) = item else { return false };
    matches!(method.sig.inputs.iter().collect::<Vec<_>>().as_slice(),
        [FnArg::Receiver(receiver), FnArg::Typed(_)] if matches!(receiver.kind, ReceiverKind::Value))
}

fn name_of(ty: &Type) -> String {
    let Type::Path(path) = ty else { return String::new() };
    path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Collects `Field::query("Name")` and `Self::Variant => "value"`.
#[derive(Default)]
struct Names {
    fields: Vec<String>,
    values: BTreeMap<String, String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Expr::Path(function), Some(name)) = (&*call.func, call.args.first().and_then(text))
            && function.path.segments.first().is_some_and(|first| first.ident == "Field")
        {
            self.fields.push(name);
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let (Pat::Path(variant), Some(value)) = (&arm.pat, text(&arm.body)) {
            let variant = variant.path.segments.last().map(|last| last.ident.to_string());
            self.values.insert(variant.unwrap_or_default(), value);
        }
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Turns `self.call.request` into `self`.
struct Target;

impl VisitMut for Target {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if member(expression, "request").and_then(|inner| member(inner, "call")).is_some() {
            *expression = parse_quote!(self);
        }
        syn::visit_mut::visit_expr_mut(self, expression);
    }
}

/// Whose field an expression is, if it has that name.
fn member<'e>(expression: &'e Expr, name: &str) -> Option<&'e Expr> {
    match expression {
        Expr::Field(field) if matches!(&field.member, Member::Named(member) if member == name) => Some(&field.base),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Size, of};

    #[test]
    fn types_and_setters_stay_and_machinery_goes() {
        let folder = std::env::temp_dir().join(format!("alicloud-bench-test-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("lib.rs", "//! Docs.\nmod client;\npub mod operation;\n#[cfg(feature = \"old\")] pub mod v1;\n");
        write("client.rs", "pub struct Client {}\nimpl Client { pub fn get(&self) -> Get { Get::new() } }\n");
        write("operation/mod.rs", "pub mod get;\n");
        write(
            "operation/get.rs",
            r#"
            use std::collections::BTreeMap;
            use alicloud_core::{Call, model::{Field, IntoList}};
            /// A call.
            pub struct Get { pub(crate) call: Call<GetRequest> }
            impl Get {
                /// Sets.
                #[inline]
                pub fn ids(mut self, value: impl IntoList<String>) -> Self {
                    self.call.request.ids = Some(value.into_list());
                    self
                }
                pub fn pages(self) -> Pages { Pages::new(self.call) }
            }
            /// Parameters.
            #[derive(Clone, Default)]
            #[non_exhaustive]
            pub struct GetRequest {
                /// Ids.
                pub ids: Option<Vec<String>>,
                pub state: Option<State>,
            }
            pub enum State { /// Runs.
                Running, Other(String) }
            impl Request for GetRequest {}
            impl Model for GetRequest {
                fn schema(&self) -> &'static Schema {
                    const SCHEMA: &Schema = &Schema::new("GetRequest", &[
                        Field::query("Ids").wrapper("Id").limits(&Limits::new().items(0, 100)),
                        Field::path("state"),
                    ]);
                    SCHEMA
                }
            }
            impl OpenEnum for State {
                fn as_str(&self) -> &str { match self { Self::Running => "RUNNING", Self::Other(value) => value } }
                fn from_value(value: String) -> Self { match value.as_str() { "RUNNING" => Self::Running, _ => Self::Other(value) } }
            }
            alicloud_core::operation!(Get, GetRequest);
            "#,
        );
        let reference = of(&folder);
        let empty = folder.join("empty");
        write("empty/lib.rs", "//! Nothing.\n");
        let nothing = of(&empty);
        fs::remove_dir_all(&folder).unwrap();

        let reference = reference.unwrap();
        let Size { operations, types, .. } = reference.size;
        assert_eq!((operations, types), (1, 2));
        let text: String =
            reference.files.iter().map(|(path, text)| format!("// {}\n{text}", path.display())).collect();
        insta::assert_snapshot!(text);
        assert!(nothing.is_err());
    }
}
