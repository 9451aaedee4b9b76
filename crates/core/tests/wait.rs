//! Waiting, with the clock of the test.

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod common;
#[allow(dead_code, unreachable_pub)]
mod things;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alicloud_core::{Error, ErrorKind, error::WaitProblem};
use common::{Answer, config};
use things::Client;
use tokio::time::Instant;

/// What the service says, question by question; the last one for ever.
type Script = &'static [&'static str];

fn answer(word: &str) -> Answer {
    match word.split_once(' ') {
        None if word == "lost" => Answer::Lost,
        None if word == "silence" => Answer::Silence,
        None => Answer::ok(format!(r#"{{"State":"{word}"}}"#)),
        Some(("error", code)) => Answer::refused(400, code),
        Some(("fault", status)) => Answer::refused(status.parse().expect("a status"), "InternalError"),
        Some((_, _)) => Answer::ok(word),
    }
}

fn client(script: Script) -> (Client, Arc<Mutex<Vec<Instant>>>) {
    let (asked, times) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
    let log = times.clone();
    let config = config(move |_| {
        log.lock().expect("a lock").push(Instant::now());
        let number = asked.fetch_add(1, Ordering::SeqCst);
        answer(script[number.min(script.len() - 1)])
    });
    let config = config.retry(alicloud_core::RetryConfig::off()).build().expect("a configuration");
    (Client::new(&config), times)
}

/// How waiting ended, in a word.
fn outcome<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => "success".to_owned(),
        Err(error) => match error.kind() {
            ErrorKind::Wait(error) => match &error.problem {
                WaitProblem::Failed(None) => format!("failed: {}", error.state.values("State").join(" ")),
                WaitProblem::Failed(Some(error)) => format!("failed: {}", error.code().unwrap_or_default()),
                WaitProblem::TimedOut(_) => format!("timed out: {}", error.state.values("State").join(" ")),
                other => format!("{other:?}"),
            },
            _ => format!("error: {}", error.code().unwrap_or_default()),
        },
    }
}

