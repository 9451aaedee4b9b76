//! The way from an answer to its items, in Rust's terms.

use crate::model::{FieldType, ItemList, Operation, Struct, Type, structs};

/// The fields that lead to a list.
pub(super) fn items(operation: &Operation, shared: &[Type], path: &str) -> Option<ItemList> {
    let mut steps = Vec::new();
    let (mut model, mut rest) = (&operation.response, path);
    loop {
        let fits = |name: &str| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        // Names may hold dots, so that the longest one that fits is meant.
        let field =
            model.fields.iter().filter(|field| fits(&field.wire.name)).max_by_key(|field| field.wire.name.len())?;
        steps.push(field.name.clone());
        rest = rest.get(field.wire.name.len()..)?.trim_start_matches('.');
        match &field.ty {
            FieldType::List(element) if rest.is_empty() => {
                return Some(ItemList { steps, element: (**element).clone() });
            }
            FieldType::Struct(_) | FieldType::Boxed(_) => model = target(operation, shared, &field.ty)?,
            _ => return None,
        }
    }
}

fn target<'a>(operation: &'a Operation, shared: &'a [Type], ty: &FieldType) -> Option<&'a Struct> {
    let name = ty.type_name()?;
    let types = if name.shared { shared } else { &operation.types };
    structs(types).find(|model| model.name == name.name)
}
