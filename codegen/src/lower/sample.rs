//! The call that a crate's docs begin with.

use alicloud_spec::RetryClass;

use super::docs;
use crate::model::{FieldType, Operation, Sample, SampleValue, Service};

/// A call that changes nothing and needs the fewest parameters, all of them plain.
pub(crate) fn choose(operations: &[Operation], service: &Service) -> Option<Sample> {
    let plain = operations.iter().filter_map(|operation| Some((operation, values(operation)?)));
    let (operation, values) = plain.min_by_key(|(operation, values)| {
        let lists = operation.response.fields.iter().any(|field| matches!(field.ty, FieldType::List(_)));
        let changes = operation.class != RetryClass::Read;
        (operation.deprecated.is_some(), operation.retired, changes, values.len(), !lists, &operation.api_name)
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
