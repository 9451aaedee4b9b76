//! Why a signature does not match.
//!
//! The gateway knows the secret, so it can try what clients usually do wrong: whichever mistake gives the
//! signature that was sent is the one that was made.

use alicloud_spec::Operation;
use sha1::Digest as _;

use super::{acs3, base64, hex, hmac_sha1, hmac_sha256, roa_v1, sha256_hex};
use crate::error::ServiceError;
use crate::keys::Key;
use crate::redact;
use crate::request::{Request, decode, encode};

/// What there is to go by.
pub(super) struct Witness<'a> {
    pub(super) request: &'a Request,
    pub(super) key: &'a Key,
    pub(super) operation: &'a Operation,
    /// The signature that was sent.
    pub(super) sent: &'a str,
}

/// A mistake and the text that would have been signed with it.
type Suspect = (&'static str, String);

/// Writes a value into the text to sign.
type Write = fn(&str) -> String;

/// What goes wrong in writing values.
const VALUES: &[(&str, Write)] = &[
    ("a blank was encoded as `+` instead of `%20`", |value| percent(value).replace("%20", "+")),
    ("`*` was not encoded", |value| percent(value).replace("%2A", "*")),
    ("`~` was encoded", |value| percent(value).replace('~', "%7E")),
    ("`/` was not encoded", |value| percent(value).replace("%2F", "/")),
    ("`:` was not encoded", |value| percent(value).replace("%3A", ":")),
    ("`!'()*` were not encoded", |value| {
        ["!", "'", "(", ")", "*"].iter().fold(percent(value), |text, mark| text.replace(&percent(mark), mark))
    }),
    ("percent-encoding was written in lower case", |value| lower_escapes(&percent(value))),
    ("values were percent-encoded once too often", |value| percent(&percent(value))),
    ("values were not percent-encoded", str::to_owned),
    ("characters beyond ASCII were lost", |value| {
        percent(&value.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect::<String>())
    }),
];

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// Arranges pairs for the text to sign.
type Arrange = for<'a> fn(&Pairs<'a>, &Pairs<'a>) -> Pairs<'a>;

/// What goes wrong in choosing and ordering pairs; sorted pairs come in, the order of sending beside them.
const ORDERS: &[(&str, Arrange)] = &[
    ("parameters were signed in the order of sending", |_, sent| sent.clone()),
    ("parameters were sorted without regard to case", |sorted, _| {
        let mut pairs = sorted.clone();
        pairs.sort_by_key(|(name, _)| name.to_lowercase());
        pairs
    }),
    ("parameters without a value were left out", |sorted, _| {
        sorted.iter().copied().filter(|(_, value)| !value.is_empty()).collect()
    }),
    ("all parameters were left out", |_, _| Pairs::new()),
];

pub(super) fn acs3(witness: &Witness<'_>, names: &[&str], body_hash: &str) -> ServiceError {
    let request = witness.request;
    let hash = request.header("x-acs-content-sha256").unwrap_or(body_hash);
    let expected = acs3::expected(request, names, hash);
    let secret = &*witness.key.secret;
    let to_sign = |canonical: &str| format!("{}\n{}", acs3::ALGORITHM, sha256_hex(canonical.as_bytes()));
    let is_sent = |text: &str, secret: &str| hex(&hmac_sha256(secret.as_bytes(), text)) == witness.sent;

    let query = |text: String| with_line(&expected, 2, &text);
    let path = |text: &str| with_line(&expected, 1, text);
    let mut suspects: Vec<Suspect> = queries(&pairs(request, false), query).collect();
    let bare = written(&pairs(request, false).0, percent).split('&').map(bare_if_empty).collect::<Vec<_>>().join("&");
    suspects.push(("an empty value was signed without its `=`", query(bare)));
    let raw = request.path();
    suspects.push(("the path was percent-encoded once too often", path(&percent(raw).replace("%2F", "/"))));
    if let Some(decoded) = decode(raw.as_bytes(), false) {
        suspects.push(("the path was signed without its percent-encoding", path(&decoded)));
    }
    suspects.push(("the path was signed together with the query", path(&request.target)));
    suspects.extend(texts(&expected));
    suspects.extend(headers(&expected, names));

    let found = suspects.into_iter().find(|(_, text)| *text != expected && is_sent(&to_sign(text), secret));
    let found = found.map(|(what, text)| witness.describe(what, &expected, &text)).or_else(|| {
        let whole = to_sign(&expected);
        let otherwise = [
            ("the key was the secret with `&`, as in the RPC signature", is_sent(&whole, &format!("{secret}&"))),
            ("the canonical request was not hashed", is_sent(&format!("{}\n{expected}", acs3::ALGORITHM), secret)),
            (
                "the first line of the string to sign, the algorithm, is missing",
                is_sent(&sha256_hex(expected.as_bytes()), secret),
            ),
            ("the canonical request was hashed by SHA-1", {
                let hash = hex(&sha1::Sha1::digest(expected.as_bytes()));
                is_sent(&format!("{}\n{hash}", acs3::ALGORITHM), secret)
            }),
            ("the signature was made by HMAC-SHA1", hex(&hmac_sha1(secret.as_bytes(), &whole)) == witness.sent),
            ("the signature is not in lower-case hexadecimal digits", {
                let mac = hmac_sha256(secret.as_bytes(), &whole);
                hex(&mac).eq_ignore_ascii_case(witness.sent) || base64(&mac) == witness.sent
            }),
        ];
        otherwise.into_iter().find(|(_, holds)| *holds).map(|(what, _)| format!("{what}."))
    });
    let mut shown = witness.mask(&to_sign(&expected));
    shown.push_str(" server canonical request is:");
    shown.push_str(&witness.mask(&expected));
    refuse(&shown, found)
}

pub(super) fn rpc_v1(witness: &Witness<'_>, expected: &str) -> ServiceError {
    let secret = &*witness.key.secret;
    let is_sent = |text: &str, secret: &str| base64(&hmac_sha1(secret.as_bytes(), text)) == witness.sent;
    let head = format!("{}&%2F&", witness.request.method);
    let whole = |text: String| format!("{head}{}", percent(&text));
    let all = pairs(witness.request, true);
    let mut suspects: Vec<Suspect> = queries(&all, whole).collect();
    suspects.push(("the form did not take part", whole(written(&pairs(witness.request, false).0, percent))));
    suspects.push(("the parameters were percent-encoded once only", format!("{head}{}", written(&all.0, percent))));
    suspects.push(("`/` was not encoded", expected.replacen("&%2F&", "&/&", 1)));
    suspects.extend(texts(expected));

    let keyed = format!("{secret}&");
    let found = suspects.into_iter().find(|(_, text)| text != expected && is_sent(text, &keyed));
    let found = found.map(|(what, text)| witness.describe(what, expected, &text)).or_else(|| {
        let mac = hmac_sha1(keyed.as_bytes(), expected);
        let otherwise = [
            ("the key was the secret without `&`", is_sent(expected, secret)),
            ("the signature was made by HMAC-SHA256", base64(&hmac_sha256(keyed.as_bytes(), expected)) == witness.sent),
            ("the signature is in hexadecimal digits, not in Base64", hex(&mac).eq_ignore_ascii_case(witness.sent)),
        ];
        otherwise.into_iter().find(|(_, holds)| *holds).map(|(what, _)| format!("{what}."))
    });
    refuse(&witness.mask(expected), found)
}

pub(super) fn roa_v1(witness: &Witness<'_>) -> ServiceError {
    let request = witness.request;
    let expected = roa_v1::to_sign(request, true);
    let secret = &*witness.key.secret;
    let is_sent = |text: &str, secret: &str| base64(&hmac_sha1(secret.as_bytes(), text)) == witness.sent;
    let head = expected.find("\n/").and_then(|at| expected.get(..=at)).unwrap_or_default();
    let resource = |query: String| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{head}{}{mark}{query}", request.path())
    };
    let all = pairs(request, false);
    let encoded = written(&all.0, percent).split('&').map(bare_if_empty).collect::<Vec<_>>().join("&");
    let mut suspects: Vec<Suspect> = vec![
        ("query values were percent-encoded; here they are signed as they are", resource(encoded)),
        ("the query was signed in the order of sending", resource(written(&all.1, str::to_owned))),
        ("the query was left out", resource(String::new())),
        ("the content type was left out", with_line(&expected, 3, "")),
        ("`accept` was left out", with_line(&expected, 1, "")),
    ];
    suspects.extend(texts(&expected));
    let lines: Vec<&str> = head.lines().collect();
    let (first, signed) = lines.split_at(lines.len().min(5));
    let reversed: Vec<&str> = first.iter().chain(signed.iter().rev()).copied().collect();
    let rest = expected.strip_prefix(head).unwrap_or_default();
    suspects.push(("the headers were not sorted", format!("{}\n{rest}", reversed.join("\n"))));

    let found = suspects.into_iter().find(|(_, text)| *text != expected && is_sent(text, secret));
    let found = found.map(|(what, text)| witness.describe(what, &expected, &text)).or_else(|| {
        let keyed = is_sent(&expected, &format!("{secret}&"));
        keyed.then(|| "the key was the secret with `&`, as in the RPC signature.".to_owned())
    });
    refuse(&witness.mask(&expected), found)
}

