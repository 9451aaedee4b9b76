//! Which values are secrets, told from their names and from what stands around them. One rule for all
//! products, reviewed as a whole. What no rule can know is marked in the spec by hand; imports keep it.

use alicloud_spec::{Kind, Shape, Spec};

/// Words and runs of words that make a value a secret wherever they stand.
const ANYWHERE: &str = "\
    password, passwd, pass word, pwd, passphrase, passcode, secret, secrets, credential, credentials, token, plaintext, \
    kubeconfig, kube config, private key, access key, api key, saml assertion";

/// Runs that do it at the end of a name. Before other words they say little: `TicketsAssigned`.
const AT_THE_END: &[&str] = &[
    // Keys and what keys are made from. An app key, a session key and a key alone are names.
    "authorization, psk, pre shared key, cak, keytab, jwt, sk, seed, play auth",
    "auth key, client key, server key, account key, sign key, signature key, encrypt key, decrypt key",
    "stream key, license key, license keys, md5 key, ssl pri",
    // A text with a pre-shared key inside.
    "ike config",
    // Codes and tickets that let somebody in once, and the texts that carry them to a phone.
    "ticket, otp, auth code, authentication code, authorization code, verification code, verify code, certify code",
    "captcha code, activation code, sms code, pin code, qr code png",
    "template param, template params, template param json, tts param",
    // Links that need no other proof than themselves.
    "download url, download urls, down load url, download link, upload url, upload urls, push url",
    "signed url, signed urls, presigned url, presigned urls, vnc url, login url",
    "web socket url, web socket uri, websocket url",
    "webhook, webhooks, webhook url, webhook urls, webhook link, webhook list",
    "web hook, web hooks, web hook url, web hook urls",
    // Where programs are given their passwords.
    "environment variables, environment vars, env variables, env vars",
];

/// Ends of the names of lists and maps of environment variables.
const ENVIRONMENT: &str = "environment var, environment vars, environment variable, environment variables, \
    env var, env vars, env, envs";

/// Words before `token` that make it a mark in a list, a count, or a name of one call: no secret.
const MARKS: &str = "\
    client next nextpage page previous last continuation cursor scroll marker idempotent async process sync result \
    task retry action alive prompt input output text image audio total max min type idempotence monthly cache credit";

/// Last words that make it a fact about a secret instead: `SecretName`, `PasswordPolicy`, `AccessKeyId`.
const ABOUT: &str = "\
    id ids name names arn arns type types version versions status state count num number time date day days \
    expiration expires expire ttl period interval length size limit quota policy rule rules mode level strategy \
    strength enabled enable required require flag algorithm source url uri endpoint path region owner user \
    description desc remark label labels tag tags filter filters format encoding rotation usage scope provider \
    category kind method index order page option options used created updated exist exists valid changed reset \
    location namespace domain action operation service audience issuer seconds in at on lifetime validity \
    identifier identifiers vendor modified area fingerprint print prefix prefixes preview mask masked reason \
    priority module inherit mobile timeout hint position issued address age info infos config configs setting \
    settings stage stages code message server issuers";

/// First words that do the same: `EnablePassword…`, `IsSecret`.
const ASKED: &str = "\
    enable enabled disable is has need use allow force support create modify check show max min contains";

/// Marks the secrets of a spec.
pub(crate) fn mark(spec: &mut Spec) {
    for operation in spec.operations.values_mut() {
        mark_fields(&mut operation.parameters, "");
        mark_fields(&mut operation.response.fields, "");
    }
    for (name, shape) in &mut spec.types {
        mark_inside(shape, name);
    }
}

fn mark_inside(shape: &mut Shape, name: &str) {
    mark_fields(&mut shape.fields, name);
    if let Some(of) = shape.of.as_deref_mut() {
        mark_inside(of, name);
    }
}

/// Marks the fields of what is called `outer`.
fn mark_fields(fields: &mut [Shape], outer: &str) {
    // Together they are the permission to upload a file.
    let signed = fields.iter().any(|field| field.name.to_lowercase().ends_with("policy"));
    let environment = is_environment(outer);
    for field in fields {
        let name = field.name.clone();
        field.secret = is_text(field)
            && (is_secret(&name)
                || (signed && name.to_lowercase().ends_with("signature"))
                || (environment && name.eq_ignore_ascii_case("value"))
                || (is_map_of_text(field) && is_environment(&name)));
        mark_inside(field, &name);
    }
}

/// Whether it is text or may hold text, or is a list or map of such.
fn is_text(shape: &Shape) -> bool {
    let text = |shape: &Shape| matches!(shape.kind, Some(Kind::String | Kind::Any));
    text(shape) || (matches!(shape.kind, Some(Kind::List | Kind::Map)) && shape.of.as_deref().is_some_and(text))
}

fn is_map_of_text(shape: &Shape) -> bool {
    shape.kind == Some(Kind::Map) && shape.of.as_deref().is_some_and(|of| of.kind == Some(Kind::String))
}

fn is_environment(name: &str) -> bool {
    let words = words(name);
    runs(ENVIRONMENT).any(|run| ends_with(&words, &run))
}

/// Whether a text of this name must never be printed.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let pair = |test: fn(&str, &str) -> bool| words.windows(2).any(|pair| matches!(pair, [a, b] if test(a, b)));
    if listed(ASKED, first)
        || pair(|mark, token| token == "token" && listed(MARKS, mark))
        || pair(|password, free| password == "password" && free == "free")
        || ends_with(&words, &["secret", "no"])
    {
        return false;
    }
    let whole = runs(ANYWHERE).chain(AT_THE_END.iter().copied().flat_map(runs)).any(|run| ends_with(&words, &run));
    whole || (!listed(ABOUT, last) && runs(ANYWHERE).any(|run| holds(&words, &run)))
}

/// The runs of a list with commas.
fn runs(list: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    list.split(',').map(|run| run.split_whitespace().collect())
}

fn holds(words: &[String], run: &[&str]) -> bool {
    words.windows(run.len()).any(|window| window.iter().zip(run).all(|(word, other)| same(word, other)))
}

fn ends_with(words: &[String], run: &[&str]) -> bool {
    words.len().checked_sub(run.len()).and_then(|start| words.get(start..)).is_some_and(|end| holds(end, run))
}

/// `AuthenticationCode2` is an authentication code.
fn same(word: &str, other: &str) -> bool {
    word == other || word.trim_end_matches(|letter: char| letter.is_ascii_digit()) == other
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// Splits `dbAccountPassword`, `db_account_password` and `DBAccountPassword` alike.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let starts = letter.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || (before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase())));
        if starts || !letter.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
