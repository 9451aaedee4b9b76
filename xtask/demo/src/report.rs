//! The table of calls.

use std::{
    fmt,
    future::Future,
    time::{Duration, Instant},
};

use alicloud_core::{Error, Response};

const HEAD: [&str; 6] = ["operation", "signer", "status", "attempts", "latency", "request id"];

/// What has been called so far.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<[String; 6]>,
}

impl Report {
    /// Sends a call and writes down how it went.
    pub(crate) async fn call<T>(
        &mut self,
        operation: &str,
        signer: &str,
        call: impl Future<Output = Result<Response<T>, Error>>,
    ) -> Result<Response<T>, Error> {
        let started = Instant::now();
        let result = call.await;
        let latency = started.elapsed();
        let (status, attempts, id) = match &result {
            Ok(reply) => (Some(reply.status()), reply.attempts(), reply.request_id()),
            Err(error) => (error.status(), error.attempts(), error.request_id().unwrap_or_default()),
        };
        let status = status.map_or("not sent".to_owned(), |status| status.as_u16().to_string());
        self.rows.push([
            operation.into(),
            signer.into(),
            status,
            attempts.to_string(),
            milliseconds(latency),
            id.into(),
        ]);
        result
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = HEAD.map(str::to_owned);
        let lines = || std::iter::once(&head).chain(&self.rows);
        for (index, line) in lines().enumerate() {
            for (column, text) in line.iter().enumerate() {
                let width = lines().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or_default();
                write!(f, "{text:width$}  ")?;
            }
            writeln!(f)?;
            if index == 0 {
                let widths: usize = (0..head.len())
                    .map(|column| {
                        lines().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or_default() + 2
                    })
                    .sum();
                writeln!(f, "{}", "-".repeat(widths))?;
            }
        }
        Ok(())
    }
}
