//! Keeps credentials and renews them in time.

use std::{
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::{Duration, SystemTime},
};

use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

use super::{BoxFuture, Credentials, CredentialsKind, Environment, ProvideCredentials};
use crate::{
    error::CredentialsError,
    runtime::{Clock, Entropy, later, later_date, up_to},
};

/// Credentials without an end are asked for again after this time, in case they were replaced.
const RECHECK: Duration = minutes(15);
/// How long callers wait for new credentials while the old ones still work, and after how long a question
/// is an old one.
const WAIT_WHILE_VALID: Duration = Duration::from_secs(5);

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// Keeps what a source has given and renews it before it ends.
///
/// The lifetime of credentials, counted from when they were fetched, decides what happens:
///
/// | time left | a call | the source |
/// |---|---|---|
/// | more than a third of the lifetime, or 15 minutes | uses them | is left alone |
/// | more than a tenth of it, or 5 minutes | uses them, without waiting | is asked in the background; after a failure again in 5 to 10 minutes |
/// | less | waits up to 5 s for new ones, else uses them | is asked; after a failure again in 20 to 40 s |
/// | none | waits for new ones, fails if there are none | is asked; after a failure again in 1 to 5 s, calls in between get the same error |
///
/// Both limits are shifted by up to 10 % at random, so that many processes do not renew at once. However
/// many calls want credentials, the source is asked once; that a call is cancelled does not cancel the
/// question, and a runtime that stands still does not hold up calls on another for longer than one answer may
/// take. A source that panics is one that has failed. Credentials that have no end are asked for again about
/// every 15 minutes, without waiting.
///
/// [`Config`](crate::Config) puts this around sources that do not keep what they fetch themselves.
#[derive(Clone)]
pub struct CachedProvider(Arc<Shared>);

struct Shared {
    source: Arc<dyn ProvideCredentials>,
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Clone)]
struct Settings {
    /// For its clock and randomness.
    environment: Environment,
    load_timeout: Duration,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    flight: Option<Flight>,
    failure: Option<Failure>,
}

/// Credentials and what follows from their lifetime.
#[derive(Clone)]
struct Held {
    credentials: Credentials,
    /// From here on they are renewed in the background.
    advisory: SystemTime,
    /// From here on calls wait for new ones.
    mandatory: Option<SystemTime>,
    /// The service has refused them.
    refused: bool,
    /// Refusals before this moment are ignored: the source was asked just now.
    settled: Instant,
}

/// The source is being asked. The channel closes when it has answered, or when nobody waits for the
/// answer any more because the runtime has stopped.
struct Flight {
    landed: watch::Receiver<()>,
    started: Instant,
}

struct Failure {
    error: CredentialsError,
    /// When the source was asked.
    asked: Instant,
    retry_at: Instant,
}

/// The right to ask the source, given to one call at a time.
struct Question {
    asked: Instant,
    /// Closes the channel of the flight when it is dropped.
    landed: watch::Sender<()>,
}

/// What a call does next.
enum Step {
    Use(Credentials),
    Fail(CredentialsError),
    Wait(watch::Receiver<()>, Instant),
    /// Ask the source; go on with these credentials if there are any.
    Ask(Question, Option<Credentials>),
}

impl CachedProvider {
    /// Keeps what a source gives.
    pub fn new(source: impl ProvideCredentials) -> Self {
        Self::over(Arc::new(source), Environment::unchosen())
    }

    pub(super) fn over(source: Arc<dyn ProvideCredentials>, environment: Environment) -> Self {
        let settings = Settings { environment, load_timeout: Duration::from_secs(60) };
        Self(Arc::new(Shared { source, settings, state: Mutex::default() }))
    }

