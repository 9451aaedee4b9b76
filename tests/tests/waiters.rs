//! Every waiter of every spec, as a state machine: success, failure, timeout, throttling in between, states
//! that come and go. What the service says is made of the waiter's own rules, so that a new waiter is held to
//! this without a new test.

#[path = "waiters/answers.rs"]
mod answers;
#[path = "waiters/service.rs"]
mod service;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use alicloud_core::{Error, ErrorKind, error::WaitProblem};
use alicloud_spec::{Spec, WaiterState, load_dir};
use answers::{Script, refusal};
use service::{Question, ask};
use tokio::time::Instant;

fn specs() -> &'static [Spec] {
    static SPECS: OnceLock<Vec<Spec>> = OnceLock::new();
    SPECS.get_or_init(|| load_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs")).unwrap())
}

/// The waiters of all specs.
fn waiters() -> Vec<(String, &'static alicloud_spec::Waiter)> {
    let named = |spec: &'static Spec| {
        spec.waiters.iter().map(move |(name, waiter)| (format!("{} {name}", spec.product), waiter))
    };
    specs().iter().flat_map(named).collect()
}

#[test]
fn there_are_as_many_as_people_wait_for() {
    let waiters = waiters();
    let names: BTreeSet<_> = waiters.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "servicemesh MeshCreated",
        "servicemesh MeshUpgraded",
        "cs ClusterRunning",
        "cs ClusterUpgraded",
        "cs NodePoolActive",
        "computenestsupplier ServiceInstanceUpgraded",
        "smartag SmartAccessGatewayVersionUpdated",
        "ecs InstanceRunning",
        "ecs InstanceStopped",
        "ecs InstanceDeleted",
        "ecs DiskAvailable",
        "ecs ImageAvailable",
        "ecs SnapshotAccomplished",
        "vpc VpcAvailable",
        "vpc VSwitchAvailable",
        "vpc EipAvailable",
        "vpc NatGatewayAvailable",
        "rds InstanceRunning",
        "slb LoadBalancerActive",
        "alb LoadBalancerActive",
        "nlb LoadBalancerActive",
        "ros StackComplete",
        "oos ExecutionFinished",
        "r-kvstore InstanceRunning",
        "polardb ClusterRunning",
        "eci ContainerGroupRunning",
    ] {
        assert!(names.contains(name), "{name} is missing");
    }
}

/// Where the vendor says which operation tells how the work goes on, that operation can be waited for.
#[test]
fn what_goes_on_after_its_answer_can_be_waited_for() {
    let mut pairs = 0;
    for spec in specs() {
        for (name, operation) in &spec.operations {
            let Some(completion) = &operation.completion else { continue };
            pairs += 1;
            let waits = spec.waiters.values().any(|waiter| waiter.operation == *completion);
            assert!(waits, "{} {name}: no waiter asks {completion}", spec.product);
        }
    }
    assert!(pairs >= 60, "{pairs} pairs");
}

/// How waiting ended, in a word.
fn outcome(result: &Result<(), Error>) -> &'static str {
    match result {
        Ok(()) => "success",
        Err(error) => match error.kind() {
            ErrorKind::Wait(error) => match error.problem {
                WaitProblem::Failed(_) => "failed",
                WaitProblem::TimedOut(_) => "timed out",
                _ => "ended",
            },
            ErrorKind::Service(_) => "refused",
            ErrorKind::InvalidInput(_) => "invalid",
            _ => "another error",
        },
    }
}

#[tokio::test(start_paused = true)]
async fn every_value_that_means_success_or_failure_ends_the_waiting() {
    let mut judged = 0;
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        for (verdict, answer) in script.verdicts() {
            let (result, questions) = ask(waiter, vec![script.pending(), answer.clone()], |wait| wait).await;
            let expected = if verdict == WaiterState::Success { "success" } else { "failed" };
            assert_eq!(outcome(&result), expected, "{name}: {answer:?}: {result:?}");
            assert_eq!(questions.len(), 2, "{name}: {answer:?}");
            judged += 1;
        }
    }
    println!("{judged} answers judged");
}

