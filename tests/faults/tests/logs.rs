//! What is logged. In a program of its own: elsewhere, tests without a subscriber would settle for all
//! threads that nobody listens.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alicloud_core::error::Stage;
use alicloud_faults::{Act, Scripted, random::at, things};
use tracing_subscriber::layer::SubscriberExt as _;

/// Names of the fields of every span and event.
#[derive(Clone, Default)]
struct FieldNames(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for FieldNames {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.add(attributes.metadata());
    }
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.add(event.metadata());
    }
}

impl FieldNames {
    fn add(&self, metadata: &tracing::Metadata<'_>) {
        if metadata.target().starts_with("alicloud_core") {
            let name = if metadata.is_span() { metadata.name().to_owned() } else { metadata.target().to_owned() };
            let fields = metadata.fields().iter().map(|field| field.name().to_owned());
            self.0.lock().unwrap().entry(name).or_default().extend(fields);
        }
    }
}

#[test]
fn logs_have_listed_fields_only() {
    const LISTED: [&str; 14] = [
        "message",
        "product",
        "operation",
        "region",
        "attempts",
        "attempt",
        "status",
        "request_id",
        "elapsed_ms",
        "failure",
        "signal",
        "wait_ms",
        "host",
        "error",
    ];
    let names = FieldNames::default();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(names.clone()), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let service = Scripted::new(|seen| {
                if at(1, seen.index).percent(50) { Act::Fail(Stage::NotSent) } else { Act::refusal(429, "") }
            });
            let client = things::client(&service.builder().build().unwrap());
            assert!(things::describe(&client, "x").send().await.is_err());
        });
    });
    let seen = names.0.lock().unwrap();
    assert!(seen.contains_key("call"), "{seen:?}");
    for (place, fields) in seen.iter() {
        for field in fields {
            assert!(LISTED.contains(&field.as_str()), "{place}: {field}");
        }
    }
}
