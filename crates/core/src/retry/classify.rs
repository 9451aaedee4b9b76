//! What a failure says about the attempt, and what follows from it.

use crate::{
    error::{ErrorKind, ServiceError, Stage},
    operation::RetryClass,
};

/// What a failed attempt tells us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Signal {
    /// Nothing was sent.
    NotSent,
    /// The server's certificate was refused.
    Certificate,
    /// The request may have left; its answer is lost.
    Lost,
    /// The server promised that it did not look at the request.
    Refused,
    /// The service asks for fewer calls.
    Throttled,
    /// The service failed.
    ServerFault,
    /// The first call with this client token is still running.
    TokenInProgress,
    /// The client token was used with other parameters.
    TokenMismatch,
    /// The service is busy; often, but not always, before it acts.
    Busy,
    /// The resource is in a state that does not allow the call.
    StateConflict,
    /// The request was stamped with a wrong time.
    ClockSkew,
    /// The nonce was used before: somebody repeated our bytes.
    NonceUsed,
    /// The temporary credentials have ended.
    ExpiredToken,
    /// The service will answer the same again.
    Permanent,
    /// The call took effect; its answer cannot be read.
    Unreadable,
    /// The service reports a failure in a successful answer.
    BusinessFailure,
    /// The service sends us elsewhere.
    Redirect,
}

/// What follows from a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Wait and send again.
    Retry,
    /// Wait longer and send again.
    RetryThrottled,
    /// Stamp and sign afresh, once.
    ResignOnce,
    /// Get new credentials, once.
    RefreshOnce,
    /// Give up.
    Fail,
    /// Give up: the call may have taken effect.
    OutcomeUnknown,
}

/// The matrix: what a failure means for calls of a class.
pub(crate) fn verdict(signal: Signal, class: RetryClass) -> Verdict {
    use RetryClass::{Idempotent, Mutating, Read};
    use Signal as S;
    match (signal, class) {
        (S::NotSent | S::Refused, _) => Verdict::Retry,
        (S::Throttled, _) => Verdict::RetryThrottled,
        (S::Lost | S::Unreadable, Read | Idempotent) => Verdict::Retry,
        (S::Lost | S::Unreadable, Mutating) => Verdict::OutcomeUnknown,
        (S::ServerFault, Read | Idempotent) => Verdict::Retry,
        (S::ServerFault, Mutating) => Verdict::Fail,
        (S::TokenInProgress, Idempotent) => Verdict::Retry,
        (S::TokenInProgress, Read | Mutating) => Verdict::Fail,
        (S::Busy, Read) => Verdict::Retry,
        (S::Busy, Idempotent | Mutating) => Verdict::Fail,
        (S::ClockSkew, _) => Verdict::ResignOnce,
        (S::NonceUsed, Read | Idempotent) => Verdict::ResignOnce,
        (S::NonceUsed, Mutating) => Verdict::OutcomeUnknown,
        (S::ExpiredToken, _) => Verdict::RefreshOnce,
        (S::Certificate | S::TokenMismatch | S::StateConflict | S::Permanent | S::BusinessFailure | S::Redirect, _) => {
            Verdict::Fail
        }
    }
}

/// Reads a failure. `temporary` says whether the call was signed with a temporary key.
pub(crate) fn classify(error: &ErrorKind, class: RetryClass, temporary: bool) -> Signal {
    match error {
        ErrorKind::Transport(error) => match error.stage {
            Stage::NotSent => Signal::NotSent,
            Stage::Certificate => Signal::Certificate,
            Stage::MaybeSent => Signal::Lost,
            Stage::Refused => Signal::Refused,
            Stage::TooLong => Signal::Unreadable,
        },
        ErrorKind::Timeout(error) if error.limit == "credentials" => Signal::Permanent,
        ErrorKind::Timeout(_) => Signal::Lost,
        ErrorKind::Decode(error) if error.status.is_success() => Signal::Unreadable,
        ErrorKind::Decode(_) => Signal::Permanent,
        ErrorKind::Service(error) => service(error, class, temporary),
        _ => Signal::Permanent,
    }
}

fn service(error: &ServiceError, class: RetryClass, temporary: bool) -> Signal {
    let code = error.code.as_str();
    if is_throttling(code) || error.status == 429 {
        return Signal::Throttled;
    }
    if (200..300).contains(&error.status) {
        return Signal::BusinessFailure;
    }
    if (300..400).contains(&error.status) {
        return Signal::Redirect;
    }
    // The gateway asks to wait. A server fault may have happened after the call was executed.
    if error.retry_after.is_some() && (error.status < 500 || class != RetryClass::Mutating) {
        return Signal::Throttled;
    }
    match code {
        "LastTokenProcessing" | "IdempotenceProcessing" => Signal::TokenInProgress,
        "IdempotentParameterMismatch" | "InvalidIdempotenceParameter" => Signal::TokenMismatch,
        "SystemBusy" | "System.Busy" | "ServiceBusy" | "OperationBusy" => Signal::Busy,
        "OperationConflict" | "TaskConflict" => Signal::StateConflict,
        "SignatureNonceUsed" => Signal::NonceUsed,
        "IllegalTimestamp" => Signal::ClockSkew,
        "InvalidSecurityToken.Expired" | "SecurityTokenExpired" => Signal::ExpiredToken,
        "InvalidAccessKeyId.NotFound" if temporary => Signal::ExpiredToken,
        "InternalError" | "UnknownError" | "ServiceUnavailable" if error.status >= 500 => Signal::ServerFault,
        _ if [".TokenProcessing", ".TokenIsProcessing", ".IdempotentTokenProcessing"]
            .iter()
            .any(|end| code.ends_with(end)) =>
        {
            Signal::TokenInProgress
        }
        _ if code.ends_with(".ServiceBusy") || (code.starts_with("Dns") && code.ends_with("SystemBusyness")) => {
            Signal::Busy
        }
        _ if code.starts_with("IncorrectStatus") || code.contains("ResourceInOperating") => Signal::StateConflict,
        _ if code.starts_with("InvalidTimeStamp") || code.starts_with("InvalidTimestamp") => Signal::ClockSkew,
        // Some services answer 500 to say that something is already done. Without a code it is the
        // gateway's page.
        _ => match error.status {
            408 | 502 | 504 => Signal::ServerFault,
            500 | 503 if code.is_empty() => Signal::ServerFault,
            _ => Signal::Permanent,
        },
    }
}

/// Whether a code asks for fewer calls.
pub(crate) fn is_throttling(code: &str) -> bool {
    code == "Throttling"
        || code.starts_with("Throttling.")
        || code.ends_with(".Throttling")
        || code == "FlowControlError"
}
