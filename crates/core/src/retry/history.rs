//! What the attempts of one call have told us so far.

use super::{Signal, Verdict, verdict};
use crate::{error::ErrorKind, operation::RetryClass};

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// Not at all.
    None,
    /// Backoff.
    Backoff,
    /// Longer backoff.
    ThrottledBackoff,
}

/// What must be remembered between attempts.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// An attempt may have taken effect.
    lost: bool,
    resigned: bool,
    refreshed: bool,
}

impl History {
    /// Whether a failed attempt is followed by another one. Stamping afresh and new credentials help
    /// once: when the same failure comes back they were not the reason.
    pub(crate) fn next(&mut self, signal: Signal, class: RetryClass) -> Option<Pause> {
        self.lost |= matches!(signal, Signal::Lost | Signal::Unreadable | Signal::NonceUsed);
        match verdict(signal, class) {
            Verdict::Retry => Some(Pause::Backoff),
            Verdict::RetryThrottled => Some(Pause::ThrottledBackoff),
            Verdict::ResignOnce => (!std::mem::replace(&mut self.resigned, true)).then_some(Pause::None),
            Verdict::RefreshOnce => (!std::mem::replace(&mut self.refreshed, true)).then_some(Pause::None),
            Verdict::Fail | Verdict::OutcomeUnknown => None,
        }
    }

    /// The error of a call that is given up after a last failure.
    pub(crate) fn conclude(&self, kind: ErrorKind, class: RetryClass) -> ErrorKind {
        if self.lost && class != RetryClass::Read { ErrorKind::OutcomeUnknown(Box::new(kind)) } else { kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ConfigError;

    fn kind() -> ErrorKind {
        ErrorKind::Config(ConfigError { message: String::new() })
    }

    fn is_unknown(history: &History, class: RetryClass) -> bool {
        matches!(history.conclude(kind(), class), ErrorKind::OutcomeUnknown(_))
    }

    #[test]
    fn an_effect_that_may_have_happened_is_never_forgotten() {
        let mut history = History::default();
        assert_eq!(history.next(Signal::NotSent, RetryClass::Idempotent), Some(Pause::Backoff));
        assert!(!is_unknown(&history, RetryClass::Idempotent));
        assert_eq!(history.next(Signal::Lost, RetryClass::Idempotent), Some(Pause::Backoff));
        assert_eq!(history.next(Signal::Permanent, RetryClass::Idempotent), None);
        assert!(is_unknown(&history, RetryClass::Idempotent));
        assert!(!is_unknown(&history, RetryClass::Read));
    }

    #[test]
    fn stamping_and_credentials_are_renewed_once_each() {
        let mut history = History::default();
        assert_eq!(history.next(Signal::ClockSkew, RetryClass::Mutating), Some(Pause::None));
        assert_eq!(history.next(Signal::ExpiredToken, RetryClass::Mutating), Some(Pause::None));
        assert_eq!(history.next(Signal::ClockSkew, RetryClass::Mutating), None);
        assert_eq!(history.next(Signal::ExpiredToken, RetryClass::Mutating), None);
        assert!(!is_unknown(&history, RetryClass::Mutating));
    }
}
