//! The recorded requests of the vendor's own SDKs have to pass, byte for byte.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::{Nonces, Verifier};
use crate::checks::Checks;
use crate::clock::Clock;
use crate::keys::Keyring;
use crate::request::{Request, encode};
use alicloud_spec::{Auth, Operation};

const RECORDED: u64 = 1_704_164_645;
const TOKEN: &str = "test+security/token==";

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vectors"))
}

fn records(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(fixtures().join(file)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["vectors"].as_array().unwrap().clone()
}

/// A verifier that knows the recorded keys; a new one for each request, as all share one nonce.
fn verifier(id: &str, secret: &str, token: Option<&str>, time: u64) -> Verifier {
    let clock = Clock::default();
    clock.freeze_at(UNIX_EPOCH + Duration::from_secs(time));
    let keys = Keyring::new(clock.clone(), false);
    match token {
        Some(token) => keys.add_temporary(id, secret, token, Duration::from_secs(60)).unwrap(),
        None => keys.add(id, secret).unwrap(),
    }
    keys.add_bearer("test-bearer-token", None);
    Verifier { keys, clock, nonces: Nonces::default(), checks: Checks::default() }
}

fn headers(object: &Value) -> HeaderMap {
    let pairs = object.as_object().unwrap().iter();
    // A server sees header values without surrounding blanks.
    pairs
        .map(|(name, value)| {
            let value = value.as_str().unwrap().trim();
            (HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        })
        .collect()
}

fn recorded(request: &Value) -> Request {
    Request::from_target(
        Method::try_from(request["method"].as_str().unwrap()).unwrap(),
        request["target"].as_str().unwrap().to_owned(),
        headers(&request["headers"]),
        Bytes::from(request["body"].as_str().unwrap().to_owned()),
    )
}

fn target(path: &str, query: &Value) -> String {
    let mut text = path.to_owned();
    for (at, (name, value)) in query.as_object().into_iter().flatten().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        encode(name, &mut text);
        text.push('=');
        encode(value.as_str().unwrap(), &mut text);
    }
    text
}

#[track_caller]
fn assert_verified(id: &str, verifier: &Verifier, request: &Request, auth: Auth) {
    if let Err(error) = verifier.verify(request, &Operation { auth, ..Operation::default() }) {
        panic!("{id}: {} {}", error.code, error.message);
    }
}

#[test]
fn accepts_every_recorded_request() {
    let mut seen = 0;
    for file in std::fs::read_dir(fixtures().join("wire")).unwrap() {
        let name = format!("wire/{}", file.unwrap().file_name().to_str().unwrap());
        for record in records(&name) {
            let id = record["id"].as_str().unwrap();
            let auth = if record["params"]["authType"] == "Anonymous" { Auth::Anonymous } else { Auth::Signed };
            let token = (record["settings"]["credential"] == "sts").then_some(TOKEN);
            let verifier = verifier("testid", "testsecret", token, RECORDED);
            assert_verified(id, &verifier, &recorded(&record["request"]), auth);
            seen += 1;

            // The same call as the vendor's SDKs for other languages make it.
            if let (Some(other), Some(signing)) =
                (record["request_go_ts"].as_object(), record["signing_go_ts"].as_object())
            {
                let mut request = record["request"].clone();
                for (name, value) in other {
                    request[name] = value.clone();
                }
                if let Some(authorization) = signing.get("authorization_core_headers").or(signing.get("authorization"))
                {
                    request["headers"]["authorization"] = authorization.clone();
                    let hash = super::sha256_hex(request["body"].as_str().unwrap().as_bytes());
                    request["headers"]["x-acs-content-sha256"] = hash.into();
                }
                let fresh = self::verifier("testid", "testsecret", token, RECORDED);
                assert_verified(&format!("{id} (Go, TypeScript)"), &fresh, &recorded(&request), auth);
                seen += 1;
            }
            if let Some(authorization) = record["signing"]["authorization_core_headers"].as_str() {
                let mut request = record["request"].clone();
                request["headers"]["authorization"] = authorization.into();
                let fresh = self::verifier("testid", "testsecret", token, RECORDED);
                assert_verified(&format!("{id} (core headers)"), &fresh, &recorded(&request), auth);
                seen += 1;
            }
        }
    }
    assert!(seen > 150, "only {seen} records were found");
}

/// The whole way through the gateway: the vendor's SDKs know what the services take.
#[test]
fn serves_every_recorded_request() {
    // Recorded with values that no service would take: a role `r`, no instances, an unknown parameter; or
    // without what is required.
    const INVENTED: [&str; 8] = [
        "sts/AssumeRoleWithOIDC.with_ak",
        "ecs/RunInstances.nulls",
        "servicemesh/DescribeServiceMeshDetail.global",
        "cs/CreateCluster.v2_sts",
        "cs/CreateCluster.empty_body",
        "cs/ScaleOutCluster",
        "smartag/CreateSmartAccessGateway",
        "smartag/ListSmartAGApiUnsupportedFeature",
    ];
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs");
    let mut refused = Vec::new();
    let mut seen = 0;
    for file in std::fs::read_dir(fixtures().join("wire")).unwrap() {
        for record in records(&format!("wire/{}", file.unwrap().file_name().to_str().unwrap())) {
            let gateway = crate::MockGateway::builder().specs_dir(specs).start_blocking().unwrap();
            gateway.clock().freeze_at(UNIX_EPOCH + Duration::from_secs(RECORDED));
            gateway.keys().add_bearer("test-bearer-token", None);
            if record["settings"]["credential"] == "sts" {
                gateway.keys().add_temporary("testid", "testsecret", TOKEN, Duration::from_secs(60)).unwrap();
            }
            let outcome = gateway.engine.handle(recorded(&record["request"]), crate::engine::Foreseen::No);
            let body: Value = serde_json::from_slice(outcome.response.body()).unwrap_or_default();
            let code = body["Code"].as_str().or(body["code"].as_str()).unwrap_or_default();
            if matches!(code, "InvalidAction.NotFound" | "NoSuchVersion") {
                continue;
            }
            seen += 1;
            let invented = INVENTED.contains(&record["id"].as_str().unwrap());
            if invented != (outcome.response.status().as_u16() >= 300) {
                refused.push(format!("{}: {body}", record["id"]));
            }
        }
    }
    assert!(seen >= 30, "only {seen} recorded operations have a spec");
    assert!(refused.is_empty(), "{seen} seen, judged wrongly:\n{}", refused.join("\n"));
}

#[test]
fn accepts_every_signature_of_the_vendors_code() {
    let mut seen = 0;
    for record in records("signatures.json") {
        let id = record["id"].as_str().unwrap();
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let secret = text("access_key_secret");
        let method = Method::try_from(text("method")).unwrap_or(Method::GET);
        match record["kind"].as_str().unwrap() {
            "rpc_v1" => {
                let mut params = record["params"].clone();
                params["Signature"] = record["signature"].clone();
                let form = method == Method::POST && !id.contains("query");
                let (target, body) = if form {
                    ("/".to_owned(), target("", &params).split_off(1))
                } else {
                    (target("/", &params), String::new())
                };
                let kind = [("content-type", "application/x-www-form-urlencoded")];
                let kind = kind.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
                let request = Request::from_target(method, target, kind.into_iter().collect(), Bytes::from(body));
                let Some(time) = record["params"]["Timestamp"].as_str() else {
                    // Not a whole request: parameters and their text alone.
                    assert_eq!(super::rpc_v1::to_sign(&request), text("string_to_sign"), "{id}");
                    seen += 1;
                    continue;
                };
                let time = super::time::parse(time, super::time::Format::Iso8601).unwrap() / 1000;
                let key = record["params"]["AccessKeyId"].as_str().unwrap();
                let verifier =
                    verifier(key, secret, record["params"]["SecurityToken"].as_str(), u64::try_from(time).unwrap());
                assert_verified(id, &verifier, &request, Auth::Signed);
            }
            "roa_v1" => {
                let mut all = record["headers"].clone();
                all["authorization"] = record["authorization"].clone();
                let token = record["headers"]["x-acs-security-token"].as_str();
                let target = target(text("pathname"), &record["query"]);
                // The signature covers the body by its MD5 alone, which is all that the record holds of it.
                let body = if record["headers"]["content-md5"].is_null() { "" } else { "{}" };
                let request = Request::from_target(method, target, headers(&all), Bytes::from(body));
                assert_verified(id, &verifier("testid", secret, token, RECORDED), &request, Auth::Signed);
            }
            "acs3" if text("algorithm") == super::acs3::ALGORITHM => {
                let body = match record["body_base64"].as_str() {
                    Some(body) => base64::engine::general_purpose::STANDARD.decode(body).unwrap(),
                    None => text("body").as_bytes().to_vec(),
                };
                let token = record["headers"]["x-acs-security-token"].as_str();
                let time = record["headers"]["x-acs-date"].as_str().unwrap();
                let time = super::time::parse(time, super::time::Format::Iso8601).unwrap() / 1000;
                for name in ["authorization", "authorization_core_headers", "typescript_gives"] {
                    let authorization = match &record[name] {
                        Value::String(text) => Value::from(text.as_str()),
                        Value::Object(members) => members.get("authorization").cloned().unwrap_or_default(),
                        _ => continue,
                    };
                    if !authorization.as_str().is_some_and(|text| text.contains("SignedHeaders")) {
                        continue;
                    }
                    let mut all = record["headers"].clone();
                    all["authorization"] = authorization;
                    let target = target(text("pathname"), &record["query"]);
                    let request =
                        Request::from_target(method.clone(), target, headers(&all), Bytes::from(body.clone()));
                    let verifier = verifier(text("access_key_id"), secret, token, u64::try_from(time).unwrap());
                    assert_verified(&format!("{id} {name}"), &verifier, &request, Auth::Signed);
                }
            }
            "sls_v1" | "sls_v4" => {
                // The records hold sizes and hashes of these bodies, not the bodies.
                let body = match record["headers"]["x-log-bodyrawsize"].as_str() {
                    Some("2") => "{}",
                    Some("11") => r#"{"a":"值"}"#,
                    _ => "",
                };
                let mut all = record["headers"].clone();
                all["authorization"] = record["authorization"].clone();
                let token = record["headers"]["x-acs-security-token"].as_str();
                let target = target(text("pathname"), &record["query"]);
                let request = Request::from_target(method, target, headers(&all), Bytes::from(body));
                assert_verified(id, &verifier("testid", secret, token, RECORDED), &request, Auth::Signed);
            }
            _ => continue,
        }
        seen += 1;
    }
    assert_eq!(seen, 13 + 11 + 27 + 4);
}
