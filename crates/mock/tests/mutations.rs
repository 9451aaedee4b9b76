//! Seeded mistakes in a signer: the gateway has to catch every one of them.

mod support;

use std::time::Duration;

use alicloud_mock::{Builder, Check, MockGateway};
use serde_json::json;
use support::sign::{Kind, Moment};
use support::{Key, Request, Signer, code, exchange, message};

/// Mistakes in each signature, by the name under which the test signer knows them.
const ACS3: &[&str] = &[
    "query not sorted",
    "query sorted without regard to case",
    "empty values left out",
    "empty value without equals sign",
    "query left out",
    "blank as plus",
    "star not encoded",
    "tilde encoded",
    "slash not encoded",
    "escapes in lower case",
    "values encoded twice",
    "values not encoded",
    "values encoded as Latin-1",
    "path encoded again",
    "path decoded",
    "path with query",
    "method in lower case",
    "wrong method",
    "headers in reverse order",
    "header names in upper case",
    "signed headers joined by commas",
    "blank after the colon",
    "header values in lower case",
    "no blank line after headers",
    "trailing line feed",
    "carriage returns",
    "canonical request hashed by SHA-1",
    "canonical request not hashed",
    "algorithm left out of the string to sign",
    "ampersand after the secret",
    "derived key",
    "HMAC-SHA1 for HMAC-SHA256",
    "signature in base64",
    "signature in upper case",
    "signature cut short",
    "another key id",
    "host not signed",
    "content-type not signed",
    "security token not signed",
    "security token not sent",
    "nonce not signed",
    "date not signed",
    "action not signed",
    "payload hash of nothing",
    "payload hash in upper case",
    "payload hash in base64",
    "body changed after signing",
    "query changed after signing",
];
const RPC_V1: &[&str] = &[
    "query not sorted",
    "form left out",
    "blank as plus",
    "star not encoded",
    "tilde encoded",
    "escapes in lower case",
    "values encoded once",
    "slash not encoded",
    "no ampersand after the secret",
    "HMAC-SHA256 for HMAC-SHA1",
    "signature in hex",
    "body changed after signing",
    "query changed after signing",
];
const ROA_V1: &[&str] = &[
    "headers in reverse order",
    "content-type not signed",
    "values encoded",
    "ampersand after the secret",
    "query changed after signing",
];

const SLS_V1: &[&str] = &[
    "query not sorted",
    "query left out",
    "values encoded",
    "content-md5 not signed",
    "content-type not signed",
    "date not signed",
    "own headers not signed",
    "security token not signed",
    "security token not sent",
    "headers in reverse order",
    "payload hash of nothing",
    "payload hash in lower case",
    "wrong size of the body",
    "wrong protocol version",
    "ampersand after the secret",
    "HMAC-SHA1 for HMAC-SHA256",
    "signature in hex",
    "body changed after signing",
    "query changed after signing",
];
const SLS_V4: &[&str] = &[
    "query not sorted",
    "query left out",
    "values not encoded",
    "blank as plus",
    "star not encoded",
    "escapes in lower case",
    "empty value with equals sign",
    "host not signed",
    "content-type not signed",
    "date not signed",
    "security token not signed",
    "security token not sent",
    "headers in reverse order",
    "header values in lower case",
    "payload hash of nothing",
    "wrong size of the body",
    "wrong protocol version",
    "another day in the scope",
    "another product in the scope",
    "scope left out of the string to sign",
    "canonical request not hashed",
    "prefix of the key left out",
    "key not derived",
    "signature in base64",
    "signature in upper case",
    "body changed after signing",
    "query changed after signing",
];
const OSS_V1: &[&str] = &[
    "bucket left out",
    "path encoded",
    "sub-resources left out",
    "all parameters signed",
    "empty value with equals sign",
    "content-type not signed",
    "date not signed",
    "security token not sent",
    "headers in reverse order",
    "header values in lower case",
    "HMAC-SHA256 for HMAC-SHA1",
    "signature in hex",
];
const OSS_V4: &[&str] = &[
    "bucket left out",
    "slash encoded",
    "query not sorted",
    "query left out",
    "values not encoded",
    "blank as plus",
    "star not encoded",
    "empty value with equals sign",
    "content-type not signed",
    "date not signed",
    "security token not signed",
    "security token not sent",
    "headers in reverse order",
    "header values in lower case",
    "no blank line after headers",
    "payload hash of nothing",
    "another day in the scope",
    "another product in the scope",
    "scope left out of the string to sign",
    "canonical request not hashed",
    "prefix of the key left out",
    "key not derived",
    "signature in base64",
    "signature in upper case",
    "query changed after signing",
];

/// A gateway without some of its checks.
fn without(checks: &[Check]) -> MockGateway {
    let specs = support::services().into_iter().chain([support::everything()]);
    let builder = specs.fold(MockGateway::builder(), Builder::product);
    let gateway = support::start(checks.iter().copied().fold(builder, Builder::skip));
    gateway.keys().add_temporary("STS.id", "secret", "to+ken/==", Duration::from_secs(60)).unwrap();
    gateway
}

