//! The service says how long to wait; it is obeyed, within limits.

use std::time::Duration;

use super::{Figure, Promise, paused};
use crate::{
    Act, Scripted,
    scripted::{EPOCH, VirtualClock},
    things,
};

pub(super) const PROMISE: Promise = Promise {
    id: "P5",
    title: "Server-directed delay honoured, never abused",
    pass: "24 header values: wait <= min(60 s, what is left) in all; obeyed when sensible; jittered backoff when not",
    measure: |_| paused(measure()),
};

/// What a wait must be.
#[derive(Clone, Copy)]
enum Expected {
    /// So many milliseconds, plus up to a tenth.
    Asked(u64),
    /// Ordinary throttled backoff: up to 500 ms.
    Backoff,
    /// None: the deadline is nearer, and the call ends at once.
    Ends,
}

/// Name, headers of the answer, and what follows.
type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, Expected);

use Expected::{Asked, Backoff, Ends};

async fn measure() -> Figure {
    let date = |seconds: i64| http_date(EPOCH.checked_add_signed(seconds).unwrap());
    let (past, soon, later, far) = (date(-3600), date(30), date(70), date(86_400));
    let own = "x-acs-retry-after";
    let standard = "retry-after";
    let cases: [Case<'_>; 24] = [
        ("none", vec![], Backoff),
        ("0", vec![(own, "0")], Backoff),
        ("-5", vec![(own, "-5")], Backoff),
        ("empty", vec![(own, "")], Backoff),
        ("text", vec![(own, "abc")], Backoff),
        ("fraction", vec![(own, "1.5")], Backoff),
        ("blanks", vec![(own, "  2000  ")], Asked(2000)),
        ("sign", vec![(own, "+2000")], Asked(2000)),
        ("2 s", vec![(own, "2000")], Asked(2000)),
        ("59 s", vec![(own, "59000")], Asked(59_000)),
        ("60 s", vec![(own, "60000")], Asked(60_000)),
        ("61 s", vec![(own, "61000")], Asked(60_000)),
        ("2^63", vec![(own, "9223372036854775808")], Asked(60_000)),
        ("2^64-1", vec![(own, "18446744073709551615")], Asked(60_000)),
        ("2^64", vec![(own, "18446744073709551616")], Backoff),
        ("seconds", vec![(standard, "3")], Asked(3000)),
        ("seconds, negative", vec![(standard, "-3")], Backoff),
        ("seconds, 2^64-1", vec![(standard, "18446744073709551615")], Asked(60_000)),
        ("date in the past", vec![(standard, &past)], Backoff),
        ("date in 30 s", vec![(standard, &soon)], Asked(30_000)),
        ("date in 70 s", vec![(standard, &later)], Asked(60_000)),
        ("date tomorrow", vec![(standard, &far)], Asked(60_000)),
        ("two headers", vec![(own, "2000"), (own, "5000")], Asked(2000)),
        ("both kinds", vec![(own, "2000"), (standard, "7")], Asked(2000)),
    ];
    let mut wrong = Vec::new();
    for (name, headers, expected) in &cases {
        let wait = wait_after(headers, Duration::from_secs(120)).await;
        if !fits(wait, *expected) {
            wrong.push(format!("{name}: {wait:?}"));
        }
        // The same with a deadline of one second.
        let wait = wait_after(headers, Duration::from_secs(1)).await;
        if !fits(wait, if matches!(expected, Backoff) { Backoff } else { Ends }) {
            wrong.push(format!("{name}, deadline 1 s: {wait:?}"));
        }
    }
    Figure::new(wrong.is_empty(), format!("{} values, {} wrong {}", cases.len(), wrong.len(), wrong.join(", ")))
}

fn fits(wait: Option<Duration>, expected: Expected) -> bool {
    match (wait, expected) {
        (None, Ends) => true,
        (Some(wait), Backoff) => wait <= Duration::from_millis(501),
        (Some(wait), Asked(asked)) => {
            let asked = Duration::from_millis(asked);
            wait >= asked && wait <= (asked + asked / 10).min(Duration::from_secs(60)) + Duration::from_millis(2)
        }
        _ => false,
    }
}

/// The wait between two attempts, when there were two.
async fn wait_after(headers: &[(&str, &str)], deadline: Duration) -> Option<Duration> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let service = Scripted::recording(move |seen| match seen.index {
        0 => headers.iter().fold(Act::refusal(429, "Throttling.User"), |act, (name, value)| act.with(name, value)),
        _ => Act::ok(),
    });
    let config = service.builder().clock(VirtualClock::new(0)).timeout(deadline).build().unwrap();
    let begun = tokio::time::Instant::now();
    let outcome = things::describe(&things::client(&config), "x").send().await;
    let seen = service.take();
    match seen.as_slice() {
        [one, two] if outcome.is_ok() => Some(two.at - one.at),
        [_] if outcome.is_err() && begun.elapsed() < Duration::from_millis(1) => None,
        other => panic!("{} attempts, {outcome:?}", other.len()),
    }
}

fn http_date(seconds: u64) -> String {
    crate::scripted::http_date(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}