    /// Longest time that the source may take for one answer. Default: 60 s.
    #[must_use]
    pub fn load_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.load_timeout = timeout)
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        self.with(|settings| settings.environment = settings.environment.clone().clock(clock))
    }

    /// Another source of random bytes, for tests.
    #[must_use]
    pub fn entropy(self, entropy: impl Entropy) -> Self {
        self.with(|settings| settings.environment = settings.environment.clone().entropy(entropy))
    }

    /// Starts over with other settings.
    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Self(Arc::new(Shared { source: self.0.source.clone(), settings, state: Mutex::default() }))
    }

    async fn get(&self) -> Result<Credentials, CredentialsError> {
        let called = Instant::now();
        let mut has_waited = false;
        loop {
            match self.0.step(has_waited.then_some(called)) {
                Step::Use(credentials) => return Ok(credentials),
                Step::Fail(error) => return Err(error),
                Step::Ask(question, usable) => {
                    self.ask(question).await;
                    if let Some(credentials) = usable {
                        return Ok(credentials);
                    }
                }
                // Only that the channel closes counts: nothing is ever sent.
                Step::Wait(mut landed, until) => {
                    has_waited = true;
                    match Handle::try_current() {
                        Ok(_) => _ = timeout_at(until, landed.changed()).await,
                        // Without a runtime there is no timer.
                        Err(_) => _ = landed.changed().await,
                    }
                }
            }
        }
    }

    /// Asks the source in a task of its own, so that a cancelled call does not cancel the question for
    /// all others.
    async fn ask(&self, question: Question) {
        let shared = Arc::clone(&self.0);
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    let limit = shared.settings.load_timeout;
                    let answer = timeout(limit, guarded(&*shared.source)).await;
                    let answer = answer.unwrap_or_else(|_| {
                        Err(CredentialsError::broken(format!(
                            "the source of credentials gave no answer within {limit:?}"
                        )))
                    });
                    shared.land(question, answer);
                });
            }
            // Without a runtime there is nobody else to do it, and no timer.
            Err(_) => shared.land(question, guarded(&*shared.source).await),
        }
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `called` says when a call began that has waited for a flight.
    fn step(&self, called: Option<Instant>) -> Step {
        let (now, instant) = (self.now(), Instant::now());
        let state = &mut *self.state();
        // A closed channel is a flight that has landed, or whose runtime is gone. One that takes longer than
        // it may is on a runtime that stands still.
        let lost = |flight: &Flight| later(flight.started, self.settings.load_timeout.saturating_add(WAIT_WHILE_VALID));
        if state.flight.as_ref().is_some_and(|flight| flight.landed.has_changed().is_err() || lost(flight) <= instant) {
            state.flight = None;
        }
        // Who has waited for the answer to an old question asks anew: it says little about the source now.
        let is_old = |asked| called.is_some_and(|called| later(asked, WAIT_WHILE_VALID) < called);
        let rests = state.failure.as_ref().filter(|failure| instant < failure.retry_at && !is_old(failure.asked));
        let usable = state.held.as_ref().filter(|held| !held.refused && held.is_valid(now));
        match (usable, &state.flight) {
            (Some(held), _) if now < held.advisory => Step::Use(held.credentials.clone()),
            (Some(held), Some(flight)) => {
                let until = later(flight.started, WAIT_WHILE_VALID);
                if held.is_due(now) && instant < until {
                    Step::Wait(flight.landed.clone(), until)
                } else {
                    Step::Use(held.credentials.clone())
                }
            }
            (Some(held), None) if rests.is_some() => Step::Use(held.credentials.clone()),
            (Some(held), None) => {
                let at_once = (!held.is_due(now)).then(|| held.credentials.clone());
                Step::Ask(state.take_off(instant), at_once)
            }
            (None, Some(flight)) => Step::Wait(flight.landed.clone(), lost(flight)),
            (None, None) => match rests {
                Some(failure) => Step::Fail(failure.error.clone()),
                None => Step::Ask(state.take_off(instant), None),
            },
        }
    }

    /// Takes over what the source has answered.
    fn land(&self, question: Question, answer: Result<Credentials, CredentialsError>) {
        let (now, instant) = (self.now(), Instant::now());
        let answer = answer.and_then(|credentials| match credentials.expires_at() {
            Some(end) if end <= now => Err(CredentialsError::broken(format!(
                "the credentials from {} have ended already; is this machine's clock right?",
                credentials.provider()
            ))),
            _ => Ok(credentials),
        });
        let state = &mut *self.state();
        // A lost flight: what others have found since is newer.
        if state.flight.as_ref().is_none_or(|flight| flight.started != question.asked) {
            return;
        }
        match answer {
            Ok(credentials) => {
                state.held = Some(self.hold(credentials, now, instant));
                state.failure = None;
            }
            Err(error) => {
                let pause = self.pause(state.held.as_ref(), now);
                tracing::warn!(error = %error.message, retry_in = ?pause, "no new credentials");
                state.failure = Some(Failure { error, asked: question.asked, retry_at: later(instant, pause) });
            }
        }
        // Only now may those who wait look.
        drop(question.landed);
    }

    /// Takes credentials over. If they are the old ones once more, their lifetime counts from now: the
    /// source is asked again after two thirds of what is left.
    fn hold(&self, credentials: Credentials, now: SystemTime, instant: Instant) -> Held {
        let left = credentials.expires_at().and_then(|end| end.duration_since(now).ok());
        let about = |time: Duration| time.mul_f64(0.9).saturating_add(self.random(time.mul_f64(0.2)));
        let (advisory, mandatory) = match left {
            Some(left) => {
                let before_end = |window: Duration| later_date(now, left.saturating_sub(about(window)));
                (before_end(minutes(15).min(left.div_f64(3.0))), Some(before_end(minutes(5).min(left.div_f64(10.0)))))
            }
            None => (later_date(now, about(RECHECK)), None),
        };
        let settled = later(instant, self.between(Duration::from_secs(1), Duration::from_secs(10)));
        Held { credentials, advisory, mandatory, refused: false, settled }
    }

    /// How long a source that has failed is left alone.
    fn pause(&self, held: Option<&Held>, now: SystemTime) -> Duration {
        let usable = held.filter(|held| !held.refused && held.is_valid(now));
        match usable {
            None => self.between(Duration::from_secs(1), Duration::from_secs(5)),
            Some(held) if held.is_due(now) => self.between(Duration::from_secs(20), Duration::from_secs(40)),
            Some(held) => {
                let pause = self.between(minutes(5), minutes(10));
                let until_due = held.mandatory.and_then(|due| due.duration_since(now).ok());
                until_due.map_or(pause, |until_due| pause.min(until_due))
            }
        }
    }

    fn between(&self, shortest: Duration, longest: Duration) -> Duration {
        shortest.saturating_add(self.random(longest.saturating_sub(shortest)))
    }

    fn random(&self, limit: Duration) -> Duration {
        up_to(limit, &**self.settings.environment.entropy_ref())
    }

    fn now(&self) -> SystemTime {
        self.settings.environment.clock_ref().now()
    }
}

