//! The call that a crate's docs begin with.

use alicloud_spec::{RetryClass, Shape, Spec};

use super::{docs, phrase, words};
use crate::model::{FieldType, Operation, Sample, SampleValue, Service};

/// A call that changes nothing and prints no secret: of the regions, else of a list, with the fewest parameters,
/// all of them plain.
pub(crate) fn choose(spec: &Spec, operations: &[Operation], service: &Service) -> Option<Sample> {
    let harmless = operations.iter().filter(|operation| !tells_secrets(spec, operation));
    let plain = harmless.filter_map(|operation| Some((operation, values(operation)?)));
    let (operation, values) = plain.min_by_key(|(operation, values)| {
        let lists = operation.response.fields.iter().any(|field| matches!(field.ty, FieldType::List(_)));
        let changes = operation.class != RetryClass::Read;
        let of_regions = operation.api_name == "DescribeRegions";
        let words = words::split(&operation.api_name);
        let is_list = words.first().is_some_and(|verb| ["describe", "list"].contains(&verb.as_str()))
            && (operation.pages.is_some() || lists);
        let of_product = phrase::subject(&operation.api_name).iter().all(|word| is_in(&spec.title, word));
        (
            (operation.deprecated.is_some(), operation.retired, changes),
            (!of_regions, values.len(), !is_list, !of_product, operation.pages.is_none(), !lists),
            // What a product is about has a short name.
            (words.len(), &operation.api_name),
        )
    })?;
    Some(Sample {
        docs: docs::comment([
            format!("Calls {} and prints the answer.", docs::name(&operation.api_name)),
            "Credentials come from the usual places; the environment variables are `ALIBABA_CLOUD_ACCESS_KEY_ID` and \
             `ALIBABA_CLOUD_ACCESS_KEY_SECRET`."
                .to_owned(),
        ]),
        method: operation.method.clone(),
        values,
        region: region(service),
    })
}

/// Whether a title has a word, in the singular or plural.
fn is_in(title: &str, word: &str) -> bool {
    let word = words::singular(&word.to_lowercase());
    words::split(title).iter().any(|other| words::singular(other) == word)
}

/// Whether an answer may hold a secret.
fn tells_secrets(spec: &Spec, operation: &Operation) -> bool {
    let answer = spec.operations.get(&operation.api_name).map(|operation| &operation.response.fields);
    answer.into_iter().flatten().any(|field| is_secret(spec, field, &mut Vec::new()))
}

/// `seen` are the types on the way: some hold themselves.
fn is_secret<'s>(spec: &'s Spec, shape: &'s Shape, seen: &mut Vec<&'s str>) -> bool {
    let named = shape.reference.as_deref().filter(|name| !seen.contains(name));
    seen.extend(named);
    let parts = shape.fields.iter().chain(shape.of.as_deref());
    shape.secret || parts.chain(named.and_then(|name| spec.types.get(name))).any(|part| is_secret(spec, part, seen))
}

fn values(operation: &Operation) -> Option<Vec<(proc_macro2::Ident, SampleValue)>> {
    let required = operation.request.fields.iter().zip(&operation.setters).filter(|(field, _)| field.wire.required);
    required
        .map(|(field, setter)| {
            let value = match field.ty {
                FieldType::String if field.wire.name == "RegionId" => SampleValue::Text("cn-hangzhou".to_owned()),
                FieldType::String => SampleValue::Text("…".to_owned()),
                FieldType::Integer => SampleValue::Integer(1),
                FieldType::Boolean => SampleValue::Boolean(true),
                _ => return None,
            };
            Some((setter.name.clone(), value))
        })
        .collect()
}

/// The region that most accounts have, or the first of the table.
fn region(service: &Service) -> Option<String> {
    const USUAL: &str = "cn-hangzhou";
    let first = service.regions.first().map(|(region, _)| region.as_str());
    let usual = service.regions.iter().any(|(region, _)| region == USUAL) || first.is_none();
    if usual { Some(USUAL.to_owned()) } else { first.map(str::to_owned) }
}
