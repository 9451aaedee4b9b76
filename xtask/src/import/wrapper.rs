//! Lists that the service wraps in an object of one member: `{"Zones": {"Zone": [..]}}`.

use alicloud_spec::{Kind, Shape};

use super::context::Context;

/// Members that hold a list by any name; one of them alone in an object is no wrapper.
const CONTAINED: [&str; 10] =
    ["data", "list", "items", "result", "results", "records", "rows", "elements", "content", "values"];

/// Turns an object whose only field is a list into the list, with the name of the field as its wrapper.
///
/// The field has to be named like the object (`Tags`: `Tag`) or like one element (`OperationLocks`:
/// `LockReason`). A container (`Data`: `Items`) stays an object: it may grow.
pub(crate) fn unwrap_list(context: &mut Context, shape: &mut Shape) {
    if shape.kind != Some(Kind::Object) || shape.fields.len() != 1 {
        return;
    }
    let Some(inner) = shape.fields.first().filter(|inner| inner.kind == Some(Kind::List) && inner.wrapper.is_none())
    else {
        return;
    };
    let same = related(&shape.name, &inner.name);
    if !same && !names_one(&inner.name) {
        return;
    }
    if !same {
        let detail = format!("`{}` in `{}` is taken as the wrapper of a list", inner.name, shape.name);
        context.decide("wrapper by form", detail);
    }
    let Some(inner) = shape.fields.pop() else { return };
    shape.kind = Some(Kind::List);
    shape.wrapper = Some(inner.name);
    shape.of = inner.of;
    shape.min_items = inner.min_items;
    shape.max_items = inner.max_items;
}

fn related(outer: &str, inner: &str) -> bool {
    let (outer, inner) = (outer.to_lowercase(), inner.to_lowercase());
    let singular = |name: &str| match name {
        _ if name.ends_with("ies") => name.trim_end_matches("ies").to_owned() + "y",
        _ => name.trim_end_matches('s').to_owned(),
    };
    outer.starts_with(&inner)
        || inner.starts_with(&outer)
        || singular(&outer) == singular(&inner)
        || outer.strip_suffix("es") == Some(&inner)
}

fn names_one(inner: &str) -> bool {
    let plural = inner.ends_with('s') && !inner.ends_with("ss") && !inner.ends_with("us") && !inner.ends_with("as");
    inner.starts_with(|letter: char| letter.is_uppercase())
        && !plural
        && !inner.ends_with("List")
        && !CONTAINED.contains(&inner.to_lowercase().as_str())
}
