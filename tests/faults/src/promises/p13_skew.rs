//! A wrong clock is noticed and corrected.

use std::time::Duration;

use super::{Figure, Promise, paused};
use crate::{
    Act, Scripted,
    scripted::{EPOCH, Seen, VirtualClock, http_date, read_iso8601},
    things,
    verify::verify_http,
};

pub(super) const PROMISE: Promise = Promise {
    id: "P13",
    title: "Clock skew is corrected",
    pass: "-3 d ... +3 d: the 2nd attempt succeeds, the next operation needs 1; wrong secret: 1 attempt; a cached or missing Date: 1 attempt",
    measure: |_| paused(measure()),
};

const DAY: i64 = 86_400;

/// A service whose clock is right, and which refuses what is more than 15 minutes off.
fn service(start: tokio::time::Instant, headers: fn(&str) -> Vec<(&'static str, String)>) -> Scripted {
    Scripted::new(move |seen: &Seen| {
        let now = EPOCH + start.elapsed().as_secs();
        let stamp = read_iso8601(seen.header("x-acs-date")).unwrap();
        let date = http_date(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        let act = if stamp.abs_diff(now) > 900 {
            Act::refusal(400, "InvalidTimeStamp.Expired")
        } else if verify_http(&seen.raw, "testid", "testsecret").is_err() {
            Act::refusal(400, "SignatureDoesNotMatch")
        } else {
            Act::ok()
        };
        headers(&date).into_iter().fold(act, |act, (name, value)| act.with(name, &value))
    })
}

async fn measure() -> Figure {
    let dated: fn(&str) -> Vec<(&'static str, String)> = |date| vec![("date", date.to_owned())];
    let mut wrong = Vec::new();
    let skews = [-3 * DAY, -DAY, -3600, -1000, -800, -300, -60, 0, 60, 300, 800, 1000, 3600, DAY, 3 * DAY];
    for ahead in skews {
        let service = service(tokio::time::Instant::now(), dated);
        let client = things::client(&service.builder().clock(VirtualClock::new(ahead)).build().unwrap());
        let needed = if ahead.abs() > 900 { 2 } else { 1 };
        for expected in [needed, 1] {
            match things::create(&client, "x").send().await {
                Ok(thing) if thing.attempts() == expected => {}
                other => wrong.push(format!("{ahead} s: {other:?}")),
            }
        }
    }
    // Many calls at once are all refused, and all corrected.
    let at_once = service(tokio::time::Instant::now(), dated);
    let client = things::client(&at_once.builder().clock(VirtualClock::new(DAY)).build().unwrap());
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..50 {
        let client = client.clone();
        calls.spawn(async move { things::create(&client, &number.to_string()).send().await });
    }
    wrong.extend(calls.join_all().await.into_iter().filter_map(Result::err).map(|error| error.to_string()));

    let single = [
        ("wrong secret", dated, 0, "othersecret"),
        (
            "cached answer",
            (|date| vec![("date", date.to_owned()), ("age", "1".to_owned())]) as fn(&str) -> _,
            DAY,
            "testsecret",
        ),
        ("no date", |_: &str| vec![], DAY, "testsecret"),
        ("no real date", |_: &str| vec![("date", "soon".to_owned())], DAY, "testsecret"),
    ];
    for (name, headers, ahead, secret) in single {
        let service = service(tokio::time::Instant::now(), headers);
        let credentials = alicloud_core::credentials::Credentials::access_key("testid", secret);
        let config = service.builder().clock(VirtualClock::new(ahead)).credentials(credentials).build().unwrap();
        let outcome = things::describe(&things::client(&config), "x").send().await;
        if outcome.as_ref().err().map(alicloud_core::Error::attempts) != Some(1) {
            wrong.push(format!("{name}: {outcome:?}"));
        }
    }
    Figure::new(
        wrong.is_empty(),
        format!(
            "{} skews, 50 calls at once, 4 cases without correction: {} wrong {}",
            skews.len(),
            wrong.len(),
            wrong.join("; ")
        ),
    )
}