/// The signatures of the log service and the older one of object storage, by the hash that they use.
pub(super) fn sls_v1(witness: &Witness<'_>, expected: &str, mac: fn(&[u8], &str) -> Vec<u8>) -> ServiceError {
    let request = witness.request;
    let secret = &*witness.key.secret;
    let is_sent = |text: &str, secret: &str| base64(&mac(secret.as_bytes(), text)) == witness.sent;
    let resource = expected.rfind(request.path()).unwrap_or(expected.len());
    let head = expected.get(..resource).unwrap_or_default();
    let with_query = |query: String| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{head}{}{mark}{query}", request.path())
    };
    let all = pairs(request, false);
    let lines: Vec<&str> = head.lines().collect();
    let (first, own) = lines.split_at(lines.len().min(4));
    let reversed: Vec<&str> = first.iter().chain(own.iter().rev()).copied().collect();
    let rest = expected.strip_prefix(head).unwrap_or_default();
    let mut suspects: Vec<Suspect> = vec![
        ("query values were percent-encoded; here they are signed as they are", with_query(written(&all.0, percent))),
        ("the query was signed in the order of sending", with_query(written(&all.1, str::to_owned))),
        ("the query was left out", with_query(String::new())),
        ("the MD5 of the body was left out", with_line(expected, 1, "")),
        ("the content type was left out", with_line(expected, 2, "")),
        ("the date was left out", with_line(expected, 3, "")),
        ("the headers were not sorted", format!("{}\n{rest}", reversed.join("\n"))),
        ("the headers of the service were left out", format!("{}\n{rest}", first.join("\n"))),
    ];
    suspects.extend(texts(expected));
    let found = suspects.into_iter().find(|(_, text)| *text != expected && is_sent(text, secret));
    let found = found.map(|(what, text)| witness.describe(what, expected, &text)).or_else(|| {
        let own = mac(secret.as_bytes(), expected);
        let otherwise = [
            ("the key was the secret with `&`, as in the RPC signature", is_sent(expected, &format!("{secret}&"))),
            ("the signature was made by HMAC-SHA1", base64(&hmac_sha1(secret.as_bytes(), expected)) == witness.sent),
            (
                "the signature was made by HMAC-SHA256",
                base64(&hmac_sha256(secret.as_bytes(), expected)) == witness.sent,
            ),
            ("the signature is in hexadecimal digits, not in Base64", hex(&own).eq_ignore_ascii_case(witness.sent)),
        ];
        otherwise.into_iter().find(|(_, holds)| *holds).map(|(what, _)| format!("{what}."))
    });
    refuse(&witness.mask(expected), found)
}

