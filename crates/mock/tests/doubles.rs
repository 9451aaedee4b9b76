//! The services around the API.

mod support;

use std::time::Duration;

use alicloud_mock::{Fault, MockGateway, When};
use serde_json::Value;
use support::sign::{Kind, Moment};
use support::{Answer, Key, Request, Signer, call, code, exchange, key, send};

fn plain(gateway: &MockGateway, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: 100.100.100.200\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
    exchange(gateway.address(), format!("{text}\r\n{body}").as_bytes())
}

/// Credentials from a document work for an API call until they expire.
#[track_caller]
fn assert_usable(gateway: &MockGateway, document: &Value, names: [&str; 3]) {
    let text = |name: &str| document[name].as_str().unwrap_or_else(|| panic!("{name} in {document}")).to_owned();
    let key = Key { id: text(names[0]), secret: text(names[1]), token: Some(text(names[2])) };
    let request = call("DescribeThings", &[]);
    let answer = exchange(gateway.address(), &Signer::acs3(key).sign(&request, &Moment::now()));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

const API_NAMES: [&str; 3] = ["AccessKeyId", "AccessKeySecret", "SecurityToken"];

#[test]
fn instance_metadata_with_and_without_tokens() {
    let gateway = support::gateway();
    const ROLE: &str = "/latest/meta-data/ram/security-credentials/";
    assert_eq!(plain(&gateway, "GET", ROLE, &[], "").text(), "test-role");
    let ttl = ("x-aliyun-ecs-metadata-token-ttl-seconds", "21600");
    let token = plain(&gateway, "PUT", "/latest/api/token", &[ttl], "").text();
    let with_token = [("x-aliyun-ecs-metadata-token", token.as_str())];
    let answer = plain(&gateway, "GET", &format!("{ROLE}test-role"), &with_token, "");
    assert_eq!(answer.json()["Code"], "Success");
    assert_usable(&gateway, &answer.json(), API_NAMES);

    gateway.doubles().require_imds_v2();
    assert_eq!(plain(&gateway, "GET", ROLE, &[], "").status, 403);
    assert_eq!(plain(&gateway, "GET", ROLE, &with_token, "").status, 200);
    gateway.clock().advance(Duration::from_secs(21_601));
    assert_eq!(plain(&gateway, "GET", ROLE, &with_token, "").status, 403);
    assert_eq!(plain(&gateway, "PUT", "/latest/api/token", &[], "").status, 400);
    assert_eq!(gateway.ledger().calls("imds/credentials"), 1);

    gateway.fault(When::operation("imds/token"), Fault::ResetBeforeRead);
    assert_eq!(plain(&gateway, "PUT", "/latest/api/token", &[ttl], "").status, 0);
}

#[test]
fn roles_are_assumed() {
    let gateway = support::gateway();
    let role = ("RoleArn", "acs:ram::1:role/r");
    let assume = |kind: Kind, action: &str, more: &[(&str, &str)]| {
        let request = Request::rpc(action, "2015-04-01").query(&[role]).query(more);
        exchange(gateway.address(), &Signer::new(kind, key()).sign(&request, &Moment::now()))
    };
    let session = ("RoleSessionName", "alice");
    for kind in [Kind::Acs3, Kind::RpcV1] {
        let answer = assume(kind, "AssumeRole", &[session, ("Policy", "{\"Version\": \"1\"}")]);
        assert_usable(&gateway, &answer.json()["Credentials"], API_NAMES);
    }
    let oidc = [session, ("OIDCProviderArn", "p"), ("OIDCToken", "eyJ\n")];
    assert_usable(&gateway, &assume(Kind::Anonymous, "AssumeRoleWithOIDC", &oidc).json()["Credentials"], API_NAMES);
    assert_eq!(code(&assume(Kind::Acs3, "AssumeRoleWithOIDC", &oidc)), "CredentialsNotAllowed");
    let saml = [("SAMLProviderArn", "p"), ("SAMLAssertion", "x")];
    assert_usable(&gateway, &assume(Kind::Anonymous, "AssumeRoleWithSAML", &saml).json()["Credentials"], API_NAMES);
    let short = assume(Kind::Acs3, "AssumeRole", &[session, ("DurationSeconds", "899")]);
    assert_eq!(code(&short), "InvalidParameter.DurationSeconds");
    let identity = send(&gateway, &Request::rpc("GetCallerIdentity", "2015-04-01"));
    assert_eq!(identity.json()["IdentityType"], "Account");
}

#[test]
fn sign_in_tokens_are_exchanged() {
    let gateway = support::gateway();
    let bearer = ("authorization", "Bearer test-access-token");
    let answer = plain(&gateway, "POST", "/v1/exchange", &[bearer], "");
    assert_usable(&gateway, &answer.json(), ["accessKeyId", "accessKeySecret", "securityToken"]);
    let wanted = r#"{"AccountId":"1","AccessConfigurationId":"ac-1"}"#;
    let answer = plain(&gateway, "POST", "/cloud-credentials", &[bearer], wanted);
    assert_usable(&gateway, &answer.json()["CloudCredential"], API_NAMES);
    assert_usable(&gateway, &plain(&gateway, "GET", "/credentials", &[], "").json(), API_NAMES);

    let form = ("content-type", "application/x-www-form-urlencoded");
    let refresh = "grant_type=refresh_token&refresh_token=test-refresh-token&client_id=1";
    let fresh = plain(&gateway, "POST", "/v1/token", &[form], refresh).json();
    assert_eq!(plain(&gateway, "POST", "/v1/token", &[form], refresh).status, 400, "a refresh token is good once");
    assert_eq!(plain(&gateway, "POST", "/v1/exchange", &[bearer], "").status, 401);
    let fresh = format!("Bearer {}", fresh["access_token"].as_str().unwrap());
    assert_eq!(plain(&gateway, "POST", "/v1/exchange", &[("authorization", &fresh)], "").status, 200);
    let shown = format!("{:?}", gateway.requests());
    assert!(!shown.contains("test-refresh-token") && !shown.contains("test-access-token"), "{shown}");
}

#[test]
fn endpoints_and_metadata() {
    let gateway = support::gateway();
    let pairs = [("Id", "cn-hangzhou"), ("ServiceCode", "ecs"), ("Type", "openAPI")];
    let answer = send(&gateway, &Request::rpc("DescribeEndpoints", "2015-06-12").query(&pairs)).json();
    let host = answer["Endpoints"]["Endpoint"][0]["Endpoint"].as_str().unwrap();
    assert_eq!(format!("http://{host}"), gateway.endpoint());

    let path = "/meta/v1/products/ServiceMesh/versions/2020-01-11/api-docs.json";
    assert_eq!(plain(&gateway, "GET", path, &[], "").status, 404);
    gateway.doubles().metadata(support::specs());
    assert_eq!(plain(&gateway, "GET", path, &[], "").json()["product"], "servicemesh");
    let outside = "/meta/v1/products/../versions/Cargo/api-docs.json";
    assert_eq!(plain(&gateway, "GET", outside, &[], "").status, 404);
}

#[test]
fn the_gateway_tells_about_itself() {
    let gateway = support::gateway();
    send(&gateway, &call("CreateThing", &[("Name", "thing"), ("Password", "hidden")]));
    let get = |path: &str| plain(&gateway, "GET", path, &[], "");
    let coverage = get("/_mock/coverage").json();
    let own = coverage["products"].as_array().unwrap().iter().find(|known| known["product"] == "everything").unwrap();
    assert_eq!(own["called"]["CreateThing"], 1);
    assert!(own["uncalled"].as_array().unwrap().contains(&"DescribeThings".into()));
    assert_eq!(get("/_mock/ledger").json()[0]["operation"], "CreateThing");
    assert_eq!(get("/_mock/requests").json()[0]["verdict"], "ACS3-HMAC-SHA256");
    assert_eq!(get("/_mock/har").json()["log"]["version"], "1.2");
    assert!(get("/_mock/").text().contains("<title>alicloud-mock</title>"));
    assert_eq!(get("/_mock/nothing").status, 404);
    let browser = [("accept", "text/html,application/xhtml+xml")];
    assert_eq!(plain(&gateway, "GET", "/", &browser, "").header("location"), Some("/_mock/"));
    for path in ["/_mock/ledger", "/_mock/requests", "/_mock/har"] {
        assert!(!get(path).text().contains("hidden"), "{path}");
    }

    let post = |path: &str, headers: &[(&str, &str)]| plain(&gateway, "POST", path, headers, "");
    for (path, said) in [
        ("/_mock/fault?fault=html-504", "no such fault"),
        ("/_mock/fault?fault=html-502&operation=DescribeThing", "is `DescribeThings` meant?"),
        ("/_mock/latency?latency=5", "not a latency"),
    ] {
        let answer = post(path, &[]);
        assert!(answer.status == 400 && answer.text().contains(said), "{path}: {}", answer.text());
    }
    assert_eq!(post("/_mock/reset", &[("origin", "http://elsewhere.example")]).status, 403);
    assert_eq!(post("/_mock/latency?latency=fixed:1&operation=*", &[("origin", "http://100.100.100.200")]).status, 200);
    plain(&gateway, "POST", "/_mock/fault?fault=html-502&operation=DescribeThings&nth=1", &[], "");
    assert_eq!(send(&gateway, &call("DescribeThings", &[])).status, 502);
    plain(&gateway, "POST", "/_mock/advance?seconds=1000", &[], "");
    assert_eq!(code(&send(&gateway, &call("DescribeThings", &[]))), "InvalidTimeStamp.Expired");
    plain(&gateway, "POST", "/_mock/reset", &[], "");
    assert_eq!(get("/_mock/requests").json().as_array().map(Vec::len), Some(0));
    assert_eq!(gateway.served(), 3, "looking is not counted");
}

#[test]
fn files_are_granted_and_taken_as_forms() {
    let gateway = support::gateway();
    let mut ask = Request::rpc("AuthorizeFileUpload", "2019-12-19").query(&[("Product", "facebody")]);
    ask.method = "GET".into();
    let grant = send(&gateway, &ask);
    assert_eq!(grant.status, 200, "{}", grant.text());
    let grant = grant.json();
    assert_eq!(grant["Endpoint"], gateway.address().to_string());
    let text = |name: &str| grant[name].as_str().unwrap().to_owned();
    let good = [
        ("OSSAccessKeyId", text("AccessKeyId")),
        ("policy", text("EncodedPolicy")),
        ("Signature", text("Signature")),
        ("key", text("ObjectKey")),
        ("success_action_status", "201".to_owned()),
        ("file", "\r\n--x\r\nbytes--".to_owned()),
    ];
    let post = |parts: &[(&str, String)]| {
        let mut form: String = parts
            .iter()
            .map(|(name, value)| format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
            .collect();
        form.push_str("--cut--\r\n");
        plain(&gateway, "POST", "/", &[("content-type", "multipart/form-data; boundary=cut")], &form)
    };
    for (name, value, status, code) in [
        ("OSSAccessKeyId", "other", 403, "InvalidAccessKeyId"),
        ("policy", "other", 403, "SignatureDoesNotMatch"),
        ("Signature", "other", 403, "SignatureDoesNotMatch"),
        ("key", "elsewhere", 403, "AccessDenied"),
        ("success_action_status", "204", 400, "InvalidArgument"),
    ] {
        let bad =
            good.clone().map(|(known, text)| if known == name { (known, value.to_owned()) } else { (known, text) });
        let answer = post(&bad);
        assert_eq!(answer.status, status, "{name}");
        assert!(answer.text().contains(&format!("<Code>{code}</Code>")), "{name}: {}", answer.text());
    }
    assert!(post(&good[..5]).text().contains("no file"), "a form without a file");
    assert_eq!(plain(&gateway, "POST", "/", &[("content-type", "multipart/form-data; boundary=cut")], "x").status, 400);
    assert!(gateway.doubles().uploads().is_empty());

    let answer = post(&good);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(answer.text().contains(&format!("<Key>{}</Key>", text("ObjectKey"))));
    let uploads = gateway.doubles().uploads();
    let [file] = uploads.as_slice() else { panic!("{uploads:?}") };
    assert_eq!((file.product.as_str(), file.key.as_str(), file.sized), ("facebody", text("ObjectKey").as_str(), true));
    assert_eq!(file.bytes, "\r\n--x\r\nbytes--");
    post(&good);
    assert_eq!(gateway.doubles().uploads().len(), 1, "the same again replaces itself");
    gateway.clock().advance(Duration::from_secs(3601));
    assert_eq!(post(&good).status, 403);
}
