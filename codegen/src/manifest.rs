//! Files of a product crate that are not Rust.

use crate::{
    GeneratedFile, MARK, emit,
    model::{Operation, Package, Version, plain},
};

/// Where the crates come from until a registry has them.
const REPOSITORY: &str = "https://github.com/alicloud-rs/alicloud";

/// `Cargo.toml`, `README.md` and `rustfmt.toml`.
pub(crate) fn files(package: &Package) -> Vec<GeneratedFile> {
    let file = |path: &str, text: String| GeneratedFile { path: path.to_owned(), text };
    vec![
        file("Cargo.toml", manifest(package)),
        file("README.md", readme(package)),
        // Generated code is formatted already, in another way.
        file("rustfmt.toml", format!("# {MARK}; do not edit.\ndisable_all_formatting = true\n")),
    ]
}

fn manifest(package: &Package) -> String {
    let name = package.name();
    let product = &package.product;
    let description = toml(&package.description);
    let versions: String = package
        .versions
        .iter()
        .filter_map(|version| Some((version, version.module.as_ref()?)))
        .map(|(version, module)| format!("## API version {}.\n{} = []\n", version.version, module.feature))
        .collect();
    format!(
        r#"# {MARK}; do not edit.

[package]
name = "{name}"
description = {description}
readme = "README.md"
keywords = ["alibaba-cloud", "aliyun", "cloud", "sdk"]
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
repository.workspace = true
categories.workspace = true

[package.metadata.docs.rs]
all-features = true

[package.metadata.alicloud]
product = "{product}"

[lints]
workspace = true

# The tests of generated code are elsewhere, and its example is a program.
[lib]
test = false
doctest = false

[features]
default = ["rustls"]
## HTTPS through reqwest and rustls.
rustls = ["alicloud-core/rustls"]
## HTTPS through reqwest and the TLS library of the platform.
native-tls = ["alicloud-core/native-tls"]
## HTTP/2, where the configuration asks for it.
http2 = ["alicloud-core/http2"]
## `send_blocking` on every call, for programs without an asynchronous runtime.
blocking = ["alicloud-core/blocking"]
## serde's traits for every request and model.
serde = ["alicloud-core/serde"]
## The Chinese national hash SM3 for signatures.
sm3 = ["alicloud-core/sm3"]
{versions}
[dependencies]
alicloud-core.workspace = true

[dev-dependencies]
tokio = {{ workspace = true, features = ["macros", "rt-multi-thread"] }}
"#
    )
}

fn readme(package: &Package) -> String {
    let name = package.name();
    let mut text = format!("<!-- {MARK}; do not edit. -->\n\n# {name}\n\n");
    if !package.summary.is_empty() {
        text.push_str(&format!("{}\n\n", package.summary));
    }
    text.push_str(&format!(
        "Typed calls for {} on Alibaba Cloud. A community SDK, not affiliated with Alibaba Cloud.\n\
         What each operation means is in the [official reference]({}).\n\n",
        package.title, package.documentation
    ));
    text.push_str(&format!(
        "```toml\n[dependencies]\n{name} = {{ git = \"{REPOSITORY}\" }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n```\n\n"
    ));
    if let Some(version) = package.versions.first() {
        if let Some(sample) = &version.sample {
            text.push_str(&format!("```rust\n{}```\n\n", emit::program(package, sample)));
        }
        text.push_str(&beyond(version));
    }
    text.push_str("| API version | |\n|---|---|\n");
    for version in &package.versions {
        let place = match &version.module {
            None => "the root of the crate".to_owned(),
            Some(module) => format!("module and feature `{}`", module.feature),
        };
        text.push_str(&format!("| `{}` | {place} |\n", version.version));
    }
    text.push_str(
        "\nHTTPS comes from rustls (feature `rustls`, on by default) or from the platform's library (`native-tls`); \
         without either, give\nthe configuration a transport of your own. `blocking` adds `send_blocking` to every \
         call, `serde` its traits to requests and models,\n`http2` and `sm3` what their names say.\n",
    );
    text
}

/// What else there is, a line each.
fn beyond(version: &Version) -> String {
    let mut lines = Vec::new();
    let lists = version.operations.iter().filter(|operation| {
        operation.pages.as_ref().is_some_and(|pages| pages.items.is_some())
            && !(operation.retired || operation.deprecated.is_some())
    });
    let required = |operation: &Operation| operation.request.fields.iter().filter(|field| field.wire.required).count();
    let list = lists.min_by_key(|operation| {
        let is_sample = version.sample.as_ref().is_some_and(|sample| sample.method == operation.method);
        (!is_sample, required(operation), operation.api_name.len(), &operation.api_name)
    });
    if let Some(list) = list {
        let setters = if required(list) == 0 { "" } else { "…" };
        lines.push(format!(
            "Lists of any length: `client.{}(){setters}.items()`, or `.pages()`, where an operation pages",
            plain(&list.method)
        ));
    }
    if let Some(waiter) = version.waiters.first() {
        lines.push(format!("Until it has happened: `client.{}()….await`, and others", plain(&waiter.method)));
    }
    if !version.errors.is_empty() {
        lines.push("Documented errors: a constant each in `error_codes`, to compare with `error.code()`".to_owned());
    }
    lines.push(format!("Credentials, retries, settings, testing: the [guide]({REPOSITORY}/tree/main/crates/guide)"));
    lines.iter().map(|line| format!("- {line}.\n")).collect::<String>() + "\n"
}

/// A TOML string.
fn toml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
