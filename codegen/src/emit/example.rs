//! A first call: in the crate's docs, and as a program.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::format::Source;
use crate::model::{Package, Sample, SampleValue};

/// `examples/<product>_first_call.rs`: examples of one workspace share a folder for their programs.
pub(super) fn file(package: &Package, sample: &Sample) -> Source {
    let library = quote::format_ident!("{}", package.library());
    let method = &sample.method;
    let setters = sample.values.iter().map(|(setter, value)| {
        let value = literal(value);
        quote!(.#setter(#value))
    });
    let region = sample.region.as_ref().map(|region| quote!(.region(#region)));
    let main = quote! {
        #[tokio::main]
        async fn main() -> Result<(), Error> {
            let config = Config::builder() #region .build()?;
            let client = Client::new(&config);
            let reply = client.#method() #(#setters)* .send().await?;
            println!("request {}", reply.request_id());
            println!("{:?}", reply.into_inner());
            Ok(())
        }
    };
    Source {
        path: format!("examples/{}_first_call.rs", package.product),
        docs: sample.docs.clone(),
        items: vec![quote!(use #library::{Client, Config, Error};), main],
    }
}

/// The same call as an example in docs.
pub(super) fn doc_lines(package: &Package, sample: &Sample) -> Vec<String> {
    let mut lines =
        vec!["```no_run".to_owned(), format!("# async fn example() -> Result<(), {}::Error> {{", package.library())];
    lines.extend([format!("use {}::{{Client, Config}};", package.library()), String::new()]);
    lines.extend(first_call(sample));
    lines.extend(["# Ok(())", "# }", "```"].map(str::to_owned));
    lines
}

/// The same call as a program to paste.
pub(crate) fn program(package: &Package, sample: &Sample) -> String {
    let lines: String = first_call(sample).iter().map(|line| format!("    {line}\n")).collect();
    format!(
        "use {}::{{Client, Config, Error}};\n\n#[tokio::main]\nasync fn main() -> Result<(), Error> {{\n{lines}    \
         Ok(())\n}}\n",
        package.library()
    )
}

/// The same call as lines of code.
fn first_call(sample: &Sample) -> Vec<String> {
    let setters: String =
        sample.values.iter().map(|(setter, value)| format!(".{setter}({})", literal(value))).collect();
    let region = sample.region.as_ref().map(|region| format!(".region({region:?})")).unwrap_or_default();
    vec![
        format!("let config = Config::builder(){region}.build()?;"),
        "let client = Client::new(&config);".to_owned(),
        format!("let reply = client.{}(){setters}.send().await?;", sample.method),
        "println!(\"request {}\", reply.request_id());".to_owned(),
        "println!(\"{:?}\", reply.into_inner());".to_owned(),
    ]
}

fn literal(value: &SampleValue) -> TokenStream {
    match value {
        SampleValue::Text(text) => quote!(#text),
        SampleValue::Boolean(value) => quote!(#value),
        SampleValue::Integer(number) => {
            let number = Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
    }
}
