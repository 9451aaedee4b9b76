//! The importer against small specs of our own.

mod command;
mod judgement;
mod merging;
mod prose;
mod secrets;
mod traps;

use alicloud_spec::Spec;

use super::{Decision, Json, Options, convert};

/// Imports a text that stands for an `api-docs.json`.
fn import(docs: &str) -> (Spec, Vec<Decision>) {
    convert(&json(docs), &Options::default()).expect("the text is a description that can be imported")
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("the text is JSON")
}

/// A description with the operations of `apis`.
fn docs(style: &str, product: &str, components: &str, apis: &str) -> String {
    format!(
        r#"{{"info": {{"style": "{style}", "product": "{product}", "version": "2024-01-01"}},
            "components": {{"schemas": {components}}}, "apis": {apis},
            "endpoints": [{{"regionId": "cn-hangzhou", "endpoint": " https://toy.Aliyuncs.com/ "}}]}}"#
    )
}
