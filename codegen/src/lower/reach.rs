//! What follows from how types refer to each other: which must be boxed, and which need setters.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;

use super::fields;
use crate::{
    error::Error,
    model::{FieldType, Operation, Struct, Type, structs},
};

type Graph = BTreeMap<Ident, BTreeSet<Ident>>;

/// Boxes the fields by which a struct would contain itself. Lists and maps hold their elements behind a
/// pointer anyway.
pub(crate) fn box_cycles(types: &mut [Type]) {
    let graph =
        graph(types, |ty| matches!(ty, FieldType::Struct(_)).then(|| ty.type_name()).flatten().map(|n| &n.name));
    for model in types.iter_mut().filter_map(as_struct) {
        let owner = model.name.clone();
        for field in &mut model.fields {
            if let FieldType::Struct(name) = &field.ty
                && reachable(&graph, [name.name.clone()]).contains(&owner)
            {
                field.ty = FieldType::Boxed(name.clone());
            }
        }
    }
}

/// Gives setters to the types that requests hold. Those that only answers hold are filled by the runtime.
pub(crate) fn give_setters(operations: &mut [Operation], shared: &mut [Type]) -> Result<(), Error> {
    let names = |ty: &FieldType, of_shared: bool| {
        ty.type_name().filter(|name| name.shared == of_shared).map(|name| name.name.clone())
    };
    let mut shared_roots = BTreeSet::new();
    for operation in operations {
        let graph = graph(&operation.types, |ty| ty.type_name().filter(|name| !name.shared).map(|name| &name.name));
        let roots = operation.request.fields.iter().filter_map(|field| names(&field.ty, false));
        let settable = reachable(&graph, roots);
        let held = structs(&operation.types).filter(|model| settable.contains(&model.name));
        let fields = operation.request.fields.iter().chain(held.flat_map(|model| &model.fields));
        shared_roots.extend(fields.filter_map(|field| names(&field.ty, true)));
        add_setters(&mut operation.types, &settable)?;
    }
    let graph = graph(shared, |ty| ty.type_name().map(|name| &name.name));
    add_setters(shared, &reachable(&graph, shared_roots))
}

fn add_setters(types: &mut [Type], settable: &BTreeSet<Ident>) -> Result<(), Error> {
    for model in types.iter_mut().filter_map(as_struct).filter(|model| settable.contains(&model.name)) {
        model.setters = fields::model_setters(&model.fields, &model.name.to_string())?;
    }
    Ok(())
}

fn as_struct(one: &mut Type) -> Option<&mut Struct> {
    match one {
        Type::Struct(model) => Some(model),
        Type::Enum(_) => None,
    }
}

fn graph<'a>(types: &'a [Type], target: impl Fn(&'a FieldType) -> Option<&'a Ident>) -> Graph {
    let targets = |model: &'a Struct| model.fields.iter().filter_map(|field| target(&field.ty)).cloned().collect();
    structs(types).map(|model| (model.name.clone(), targets(model))).collect()
}

/// The roots and all that they lead to.
fn reachable(graph: &Graph, roots: impl IntoIterator<Item = Ident>) -> BTreeSet<Ident> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<Ident> = roots.into_iter().collect();
    while let Some(name) = open.pop() {
        if reached.insert(name.clone()) {
            open.extend(graph.get(&name).into_iter().flatten().cloned());
        }
    }
    reached
}
