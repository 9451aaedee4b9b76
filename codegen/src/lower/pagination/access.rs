//! The way from an answer to its items, in Rust's terms.

use crate::model::{FieldType, ItemList, Operation, Type, structs};

/// The fields that lead to a list.
pub(super) fn items(operation: &Operation, shared: &[Type], path: &str) -> Option<ItemList> {
    let mut steps = Vec::new();
    let (mut model, mut rest) = (&operation.response, path);
    // Shared types call each other by bare names.
    let mut inside_shared = false;
    loop {
        let fits = |name: &str| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        // Names may hold dots, so that the longest one that fits is meant.
        let field =
            model.fields.iter().filter(|field| fits(&field.wire.name)).max_by_key(|field| field.wire.name.len())?;
        steps.push(field.name.clone());
        rest = rest.get(field.wire.name.len()..)?.trim_start_matches('.');
        match &field.ty {
            FieldType::List(element) if rest.is_empty() => {
                let mut element = (**element).clone();
                if inside_shared {
                    element.mark_shared();
                }
                return Some(ItemList { steps, element });
            }
            FieldType::Struct(name) | FieldType::Boxed(name) => {
                inside_shared |= name.shared;
                let types = if inside_shared { shared } else { &operation.types };
                model = structs(types).find(|model| model.name == name.name)?;
            }
            _ => return None,
        }
    }
}
