//! What decides whether to ask again, and when. It sees answers through their schema, so that it exists once
//! for all waiters.

use std::{fmt, future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Condition, Report, Verdict, Waiter};
use crate::{
    Call, Error,
    decode::printable,
    error::{ErrorKind, Stage, WaitError, WaitProblem},
    model::{Model, View, encode::encode, find},
    operation::Request,
    runtime::{SystemEntropy, later, up_to},
};

/// Growth of the pauses while nothing changes.
const GROWTH: f64 = 1.25;
const LONGEST: f64 = 4.0;
/// The same when the service asks for fewer calls.
const THROTTLED_GROWTH: f64 = 2.0;
const LONGEST_THROTTLED: f64 = 8.0;
/// What is longer is as good as for ever, and can be multiplied.
const LONGEST_DELAY: Duration = Duration::from_secs(30 * 24 * 3600);
/// Share of a pause that is left to chance.
const JITTER: f64 = 0.4;
/// Values of one path that a state names.
const MAX_VALUES: usize = 20;

/// What the last answer said about that which is waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(Vec<(&'static str, Vec<String>)>);

impl State {
    /// The values at a path that the waiter looks at, at most 20; none when the answer holds none.
    pub fn values(&self, path: &str) -> &[String] {
        self.0.iter().find(|(known, _)| *known == path).map(|(_, values)| values.as_slice()).unwrap_or_default()
    }

    /// Whether a value at any path is this one.
    pub fn has(&self, value: &str) -> bool {
        self.0.iter().any(|(_, values)| values.iter().any(|known| known == value))
    }

    fn of(waiter: &'static Waiter, answer: &dyn Model) -> Self {
        let mut state: Vec<(&'static str, Vec<String>)> = Vec::new();
        for condition in waiter.rules.iter().flat_map(|rule| rule.when) {
            let Condition::Value { path, .. } = condition else { continue };
            if !state.iter().any(|(known, _)| known == path) {
                let values = values(answer, path).into_iter().flatten().take(MAX_VALUES);
                state.push((path, values.map(|value| printable(&value)).collect()));
            }
        }
        Self(state)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (path, values)) in self.0.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            match values.as_slice() {
                [] => write!(f, "{separator}{path} is not set")?,
                [value] => write!(f, "{separator}{path} is {value}")?,
                values => write!(f, "{separator}{path} are {}", values.join(" "))?,
            }
        }
        if self.0.is_empty() { f.write_str("unknown") } else { Ok(()) }
    }
}

/// How waiting goes on.
#[derive(Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// What the last answer said; unchanged when the question failed.
    pub state: &'a State,
    /// Questions asked.
    pub questions: u32,
    /// Time since the first one.
    pub elapsed: Duration,
    /// Time until the next one.
    pub pause: Duration,
    /// How the last question failed, if it did.
    pub error: Option<&'a Error>,
}

/// What follows from an answer.
#[derive(Debug)]
pub(super) enum Step {
    Done,
    Pause(Duration),
    Stop(Stop),
}

/// Why waiting ends without success.
#[derive(Debug)]
pub(super) enum Stop {
    /// The answer says so.
    Failed,
    TimedOut,
    /// A question failed for good.
    Refused,
}

/// The state between two questions.
#[derive(Debug)]
pub(super) struct Machine {
    waiter: &'static Waiter,
    started: Instant,
    deadline: Instant,
    limit: Duration,
    delay: Duration,
    /// Successes in a row that are needed, and that there have been.
    confirm: u32,
    confirmed: u32,
    /// Length of the next pause in delays.
    factor: f64,
    questions: u32,
    state: State,
    /// How the last question failed, if it did.
    failure: Option<String>,
    answer: Option<crate::Document>,
}

impl Machine {
    pub(super) fn new(
        waiter: &'static Waiter,
        timeout: Option<Duration>,
        delay: Option<Duration>,
        confirm: u32,
    ) -> Self {
        let started = Instant::now();
        let limit = timeout.unwrap_or_else(|| Duration::from_secs(waiter.limit.into()));
        Self {
            waiter,
            started,
            // A limit that no clock reaches is none.
            deadline: later(started, limit),
            limit,
            delay: delay.unwrap_or_else(|| Duration::from_secs(waiter.delay.into())).min(LONGEST_DELAY),
            confirm,
            confirmed: 0,
            factor: 1.0,
            questions: 0,
            state: State::default(),
            failure: None,
            answer: None,
        }
    }

    /// The answer to a question, unless the time is up before.
    pub(super) async fn ask<T>(&mut self, question: impl Future<Output = T>) -> Option<T> {
        if Instant::now() >= self.deadline && self.questions > 0 {
            return None;
        }
        self.questions = self.questions.saturating_add(1);
        timeout_at(self.deadline, question).await.ok()
    }

