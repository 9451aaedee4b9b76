//! Bodies that are protocol buffers. The vendor's metadata names their fields but not the numbers by which
//! they travel; those are in the published `.proto` file of the log service.

use alicloud_spec::{Kind, ListStyle, Place, Protocol, Shape, Spec};

/// Type, field, number; the last column says that it is written in four bytes.
const NUMBERS: [(&str, &str, u32, bool); 14] = [
    ("LogContent", "Key", 1, false),
    ("LogContent", "Value", 2, false),
    ("LogGroup", "LogItems", 1, false),
    ("LogGroup", "Logs", 1, false),
    ("LogGroup", "LogTags", 6, false),
    ("LogGroup", "MachineUUID", 5, false),
    ("LogGroup", "Source", 4, false),
    ("LogGroup", "Topic", 3, false),
    ("LogGroupList", "logGroupList", 1, false),
    ("LogItem", "Contents", 2, false),
    ("LogItem", "Time", 1, false),
    ("LogItem", "TimeNs", 4, true),
    ("LogTag", "Key", 1, false),
    ("LogTag", "Value", 2, false),
];

/// Numbers the fields of the types that are protocol buffers, and skips the operations whose body is one
/// that has no numbers.
pub(crate) fn number(spec: &mut Spec) {
    let bodies = || spec.operations.values().flat_map(|operation| &operation.parameters);
    if !bodies().any(is_protobuf) {
        return;
    }
    // Types of other products may have the same names.
    let types = (spec.protocol == Protocol::Sls).then_some(&mut spec.types);
    for (name, shape) in types.into_iter().flatten() {
        for field in &mut shape.fields {
            let known = NUMBERS.iter().find(|(owner, member, ..)| owner == name && *member == field.name);
            if let Some((_, _, tag, fixed)) = known {
                field.tag = Some(*tag);
                if *fixed {
                    field.format = Some("fixed32".to_owned());
                }
            }
        }
    }
    let types = &spec.types;
    let numbered = |shape: &Shape| {
        let target = shape.reference.as_ref().and_then(|name| types.get(name)).unwrap_or(shape);
        target.kind == Some(Kind::Binary) || target.fields.iter().any(|field| field.tag.is_some())
    };
    for operation in spec.operations.values_mut() {
        if operation.parameters.iter().any(|shape| is_protobuf(shape) && !numbered(shape)) {
            operation.skip =
                Some("its body is a protocol buffer, the numbers of whose fields are not published".to_owned());
        }
    }
}

fn is_protobuf(shape: &Shape) -> bool {
    shape.place == Some(Place::Payload) && shape.style == Some(ListStyle::Protobuf)
}
