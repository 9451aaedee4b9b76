//! What a version has besides its operations: root, client, endpoints, error codes.

use alicloud_spec::{EndpointRule, Network, Protocol};
use proc_macro2::TokenStream;
use quote::quote;

use super::{
    example,
    format::{Source, docs},
};
use crate::model::{Operation, Package, Version};

/// `lib.rs`, or the `mod.rs` of an older version.
pub(super) fn root(package: &Package, version: &Version) -> Source {
    let error_codes = (!version.errors.is_empty()).then(|| {
        quote!(
            pub mod error_codes;
        )
    });
    let types = (!version.types.is_empty()).then(|| {
        quote!(
            pub mod types;
        )
    });
    let waiter = (!version.waiters.is_empty()).then(|| {
        quote!(
            pub mod waiter;
        )
    });
    let modules = quote!(mod client; pub mod endpoint; #error_codes pub mod operation; #types #waiter);
    let mut items = vec![modules];
    let mut lines = version.docs.clone();
    let path = match &version.module {
        Some(module) => format!("src/{}/mod.rs", module.name),
        None => {
            items.extend(older_versions(package));
            items.push(quote!(
                #[cfg(feature = "blocking")]
                pub use alicloud_core::blocking::SendBlocking;
            ));
            items.push(quote!(
                pub use alicloud_core::{
                    self, Config, ConfigOverride, Document, Error, ErrorKind, Model, Response, RetryConfig, credentials,
                };
            ));
            lines.extend(crate_docs(package, version));
            "src/lib.rs".to_owned()
        }
    };
    if !version.contents.is_empty() {
        lines.push(String::new());
        lines.extend(version.contents.iter().cloned());
    }
    if version.module.is_none() {
        lines.extend(features(package));
    }
    items.push(quote!(
        pub use self::client::Client;
    ));
    Source { path, docs: lines, items }
}

fn older_versions(package: &Package) -> Vec<TokenStream> {
    let modules = package.versions.iter().filter_map(|version| {
        let module = version.module.as_ref()?;
        let (docs, feature, name) = (docs(&version.docs), &module.feature, &module.name);
        Some(quote!(#docs #[cfg(feature = #feature)] pub mod #name;))
    });
    modules.collect()
}

fn crate_docs(package: &Package, version: &Version) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "Part of a community SDK that is not affiliated with Alibaba Cloud. What each operation means in".to_owned(),
        format!("detail is in the [official reference]({}).", package.documentation),
        "Settings, credentials, retries, errors, hooks: see [`alicloud_core`], which is here under its own name."
            .to_owned(),
    ];
    if let Some(sample) = &version.sample {
        lines.push(String::new());
        lines.extend(example::doc_lines(package, sample));
    }
    lines
}

/// What can be switched on, besides what every crate has: see `manifest`.
fn features(package: &Package) -> Vec<String> {
    let mut lines: Vec<String> = [
        "",
        "# Features",
        "",
        "| feature | |",
        "|---|---|",
        "| `rustls` (default) | HTTPS through reqwest and rustls |",
        "| `native-tls` | HTTPS through reqwest and the platform's library |",
        "| `http2` | HTTP/2, where the configuration asks for it |",
        "| `blocking` | `SendBlocking`: `send_blocking` on whatever can be awaited |",
        "| `sm3` | signatures with the Chinese national hash |",
        "| `serde` | serde's traits for requests and models |",
    ]
    .map(str::to_owned)
    .into();
    let modules = package.versions.iter().filter_map(|version| Some((version, version.module.as_ref()?)));
    lines.extend(
        modules.map(|(version, module)| format!("| `{}` | API version `{}` |", module.feature, version.version)),
    );
    lines
}

/// `client.rs`: a method per operation.
pub(super) fn client(version: &Version) -> Source {
    let methods = version.operations.iter().map(|operation| {
        let Operation { method, module, call, docs: lines, deprecated, .. } = operation;
        let docs = docs(lines);
        let deprecated = deprecated.as_ref().map(|note| quote!(#[deprecated(note = #note)]));
        quote! {
            #docs
            #deprecated
            #[inline]
            pub fn #method(&self) -> #module::#call {
                #module::#call::new(&self.core)
            }
        }
    });
    let client_docs = docs(&version.client_docs);
    let definition = quote! {
        #client_docs
        #[derive(Clone, Debug)]
        pub struct Client {
            pub(crate) core: alicloud_core::Client,
        }
    };
    let implementation = quote! {
        impl Client {
            #[doc = " A client with these settings. Nothing is sent until a call is."]
            #[inline]
            pub fn new(config: &Config) -> Self {
                Self { core: alicloud_core::Client::new(config, &SERVICE) }
            }
            #(#methods)*
        }
    };
    let operations = (!version.operations.is_empty()).then(|| quote!(, operation::*));
    Source {
        path: format!("{}/client.rs", version.folder()),
        docs: vec!["The client: a method per operation.".to_owned()],
        items: vec![
            quote!(
                use alicloud_core::Config;
            ),
            quote!(use super::{endpoint::SERVICE #operations};),
            definition,
            implementation,
        ],
    }
}

/// `endpoint.rs`: the tables of hosts.
pub(super) fn endpoint(version: &Version) -> Source {
    let service = &version.service;
    let (product, code, api_version, prefix) = (&service.product, &service.code, &service.version, &service.prefix);
    let patterns = service.patterns.iter().map(|(network, host)| {
        let network = match network {
            Network::Public => quote!(Network::Public),
            Network::Vpc => quote!(Network::Vpc),
            Network::Share => quote!(Network::Share),
            Network::Accelerate => quote!(Network::Accelerate),
        };
        quote!((#network, #host))
    });
    let (rule, endpoints) = match service.rule {
        Some(EndpointRule::Regional) => (quote!(Some(EndpointRule::Regional)), quote!(EndpointRule, Endpoints)),
        Some(EndpointRule::Central) => (quote!(Some(EndpointRule::Central)), quote!(EndpointRule, Endpoints)),
        None if service.patterns.is_empty() => (quote!(None), quote!(Endpoints)),
        None => (quote!(Some(EndpointRule::Patterns(&[#(#patterns),*]))), quote!(EndpointRule, Endpoints, Network)),
    };
    let protocol = match service.protocol {
        // What is particular about these two is in their specs.
        Protocol::Standard | Protocol::Fc | Protocol::Aligenie => quote!(Standard),
        Protocol::Sls => quote!(Sls),
        Protocol::Oss => quote!(Oss),
        Protocol::Pds => quote!(Pds),
    };
    let optional = |text: &Option<String>| match text {
        None => quote!(None),
        Some(text) => quote!(Some(#text)),
    };
    let (global, location) = (optional(&service.global), optional(&service.location_service_code));
    let table = |rows: &[(String, String)]| {
        let rows = rows.iter().map(|(region, host)| quote!((#region, #host)));
        quote!(&[#(#rows),*])
    };
    let (regions, vpc_regions) = (table(&service.regions), table(&service.vpc_regions));
    Source {
        path: format!("{}/endpoint.rs", version.folder()),
        docs: vec!["Where the service is reached.".to_owned()],
        items: vec![
            quote!(use alicloud_core::{endpoint::{#endpoints}, operation::{Protocol, Service}};),
            quote! {
                #[doc = " The product version and its hosts."]
                pub static SERVICE: Service = Service {
                    product: #product,
                    code: #code,
                    version: #api_version,
                    protocol: Protocol::#protocol,
                    endpoints: Endpoints {
                        rule: #rule,
                        prefix: #prefix,
                        global: #global,
                        location_service_code: #location,
                        regions: #regions,
                        vpc_regions: #vpc_regions,
                    },
                };
            },
        ],
    }
}

/// `error_codes.rs`: a constant per documented code.
pub(super) fn error_codes(version: &Version) -> Option<Source> {
    let constants = version.errors.iter().map(|error| {
        let (docs, name, code) = (docs(&error.docs), &error.name, &error.code);
        quote!(#docs pub const #name: &str = #code;)
    });
    (!version.errors.is_empty()).then(|| Source {
        path: format!("{}/error_codes.rs", version.folder()),
        docs: vec!["Documented error codes, to compare with what a failed call returns.".to_owned()],
        items: vec![quote!(#(#constants)*)],
    })
}