    pub(super) async fn pause(&self, pause: Duration) {
        sleep_until(self.deadline.min(later(Instant::now(), pause))).await;
    }

    /// What an answer, a failed question or their absence means.
    pub(super) fn judge(&mut self, answer: Option<Result<&dyn Model, &Error>>, progress: &mut Option<Report>) -> Step {
        let Some(answer) = answer else { return Step::Stop(Stop::TimedOut) };
        let mut changed = false;
        match answer {
            Ok(model) => {
                let state = State::of(self.waiter, model);
                changed = self.state != state;
                self.state = state;
                self.answer = Some(encode(model, View::Redacted));
                self.failure = None;
            }
            Err(error) => self.failure = Some(error.kind().to_string()),
        }
        let verdict = self.waiter.rules.iter().find(|rule| rule.when.iter().all(|condition| holds(condition, answer)));
        let verdict = verdict.map(|rule| rule.then);
        let throttled = answer.err().is_some_and(Error::is_throttling);
        match (verdict, answer) {
            (Some(Verdict::Success), _) => {
                self.confirmed = self.confirmed.saturating_add(1);
                if self.confirmed >= self.confirm {
                    return Step::Done;
                }
            }
            (Some(Verdict::Failure), _) => return Step::Stop(Stop::Failed),
            (None, Err(error)) if !passes(error.kind()) && !throttled => return Step::Stop(Stop::Refused),
            // A question that was not answered says nothing about the state.
            (None, Err(_)) => {}
            (Some(Verdict::Retry) | None, _) => self.confirmed = 0,
        }
        let pause = self.next_pause(changed, throttled, answer.err());
        if let Some(progress) = progress {
            let (elapsed, error) = (self.started.elapsed(), answer.err());
            progress(&Progress { state: &self.state, questions: self.questions, elapsed, pause, error });
        }
        Step::Pause(pause)
    }

    fn next_pause(&mut self, changed: bool, throttled: bool, error: Option<&Error>) -> Duration {
        if changed {
            self.factor = 1.0;
        }
        if throttled {
            self.factor = (self.factor * THROTTLED_GROWTH).min(LONGEST_THROTTLED);
        }
        let mean = self.delay.mul_f64(self.factor);
        if !throttled {
            self.factor = (self.factor * GROWTH).min(LONGEST.max(self.factor));
        }
        let pause = mean.mul_f64(1.0 - JITTER / 2.0).saturating_add(up_to(mean.mul_f64(JITTER), &SystemEntropy));
        let asked = error.and_then(Error::service).and_then(|error| error.retry_after);
        pause.max(asked.unwrap_or_default())
    }

    /// The error that waiting ends with.
    pub(super) fn error<R: Request>(self, stop: Stop, last: Option<Error>, call: Call<R>) -> Error {
        let problem = match (stop, last) {
            (Stop::Refused, Some(error)) => return error,
            (Stop::Failed, last) => WaitProblem::Failed(last),
            (Stop::TimedOut | Stop::Refused, _) => WaitProblem::TimedOut(self.limit),
        };
        call.error(ErrorKind::Wait(Box::new(WaitError {
            waiter: self.waiter.name,
            problem,
            state: self.state,
            questions: self.questions,
            elapsed: self.started.elapsed(),
            failure: self.failure,
            answer: self.answer,
        })))
    }
}

/// The texts at a path; `None` for elements without one.
fn values(answer: &dyn Model, path: &str) -> Vec<Option<String>> {
    let found = find(answer, path).into_iter();
    found.map(|value| value.to_document(View::Redacted).and_then(|value| value.scalar())).collect()
}

fn holds(condition: &Condition, answer: Result<&dyn Model, &Error>) -> bool {
    match (condition, answer) {
        (Condition::Error(code), Err(error)) => error.code() == Some(code),
        (Condition::Value { path, values: wanted, all, or_empty }, Ok(answer)) => {
            let mut found = values(answer, path).into_iter().peekable();
            if found.peek().is_none() {
                return *or_empty;
            }
            let mut fits = found.map(|value| value.is_some_and(|value| wanted.contains(&value.as_str())));
            if *all { fits.all(|fits| fits) } else { fits.any(|fits| fits) }
        }
        _ => false,
    }
}

/// Whether asking again may help.
fn passes(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::Transport(error) => !matches!(error.stage, Stage::Certificate | Stage::Impossible),
        ErrorKind::Timeout(_) | ErrorKind::Decode(_) => true,
        ErrorKind::Service(error) => error.status >= 500,
        ErrorKind::OutcomeUnknown(kind) => passes(kind),
        _ => false,
    }
}
