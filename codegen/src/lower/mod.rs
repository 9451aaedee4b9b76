//! Specs into the model: every decision is made here.

mod class;
mod contents;
mod describe;
mod docs;
mod errors;
mod fields;
mod link;
mod names;
mod operation;
mod pagination;
mod phrase;
mod reach;
mod sample;
mod streams;
mod types;
mod waiter;
mod words;

use alicloud_spec::Spec;

pub use self::{
    class::retry_class,
    pagination::{NO_LIST, Paging, paging},
};
use self::{describe::sentence, link::Names, types::References};
use crate::{
    error::Error,
    model::{self, FieldType, Module, Package, Service, Version},
};

/// A product crate.
pub(crate) fn package(specs: &[&Spec]) -> Result<Package, Error> {
    let mut specs = specs.to_vec();
    specs.sort_by_key(|spec| std::cmp::Reverse((spec.preferred, age(&spec.version))));
    let Some(root) = specs.first() else { return Err(Error::new("no spec is given")) };
    let product = root.product.clone();
    for spec in &specs {
        check_names(spec, &product).map_err(|error| error.in_file(file(spec)))?;
    }
    if let Some(pair) = specs.windows(2).find(|pair| matches!(pair, [one, other] if one.version == other.version)) {
        return Err(Error::new("there are two specs of this version")
            .in_file(pair.first().map(|s| file(s)).unwrap_or_default()));
    }
    if let [first, second, ..] = specs.as_slice()
        && first.preferred
        && second.preferred
    {
        return Err(Error::new("another version is preferred, too").in_file(file(first)));
    }
    Ok(Package {
        product,
        description: format!("{} on Alibaba Cloud: typed calls. A community SDK", docs::one_line(&root.title)),
        title: docs::escape(&root.title),
        summary: sentence(&root.summary),
        documentation: link::product(root),
        versions: specs
            .iter()
            .enumerate()
            .map(|(index, spec)| version(spec, index > 0).map_err(|error| error.in_file(file(spec))))
            .collect::<Result<_, _>>()?,
    })
}

/// Versions are dates, more or less: `2020-01-11`, `20240611`, `2021-12-7`, `iap_1.0`.
fn age(version: &str) -> (Vec<u32>, &str) {
    let numbers: Vec<u32> = version.split('-').filter_map(|part| part.parse().ok()).collect();
    let date = match numbers.as_slice() {
        [day] if *day > 9999 => vec![day / 10_000, day / 100 % 100, day % 100],
        _ => numbers,
    };
    (date, version)
}

/// Product and version become parts of paths.
fn check_names(spec: &Spec, product: &str) -> Result<(), Error> {
    // A version may be `_`: some services have none.
    let plain = |text: &str, also: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || also.contains('_') && c == '_')
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c))
    };
    if spec.product != product {
        return Err(Error::new(format!("the product is `{}`, but `{product}` in another version", spec.product)));
    }
    if !plain(product, "-") || product.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Error::new(format!("the product `{product}` is not made of lower-case letters, digits and `-`")));
    }
    if !plain(&spec.version, "-_.") {
        return Err(Error::new(format!(
            "the version `{}` is not made of letters, digits, `-`, `_` and `.`",
            spec.version
        )));
    }
    Ok(())
}

fn file(spec: &Spec) -> String {
    format!("specs/{}/{}.json", spec.product, spec.version)
}

fn version(spec: &Spec, older: bool) -> Result<Version, Error> {
    let module = if older { Some(module(&spec.version)?) } else { None };
    let root = module.as_ref().map_or_else(|| "crate".to_owned(), |module| format!("crate::{}", module.name));
    let names = Names::new(spec, root);

    let (mut types, local) = types::shared(spec)?;
    reach::box_cycles(&mut types);
    let references = from_elsewhere(local);
    let mut operations = link::operations(spec)
        .map(|(name, operation)| {
            operation::lower(spec, &names, &references, name, operation)
                .map_err(|error| error.inside(format!("operation {name}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    operations.sort_by_cached_key(|operation| model::plain(&operation.module));
    reach::give_setters(&mut operations, &mut types)?;
    pagination::give_pages(spec, &mut operations, &types);

    let service = service(spec);
    let waiters = waiter::lower(spec, &names, &operations)?;
    Ok(Version {
        version: spec.version.clone(),
        module,
        file: file(spec),
        docs: docs::comment([
            format!("{} ({}), API version `{}`.", docs::escape(&spec.title), docs::name(&spec.code), spec.version),
            sentence(&spec.summary),
        ]),
        client_docs: docs::comment([
            format!("Calls the operations of {}.", docs::escape(&spec.title)),
            "Cheap to clone; clones share connections, credentials and retry budget.".to_owned(),
        ]),
        contents: contents::of(spec, &operations, &waiters),
        waiters,
        errors: errors::lower(spec, &names)?,
        sample: sample::choose(spec, &operations, &service),
        service,
        operations,
        types,
    })
}

fn module(version: &str) -> Result<Module, Error> {
    let feature = format!("v{}", version.replace(['-', '.'], "_"));
    Ok(Module { name: names::ident(&feature)?, feature })
}

/// Shared types as they are called outside of their own file.
fn from_elsewhere(mut references: References) -> References {
    references.values_mut().for_each(FieldType::mark_shared);
    references
}

fn service(spec: &Spec) -> Service {
    let table = |regions: &std::collections::BTreeMap<String, String>| {
        regions.iter().map(|(region, host)| (region.clone(), host.clone())).collect()
    };
    Service {
        product: spec.product.clone(),
        code: spec.code.clone(),
        version: spec.version.clone(),
        protocol: spec.protocol,
        rule: spec.endpoints.rule,
        patterns: spec.endpoints.patterns.iter().map(|(network, host)| (*network, host.clone())).collect(),
        prefix: spec.endpoints.prefix.clone().unwrap_or_else(|| spec.product.clone()),
        global: spec.endpoints.global.clone(),
        location_service_code: spec.endpoints.location_service_code.clone(),
        regions: table(&spec.endpoints.regions),
        vpc_regions: table(&spec.endpoints.vpc_regions),
    }
}
