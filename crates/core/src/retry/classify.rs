//! What a failure says about the attempt, and what follows from it.

use crate::{
    error::{BodyError, ErrorKind, ServiceError, Stage},
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

impl Signal {
    /// Every signal, for tables.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 17] = [
        Self::NotSent,
        Self::Certificate,
        Self::Lost,
        Self::Refused,
        Self::Throttled,
        Self::ServerFault,
        Self::TokenInProgress,
        Self::TokenMismatch,
        Self::Busy,
        Self::StateConflict,
        Self::ClockSkew,
        Self::NonceUsed,
        Self::ExpiredToken,
        Self::Permanent,
        Self::Unreadable,
        Self::BusinessFailure,
        Self::Redirect,
    ];

    /// A name for logs and counters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not sent",
            Self::Certificate => "certificate",
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::ServerFault => "server fault",
            Self::TokenInProgress => "token in progress",
            Self::TokenMismatch => "token mismatch",
            Self::Busy => "busy",
            Self::StateConflict => "state conflict",
            Self::ClockSkew => "clock skew",
            Self::NonceUsed => "nonce used",
            Self::ExpiredToken => "expired token",
            Self::Permanent => "permanent",
            Self::Unreadable => "unreadable",
            Self::BusinessFailure => "business failure",
            Self::Redirect => "redirect",
        }
    }
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
        ErrorKind::Transport(error) => transport(error.stage, class),
        ErrorKind::Decode(BodyError { failure: Some(failure), .. }) => match transport(failure.stage, class) {
            // Whatever the transport says: an answer has begun, so that the request was sent.
            Signal::Permanent => Signal::Permanent,
            Signal::Unreadable => Signal::Unreadable,
            _ => Signal::Lost,
        },
        ErrorKind::Timeout(error) if error.limit == "credentials" => Signal::Permanent,
        ErrorKind::Timeout(_) => Signal::Lost,
        ErrorKind::Decode(error) if error.status.is_success() => Signal::Unreadable,
        ErrorKind::Decode(_) => Signal::Permanent,
        ErrorKind::Service(error) => service(error, class, temporary),
        _ => Signal::Permanent,
    }
}

