//! Every kind of failure, met by every class of call: 51 cells, each a test of its own, on the wire.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    error::{CredentialsError, Stage},
    runtime::{Entropy, NoEntropy},
};
use alicloud_faults::{
    Act, Scripted,
    scripted::{EPOCH, VirtualClock, http_date},
    things,
};

/// What a call does after its first failure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// It is sent again after a wait of at most 100 ms.
    Retry,
    /// After a wait of at most 500 ms.
    Slow,
    /// At once, once, with another stamp.
    Resign,
    /// At once, once, with other credentials.
    Refresh,
    /// It fails.
    Fail,
    /// It fails, and nobody knows whether it took effect.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
enum Class {
    Read,
    Idempotent,
    Mutating,
}

macro_rules! matrix {
    ($($signal:ident: $read:ident $idempotent:ident $mutating:ident, $act:expr;)*) => {$(
        mod $signal {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn read() {
                cell(Class::Read, Then::$read, || $act).await;
            }
            #[tokio::test(start_paused = true)]
            async fn idempotent() {
                cell(Class::Idempotent, Then::$idempotent, || $act).await;
            }
            #[tokio::test(start_paused = true)]
            async fn mutating() {
                cell(Class::Mutating, Then::$mutating, || $act).await;
            }
        }
    )*};
}

matrix! {
    not_sent:          Retry   Retry   Retry,   Act::Fail(Stage::NotSent);
    certificate:       Fail    Fail    Fail,    Act::Fail(Stage::Certificate);
    lost:              Retry   Retry   Unknown, Act::Fail(Stage::MaybeSent);
    refused_by_http2:  Retry   Retry   Retry,   Act::Fail(Stage::Refused);
    throttled:         Slow    Slow    Slow,    Act::refusal(429, "Throttling.User");
    server_fault:      Retry   Retry   Fail,    Act::refusal(500, "InternalError");
    token_in_progress: Fail    Retry   Fail,    Act::refusal(400, "LastTokenProcessing");
    token_mismatch:    Fail    Fail    Fail,    Act::refusal(400, "IdempotentParameterMismatch");
    busy:              Retry   Fail    Fail,    Act::refusal(503, "SystemBusy");
    state_conflict:    Fail    Fail    Fail,    Act::refusal(409, "OperationConflict");
    clock_skew:        Resign  Resign  Resign,  Act::refusal(400, "InvalidTimeStamp.Expired").with("date", &in_an_hour());
    nonce_used:        Resign  Resign  Unknown, Act::refusal(400, "SignatureNonceUsed");
    expired_token:     Refresh Refresh Refresh, Act::refusal(400, "InvalidSecurityToken.Expired");
    permanent:         Fail    Fail    Fail,    Act::refusal(403, "Forbidden.RAM");
    unreadable:        Retry   Retry   Unknown, Act::json(200, r#"{"Name": "#);
    business_failure:  Fail    Fail    Fail,    Act::json(200, r#"{"Success": false, "Code": "No"}"#);
    redirect:          Fail    Fail    Fail,    Act::refusal(302, "").with("location", "https://elsewhere.example.com/");
}

/// Makes a call that meets trouble once, and one that meets it always.
async fn cell(class: Class, then: Then, act: fn() -> Act) {
    let once = Scripted::recording(move |seen| if seen.index == 0 { act() } else { Act::ok() });
    let (result, refused) = call(class, &once).await;
    let seen = once.take();
    let again = !matches!(then, Then::Fail | Then::Unknown);
    assert_eq!((seen.len(), result.is_ok()), if again { (2, true) } else { (1, false) }, "{result:?}");
    if let [first, second] = seen.as_slice() {
        let wait = match then {
            Then::Retry => 100,
            Then::Slow => 500,
            _ => 0,
        };
        // The chance of this test always gives the longest wait.
        assert_eq!((second.at - first.at).as_millis(), wait);
        assert_eq!(first.parameters, second.parameters);
        assert_eq!(second.header("x-acs-retry-attempts"), "1");
        let later = then == Then::Resign && second.header("x-acs-date") > first.header("x-acs-date");
        assert_eq!(later, matches!(act(), Act::Answer(400, ..)) && is_skew(&act()));
        assert_eq!(
            then == Then::Refresh,
            first.header("x-acs-security-token") != second.header("x-acs-security-token"),
            "other credentials"
        );
    }
    assert_eq!(refused, u32::from(then == Then::Refresh));

    let always = Scripted::recording(move |_| act());
    let error = call(class, &always).await.0.unwrap_err();
    let sent = match then {
        Then::Retry | Then::Slow => 4,
        Then::Resign | Then::Refresh => 2,
        Then::Fail | Then::Unknown => 1,
    };
    assert_eq!((error.attempts(), always.take().len()), (sent, sent as usize), "{error}");
    // Whoever may have changed something does not call that a failure.
    let may_have_happened = match act() {
        Act::Fail(stage) => stage == Stage::MaybeSent,
        Act::Answer(status, _, body) => {
            status == 200 && !body.ends_with(b"}") || String::from_utf8_lossy(&body).contains("SignatureNonceUsed")
        }
        _ => false,
    };
    assert_eq!(error.is_outcome_unknown(), may_have_happened && !matches!(class, Class::Read), "{error}");
    if then == Then::Unknown {
        assert!(error.is_outcome_unknown(), "{error}");
    }
}

async fn call(class: Class, service: &Scripted) -> (things::Outcome, u32) {
    let provider = Renewed::default();
    let refused = Arc::clone(&provider.0);
    let config = service.builder().clock(VirtualClock::new(0)).entropy(Longest).credentials(provider).build().unwrap();
    let client = things::client(&config);
    let call = match class {
        Class::Read => things::describe(&client, "x"),
        Class::Idempotent => {
            return (things::create_safely(&client, "x").send().await, refused.load(Ordering::Relaxed));
        }
        Class::Mutating => return (things::create(&client, "x").send().await, refused.load(Ordering::Relaxed)),
    };
    (call.send().await, refused.load(Ordering::Relaxed))
}

fn is_skew(act: &Act) -> bool {
    matches!(act, Act::Answer(_, headers, _) if headers.iter().any(|(name, _)| name == "date"))
}

fn in_an_hour() -> String {
    http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH + 3600))
}

/// The longest wait every time.
#[derive(Debug)]
struct Longest;

impl Entropy for Longest {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        buffer.fill(0xff);
        Ok(())
    }
}

/// Temporary credentials, others after each refusal.
#[derive(Clone, Debug, Default)]
struct Renewed(Arc<AtomicU32>);

impl ProvideCredentials for Renewed {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let token = format!("token {}", self.0.load(Ordering::Relaxed));
        Box::pin(async move { Ok(Credentials::sts("testid", "testsecret", token)) })
    }
    fn invalidate(&self, _: &Credentials) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}
