//! Why a signature does not match.
//!
//! The gateway knows the secret, so it can try what clients usually do wrong: whichever mistake gives the
//! signature that was sent is the one that was made.

use super::{acs3, base64, hex, hmac_sha1, hmac_sha256, roa_v1, sha256_hex};
use crate::error::ServiceError;
use crate::keys::Key;
use crate::redact;
use crate::request::{Request, encode};
use alicloud_spec::Operation;

/// What there is to go by.
pub(super) struct Witness<'a> {
    pub(super) request: &'a Request,
    pub(super) key: &'a Key,
    pub(super) operation: &'a Operation,
    /// The signature that was sent.
    pub(super) sent: &'a str,
}

type Mistake = (&'static str, fn(&str) -> String);

/// Mistakes that show in any text to sign.
const COMMON: &[Mistake] = &[
    ("a blank was encoded as `+` instead of `%20`", |text| text.replace("%2520", "%2B").replace("%20", "+")),
    ("`*` was not encoded", |text| text.replace("%252A", "%2A").replace("%2A", "*")),
    ("`~` was encoded", |text| text.replace('~', "%7E")),
    ("percent-encoding was written in lower case", lower_escapes),
    ("values were not percent-encoded", |text| {
        crate::request::decode(text.as_bytes(), false).unwrap_or_else(|| text.to_owned())
    }),
    ("values were percent-encoded twice", |text| text.replace('%', "%25")),
    ("the method was another one: GET", |text| with_method(text, "GET")),
    ("the method was another one: POST", |text| with_method(text, "POST")),
    ("the method was in lower case", |text| {
        let method = text.split(['\n', '&']).next().unwrap_or_default();
        with_method(text, &method.to_lowercase())
    }),
    ("a line feed at the end was signed, too", |text| format!("{text}\n")),
];

pub(super) fn acs3(witness: &Witness<'_>, names: &[&str], body_hash: &str) -> ServiceError {
    let expected = acs3::expected(witness.request, names, body_hash);
    let secret = &*witness.key.secret;
    let to_sign = |canonical: &str| format!("{}\n{}", acs3::ALGORITHM, sha256_hex(canonical.as_bytes()));
    let signs = |canonical: &str, secret: &str| {
        hex(&hmac_sha256(secret.as_bytes(), &to_sign(canonical))).eq_ignore_ascii_case(witness.sent)
    };
    let also: &[Mistake] = &[
        ("the blank line after the headers is missing", |text| replace_last(text, "\n\n", "\n")),
        ("the query was left out", |text| with_line(text, 2, "")),
    ];
    let as_sent = witness.request.target.split_once('?').map_or("", |(_, query)| query);
    let found = mistake(&expected, COMMON.iter().chain(also), |text| signs(text, secret)).or_else(|| {
        let unsorted = with_line(&expected, 2, as_sent);
        if signs(&unsorted, secret) {
            Some(("the query was signed in the order of sending", unsorted))
        } else if signs(&expected, &format!("{secret}&")) {
            Some(("the key was the secret with `&`, as in the RPC signature", expected.clone()))
        } else if signs(&expected, secret) {
            Some(("the signature is written in lower-case hexadecimal digits", expected.clone()))
        } else {
            None
        }
    });
    let mut message = witness.mask(&to_sign(&expected));
    message.push_str(" server canonical request is:");
    message.push_str(&witness.mask(&expected));
    refuse(&message, found.map(|(what, got)| witness.describe(what, &expected, &got)))
}

pub(super) fn rpc_v1(witness: &Witness<'_>, expected: &str) -> ServiceError {
    let signs = |text: &str, secret: &str| base64(&hmac_sha1(secret.as_bytes(), text)) == witness.sent;
    let secret = format!("{}&", witness.key.secret);
    let found = mistake(expected, COMMON.iter(), |text| signs(text, &secret)).or_else(|| {
        signs(expected, &witness.key.secret).then(|| ("the key was the secret without `&`", expected.to_owned()))
    });
    refuse(&witness.mask(expected), found.map(|(what, got)| witness.describe(what, expected, &got)))
}

pub(super) fn roa_v1(witness: &Witness<'_>) -> ServiceError {
    let expected = roa_v1::to_sign(witness.request, true);
    let secret = &*witness.key.secret;
    let signs = |text: &str, secret: &str| base64(&hmac_sha1(secret.as_bytes(), text)) == witness.sent;
    let also: &[Mistake] = &[("the query was left out", |text| text.split('?').next().unwrap_or_default().to_owned())];
    let found = mistake(&expected, COMMON.iter().chain(also), |text| signs(text, secret)).or_else(|| {
        let encoded = roa_encoded(witness.request, &expected);
        if signs(&encoded, secret) {
            Some(("query values were percent-encoded; this signature takes them as they are", encoded))
        } else if signs(&expected, &format!("{secret}&")) {
            Some(("the key was the secret with `&`, as in the RPC signature", expected.clone()))
        } else {
            None
        }
    });
    refuse(&witness.mask(&expected), found.map(|(what, got)| witness.describe(what, &expected, &got)))
}

fn refuse(to_sign: &str, diagnosis: Option<String>) -> ServiceError {
    let diagnosis = diagnosis.as_deref().unwrap_or("no usual mistake explains it; is the secret the right one?");
    let message = format!(
        "Specified signature is not matched with our calculation. server string to sign is:{to_sign} diagnosis: {diagnosis}"
    );
    ServiceError::entry(400, "SignatureDoesNotMatch", message)
}

/// The first mistake that explains the signature, and the text it makes.
fn mistake<'a>(
    expected: &str,
    mut mistakes: impl Iterator<Item = &'a Mistake>,
    signs: impl Fn(&str) -> bool,
) -> Option<(&'static str, String)> {
    mistakes.find_map(|(what, make)| {
        let text = make(expected);
        (text != expected && signs(&text)).then_some((*what, text))
    })
}

