//! Services repeat what they were sent when they refuse it; secrets are taken out of their words.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    Document,
    credentials::{Credentials, CredentialsKind},
    error::ErrorKind,
    model::{Model, View, encode::encode},
    wire,
};

const MASK: &str = "**";
/// Shorter values would be found inside ordinary words.
const SHORTEST: usize = 4;

/// The secret values of a call.
#[derive(Default)]
pub(super) struct Scrub(Vec<Zeroizing<String>>);

/// Takes the secrets of one call out of what comes later.
pub(crate) struct Cleaner {
    pub(super) scrub: Scrub,
    pub(super) credentials: Credentials,
}

impl Cleaner {
    pub(crate) fn clean(&self, kind: &mut ErrorKind) {
        self.scrub.clean(kind, &self.credentials);
    }
}

impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scrub({} values)", self.0.len())
    }
}

impl Scrub {
    /// The values of parameters that are declared to be secret.
    pub(super) fn of(request: &dyn Model) -> Self {
        let mut values = Self::default();
        values.collect(&encode(request, View::Wire), &encode(request, View::Redacted));
        values
    }

    /// What is masked in the redacted view is secret.
    fn collect(&mut self, wire: &Document, redacted: &Document) {
        match (wire, redacted) {
            (Document::Object(wire), Document::Object(redacted)) => {
                for (name, value) in wire {
                    redacted.get(name).into_iter().for_each(|redacted| self.collect(value, redacted));
                }
            }
            (Document::List(wire), Document::List(redacted)) => {
                wire.iter().zip(redacted).for_each(|(value, redacted)| self.collect(value, redacted));
            }
            (value, Document::String(mask)) if mask == MASK => self.leaves(value),
            _ => {}
        }
    }

    fn leaves(&mut self, value: &Document) {
        match value {
            Document::Object(members) => members.values().for_each(|value| self.leaves(value)),
            Document::List(elements) => elements.iter().for_each(|value| self.leaves(value)),
            scalar => scalar.scalar().into_iter().for_each(|text| self.0.push(Zeroizing::new(text))),
        }
    }

    /// Takes the secrets of the call and of its credentials out of an error.
    pub(super) fn clean(&self, kind: &mut ErrorKind, credentials: &Credentials) {
        let texts = match kind {
            ErrorKind::Service(error) => {
                for document in [&mut error.access_denied_detail, &mut error.document].into_iter().flatten() {
                    self.clean_document(document, credentials);
                }
                let optional = [&mut error.request_id, &mut error.recommend, &mut error.host_id];
                [&mut error.message, &mut error.code].into_iter().chain(optional.into_iter().flatten()).collect()
            }
            ErrorKind::Decode(error) => {
                let failure = error.failure.as_mut().map(|failure| &mut failure.message);
                let texts = [&mut error.message, &mut error.snippet].into_iter();
                texts.chain(error.request_id.as_mut()).chain(failure).collect()
            }
            ErrorKind::Transport(error) => vec![&mut error.message],
            _ => Vec::new(),
        };
        texts.into_iter().for_each(|text| self.clean_text(text, credentials));
    }

    fn clean_text(&self, text: &mut String, credentials: &Credentials) {
        self.each(credentials, |secret| {
            if text.contains(secret) {
                *text = text.replace(secret, MASK);
            }
        });
    }

    /// The same everywhere in data. Documents that are read are nested a few levels deep only.
    fn clean_document(&self, document: &mut Document, credentials: &Credentials) {
        match document {
            Document::String(text) => self.clean_text(text, credentials),
            Document::Number(digits) => {
                let mut text = digits.clone();
                self.clean_text(&mut text, credentials);
                if text != *digits {
                    *document = Document::String(text);
                }
            }
            Document::List(elements) => {
                elements.iter_mut().for_each(|element| self.clean_document(element, credentials));
            }
            Document::Object(members) => {
                for (mut name, mut value) in std::mem::take(members) {
                    self.clean_text(&mut name, credentials);
                    self.clean_document(&mut value, credentials);
                    members.insert(name, value);
                }
            }
            Document::Null | Document::Bool(_) | Document::Binary(_) => {}
        }
    }

    /// Every secret, as it is and as it looks inside a URL or a text to sign.
    fn each(&self, credentials: &Credentials, mut visit: impl FnMut(&str)) {
        let own = match credentials.kind() {
            CredentialsKind::AccessKey { secret, token, .. } => {
                [Some(secret.expose()), token.as_ref().map(|token| token.expose())]
            }
            CredentialsKind::Bearer(token) => [Some(token.expose()), None],
            CredentialsKind::Anonymous => [None, None],
        };
        for secret in own.into_iter().flatten().chain(self.0.iter().map(|value| value.as_str())) {
            if secret.len() < SHORTEST {
                continue;
            }
            let encoded = wire::encode(secret);
            visit(secret);
            visit(&encoded);
            visit(&wire::encode(&encoded));
        }
    }
}