/// The fourth version, whose canonical request is shown: from its hash nobody learns anything.
pub(super) fn scoped(witness: &Witness<'_>, canonical: &str) -> ServiceError {
    refuse(&witness.mask(canonical), None)
}

/// Sorted pairs, and the same in the order of sending.
fn pairs(request: &Request, with_form: bool) -> (Pairs<'_>, Pairs<'_>) {
    let form = request.form.iter().filter(|_| with_form);
    let pairs = request.query.iter().chain(form).map(|pair| (pair.name.as_str(), pair.value.as_str()));
    let sent: Pairs<'_> = pairs.filter(|(name, _)| *name != "Signature").collect();
    let mut sorted = sent.clone();
    sorted.sort_unstable();
    (sorted, sent)
}

/// Mistakes in a query; `whole` puts it into its place.
fn queries<'a>(
    (sorted, sent): &'a (Pairs<'a>, Pairs<'a>),
    whole: impl Fn(String) -> String,
) -> impl Iterator<Item = Suspect> {
    let values = VALUES.iter().map(|(what, write)| (*what, written(sorted, *write)));
    let orders = ORDERS.iter().map(|(what, order)| (*what, written(&order(sorted, sent), percent)));
    values.chain(orders).map(|(what, text)| (what, whole(text))).collect::<Vec<_>>().into_iter()
}