fn gateway() -> MockGateway {
    without(&[Check::Unknown])
}

/// A verifier that is broken: it believes every signature. A mistake that even it refuses would prove nothing.
fn believer() -> MockGateway {
    without(&[Check::Signature, Check::PayloadHash, Check::SignedHeaders, Check::SecurityToken, Check::Unknown])
}

fn key() -> Key {
    Key { id: "STS.id".into(), secret: "secret".into(), token: Some("to+ken/==".into()) }
}

fn put(query: &[(&str, &str)]) -> Request {
    Request::roa("PUT", "/", "", "").query(query)
}

/// A request in which every mistake shows.
fn request(kind: Kind) -> Request {
    const QUERY: &[(&str, &str)] =
        &[("b", "x y"), ("a", "1*2~3/4"), ("B", "é%"), ("Empty", ""), ("Tag.10.Key", "k"), ("Tag.2.Key", "+")];
    let request = match kind {
        Kind::SlsV1 | Kind::SlsV4 => {
            Request { path: "/stores/a-b".into(), ..put(&[("type", "log")]) }.json(&json!({"name": "n"}))
        }
        Kind::OssV1 | Kind::OssV4 => {
            let request = Request { path: "/a%20b/c.txt".into(), ..put(&[("lifecycle", ""), ("versionId", "v")]) };
            Request { body: b"<Rule/>".to_vec(), ..request }.header("content-type", "application/xml")
        }
        Kind::RpcV1 => Request::rpc("DescribeThings", "2024-01-01").form(&[("Form", "f g"), ("A", "*")]),
        _ => Request::roa("PUT", "/things/a%2Fb%20c/parts/x", "UpdateThing", "2024-01-01").json(&json!({"name": "n"})),
    };
    request.query(QUERY)
}

#[test]
fn every_seeded_mistake_is_caught() {
    let gateway = gateway();
    let believer = believer();
    let mut missed = Vec::new();
    let (mut caught, mut explained) = (0, 0);
    println!("{:<16} {:<42} {:<28} diagnosis", "signature", "mistake", "answer");
    for (kind, name, mistakes) in [
        (Kind::Acs3, "ACS3", ACS3),
        (Kind::RpcV1, "RPC v1", RPC_V1),
        (Kind::RoaV1, "ROA v1", ROA_V1),
        (Kind::SlsV1, "LOG", SLS_V1),
        (Kind::SlsV4, "SLS4", SLS_V4),
        (Kind::OssV1, "OSS v1", OSS_V1),
        (Kind::OssV4, "OSS4", OSS_V4),
    ] {
        let request = request(kind);
        let mut signer = Signer::new(kind, key());
        let answer = exchange(gateway.address(), &signer.sign(&request, &Moment::now()));
        assert_eq!(answer.status, 200, "{name} without a mistake: {}", answer.text());
        for mistake in mistakes {
            signer.bug = Some(mistake);
            let answer = exchange(believer.address(), &signer.sign(&request, &Moment::now()));
            assert_eq!(answer.status, 200, "{name}, {mistake}: only a signature may be wrong: {}", answer.text());
            let answer = exchange(gateway.address(), &signer.sign(&request, &Moment::now()));
            let diagnosis = message(&answer).split("diagnosis: ").nth(1).unwrap_or("-").to_owned();
            println!("{name:<16} {mistake:<42} {:<28} {diagnosis}", code(&answer));
            explained += usize::from(diagnosis.len() > 1 && !diagnosis.contains("no usual mistake"));
            if answer.status < 400 { missed.push((name, *mistake)) } else { caught += 1 }
        }
    }
    println!("{caught} of {} caught, {explained} explained", caught + missed.len());
    assert!(missed.is_empty(), "not caught: {missed:?}");
    assert!(caught >= 140 && explained >= 55, "{caught} caught, {explained} explained");
}

#[test]
fn attempts_that_were_right_once_are_refused() {
    let gateway = gateway();
    let now = jiff::Timestamp::now().as_second();
    for kind in [Kind::Acs3, Kind::RpcV1, Kind::RoaV1] {
        let signer = Signer::new(kind, key());
        let request = request(kind);
        let send = |moment: &Moment| code(&exchange(gateway.address(), &signer.sign(&request, moment)));

        let moment = Moment::now();
        assert_eq!(send(&moment), "", "{kind:?}");
        assert_eq!(send(&moment), "SignatureNonceUsed", "{kind:?}");
        assert_eq!(send(&Moment::at(now - 16 * 60)), "InvalidTimeStamp.Expired", "{kind:?}");
        assert_eq!(send(&Moment::at(now + 16 * 60)), "InvalidTimeStamp.Expired", "{kind:?}");
        assert_eq!(send(&Moment::at(now - 14 * 60)), "", "{kind:?}");
        let unreadable = Moment { iso8601: "now".into(), http_date: "now".into(), ..Moment::now() };
        assert_eq!(send(&unreadable), "IllegalTimestamp", "{kind:?}");
    }
}

