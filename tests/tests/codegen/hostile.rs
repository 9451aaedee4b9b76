//! Names and texts nobody would choose. Whatever a spec says, the result is Rust or an error.

use alicloud_spec::{DescribedValue, EnumValue, ErrorCode, Kind, Operation, Place, Shape, Spec};
use proptest::{collection::vec, prelude::*, sample::select};
use syn::{ImplItem, Item};

use crate::kitchen;

/// Names that collide with each other, with Rust and with generated code, and names out of any characters.
fn name() -> impl Strategy<Value = String> {
    const AWKWARD: &[&str] = &[
        "Self",
        "self",
        "crate",
        "_",
        "*",
        "",
        " ",
        "type",
        "TYPE",
        "Type",
        "Vec",
        "Option",
        "Box",
        "Result",
        "Request",
        "Response",
        "Model",
        "Value",
        "send",
        "Send",
        "SetSend",
        "new",
        "clone",
        "mod",
        "1",
        "-1",
        "1.2",
        "12",
        "a-b",
        "a_b",
        "aB",
        "AB",
        "\u{2011}",
        "通过",
        "é",
        "/*",
        "*/",
        "//",
        "\"",
        "\\",
        "{}",
        "`",
        "r#type",
        "Other",
        "Operation",
        "Call",
    ];
    prop_oneof![select(AWKWARD).prop_map(str::to_owned), "\\PC{0,12}", "[A-Za-z0-9._-]{1,8}"]
}

fn prose() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,200}", Just("``` \n# fn x() {} */ [x](y) <b> \\".to_owned()), "(?s).{0,40}"]
}

fn shape(depth: u32) -> BoxedStrategy<Shape> {
    let values = vec((name(), prose()), 1..6).prop_map(|values| {
        let described = |(value, summary)| EnumValue::Described(DescribedValue { value, summary });
        Some(values.into_iter().map(described).collect())
    });
    let plain = select(vec![Kind::String, Kind::Int32, Kind::Double, Kind::Boolean, Kind::Any, Kind::Binary]);
    let leaf = prop_oneof![
        plain.prop_map(|kind| Shape { kind: Some(kind), ..Shape::default() }),
        values.prop_map(|values| Shape { kind: Some(Kind::String), values, ..Shape::default() }),
        Just(Shape { reference: Some("Filter".into()), ..Shape::default() }),
    ];
    let leaf = (leaf, prose(), any::<bool>(), any::<bool>(), any::<Option<u64>>()).prop_map(
        |(shape, summary, required, secret, max_length)| Shape { summary, required, secret, max_length, ..shape },
    );
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = shape(depth - 1);
    let of = |kind| move |of| Shape { kind: Some(kind), of: Some(Box::new(of)), ..Shape::default() };
    prop_oneof![
        2 => leaf,
        1 => inner.clone().prop_map(of(Kind::List)),
        1 => inner.prop_map(of(Kind::Map)),
        2 => fields(depth - 1).prop_map(|fields| Shape { kind: Some(Kind::Object), fields, ..Shape::default() }),
    ]
    .boxed()
}

/// Names differ, as validation makes sure; the names in Rust need not.
fn fields(depth: u32) -> BoxedStrategy<Vec<Shape>> {
    vec((name(), shape(depth)), 0..6)
        .prop_map(|fields| {
            let mut named: Vec<Shape> = Vec::new();
            for (name, shape) in fields.into_iter().filter(|(name, _)| !name.is_empty()) {
                if named.iter().all(|field| field.name != name) {
                    named.push(Shape { name, ..shape });
                }
            }
            named
        })
        .boxed()
}

fn operation() -> impl Strategy<Value = Operation> {
    let places = select(vec![Place::Query, Place::Form, Place::Header, Place::Body]);
    let errors = vec((name(), prose()), 0..4).prop_map(|errors| {
        let errors = errors.into_iter().filter(|(code, _)| !code.is_empty());
        errors.map(|(code, summary)| ErrorCode { status: Some(400), code, summary, note: None }).collect()
    });
    (fields(3), places, fields(3), errors, prose(), name()).prop_map(
        |(parameters, place, answer, errors, summary, replacement)| Operation {
            parameters: parameters.into_iter().map(|shape| Shape { place: Some(place), ..shape }).collect(),
            response: alicloud_spec::Response { fields: answer, ..Default::default() },
            description: summary.clone(),
            notes: vec![summary.clone()],
            deprecated: true,
            replacement: Some(replacement),
            errors,
            summary,
            ..Operation::default()
        },
    )
}

fn spec() -> impl Strategy<Value = Spec> {
    (vec((name(), operation()), 1..4), prose()).prop_map(|(operations, summary)| {
        let mut spec = kitchen().swap_remove(0);
        spec.operations.extend(operations.into_iter().filter(|(name, _)| !name.is_empty()));
        spec.title.clone_from(&summary);
        spec.summary = summary;
        spec
    })
}

/// Names that occur twice where Rust allows one.
fn duplicates(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap();
    let mut names = Vec::new();
    for item in &file.items {
        match item {
            Item::Struct(item) => {
                names.push(format!("type {}", item.ident));
                names.extend(
                    item.fields.iter().filter_map(|field| Some(format!("{}.{}", item.ident, field.ident.as_ref()?))),
                );
            }
            Item::Enum(item) => {
                names.push(format!("type {}", item.ident));
                names.extend(item.variants.iter().map(|variant| format!("{}::{}", item.ident, variant.ident)));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(format!("fn {}", method.sig.ident)),
                    _ => None,
                });
                let owner = &item.self_ty;
                names.extend(methods.map(|method| format!("{} {method}", quote::quote!(#owner))));
            }
            Item::Const(item) => names.push(format!("const {}", item.ident)),
            Item::Mod(item) => names.push(format!("mod {}", item.ident)),
            _ => {}
        }
    }
    names.sort_unstable();
    names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// What Rust has no name for is refused by name; anything else is Rust, and says nothing twice.
    #[test]
    fn any_names_and_texts_become_rust(spec in spec()) {
        let files = match alicloud_codegen::generate(&[&spec]) {
            Ok(files) => files,
            Err(error) => {
                prop_assert!(error.to_string().ends_with("cannot be made into a Rust name"), "{}", error);
                return Ok(());
            }
        };
        for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
            prop_assert_eq!(duplicates(&file.text), Vec::<String>::new(), "{}", file.path);
        }
    }
}
