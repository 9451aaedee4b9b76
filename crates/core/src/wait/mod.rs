//! Waiting until something has happened.
//!
//! Much of what the cloud does takes minutes: a call starts it, and another one tells how far it is. A
//! waiter asks that other call until its answer says that it has happened, that it no longer can, or until
//! the time is up. What the answers mean is data ([`Waiter`]); there is one machine that reads it.
//!
//! ```no_run
//! # mod things { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/things/mod.rs")); }
//! # use things::Client;
//! # use alicloud_core::Error;
//! use std::time::Duration;
//!
//! # async fn example(client: Client) -> Result<(), Error> {
//! let thing = client
//!     .wait_until_thing_ready()
//!     .id(7)
//!     .timeout(Duration::from_secs(600))
//!     .on_progress(|progress| println!("{} after {:?}", progress.state, progress.elapsed))
//!     .await?;
//! println!("{:?}", thing.name);
//! # Ok(())
//! # }
//! ```
//!
//! # How it asks
//! The first question is asked at once. The pauses between questions begin with the delay that the spec
//! declares (or [`delay`](Wait::delay)), grow to four times that while nothing changes, begin anew when
//! something does, and vary by a fifth so that many waiters do not ask at the same moment. When the service
//! asks for fewer calls, the pause doubles, up to eight times the delay, and is at least what the service
//! asks for. A question that fails for a reason that passes (network, time, throttling, the service's own
//! fault) does not end the waiting; any other failure does.
//!
//! # How it ends
//! - Well: with the answer that said so. Where success means that the service no longer knows the thing,
//!   the answer is empty and its status is that of the refusal.
//! - Badly: with an error of the kind [`Wait`](crate::ErrorKind::Wait) when the answer says that it can no
//!   longer happen or the time is up; it tells the [`State`] in which waiting stopped. Or with the error of
//!   the question that failed.
//! - The deadline is absolute: a question that is on its way when the time is up is dropped. A dropped
//!   future asks no further.
//!
//! # A state that comes and goes
//! Right after a change is ordered, some services still report the old state for a moment. Where the old
//! state looks like success, ask for it more than once: [`confirm(2)`](Wait::confirm) waits until two
//! answers in a row say so.

mod machine;

use std::time::Duration;

use self::machine::{Machine, Step};
pub use self::machine::{Progress, State};
use crate::{
    Call, Document, Error, ErrorKind, Response,
    error::InvalidInput,
    model::{Model, View},
    operation::Request,
};

/// What is waited for: when a question's answer means success, failure, or nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Name, for example `MeshUpgraded`.
    pub name: &'static str,
    /// Seconds between the first questions.
    pub delay: u32,
    /// Seconds after which waiting ends.
    pub limit: u32,
    /// Parameters without which the question would be about everything.
    pub requires: &'static [&'static str],
    /// Parameters and the values that they have unless the caller sets them.
    pub preset: &'static [(&'static str, &'static str)],
    /// Tried in order; the first that holds decides. None holds: ask again.
    pub rules: &'static [Rule],
}

/// What follows when all conditions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it means.
    pub then: Verdict,
    /// All of them must hold.
    pub when: &'static [Condition],
}

/// Outcome of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has happened.
    Success,
    /// It can no longer happen.
    Failure,
    /// Ask again.
    Retry,
}

/// A condition on an answer, or on a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A member of the answer has one of the values. The path may hold `*` for every element of a list or
    /// value of a map.
    Value {
        /// Names joined by dots.
        path: &'static str,
        /// The values that count.
        values: &'static [&'static str],
        /// Whether every element must have one of them, or one is enough.
        all: bool,
        /// Whether the condition holds when there is no element.
        or_empty: bool,
    },
    /// The service refuses with this error code.
    Error(&'static str),
}

impl Condition {
    /// Holds also when there is no element.
    pub const fn or_empty(self) -> Self {
        match self {
            Self::Value { path, values, all, .. } => Self::Value { path, values, all, or_empty: true },
            error => error,
        }
    }
}

/// It has happened when all conditions hold.
pub const fn success(when: &'static [Condition]) -> Rule {
    Rule { then: Verdict::Success, when }
}

/// It can no longer happen when all conditions hold.
pub const fn failure(when: &'static [Condition]) -> Rule {
    Rule { then: Verdict::Failure, when }
}

/// Ask again when all conditions hold.
pub const fn retry(when: &'static [Condition]) -> Rule {
    Rule { then: Verdict::Retry, when }
}