fn transport(stage: Stage, class: RetryClass) -> Signal {
    match stage {
        Stage::NotSent => Signal::NotSent,
        Stage::Certificate => Signal::Certificate,
        Stage::MaybeSent => Signal::Lost,
        Stage::Refused => Signal::Refused,
        // It would be too long again, but the call has taken effect.
        Stage::TooLong if class != RetryClass::Read => Signal::Unreadable,
        Stage::Impossible | Stage::TooLong => Signal::Permanent,
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
    if error.throttled && (error.status < 500 || class != RetryClass::Mutating) {
        return Signal::Throttled;
    }
    match code {
        "LastTokenProcessing" | "IdempotenceProcessing" => Signal::TokenInProgress,
        "IdempotentParameterMismatch" | "InvalidIdempotenceParameter" => Signal::TokenMismatch,
        "SystemBusy" | "System.Busy" | "ServiceBusy" | "OperationBusy" => Signal::Busy,
        "OperationConflict" | "TaskConflict" => Signal::StateConflict,
        "SignatureNonceUsed" => Signal::NonceUsed,
        "IllegalTimestamp" | "RequestTimeExpired" | "RequestTimeTooSkewed" => Signal::ClockSkew,
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
            500..600 if code.is_empty() => Signal::ServerFault,
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
        // The log service has a quota for each store and each shard.
        || code.ends_with("ReadQuotaExceed")
        || code.ends_with("WriteQuotaExceed")
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::error::{TimeoutError, TransportError};

    const CLASSES: [RetryClass; 3] = [RetryClass::Read, RetryClass::Idempotent, RetryClass::Mutating];

    /// The matrix as it was decided, row by row: what a call that reads, one that can be repeated and one
    /// that cannot do after a failure.
    #[rustfmt::skip]
    const MATRIX: [(Signal, [Verdict; 3]); 17] = {
        use Verdict::{Fail, OutcomeUnknown as Unknown, RefreshOnce as Refresh, ResignOnce as Resign, Retry, RetryThrottled as Slow};
        [
            (Signal::NotSent,         [Retry,   Retry,   Retry]),
            (Signal::Certificate,     [Fail,    Fail,    Fail]),
            (Signal::Lost,            [Retry,   Retry,   Unknown]),
            (Signal::Refused,         [Retry,   Retry,   Retry]),
            (Signal::Throttled,       [Slow,    Slow,    Slow]),
            (Signal::ServerFault,     [Retry,   Retry,   Fail]),
            (Signal::TokenInProgress, [Fail,    Retry,   Fail]),
            (Signal::TokenMismatch,   [Fail,    Fail,    Fail]),
            (Signal::Busy,            [Retry,   Fail,    Fail]),
            (Signal::StateConflict,   [Fail,    Fail,    Fail]),
            (Signal::ClockSkew,       [Resign,  Resign,  Resign]),
            (Signal::NonceUsed,       [Resign,  Resign,  Unknown]),
            (Signal::ExpiredToken,    [Refresh, Refresh, Refresh]),
            (Signal::Permanent,       [Fail,    Fail,    Fail]),
            (Signal::Unreadable,      [Retry,   Retry,   Unknown]),
            (Signal::BusinessFailure, [Fail,    Fail,    Fail]),
            (Signal::Redirect,        [Fail,    Fail,    Fail]),
        ]
    };

    #[test]
    fn the_matrix_cell_by_cell() {
        let mut cells = 0;
        let mut wrong = Vec::new();
        for (signal, expected) in MATRIX {
            for (class, expected) in CLASSES.into_iter().zip(expected) {
                let found = verdict(signal, class);
                let cell = format!("{} / {class:?}: {found:?}", signal.name());
                println!("{cell}");
                if found != expected {
                    wrong.push(format!("{cell}, expected {expected:?}"));
                }
                cells += 1;
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(cells, 51);
        assert!(Signal::ALL.iter().all(|signal| MATRIX.iter().any(|(row, _)| row == signal)));
    }

    fn refusal(status: u16, code: &str) -> ServiceError {
        ServiceError { status, code: code.to_owned(), ..ServiceError::default() }
    }

    #[test]
    fn what_services_say() {
        use Signal::*;
        #[rustfmt::skip]
        let rows: &[(u16, &str, Signal)] = &[
            (429, "", Throttled),
            (429, "Anything", Throttled),
            (400, "Throttling", Throttled),
            (503, "Throttling", Throttled),
            (400, "Throttling.User", Throttled),
            (400, "Throttling.user", Throttled),
            (403, "Throttling.Api", Throttled),
            (400, "Foo.Throttling", Throttled),
            (400, "FlowControlError", Throttled),
            (403, "WriteQuotaExceed", Throttled),
            (403, "ShardReadQuotaExceed", Throttled),
            (200, "Throttling.User", Throttled),
            (400, "ThrottlingIsWonderful", Permanent),
            (500, "InternalError", ServerFault),
            (500, "UnknownError", ServerFault),
            (503, "ServiceUnavailable", ServerFault),
            (502, "", ServerFault),
            (502, "Anything", ServerFault),
            (504, "", ServerFault),
            (408, "", ServerFault),
            (500, "", ServerFault),
            (503, "", ServerFault),
            (521, "", ServerFault),
            (500, "AlreadyActivated", Permanent),
            (400, "InternalError", Permanent),
            (400, "LastTokenProcessing", TokenInProgress),
            (409, "IdempotenceProcessing", TokenInProgress),
            (400, "Operation.TokenProcessing", TokenInProgress),
            (400, "Client.TokenIsProcessing", TokenInProgress),
            (400, "Some.IdempotentTokenProcessing", TokenInProgress),
            (400, "IdempotentParameterMismatch", TokenMismatch),
            (400, "InvalidIdempotenceParameter", TokenMismatch),
            (400, "SystemBusy", Busy),
            (503, "System.Busy", Busy),
            (503, "ServiceBusy", Busy),
            (503, "Rds.ServiceBusy", Busy),
            (400, "OperationBusy", Busy),
            (400, "DnsRecordSystemBusyness", Busy),
            (409, "OperationConflict", StateConflict),
            (400, "TaskConflict", StateConflict),
            (403, "IncorrectStatus", StateConflict),
            (403, "IncorrectStatus.Vpc", StateConflict),
            (400, "IncorrectStatusMesh", StateConflict),
            (400, "ResourceInOperating", StateConflict),
            (400, "InvalidTimeStamp.Expired", ClockSkew),
            (400, "RequestTimeExpired", ClockSkew),
            (403, "RequestTimeTooSkewed", ClockSkew),
            (400, "InvalidTimeStamp.Format", ClockSkew),
            (400, "InvalidTimestamp.Expired", ClockSkew),
            (400, "IllegalTimestamp", ClockSkew),
            (400, "SignatureNonceUsed", NonceUsed),
            (400, "InvalidSecurityToken.Expired", ExpiredToken),
            (403, "SecurityTokenExpired", ExpiredToken),
            (404, "InvalidAccessKeyId.NotFound", Permanent),
            (400, "SignatureDoesNotMatch", Permanent),
            (400, "IncompleteSignature", Permanent),
            (401, "", Permanent),
            (403, "Forbidden.RAM", Permanent),
            (404, "", Permanent),
            (409, "", Permanent),
            (400, "QuotaExceeded.Instance", Permanent),
            (600, "", Permanent),
            (200, "Business", BusinessFailure),
            (302, "", Redirect),
            (307, "", Redirect),
        ];
        for (status, code, expected) in rows {
            for class in CLASSES {
                let error = ErrorKind::Service(Box::new(refusal(*status, code)));
                assert_eq!(classify(&error, class, false), *expected, "{status} {code} {class:?}");
            }
        }
        let unknown_key = ErrorKind::Service(Box::new(refusal(404, "InvalidAccessKeyId.NotFound")));
        assert_eq!(classify(&unknown_key, RetryClass::Mutating, true), ExpiredToken);
    }

    #[test]
    fn the_gateway_asks_to_wait() {
        let asks =
            |status, code| ErrorKind::Service(Box::new(ServiceError { throttled: true, ..refusal(status, code) }));
        for class in CLASSES {
            assert_eq!(classify(&asks(400, "Anything"), class, false), Signal::Throttled);
            assert_eq!(classify(&asks(503, "Throttling.Api"), class, false), Signal::Throttled);
        }
        assert_eq!(classify(&asks(500, "Anything"), RetryClass::Read, false), Signal::Throttled);
        // It may have been executed before it failed.
        assert_eq!(classify(&asks(500, "InternalError"), RetryClass::Mutating, false), Signal::ServerFault);
    }

    #[test]
    fn what_the_network_says() {
        let transport = |stage| ErrorKind::Transport(TransportError { message: String::new(), stage, source: None });
        let timeout = |limit| ErrorKind::Timeout(TimeoutError { limit, after: std::time::Duration::ZERO });
        let decode = |status| ErrorKind::Decode(BodyError::new(status, None, String::new(), bytes::Bytes::new()));
        let rows = [
            (transport(Stage::NotSent), Signal::NotSent),
            (transport(Stage::Certificate), Signal::Certificate),
            (transport(Stage::MaybeSent), Signal::Lost),
            (transport(Stage::Refused), Signal::Refused),
            (transport(Stage::TooLong), Signal::Unreadable),
            (transport(Stage::Impossible), Signal::Permanent),
            (timeout("attempt"), Signal::Lost),
            (timeout("total"), Signal::Lost),
            (timeout("credentials"), Signal::Permanent),
            (decode(StatusCode::OK), Signal::Unreadable),
            (decode(StatusCode::FOUND), Signal::Permanent),
        ];
        for (kind, expected) in rows {
            assert_eq!(classify(&kind, RetryClass::Mutating, false), expected, "{kind:?}");
        }
        assert_eq!(classify(&transport(Stage::TooLong), RetryClass::Read, false), Signal::Permanent);
    }
}
