//! What codegen says about specs that it cannot express.

use alicloud_spec::{Kind, Operation, Place, Shape, Spec, Style};

use crate::kitchen;

fn message(change: impl FnOnce(&mut Spec)) -> String {
    let mut spec = kitchen().swap_remove(0);
    change(&mut spec);
    alicloud_codegen::generate(&[&spec]).unwrap_err().to_string()
}

fn operation(spec: &mut Spec, parameter: Shape) {
    let operation = Operation { parameters: vec![parameter], ..Operation::default() };
    spec.operations.insert("Broken".into(), operation);
}

#[test]
fn errors_name_file_operation_parameter_and_cause() {
    let query = |kind| Shape { name: "Broken".into(), place: Some(Place::Query), kind, ..Shape::default() };
    let table = [
        message(|spec| operation(spec, query(None))),
        message(|spec| operation(spec, query(Some(Kind::List)))),
        message(|spec| operation(spec, Shape { place: None, ..query(Some(Kind::String)) })),
        message(|spec| operation(spec, Shape { name: String::new(), ..query(Some(Kind::String)) })),
        message(|spec| operation(spec, Shape { reference: Some("Absent".into()), ..query(None) })),
        message(|spec| {
            let inner = Shape { name: "Inner".into(), ..Shape::default() };
            operation(spec, Shape { fields: vec![inner], ..query(Some(Kind::Object)) });
        }),
        message(|spec| {
            let twice = vec![query(Some(Kind::String)), query(Some(Kind::Int64))];
            spec.operations.insert("Broken".into(), Operation { parameters: twice, ..Operation::default() });
        }),
        message(|spec| {
            let roa = Operation { style: Some(Style::Roa), ..Operation::default() };
            spec.operations.insert("Broken".into(), roa);
        }),
        message(|spec| {
            let list = |name: &str| Shape {
                kind: Some(Kind::List),
                of: Some(Box::new(Shape { reference: Some(name.into()), ..Shape::default() })),
                ..Shape::default()
            };
            spec.types.extend([("A".into(), list("B")), ("B".into(), list("A"))]);
        }),
        message(|spec| spec.product = "../../etc".into()),
        message(|spec| spec.version = "2020/01".into()),
    ];
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn two_specs_of_one_version_or_of_two_products_are_refused() {
    let [newest, oldest] = kitchen().try_into().unwrap();
    let other = Spec { product: "cellar".into(), ..oldest };
    let message = |specs: &[&Spec]| alicloud_codegen::generate(specs).unwrap_err().to_string();
    assert!(message(&[&newest, &newest]).contains("two specs of this version"));
    assert!(message(&[&newest, &other]).contains("`cellar`"));
    assert!(message(&[]).contains("no spec"));
}