impl State {
    fn take_off(&mut self, started: Instant) -> Question {
        let (sender, landed) = watch::channel(());
        self.flight = Some(Flight { landed, started });
        Question { asked: started, landed: sender }
    }
}

impl Held {
    fn is_valid(&self, now: SystemTime) -> bool {
        self.credentials.expires_at().is_none_or(|end| now < end)
    }

    fn is_due(&self, now: SystemTime) -> bool {
        self.mandatory.is_some_and(|mandatory| mandatory <= now)
    }
}

fn same_key(one: &Credentials, other: &Credentials) -> bool {
    use CredentialsKind::{AccessKey, Anonymous, Bearer};
    match (one.kind(), other.kind()) {
        (AccessKey { id, token, .. }, AccessKey { id: other_id, token: other_token, .. }) => {
            id == other_id && token == other_token
        }
        (Bearer(token), Bearer(other)) => token == other,
        (Anonymous, Anonymous) => true,
        _ => false,
    }
}

/// Asks a source; a panic in it is an error like others.
async fn guarded(source: &dyn ProvideCredentials) -> Result<Credentials, CredentialsError> {
    let panicked = || CredentialsError::broken("the source of credentials has panicked");
    // Nothing of ours is borrowed by the source that a panic could leave half done.
    let Ok(mut future) = catch_unwind(AssertUnwindSafe(|| source.provide())) else { return Err(panicked()) };
    let answer = poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    });
    answer.await
}

impl ProvideCredentials for CachedProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.get())
    }

    /// Credentials that were fetched only seconds ago stay: asking again would give the same ones.
    fn invalidate(&self, refused: &Credentials) {
        {
            let state = &mut *self.0.state();
            let Some(held) = &mut state.held else { return };
            if Instant::now() < held.settled || !same_key(refused, &held.credentials) {
                return;
            }
            held.refused = true;
        }
        self.0.source.invalidate(refused);
    }

    fn adopt(&self, client: &Environment) {
        self.0.settings.environment.adopt(client);
        self.0.source.adopt(client);
    }

    fn keeps_credentials(&self) -> bool {
        true
    }
}

impl fmt::Debug for CachedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CachedProvider").field(&self.0.source).finish()
    }
}
