//! How operations of the vendor's catalogue page, reviewed one by one: parameters and members of each were
//! read, and what the rule made of them was found right. All operations whose answer has several lists are
//! among them.

use std::collections::BTreeMap;

use alicloud_codegen::{Paging, paging};
use alicloud_spec::{Operation, Pagination, Response, Shape, Spec};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reviewed {
    product: String,
    version: String,
    operation: String,
    parameters: Vec<Shape>,
    fields: Vec<Shape>,
    #[serde(default)]
    types: BTreeMap<String, Shape>,
    /// What its spec says, where the rule would choose the wrong list.
    declared: Option<Pagination>,
    /// Absent: it does not page.
    pages: Option<Pagination>,
}

fn reviewed() -> Vec<Reviewed> {
    serde_json::from_str(include_str!("../fixtures/paging/reviewed.json")).expect("the table")
}

fn spec(row: &Reviewed) -> Spec {
    let text = r#"{"product": "", "code": "", "version": "", "title": "", "style": "rpc", "operations": {}}"#;
    let mut spec: Spec = serde_json::from_str(text).expect("a spec");
    spec.product.clone_from(&row.product);
    spec.version.clone_from(&row.version);
    spec.types.clone_from(&row.types);
    let operation = Operation {
        parameters: row.parameters.clone(),
        pagination: row.declared.clone(),
        response: Response { fields: row.fields.clone(), ..Response::default() },
        ..Operation::default()
    };
    spec.operations.insert(row.operation.clone(), operation);
    spec
}

fn found(row: &Reviewed) -> Option<Pagination> {
    let spec = spec(row);
    match paging(&spec, &row.operation, &spec.operations[&row.operation]) {
        Paging::Pages { how, .. } => Some(*how),
        Paging::None | Paging::Unclear(_) => None,
    }
}

#[test]
fn operations_page_as_reviewed() {
    let table = reviewed();
    assert!(table.len() >= 100);
    for row in table {
        assert_eq!(found(&row), row.pages, "{}/{} {}", row.product, row.version, row.operation);
    }
}

/// What the rule finds can also be declared, and what is declared is not decided again.
#[test]
fn a_spec_overrides_the_rule() {
    let table = reviewed();
    let row = table.iter().find(|row| row.operation == "DescribeInclinedTables").expect("the row");
    let mut spec = spec(row);
    let mut declare = |text: &str| {
        let operation = spec.operations.get_mut(&row.operation).expect("the operation");
        operation.pagination = serde_json::from_str(text).expect("paging");
        match paging(&spec, &row.operation, &spec.operations[&row.operation]) {
            Paging::Pages { how, .. } => Some(*how),
            _ => None,
        }
    };
    assert_eq!(declare(r#"{"none": true}"#), None);
    let other = declare(r#"{"items": "DetectionItems"}"#).expect("paging");
    assert_eq!((other.items.as_deref(), other.page.as_deref()), (Some("DetectionItems"), Some("PageNumber")));
    let page_alone = declare(r#"{"items": ""}"#).expect("paging");
    assert_eq!((page_alone.items, page_alone.page.as_deref()), (None, Some("PageNumber")));
    let token = declare(r#"{"token": "Keyword", "next": "RequestId"}"#).expect("paging");
    assert_eq!((token.token.as_deref(), token.page, token.items.as_deref()), (Some("Keyword"), None, Some("Items")));
}
