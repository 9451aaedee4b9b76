//! The table of calls, filled by a hook that every client carries.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alicloud_core::{Interceptor, interceptor::CallReport};

const HEAD: [&str; 6] = ["operation", "signer", "status", "attempts", "latency", "request id"];

type Row = [String; 6];

/// What has been called so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report(Arc<Mutex<Vec<Row>>>);

impl Report {
    /// A hook that writes down the calls of a client.
    pub(crate) fn of(&self, signer: &'static str) -> Recorder {
        Recorder { signer, report: self.clone() }
    }
}

/// Writes down how calls ended.
#[derive(Debug)]
pub(crate) struct Recorder {
    signer: &'static str,
    report: Report,
}

impl Interceptor for Recorder {
    fn call_ended(&self, call: &CallReport<'_>) {
        let sent = call.attempts > 0;
        let row = [
            call.call.operation.to_owned(),
            if sent { self.signer } else { "-" }.to_owned(),
            call.status.map_or_else(|| "not sent".to_owned(), |status| status.as_u16().to_string()),
            call.attempts.to_string(),
            milliseconds(call.elapsed),
            call.request_id.unwrap_or("-").to_owned(),
        ];
        self.report.0.lock().unwrap_or_else(PoisonError::into_inner).push(row);
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = HEAD.map(str::to_owned);
        let width = |column: usize| {
            let cells = std::iter::once(&head).chain(rows.iter()).filter_map(|row| row.get(column));
            cells.map(String::len).max().unwrap_or_default()
        };
        let rule: Row = std::array::from_fn(|column| "-".repeat(width(column)));
        for row in [&head, &rule].into_iter().chain(rows.iter()) {
            let cells: Vec<_> =
                row.iter().enumerate().map(|(column, cell)| format!("{cell:0$}", width(column))).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}
