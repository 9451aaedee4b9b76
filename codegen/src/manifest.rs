//! Files of a product crate that are not Rust.

use crate::{GeneratedFile, MARK, emit, model::Package};

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
## `send_blocking` on every call, for programs without an asynchronous runtime.
blocking = ["alicloud-core/blocking"]
## serde's traits for every request and model.
serde = ["alicloud-core/serde"]
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
    if let Some(sample) = package.versions.first().and_then(|version| version.sample.as_ref()) {
        let code = emit::first_call(package, sample).join("\n");
        text.push_str(&format!("```rust\n{code}\n```\n\n"));
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
         call, `serde` its traits to requests and models.\n",
    );
    text
}

/// A TOML string.
fn toml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
