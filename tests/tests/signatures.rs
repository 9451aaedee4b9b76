//! Signatures equal those that the vendor's own code has computed.

use std::collections::BTreeMap;

use alicloud_core::sign::{Acs3, Acs3Algorithm, OssV1, OssV4, RoaV1, RpcV1, SlsV1, SlsV4};
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
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
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

#[test]
fn sls_v1() {
    let (id, records) = records("sls_v1");
    for record in records {
        let (method, query) = (record.method(), pairs(&record.query));
        let signer = SlsV1 { method: &method, path: &record.pathname, query: &query, headers: &record.headers };
        assert_eq!(signer.string_to_sign(), record.string_to_sign, "{}", record.id);
        assert_eq!(Some(signer.authorization(&id, &record.access_key_secret)), record.authorization, "{}", record.id);
    }
}

#[test]
fn sls_v4() {
    let (id, records) = records("sls_v4");
    for record in records {
        let (method, query) = (record.method(), pairs(&record.query));
        let signer = SlsV4 {
            method: &method,
            path: &record.pathname,
            query: &query,
            headers: &record.headers,
            region: record.region.as_deref().unwrap(),
        };
        assert_eq!(Some(signer.canonical_request()), record.canonical_request, "{}", record.id);
        assert_eq!(Some(signer.authorization(&id, &record.access_key_secret)), record.authorization, "{}", record.id);
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The examples of the log service's documentation about its signature, with the older hash.
#[test]
fn sls_v1_as_documented() {
    let (id, secret) = ("bq2sjzesjmo86kq35behupbq", "4fdO2fTDDnZPU/L7CHNdemB2Nsk=");
    let own = [("x-log-apiversion", "0.6.0"), ("x-log-signaturemethod", "hmac-sha1")];
    let query = pairs(&map(&[("logstoreName", ""), ("offset", "0"), ("size", "1000")]));
    let mut headers = map(&own);
    headers.extend(map(&[("date", "Mon, 09 Nov 2015 06:11:16 GMT")]));
    let signer = SlsV1 { method: &Method::GET, path: "/logstores", query: &query, headers: &headers };
    assert_eq!(signer.authorization(id, secret), format!("LOG {id}:jEYOTCJs2e88o+y5F4/S5IsnBJQ="));

    let mut headers = map(&own);
    headers.extend(map(&[
        ("content-md5", "1DD45FA4A70A9300CC9FE7305AF2C494"),
        ("content-type", "application/x-protobuf"),
        ("date", "Mon, 09 Nov 2015 06:03:03 GMT"),
        ("x-log-bodyrawsize", "50"),
        ("x-log-compresstype", "lz4"),
    ]));
    let signer = SlsV1 { method: &Method::POST, path: "/logstores/test-logstore", query: &[], headers: &headers };
    assert_eq!(signer.authorization(id, secret), format!("LOG {id}:XWLGYHGg2F2hcfxWxMLiNkGki6g="));
}

/// What the vendor's own signer of object storage computes.
#[test]
fn oss_v4() {
    let query = [
        ("param1", "value1"),
        ("+param1", "value3"),
        ("|param1", "value4"),
        ("+param2", ""),
        ("|param2", ""),
        ("param2", ""),
    ];
    let query = pairs(&map(&query));
    for (date, token, signature) in [
        ("20231216T162057Z", None, "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"),
        ("20231217T034736Z", Some("token"), "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"),
    ] {
        let mut headers = map(&[
            ("abc", "value"),
            ("content-type", "text/plain"),
            ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-oss-date", date),
            ("x-oss-head1", "value"),
        ]);
        headers.extend(token.map(|token| ("x-oss-security-token".to_owned(), token.to_owned())));
        let signer = OssV4 {
            method: &Method::PUT,
            bucket: Some("bucket"),
            path: "/1234%2B-/123/1.txt",
            query: &query,
            headers: &headers,
            region: "cn-hangzhou",
        };
        let scope = format!("ak/{}/cn-hangzhou/oss/aliyun_v4_request", &date[..8]);
        let expected = format!("OSS4-HMAC-SHA256 Credential={scope},Signature={signature}");
        assert_eq!(signer.authorization("ak", "sk"), expected);
    }
}

/// The same of the older signature: parts of the resource are signed, other parameters are not.
#[test]
fn oss_v1() {
    let date = ("date", "Wed, 28 Dec 2022 10:27:41 GMT");
    let own_date = ("x-oss-date", date.1);
    let put = map(&[
        date,
        own_date,
        ("content-md5", "eB5eJF1ptWaXm4bijSPyxw=="),
        ("content-type", "text/html"),
        ("x-oss-meta-author", "alice"),
        ("x-oss-meta-magic", "abracadabra"),
    ]);
    let get = map(&[date, own_date]);
    let group = ["resourceGroup".to_owned()];
    for (method, path, query, headers, signature) in [
        (Method::PUT, "/nelson", map(&[]), &put, "kSHKmLxlyEAKtZPkJhG9bZb5k7M="),
        (Method::PUT, "/nelson", map(&[("acl", "")]), &put, "/afkugFbmWDQ967j1vr6zygBLQk="),
        (Method::GET, "/", map(&[("resourceGroup", ""), ("other", "x")]), &get, "vkQmfuUDyi1uDi3bKt67oemssIs="),
        (Method::GET, "/", map(&[("resourceGroup", ""), ("acl", "")]), &get, "x3E5TgOvl/i7PN618s5mEvpJDYk="),
    ] {
        let signer = OssV1 {
            method: &method,
            bucket: Some("examplebucket"),
            path,
            query: &pairs(&query),
            headers,
            sub_resources: &group,
        };
        assert_eq!(signer.authorization("ak", "sk"), format!("OSS ak:{signature}"));
    }
}