#[tokio::test(start_paused = true)]
async fn the_error_says_in_which_state_it_ended() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        for (_, answer) in script.verdicts().into_iter().filter(|(verdict, _)| *verdict == WaiterState::Failure) {
            let (result, _) = ask(waiter, vec![answer.clone()], |wait| wait).await;
            let error = result.unwrap_err();
            let ErrorKind::Wait(wait) = error.kind() else { panic!("{name}: {error}") };
            let word = answer.word().unwrap();
            assert!(wait.state.has(word) && error.to_string().contains(word), "{name}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_question_ends_the_waiting() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let (result, questions) = ask(waiter, vec![script.pending(), refusal(403, "Forbidden.RAM")], |wait| wait).await;
        assert_eq!((outcome(&result), questions.len()), ("refused", 2), "{name}");
        assert_eq!(result.unwrap_err().code(), Some("Forbidden.RAM"), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_absolute() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let start = Instant::now();
        let (result, questions) = ask(waiter, vec![script.pending()], |wait| wait).await;
        assert_eq!(outcome(&result), "timed out", "{name}");
        // Virtual time: nothing else takes any.
        let elapsed = start.elapsed();
        let limit = Duration::from_secs(waiter.limit.into());
        assert!(elapsed >= limit && elapsed < limit + Duration::from_secs(1), "{name}: {elapsed:?}");
        // Pauses grow to four delays and vary by a fifth.
        let (fewest, most) = (waiter.limit / waiter.delay / 5, waiter.limit / waiter.delay * 5 / 4 + 2);
        assert!((fewest..=most).contains(&(questions.len() as u32)), "{name}: {} questions", questions.len());
        let (result, _) = ask(waiter, vec![script.pending()], |wait| wait.timeout(Duration::from_secs(1))).await;
        assert_eq!(outcome(&result), "timed out", "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_in_between_slows_down_and_does_not_end() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let throttled = refusal(429, "Throttling.User");
        let mut answers = vec![script.pending()];
        answers.extend([throttled.clone(), throttled.clone(), throttled, script.success()]);
        let (result, questions) = ask(waiter, answers, |wait| wait.timeout(Duration::from_secs(86_400))).await;
        assert_eq!((outcome(&result), questions.len()), ("success", 5), "{name}: {result:?}");
        let gap = |index: usize| (questions[index + 1].at - questions[index].at).as_secs_f64();
        // Two, four and eight delays but for chance, after one.
        assert!(gap(1) > 1.4 * gap(0) / 1.5 && gap(2) > 1.3 * gap(1) && gap(3) > 1.3 * gap(2) / 1.5, "{name}");
        assert!(gap(3) > 3.0 * f64::from(waiter.delay), "{name}: {}", gap(3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_flapping_state_counts_when_it_stays() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let (yes, no) = (script.success(), script.pending());
        let flapping = vec![yes.clone(), no.clone(), yes.clone(), no, yes.clone(), yes];
        let (result, questions) = ask(waiter, flapping.clone(), |wait| wait).await;
        assert_eq!((outcome(&result), questions.len()), ("success", 1), "{name}");
        let (result, questions) = ask(waiter, flapping, |wait| wait.confirm(2)).await;
        assert_eq!((outcome(&result), questions.len()), ("success", 6), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_element_that_is_not_there_yet_keeps_all_waiting() {
    let mut lists = 0;
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let Some(mixed) = script.all_but_one() else { continue };
        lists += 1;
        let (result, questions) = ask(waiter, vec![mixed.clone(), mixed, script.success()], |wait| wait).await;
        assert_eq!((outcome(&result), questions.len()), ("success", 3), "{name}");
    }
    assert!(lists >= 20, "{lists} waiters over lists");
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_and_a_dropped_wait_asks_no_further() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        let told = Arc::new(AtomicU32::new(0));
        let count = told.clone();
        let answers = vec![script.pending(), refusal(503, "ServiceUnavailable"), script.success()];
        let (result, _) = ask(waiter, answers, |wait| {
            wait.on_progress(move |progress| {
                count.fetch_add(progress.questions, Ordering::SeqCst);
            })
        })
        .await;
        assert_eq!((outcome(&result), told.load(Ordering::SeqCst)), ("success", 1 + 2), "{name}");
    }
    let (name, waiter) = waiters().remove(0);
    let (wait, questions) = service::wait(waiter, vec![Script::of(waiter).pending()]);
    let limit = Duration::from_secs(u64::from(waiter.delay) * 3);
    assert!(tokio::time::timeout(limit, wait.wait()).await.is_err(), "{name}");
    let asked = questions.lock().unwrap().len();
    assert!(asked >= 2, "{name}");
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert_eq!(questions.lock().unwrap().len(), asked, "{name}");
}

#[tokio::test(start_paused = true)]
async fn a_question_about_everything_is_not_asked() {
    for (name, waiter) in waiters() {
        let script = Script::of(waiter);
        for parameter in &waiter.requires {
            let (result, questions) = ask(waiter, vec![script.success()], |wait| wait.without(parameter)).await;
            assert_eq!((outcome(&result), questions.len()), ("invalid", 0), "{name} without {parameter}");
            assert!(result.unwrap_err().to_string().contains(parameter.as_str()), "{name}");
        }
        let set = |questions: &[Question], parameter: &str| questions[0].parameters.get(parameter).cloned();
        for (parameter, value) in &waiter.preset {
            let (_, questions) = ask(waiter, vec![script.success()], |wait| wait).await;
            assert_eq!(set(&questions, parameter).as_ref(), Some(value), "{name}");
            let (_, questions) = ask(waiter, vec![script.success()], |wait| wait.with(parameter, "7")).await;
            assert_eq!(set(&questions, parameter).as_deref(), Some("7"), "{name}: the caller's value goes first");
        }
    }
}
