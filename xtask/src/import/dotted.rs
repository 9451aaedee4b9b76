//! Names with dots: `SystemDisk.Size` and `DataDisk.1.Size` are parts of one object or list, written
//! member by member. They are folded into that object or list; the wire keeps the same names, because
//! the flat style writes them back.

use alicloud_spec::{Kind, ListStyle, Place, Shape};

use super::context::Context;

/// Folds dotted parameters, and dotted fields inside of parameters that are written flat.
pub(crate) fn fold(context: &mut Context, parameters: Vec<Shape>) -> Vec<Shape> {
    let mut folded = fold_level(context, parameters);
    for shape in &mut folded {
        if is_flat(shape) {
            fold_inside(context, shape);
        }
    }
    folded
}

fn is_flat(shape: &Shape) -> bool {
    matches!(shape.place, Some(Place::Query | Place::Form))
        && matches!(shape.style, None | Some(ListStyle::Flat | ListStyle::RepeatList))
}

fn fold_inside(context: &mut Context, shape: &mut Shape) {
    let step = if shape.name.is_empty() { "[].".to_owned() } else { format!("{}.", shape.name) };
    context.inside(step, |context| {
        if shape.fields.iter().any(|field| field.name.contains('.')) {
            let fields = std::mem::take(&mut shape.fields);
            shape.fields = fold_level(context, fields);
        }
        for inner in shape.fields.iter_mut().chain(shape.of.as_deref_mut()) {
            fold_inside(context, inner);
        }
    });
}

/// Folds the shapes of one level whose names share what stands before the first dot.
fn fold_level(context: &mut Context, shapes: Vec<Shape>) -> Vec<Shape> {
    let mut result: Vec<Shape> = Vec::with_capacity(shapes.len());
    let mut waiting = shapes;
    while !waiting.is_empty() {
        let first = waiting.remove(0);
        let root = root_of(&first.name).to_owned();
        let place = first.place;
        let of_root = |shape: &Shape| shape.place == place && root_of(&shape.name) == root;
        if !waiting.iter().chain([&first]).any(|shape| of_root(shape) && shape.name.contains('.')) {
            result.push(first);
            continue;
        }
        let (mut group, rest): (Vec<Shape>, Vec<Shape>) = waiting.into_iter().partition(of_root);
        group.insert(0, first);
        waiting = rest;
        let names: Vec<&str> = group.iter().map(|shape| shape.name.as_str()).collect();
        let names = names.join(", ");
        match assemble(&group, &root, place.is_some()) {
            Some(shape) => {
                context.decide_at(&root, "dotted names", format!("folded from {names}"));
                result.push(shape);
            }
            None => {
                context.decide_at(&root, "dotted names that do not fold", format!("{names} keep their names"));
                result.extend(group);
            }
        }
    }
    result
}

fn root_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(root, _)| root)
}

/// One shape from all the shapes that describe it or a part of it.
fn assemble(group: &[Shape], name: &str, top: bool) -> Option<Shape> {
    if group.iter().any(|shape| !(foldable(shape))) {
        return None;
    }
    let (whole, parts): (Vec<&Shape>, Vec<&Shape>) = group.iter().partition(|shape| shape.name == name);
    let parts = parts.into_iter().map(|shape| inner(shape, name)).collect::<Option<Vec<Shape>>>()?;
    let numbered = parts.iter().filter(|shape| is_index(root_of(&shape.name))).count();
    let mut shape = if numbered == 0 {
        object(&parts)?
    } else if numbered == parts.len() {
        list(&parts)?
    } else {
        return None;
    };
    if let Some(whole) = whole.first() {
        shape = join((*whole).clone(), shape)?;
    }
    shape.name = name.to_owned();
    shape.required = group.iter().any(|shape| shape.required);
    if top {
        shape.place = group.first().and_then(|shape| shape.place);
        shape.style = Some(ListStyle::Flat);
    }
    Some(shape)
}

fn foldable(shape: &Shape) -> bool {
    matches!(shape.style, None | Some(ListStyle::Flat | ListStyle::RepeatList))
        && shape.reference.is_none()
        && shape.name.split('.').all(|part| !part.is_empty())
        && !matches!(shape.place, Some(Place::Path | Place::Header | Place::Host | Place::Body | Place::Payload))
}

fn is_index(part: &str) -> bool {
    part.parse::<u32>().is_ok()
}

/// The shape under its name behind the first dot, as a field.
fn inner(shape: &Shape, root: &str) -> Option<Shape> {
    let name = shape.name.strip_prefix(root)?.strip_prefix('.')?.to_owned();
    Some(Shape { name, place: None, style: None, ..shape.clone() })
}

fn object(parts: &[Shape]) -> Option<Shape> {
    let fields = level(parts)?;
    Some(Shape { kind: Some(Kind::Object), fields, ..Shape::default() })
}

/// Shapes of one level, each name once.
fn level(parts: &[Shape]) -> Option<Vec<Shape>> {
    let mut roots: Vec<&str> = Vec::new();
    for part in parts {
        let root = root_of(&part.name);
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    let gather = |root: &&str| {
        let group: Vec<Shape> = parts.iter().filter(|part| root_of(&part.name) == *root).cloned().collect();
        match group.as_slice() {
            [only] if only.name == **root => Some(only.clone()),
            _ => assemble(&group, root, false),
        }
    };
    roots.iter().map(gather).collect()
}

/// A list from elements that are described one by one: `1.Key`, `1.Value`, `2.Key` …
fn list(parts: &[Shape]) -> Option<Shape> {
    let mut element: Option<Shape> = None;
    for mut described in level(parts)? {
        described.name = String::new();
        described.required = false;
        element = Some(match element {
            None => described,
            Some(known) => same(known, described)?,
        });
    }
    Some(Shape { kind: Some(Kind::List), of: Some(Box::new(element?)), ..Shape::default() })
}

/// What two elements of a list have in common: all fields of both, required where both require it.
fn same(mut known: Shape, other: Shape) -> Option<Shape> {
    if known.kind != other.kind {
        return None;
    }
    for field in &mut known.fields {
        field.required &= other.fields.iter().any(|other| other.name == field.name && other.required);
    }
    for field in other.fields {
        match known.fields.iter().position(|known| known.name == field.name) {
            Some(index) if known.fields.get(index).and_then(|known| known.kind) != field.kind => return None,
            Some(_) => {}
            None => known.fields.push(Shape { required: false, ..field }),
        }
    }
    Some(known)
}

/// Adds parts to an object or list that is declared as a whole, too. The declaration wins.
fn join(mut whole: Shape, parts: Shape) -> Option<Shape> {
    match (whole.kind, parts.kind) {
        (Some(Kind::Object), Some(Kind::Object)) => {
            for field in parts.fields {
                if !whole.fields.iter().any(|known| known.name == field.name) {
                    whole.fields.push(Shape { required: false, ..field });
                }
            }
            Some(whole)
        }
        (Some(Kind::List), Some(Kind::List)) => {
            let (element, parts) = (*whole.of.take()?, *parts.of?);
            let element =
                if element.kind == Some(Kind::Object) { join(element, parts)? } else { same(element, parts)? };
            whole.of = Some(Box::new(element));
            Some(whole)
        }
        _ => None,
    }
}