#[test]
fn a_digest_of_the_body_has_to_be_right() {
    let gateway = gateway();
    let send = |digest: Option<&str>| {
        let request = request(Kind::RoaV1);
        let request = match digest {
            Some(digest) => request.header("content-md5", digest),
            None => request,
        };
        exchange(gateway.address(), &Signer::new(Kind::RoaV1, key()).sign(&request, &Moment::now()))
    };
    let right = send(Some("roqAcLujb/wGhUDEFYKA/Q=="));
    assert_eq!((code(&right).as_str(), right.header("x-mock-unverified")), ("", Some("unknown")), "{}", right.text());
    assert_eq!(code(&send(Some("1B2M2Y8AsgTpgAmY7PhCfg=="))), "InvalidDigest");
    let none = send(None);
    assert_eq!((code(&none).as_str(), none.header("x-mock-unverified")), ("", Some("unknown, unsigned-payload")));
}

#[test]
fn keys_and_tokens_have_to_be_known_and_fit() {
    let gateway = gateway();
    let keys = gateway.keys();
    keys.add("permanent", "secret").unwrap();
    keys.add_temporary("STS.other", "secret", "other", Duration::from_secs(60)).unwrap();
    assert!(keys.add("LTAI5tExample", "secret").is_err(), "keys of real accounts are refused");

    let known = |id: &str, secret: &str, token: Option<&str>| Key {
        id: id.into(),
        secret: secret.into(),
        token: token.map(str::to_owned),
    };
    for kind in [Kind::Acs3, Kind::RpcV1, Kind::RoaV1] {
        for action in [request(kind), Request::rpc("Nothing", "2024-01-01")] {
            let real = Signer::new(kind, known("LTAI5tExample", "secret", None));
            let answer = exchange(gateway.address(), &real.sign(&action, &Moment::now()));
            assert_eq!((answer.status, code(&answer).as_str()), (403, "RealAccessKey"), "{kind:?}");
        }
        let send = |key: Key| {
            let request = request(kind);
            code(&exchange(gateway.address(), &Signer::new(kind, key).sign(&request, &Moment::now())))
        };
        for (key, expected) in [
            (known("permanent", "secret", None), ""),
            (known("nobody", "secret", None), "InvalidAccessKeyId.NotFound"),
            (known("permanent", "other", None), "SignatureDoesNotMatch"),
            (known("permanent", "secret", Some("to+ken/==")), "InvalidSecurityToken.MismatchWithAccessKey"),
            (known("STS.id", "secret", None), "MissingSecurityToken"),
            (known("STS.id", "secret", Some("other")), "InvalidSecurityToken.MismatchWithAccessKey"),
            (known("STS.id", "secret", Some("to+ken/==")), ""),
        ] {
            assert_eq!(send(key.clone()), expected, "{kind:?} {key:?}");
        }
    }
    let shown = format!("{:?}{}", gateway.requests(), gateway.har());
    assert!(shown.contains("LTAI") && !shown.contains("LTAI5"), "{shown}");
    gateway.clock().advance(Duration::from_secs(61));
    let signer = Signer::acs3(key());
    let answer = exchange(gateway.address(), &signer.sign(&request(Kind::Acs3), &Moment::now()));
    assert_eq!(code(&answer), "InvalidSecurityToken.Expired");
}

#[test]
fn bearer_tokens_and_anonymous_calls() {
    let gateway = gateway();
    gateway.keys().add_bearer("good", None);
    gateway.keys().add_bearer("short", Some(Duration::ZERO));
    let send = |kind: Kind, token: &str, action: &str| {
        let key = Key { id: "testid".into(), secret: "testsecret".into(), token: Some(token.into()) };
        let request = Request::rpc(action, "2024-01-01");
        code(&exchange(gateway.address(), &Signer::new(kind, key).sign(&request, &Moment::now())))
    };
    assert_eq!(send(Kind::Bearer, "good", "DescribeThings"), "");
    assert_eq!(send(Kind::Bearer, "bad", "DescribeThings"), "InvalidBearerToken");
    assert_eq!(send(Kind::Bearer, "short", "DescribeThings"), "InvalidBearerToken.Expired");
    assert_eq!(send(Kind::Anonymous, "", "GetPublicThing"), "");
    assert_eq!(send(Kind::Anonymous, "", "DescribeThings"), "MissingAccessKeyId");
    for kind in [Kind::Bearer, Kind::Acs3, Kind::RpcV1, Kind::RoaV1] {
        assert_eq!(send(kind, "good", "GetPublicThing"), "CredentialsNotAllowed", "{kind:?}");
    }
}