#[tokio::test(start_paused = true)]
async fn answers_lead_where_the_rules_say() {
    let table: [(Script, &str, usize); 17] = [
        (&["ready"], "success", 1),
        (&["making", "making", "ready"], "success", 3),
        (&["broken"], "failed: broken", 1),
        (&["making", "lost", "broken"], "failed: broken", 3),
        (&["error Thing.Gone"], "failed: Thing.Gone", 1),
        (&["error Thing.Moving", "ready"], "success", 2),
        (&["error Forbidden.RAM"], "error: Forbidden.RAM", 1),
        // What passes does not end the waiting.
        (&["error Throttling.User", "error Throttling", "ready"], "success", 3),
        (&["fault 503", "lost", "fault 500", "ready"], "success", 4),
        // Unknown states and their coming and going.
        (&["ready?", "making", "ready?", "", "ready"], "success", 5),
        (&["making", "updating", "making", "updating", "ready"], "success", 5),
        // Parts.
        (&[r#"{"State": "ready", "Parts": {}}"#], "success", 1),
        (&[r#"{"State": "ready", "Parts": {"a": {"State": "ready"}, "b": {"State": "idle"}}}"#], "success", 1),
        (
            &[r#"{"State": "ready", "Parts": {"a": {"State": "ready"}, "b": {"State": "making"}}}"#, "ready"],
            "success",
            2,
        ),
        (&[r#"{"State": "ready", "Parts": {"a": {"State": "ready"}, "b": {}}}"#, "ready"], "success", 2),
        (
            &[r#"{"State": "making", "Parts": {"a": {"State": "ready"}, "b": {"State": "broken"}}}"#],
            "failed: making",
            1,
        ),
        (&["{ }", "ready"], "success", 2),
    ];
    for (script, expected, questions) in table {
        let (client, asked) = client(script);
        let result = client.wait_until_thing_ready().id(7).await;
        assert_eq!(outcome(&result), expected, "{script:?}");
        assert_eq!(asked.lock().expect("a lock").len(), questions, "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_is_gone_can_be_what_is_hoped_for() {
    let (client, _) = client(&["making", "error Thing.NotFound"]);
    let answer = client.wait_until_thing_deleted().id(7).await.expect("success");
    assert_eq!((answer.status().as_u16(), answer.request_id()), (400, "R-1"));
    assert_eq!(answer.name, None);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_counts_only_where_the_rule_says_so() {
    let (client, asked) = client(&[
        r#"{"Copies": {"Copy": []}}"#,
        r#"{"Copies": {"Copy": [{"State":"deleted"}, {"State":"kept"}]}}"#,
        r#"{"Copies": {"Copy": [{"State":"deleted"}, {"State":"deleted"}]}}"#,
    ]);
    client.wait_until_thing_deleted().id(7).await.expect("success");
    assert_eq!(asked.lock().expect("a lock").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_absolute_and_the_error_says_where_it_stopped() {
    for script in [&["making"], &["fault 503"], &["silence"], &["error Throttling"]] as [Script; 4] {
        let (client, _) = client(script);
        let started = Instant::now();
        let limit = Duration::from_secs(95);
        let error = client.wait_until_thing_ready().id(7).timeout(limit).await.expect_err("no success");
        assert!(started.elapsed() <= limit + Duration::from_secs(1), "{script:?}: {:?}", started.elapsed());
        assert!(started.elapsed() >= limit / 2, "{script:?}: {:?}", started.elapsed());
        let ErrorKind::Wait(wait) = error.kind() else { panic!("{error}") };
        assert!(matches!(wait.problem, WaitProblem::TimedOut(after) if after == limit));
        assert!(
            error.to_string().starts_with("things:DescribeThing: ThingReady has not happened within 95s: "),
            "{error}"
        );
    }
    let (client, _) = client(&["making", "fault 503"]);
    let error = client.wait_until_thing_ready().id(7).await.expect_err("no success");
    let text = error.to_string();
    assert!(text.contains("State is making"), "{text}");
    assert!(text.contains("the last question failed: the service answered 503 InternalError"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_vary_and_begin_anew_when_something_changes() {
    let (client, asked) = client(&["a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "b", "b", "ready"]);
    client.wait_until_thing_ready().id(7).timeout(Duration::from_secs(10_000)).await.expect("success");
    let asked = asked.lock().expect("a lock");
    let pauses: Vec<_> = asked.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
    for (index, pause) in pauses.iter().enumerate() {
        let mean = match index {
            10.. => 10.0 * 1.25_f64.powi(index as i32 - 10),
            _ => (10.0 * 1.25_f64.powi(index as i32)).min(40.0),
        };
        assert!((0.79 * mean..1.21 * mean).contains(pause), "pause {index} of {pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_doubles_the_pause() {
    let (client, asked) = client(&["error Throttling", "error Throttling", "error Throttling", "ready"]);
    client.wait_until_thing_ready().id(7).await.expect("success");
    let asked = asked.lock().expect("a lock");
    for (index, pair) in asked.windows(2).enumerate() {
        let mean = [20.0, 40.0, 80.0][index];
        let pause = (pair[1] - pair[0]).as_secs_f64();
        assert!((0.79 * mean..1.21 * mean).contains(&pause), "pause {index}: {pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn neither_pauses_nor_limits_can_be_too_long_for_a_clock() {
    let (client, asked) = client(&["making", "error Throttling", "ready"]);
    let wait = client.wait_until_thing_ready().id(7).timeout(Duration::MAX).delay(Duration::MAX);
    wait.await.expect("success");
    assert_eq!(asked.lock().expect("a lock").len(), 3);
    // What the service asks for is kept within the limit.
    let config = config(|_| Answer::Wait(u64::MAX));
    let client = Client::new(&config.retry(alicloud_core::RetryConfig::off()).build().expect("a configuration"));
    let started = Instant::now();
    let limit = Duration::from_secs(3600);
    assert_eq!(outcome(&client.wait_until_thing_ready().id(7).timeout(limit).await), "timed out: ");
    assert!(started.elapsed() <= limit + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn success_can_be_asked_for_more_than_once() {
    let (client, asked) = client(&["ready", "making", "ready", "lost", "ready"]);
    client.wait_until_thing_ready().id(7).confirm(2).await.expect("success");
    assert_eq!(asked.lock().expect("a lock").len(), 5, "a question that was not answered says nothing");
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_and_a_dropped_wait_asks_no_more() {
    let (client, asked) = client(&["making"]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = told.clone();
    let wait = client.wait_until_thing_ready().id(7).delay(Duration::from_secs(1)).on_progress(move |progress| {
        log.lock().expect("a lock").push((progress.questions, progress.state.to_string()));
    });
    assert!(tokio::time::timeout(Duration::from_secs(3), wait).await.is_err());
    let questions = asked.lock().expect("a lock").len();
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(asked.lock().expect("a lock").len(), questions);
    let told = told.lock().expect("a lock");
    assert_eq!(told.first(), Some(&(1, "State is making, Parts.*.State is not set".to_owned())));
    assert_eq!(told.len(), questions);
}

#[tokio::test(start_paused = true)]
async fn parameters_are_checked_before_the_first_question() {
    let (client, asked) = client(&["ready"]);
    let error = client.wait_until_thing_ready().await.expect_err("no id");
    assert!(matches!(error.kind(), ErrorKind::InvalidInput(_)), "{error}");
    assert!(asked.lock().expect("a lock").is_empty());
}
