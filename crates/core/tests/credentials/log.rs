//! What is logged, by all tests of this process.

use std::{
    fmt::{self, Write as _},
    sync::{Mutex, Once, PoisonError},
};

use tracing::field::{Field, Visit};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps every event and span at every level from now on.
pub(crate) fn capture() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| tracing::subscriber::set_global_default(Capture).unwrap());
}

/// All lines in which a text occurs.
pub(crate) fn lines_with(text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(text)).cloned().collect()
}

struct Capture;

#[derive(Default)]
struct Line(String);

impl Line {
    fn keep(self) {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        _ = write!(self.0, " {field}={value:?}");
    }
}

impl tracing::Subscriber for Capture {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut line = Line::default();
        span.record(&mut line);
        line.keep();
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        line.keep();
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        line.keep();
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