impl Witness<'_> {
    /// The mistake, and where both texts part.
    fn describe(&self, what: &str, expected: &str, got: &str) -> String {
        let (expected, got) = (self.mask(expected), self.mask(got));
        if expected == got {
            return format!("{what}.");
        }
        let at = expected.char_indices().zip(got.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let at = at.unwrap_or_else(|| expected.len().min(got.len()));
        let around = |text: &str| -> String { text.get(at..).unwrap_or_default().chars().take(24).collect() };
        format!("{what}. first difference at byte {at}: expected `{}`, signed `{}`.", around(&expected), around(&got))
    }

    /// Hides secret values: people and logs see the text to sign.
    fn mask(&self, text: &str) -> String {
        let Self { request, operation, .. } = self;
        let parameters =
            request.query.iter().chain(&request.form).map(|pair| (pair.name.as_str(), pair.value.as_str()));
        let headers = ["x-acs-security-token"].into_iter().filter_map(|name| Some((name, request.header(name)?)));
        let mut masked = text.to_owned();
        for (_, value) in parameters
            .chain(headers)
            .filter(|(name, value)| !value.is_empty() && redact::is_secret(name, Some(*operation)))
        {
            let (mut once, mut twice) = (String::new(), String::new());
            encode(value, &mut once);
            encode(&once, &mut twice);
            for form in [twice.as_str(), once.as_str(), value, &once.replace("%20", "+"), &lower_escapes(&once)] {
                masked = masked.replace(form, redact::MASK);
            }
        }
        masked
    }
}

fn lower_escapes(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    let mut escaped = 0;
    for character in text.chars() {
        if escaped > 0 {
            escaped -= 1;
            lower.push(character.to_ascii_lowercase());
        } else {
            if character == '%' {
                escaped = 2;
            }
            lower.push(character);
        }
    }
    lower
}

fn with_method(text: &str, method: &str) -> String {
    let end = text.find(['\n', '&']).unwrap_or(0);
    format!("{method}{}", text.get(end..).unwrap_or_default())
}

fn with_line(text: &str, number: usize, line: &str) -> String {
    text.split('\n').enumerate().map(|(at, old)| if at == number { line } else { old }).collect::<Vec<_>>().join("\n")
}

fn replace_last(text: &str, from: &str, to: &str) -> String {
    text.rsplit_once(from).map_or_else(|| text.to_owned(), |(head, tail)| format!("{head}{to}{tail}"))
}

fn roa_encoded(request: &Request, expected: &str) -> String {
    let head = expected.strip_suffix(&resource(expected)).unwrap_or_default();
    let mut pairs: Vec<String> = request
        .query
        .iter()
        .map(|pair| {
            let mut text = format!("{}=", pair.name);
            crate::request::encode(&pair.value, &mut text);
            text
        })
        .collect();
    pairs.sort_unstable();
    format!("{head}{}?{}", request.path(), pairs.join("&"))
}

fn resource(expected: &str) -> String {
    // Headers cannot hold a line feed, so the last header line ends before the first `\n/`.
    expected.find("\n/").and_then(|at| expected.get(at + 1..)).unwrap_or_default().to_owned()
}