fn written(pairs: &Pairs<'_>, write: impl Fn(&str) -> String) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", write(name), write(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn bare_if_empty(pair: &str) -> &str {
    pair.strip_suffix('=').unwrap_or(pair)
}

/// Mistakes that befall any text to sign.
fn texts(expected: &str) -> Vec<Suspect> {
    let method = expected.split(['\n', '&']).next().unwrap_or_default();
    let other = |other: &str| format!("{other}{}", expected.strip_prefix(method).unwrap_or_default());
    vec![
        ("the method was another one: GET", other("GET")),
        ("the method was another one: POST", other("POST")),
        ("the method was in lower case", other(&method.to_lowercase())),
        ("a line feed at the end was signed, too", format!("{expected}\n")),
        ("lines were ended by carriage returns, too", expected.replace('\n', "\r\n")),
    ]
}

/// Mistakes in the header lines of a canonical request.
fn headers(expected: &str, names: &[&str]) -> Vec<Suspect> {
    let lines: Vec<&str> = expected.split('\n').collect();
    let end = 3 + names.len();
    let (Some(before), Some(headers), Some(after)) = (lines.get(..3), lines.get(3..end), lines.get(end..)) else {
        return Vec::new();
    };
    let join = |headers: Vec<String>, after: &[&str]| {
        let before = before.iter().map(|line| (*line).to_owned());
        let after = after.iter().map(|line| (*line).to_owned());
        before.chain(headers).chain(after).collect::<Vec<_>>().join("\n")
    };
    let each = |change: fn(&str) -> String| headers.iter().map(|line| change(line)).collect::<Vec<_>>();
    let mut backward = names.to_vec();
    backward.reverse();
    let backward = backward.join(";");
    let hash = after.last().copied().unwrap_or_default();
    vec![
        ("header values were signed in lower case", join(each(str::to_lowercase), after)),
        ("a blank was put behind the colon of headers", join(each(|line| line.replacen(':', ": ", 1)), after)),
        ("the blank line after the headers is missing", join(each(str::to_owned), after.get(1..).unwrap_or_default())),
        ("the headers were not sorted", {
            let mut reversed = each(str::to_owned);
            reversed.reverse();
            join(reversed, &["", &backward, hash])
        }),
    ]
}

fn refuse(to_sign: &str, diagnosis: Option<String>) -> ServiceError {
    let diagnosis = diagnosis.as_deref().unwrap_or("no usual mistake explains it; is the secret the right one?");
    let message = format!(
        "Specified signature is not matched with our calculation. server string to sign is:{to_sign} diagnosis: {diagnosis}"
    );
    ServiceError::entry(400, "SignatureDoesNotMatch", message)
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
        let around = |text: &str| -> String {
            let shown: String = text.get(at..).unwrap_or_default().chars().take(24).collect();
            shown.escape_debug().to_string()
        };
        format!("{what}. first difference at byte {at}: expected `{}`, signed `{}`.", around(&expected), around(&got))
    }

    /// Hides secret values: people and logs see the text to sign.
    fn mask(&self, text: &str) -> String {
        let Self { request, operation, .. } = self;
        let parameters = request.query.iter().chain(&request.form);
        let parameters = parameters.map(|pair| (pair.name.as_str(), pair.value.as_str()));
        let token = request.header("x-acs-security-token").map(|token| ("x-acs-security-token", token));
        let secret = |(name, value): &(&str, &str)| !value.is_empty() && redact::is_secret(name, Some(*operation));
        let mut masked = text.to_owned();
        for (_, value) in parameters.chain(token).filter(secret) {
            let once = percent(value);
            let forms = [
                percent(&once),
                once.replace("%20", "+"),
                lower_escapes(&once),
                once,
                value.to_owned(),
                value.to_lowercase(),
            ];
            for form in forms {
                masked = masked.replace(&form, redact::MASK);
            }
        }
        masked
    }
}

fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode(text, &mut encoded);
    encoded
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

fn with_line(text: &str, number: usize, line: &str) -> String {
    text.split('\n').enumerate().map(|(at, old)| if at == number { line } else { old }).collect::<Vec<_>>().join("\n")
}