/// The member, or one of the elements, has one of the values.
pub const fn any(path: &'static str, values: &'static [&'static str]) -> Condition {
    Condition::Value { path, values, all: false, or_empty: false }
}

/// All elements have one of the values, and there is one at least.
pub const fn all(path: &'static str, values: &'static [&'static str]) -> Condition {
    Condition::Value { path, values, all: true, or_empty: false }
}

/// The service refuses with this error code.
pub const fn refused(code: &'static str) -> Condition {
    Condition::Error(code)
}

/// Waiting that has not begun yet.
///
/// Generated types wrap it and add a setter for every parameter of the question.
pub struct Wait<R: Request> {
    /// The question.
    pub call: Call<R>,
    waiter: &'static Waiter,
    timeout: Option<Duration>,
    delay: Option<Duration>,
    confirm: u32,
    progress: Option<Report>,
}

/// A function that is told of the progress.
pub type Report = Box<dyn FnMut(&Progress<'_>) + Send>;

impl<R: Request> Wait<R> {
    #[doc(hidden)]
    pub fn new(client: &crate::Client, waiter: &'static Waiter) -> Self {
        Self { call: Call::new(client), waiter, timeout: None, delay: None, confirm: 1, progress: None }
    }

    /// Limits the waiting as a whole.
    #[inline]
    pub fn timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Pause between the first questions.
    #[inline]
    pub fn delay(&mut self, delay: Duration) {
        self.delay = Some(delay);
    }

    /// Answers in a row that must say that it has happened.
    #[inline]
    pub fn confirm(&mut self, answers: u32) {
        self.confirm = answers.max(1);
    }

    /// Calls a function after every question that leads to another one.
    #[inline]
    pub fn on_progress(&mut self, progress: Report) {
        self.progress = Some(progress);
    }

    /// Waits.
    ///
    /// # Errors
    /// It can no longer happen, the time is up, or a question failed for good.
    pub async fn wait(mut self) -> Result<Response<R::Response>, Error> {
        if let Err(error) = complete(self.waiter, &mut self.call.request) {
            return Err(self.call.error(ErrorKind::InvalidInput(error)));
        }
        let mut machine = Machine::new(self.waiter, self.timeout, self.delay, self.confirm);
        loop {
            let answer = machine.ask(self.call.clone().send()).await;
            let seen = answer.as_ref().map(|answer| answer.as_ref().map(|answer| &**answer as _));
            let pause = match machine.judge(seen, &mut self.progress) {
                Step::Pause(pause) => pause,
                Step::Stop(problem) => return Err(machine.error(problem, answer.and_then(Result::err), self.call)),
                Step::Done => match answer {
                    Some(Err(error)) => return Ok(Response::of_refusal(&error)),
                    Some(answer) => return answer,
                    None => Duration::ZERO,
                },
            };
            machine.pause(pause).await;
        }
    }
}

/// Sets what the caller left open, and refuses a question about everything.
fn complete(waiter: &Waiter, question: &mut dyn Model) -> Result<(), InvalidInput> {
    let position = |name: &str, question: &dyn Model| question.schema().fields.iter().position(|f| f.name == name);
    let is_set = |index: usize, question: &dyn Model| question.field(index).to_document(View::Wire).is_some();
    for (name, value) in waiter.preset {
        if let Some(index) = position(name, question)
            && !is_set(index, question)
            && question.field_mut(index).set(Document::String((*value).to_owned())).is_err()
        {
            return Err(InvalidInput { parameter: (*name).to_owned(), message: format!("does not take `{value}`") });
        }
    }
    match waiter.requires.iter().find(|name| !position(name, question).is_some_and(|index| is_set(index, question))) {
        Some(name) => Err(InvalidInput {
            parameter: (*name).to_owned(),
            message: "must say what is waited for, and is not set".to_owned(),
        }),
        None => Ok(()),
    }
}

/// What every waiter's fluent type can do besides setting parameters.
#[macro_export]
macro_rules! waiter {
    ($wait:ident, $request:ident, $waiter:expr) => {
        impl $wait {
            #[inline]
            pub(crate) fn new(client: &$crate::Client) -> Self {
                Self { wait: $crate::wait::Wait::new(client, $waiter) }
            }

            /// Replaces all parameters.
            #[inline]
            #[must_use]
            pub fn request(mut self, request: $request) -> Self {
                self.wait.call.request = request;
                self
            }

            /// Limits the waiting as a whole.
            #[inline]
            #[must_use]
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.wait.timeout(timeout);
                self
            }

            /// Pause between the first questions; later ones are longer while nothing changes.
            #[inline]
            #[must_use]
            pub fn delay(mut self, delay: ::std::time::Duration) -> Self {
                self.wait.delay(delay);
                self
            }

            /// Answers in a row that must say that it has happened. Default: 1.
            #[inline]
            #[must_use]
            pub fn confirm(mut self, answers: u32) -> Self {
                self.wait.confirm(answers);
                self
            }

            /// Calls a function after every question that leads to another one.
            #[inline]
            #[must_use]
            pub fn on_progress(
                mut self,
                progress: impl FnMut(&$crate::wait::Progress<'_>) + ::std::marker::Send + 'static,
            ) -> Self {
                self.wait.on_progress(::std::boxed::Box::new(progress));
                self
            }

            /// Uses other settings for the questions.
            #[inline]
            #[must_use]
            pub fn config_override(mut self, overrides: $crate::ConfigOverride) -> Self {
                self.wait.call.config_override(overrides);
                self
            }

            /// Waits.
            ///
            /// # Errors
            /// It can no longer happen, the time is up, or a question failed for good: see
            /// [`wait`]($crate::wait).
            #[inline]
            pub async fn wait(
                self,
            ) -> ::std::result::Result<
                $crate::Response<<$request as $crate::operation::Request>::Response>,
                $crate::Error,
            > {
                self.wait.wait().await
            }
        }

        impl ::std::future::IntoFuture for $wait {
            type Output = ::std::result::Result<
                $crate::Response<<$request as $crate::operation::Request>::Response>,
                $crate::Error,
            >;
            type IntoFuture = ::std::pin::Pin<
                ::std::boxed::Box<dyn ::std::future::Future<Output = Self::Output> + ::std::marker::Send>,
            >;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                ::std::boxed::Box::pin(self.wait())
            }
        }
    };
}
