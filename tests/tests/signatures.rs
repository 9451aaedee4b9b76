//! Signatures equal those that the vendor's own code has computed.

use std::collections::BTreeMap;

use alicloud_core::sign::{Acs3, Acs3Algorithm, RoaV1, RpcV1};
use alicloud_tests::json_fixture;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::Method;
use serde::Deserialize;

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    algorithm: String,
    method: String,
    #[serde(default)]
    pathname: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    access_key_id: Option<String>,
    access_key_secret: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    #[serde(default)]
    payload_hash: Option<String>,
    #[serde(default)]
    canonical_request: Option<String>,
    string_to_sign: String,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    authorization: Option<String>,
    #[serde(default)]
    authorization_core_headers: Option<String>,
}

impl Record {
    fn method(&self) -> Method {
        self.method.parse().unwrap()
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.clone().into_iter().collect()
}

fn records(kind: &str) -> (String, Vec<Record>) {
    let records: serde_json::Value = json_fixture("vectors/signatures.json");
    let id = records["access_key_id"].as_str().unwrap().to_owned();
    let vectors = records["vectors"].as_array().unwrap().iter().filter(|record| record["kind"] == kind);
    let vectors: Vec<_> = vectors.map(|record| serde_json::from_value(record.clone()).unwrap()).collect();
    assert!(!vectors.is_empty(), "no records of kind {kind}");
    (id, vectors)
}

#[test]
fn rpc_v1() {
    for record in records("rpc_v1").1 {
        let (method, parameters) = (record.method(), pairs(&record.params));
        let signer = RpcV1 { method: &method, parameters: &parameters };
        assert_eq!(signer.string_to_sign(), record.string_to_sign, "{}", record.id);
        assert_eq!(Some(signer.signature(&record.access_key_secret)), record.signature, "{}", record.id);
    }
}

#[test]
fn roa_v1() {
    let (id, records) = records("roa_v1");
    for record in records {
        let (method, query) = (record.method(), pairs(&record.query));
        let signer = RoaV1 { method: &method, path: &record.pathname, query: &query, headers: &record.headers };
        assert_eq!(signer.string_to_sign(), record.string_to_sign, "{}", record.id);
        assert_eq!(Some(signer.authorization(&id, &record.access_key_secret)), record.authorization, "{}", record.id);
    }
}

#[test]
fn acs3() {
    let (id, records) = records("acs3");
    for record in &records {
        let algorithm = match record.algorithm.as_str() {
            "ACS3-HMAC-SHA256" => Acs3Algorithm::HmacSha256,
            "ACS3-HMAC-SM3" => Acs3Algorithm::HmacSm3,
            other => panic!("{}: unknown algorithm {other}", record.id),
        };
        let (method, query) = (record.method(), pairs(&record.query));
        let hash = record.payload_hash.clone().unwrap();
        let body = match (&record.body, &record.body_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(encoded)) => BASE64_STANDARD.decode(encoded).unwrap(),
            other => panic!("{}: {other:?}", record.id),
        };
        assert_eq!(algorithm.hash(&body), hash, "{}", record.id);
        let signer = Acs3 {
            algorithm,
            method: &method,
            path: &record.pathname,
            query: &query,
            headers: &record.headers,
            payload_hash: &hash,
        };
        let signs_core_headers = record.authorization == record.authorization_core_headers;
        if signs_core_headers {
            assert_eq!(Some(signer.canonical_request()), record.canonical_request, "{}", record.id);
            assert_eq!(signer.string_to_sign(), record.string_to_sign, "{}", record.id);
        }
        let authorization =
            signer.authorization(record.access_key_id.as_ref().unwrap_or(&id), &record.access_key_secret);
        assert_eq!(Some(authorization), record.authorization_core_headers, "{}", record.id);
    }
}
