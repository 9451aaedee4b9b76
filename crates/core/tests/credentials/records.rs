//! What the vendor's providers ask for and return, record by record. Where theirs is worse, ours is
//! asserted to be better, and the line says so.

use std::{collections::BTreeMap, fs, path::PathBuf};

use alicloud_core::{
    credentials::{
        AssumeRoleProvider, CliConfigProvider, Credentials, DefaultChain, EcsRoleProvider, Environment,
        IniFileProvider, ProcessProvider, ProvideCredentials, UriProvider,
    },
    error::CredentialsError,
};
use serde_json::{Value, json};

use crate::double::{Home, Net, Received, Reply, Server, keys, metadata_keys, nowhere, soon, triple};

fn records() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/vectors/credentials.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// One record, and the doubles that stand around it.
struct Case {
    id: String,
    record: Value,
    home: Home,
    net: Net,
    metadata: Server,
}

impl Case {
    fn environment(&self) -> Environment {
        self.home.environment().transport(self.net.clone()).metadata_address(self.metadata.address)
    }

    fn expect(&self, result: Result<Credentials, CredentialsError>) {
        let credentials = result.unwrap_or_else(|error| panic!("{}: {error}", self.id));
        let expected = &self.record["credentials"];
        let (id, secret, token) = triple(&credentials);
        let found = json!({
            "access_key_id": id,
            "access_key_secret": secret,
            "security_token": token,
            "provider_name": credentials.provider(),
        });
        assert_eq!(&found, expected, "{}", self.id);
    }

    fn expect_error(&self, result: Result<Credentials, CredentialsError>, part: &str) {
        let error = result.expect_err(&self.id);
        assert!(error.message.contains(part), "{}: {}", self.id, error.message);
        for secret in ["STS.ak", "sk", "\"tok\"", "AccessKeySecret\""] {
            assert!(!error.message.contains(secret), "{}: {}", self.id, error.message);
        }
    }

    fn recorded(&self) -> &Vec<Value> {
        self.record["requests"].as_array().unwrap()
    }

    /// The one call of STS has the recorded host and parameters.
    fn expect_sts(&self) {
        let [recorded] = &self.recorded()[..] else { panic!("{}: not one request", self.id) };
        let [received] = &self.net.received()[..] else { panic!("{}: not one call", self.id) };
        let query: BTreeMap<String, String> = recorded["query"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(received.origin, format!("https://{}", recorded["headers"]["host"].as_str().unwrap()));
        assert_eq!(received.header("x-acs-action"), query.get("Action").map(String::as_str));
        assert_eq!(received.header("x-acs-version"), query.get("Version").map(String::as_str));
        assert_eq!(received.header("x-acs-security-token"), query.get("SecurityToken").map(String::as_str));
        let protocol = ["Action", "Format", "Version", "Timestamp", "AccessKeyId", "SecurityToken"];
        let mut parameters: BTreeMap<_, _> = query
            .into_iter()
            .filter(|(name, _)| !protocol.contains(&name.as_str()) && !name.starts_with("Signature"))
            .collect();
        // Better: the token file's line break is no part of the token.
        if let Some(token) = parameters.get_mut("OIDCToken") {
            *token = token.trim().to_owned();
        }
        // Better: parameters travel in the body, where no log of URLs keeps them.
        assert_eq!(received.method, "POST");
        assert_eq!(received.form(), parameters, "{}", self.id);
        for name in parameters.keys() {
            assert!(!received.target.contains(name.as_str()), "{}: {}", self.id, received.target);
        }
        // Better: a signature that covers the body with SHA-256, or none at all.
        match received.header("authorization") {
            Some(proof) => assert!(proof.starts_with("ACS3-HMAC-SHA256 "), "{proof}"),
            None => assert_eq!(received.header("x-acs-action"), Some("AssumeRoleWithOIDC")),
        }
    }

    fn expect_metadata(&self) {
        let expected: Vec<_> = self.recorded().iter().map(|request| line(request, |name| &request[name])).collect();
        assert_eq!(self.metadata.log(), expected, "{}", self.id);
        for (received, recorded) in self.metadata.received().iter().zip(self.recorded()) {
            for (name, value) in recorded["headers"].as_object().unwrap() {
                if name != "host" {
                    assert_eq!(received.header(name), value.as_str(), "{}", self.id);
                }
            }
        }
    }

    /// The configuration file with the record's profile as the current one.
    fn config(&self) -> CliConfigProvider {
        let mut profile = self.record["config"].clone();
        profile["name"] = json!("p");
        profile["region_id"] = json!("cn-hangzhou");
        let config = json!({"current": "p", "profiles": [profile], "meta": {"kept": true}});
        self.home.write(".aliyun/config.json", &config.to_string());
        CliConfigProvider::new().environment(&self.environment())
    }

    fn ini(&self) -> IniFileProvider {
        let text = format!("[default]\n{}", self.record["config"].as_str().unwrap());
        self.home.write(".alibabacloud/credentials.ini", &text);
        IniFileProvider::new().environment(&self.environment())
    }
}

fn line<'a>(_: &Value, get: impl Fn(&'static str) -> &'a Value) -> String {
    format!("{} {}", get("method").as_str().unwrap(), get("path").as_str().unwrap())
}

fn metadata_like(record: &str) -> Server {
    match record {
        "ecs_ram_role.v1_fallback" => Server::new(|request| match request.path() {
            "/latest/api/token" => Reply::status(403, ""),
            _ => Reply::ok(metadata_keys(&soon(3600))),
        }),
        "ecs_ram_role.code_not_success" => Server::new(|request| match request.path() {
            "/latest/api/token" => Reply::ok("imds-token"),
            _ => Reply::ok(r#"{"Code":"Failed"}"#),
        }),
        _ => Server::metadata(),
    }
}

fn net_like(record: &str) -> Net {
    match record {
        "ram_role_arn.http_error" => {
            Net::new(|_| Reply::status(403, r#"{"Code":"NoPermission","Message":"no","RequestId":"R"}"#))
        }
        _ => Net::well(),
    }
}

#[tokio::test]
async fn every_record_of_a_provider() {
    let records = records();
    let mut seen = 0;
    for record in records["vectors"].as_array().unwrap() {
        let id = record["id"].as_str().unwrap().to_owned();
        let case = Case {
            home: Home::new(),
            net: net_like(&id),
            metadata: metadata_like(&id),
            record: record.clone(),
            id: id.clone(),
        };
        case.home.write("token", "eyJ.tok\n");
        play(&case).await;
        seen += 1;
    }
    assert_eq!(seen, 29, "records that nobody has looked at");
}

async fn play(case: &Case) {
    let environment = case.environment();
    let role = |source: Credentials| {
        AssumeRoleProvider::new(source, "acs:ram::1:role/r").session_name("sess").environment(&environment)
    };
    match case.id.as_str() {
        "static_ak" => case.expect(Credentials::access_key("testid", "testsecret").provide().await),
        "ram_role_arn" => {
            case.expect(role(Credentials::access_key("testid", "testsecret")).provide().await);
            case.expect_sts();
        }
        "ram_role_arn.from_sts" => {
            let source = Credentials::sts("testid", "testsecret", "test+security/token==");
            case.expect(role(source).provide().await);
            case.expect_sts();
        }
        "ram_role_arn.http_error" => {
            let result = role(Credentials::access_key("testid", "testsecret")).provide().await;
            // Better: code, message and request id, not the body.
            case.expect_error(result, "STS answered 403 NoPermission: no; request id R");
            case.expect_sts();
        }
        "ecs_ram_role.v1_fallback" => {
            // Better: the first version is asked only by those who allow it.
            let provider = EcsRoleProvider::new().role_name("my-role").environment(&environment);
            case.expect_error(
                provider.provide().await,
                "answered 403; to go on without one (IMDSv1), call `.allow_v1()`",
            );
            assert_eq!(case.metadata.log(), ["PUT /latest/api/token"]);
            let allowed = Case {
                home: Home::new(),
                net: Net::well(),
                metadata: metadata_like(&case.id),
                record: case.record.clone(),
                id: case.id.clone(),
            };
            let provider = EcsRoleProvider::new().role_name("my-role").environment(&allowed.environment());
            allowed.expect(provider.allow_v1().provide().await);
            allowed.expect_metadata();
        }
        "ecs_ram_role.code_not_success" => {
            let provider = EcsRoleProvider::new().role_name("my-role").environment(&environment);
            case.expect_error(provider.provide().await, "does not say Success");
            // Better: not asked once more without the token.
            assert_eq!(case.metadata.log().len(), 2);
            assert_eq!(case.recorded().len(), 3);
        }
        "credentials_uri" => {
            let server = Server::new(|_| Reply::ok(metadata_keys(&soon(3600))));
            let uri = format!("http://localhost:{}/creds?a=1&b=2", server.address.port());
            case.expect(UriProvider::new(uri).environment(&environment).provide().await);
            let [received] = &server.received()[..] else { panic!() };
            assert_eq!(Some(received.target.as_str()), case.recorded()[0]["target"].as_str());
            assert_eq!(Some(received.method.as_str()), case.recorded()[0]["method"].as_str());
        }
        "credentials_uri.code_missing" => {
            // Better: an answer that has all four members is one, and keys are not printed.
            let server = Server::new(|_| Reply::ok(keys(&soon(3600))));
            let uri = format!("http://localhost:{}/creds", server.address.port());
            let credentials = UriProvider::new(uri).environment(&environment).provide().await.unwrap();
            assert_eq!(credentials.provider(), "credential_uri");
            let server = Server::new(|_| Reply::ok(metadata_keys(&soon(3600)).replace("Success", "Failed")));
            let uri = format!("http://localhost:{}/creds", server.address.port());
            let result = UriProvider::new(uri).environment(&environment).provide().await;
            case.expect_error(result, "does not say Success");
        }
        "cloud_sso.expired" => {
            let profile = json!({
                "name": "p", "mode": "CloudSSO", "access_token": "acc", "cloud_sso_access_token_expire": 1,
                "cloud_sso_sign_in_url": "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
                "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac",
            });
            case.home.write(".aliyun/config.json", &json!({"current": "p", "profiles": [profile]}).to_string());
            let result = CliConfigProvider::new().environment(&environment).provide().await;
            case.expect_error(result, "sign in again");
            assert!(case.net.received().is_empty());
        }
        "oauth.exchange" => {
            let profile = json!({
                "name": "p", "mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "acc",
                "oauth_access_token_expire": 4_102_444_800_i64,
            });
            case.home.write(".aliyun/config.json", &json!({"current": "p", "profiles": [profile]}).to_string());
            let credentials = CliConfigProvider::new().environment(&environment).provide().await.unwrap();
            assert_eq!(credentials.provider(), "cli_profile/oauth");
            expect_exchange(case, &case.net.received());
        }
        "external" => {
            let file = case.home.write(
                "keys.json",
                r#"{"mode":"StsToken","access_key_id":"a","access_key_secret":"s","sts_token":"t"}"#,
            );
            let provider = ProcessProvider::new(format!("cat '{}'", file.display()));
            case.expect(provider.environment(&with_path(&environment)).provide().await);
        }
        "external.bad_output" => {
            let provider = ProcessProvider::new("echo not json STS.ak");
            case.expect_error(provider.environment(&with_path(&environment)).provide().await, "not JSON");
        }
        "external.exit_code" => {
            let provider = ProcessProvider::new("false");
            case.expect_error(provider.environment(&with_path(&environment)).provide().await, "exit status: 1");
        }
        "cli_profile.current" => {
            let config = records()["chain_files"]["config.json"].to_string();
            case.home.write(".aliyun/config.json", &config.replace("cli-ak", "a"));
            case.expect(CliConfigProvider::new().environment(&environment).provide().await);
        }
        "cli_profile.bad_json" => {
            let path = case.home.write("bad.json", "{\"access_key_secret\": \"sk\"");
            let provider = CliConfigProvider::new().path(path).environment(&environment);
            case.expect_error(provider.provide().await, "bad.json: is not a JSON object");
        }
        "cli_profile.OAuthBadSite" => case.expect_error(case.config().provide().await, "neither CN nor INTL"),
        "cli_profile.NoMode" => case.expect_error(case.config().provide().await, "profile \"p\" has no mode"),
        "cli_profile.EcsRamRole" => {
            case.expect(case.config().provide().await);
            case.expect_metadata();
        }
        "cli_profile.OIDC" => {
            case.expect(case.config().provide().await);
            case.expect_sts();
        }
        "cli_profile.OAuthCN" => {
            case.expect(case.config().provide().await);
            expect_exchange(case, &case.net.received());
            let written = fs::read_to_string(case.home.path().join(".aliyun/config.json")).unwrap();
            let written: Value = serde_json::from_str(&written).unwrap();
            let mut expected = case.record["config_written_back"].clone();
            expected["name"] = json!("p");
            expected["sts_expiration"] = written["profiles"][0]["sts_expiration"].clone();
            assert!(expected["sts_expiration"].is_u64());
            assert_eq!(written, json!({"current": "p", "profiles": [expected], "meta": {"kept": true}}));
        }
        "cli_profile.AK" | "cli_profile.OAuthCachedSts" => {
            case.expect(case.config().provide().await);
            assert!(case.net.received().is_empty());
        }
        "ini_profile.access_key" => case.expect(case.ini().provide().await),
        "ini_profile.ram_role_arn" | "ini_profile.oidc_role_arn" => {
            case.expect(case.ini().provide().await);
            case.expect_sts();
        }
        "ini_profile.ecs_ram_role" => {
            case.expect(case.ini().provide().await);
            case.expect_metadata();
        }
        "ini_profile.unknown" => {
            case.expect_error(case.ini().provide().await, "type \"magic\", which is not supported")
        }
        "ini_profile.no_type" => case.expect_error(case.ini().provide().await, "lacks type"),
        "ini_profile.hash_in_secret" => {
            // Better: a `#` inside a secret belongs to it.
            let credentials = case.ini().provide().await.unwrap();
            assert_eq!(triple(&credentials), ("a".to_owned(), "s#3cret".to_owned(), None));
            assert_eq!(case.record["credentials"]["access_key_secret"], "s");
        }
        other => panic!("the record {other} is not looked at"),
    }
}

fn expect_exchange(case: &Case, received: &[Received]) {
    let [received] = received else { panic!("{}: {received:?}", case.id) };
    let recorded = &case.recorded()[0];
    assert_eq!(received.origin, "https://oauth.aliyun.com");
    assert_eq!(Some(received.target.as_str()), recorded["target"].as_str());
    assert_eq!(Some(received.method.as_str()), recorded["method"].as_str());
    assert_eq!(Some(received.body.as_str()), recorded["body"].as_str());
    for name in ["authorization", "content-type"] {
        assert_eq!(received.header(name), recorded["headers"][name].as_str());
    }
}

fn with_path(environment: &Environment) -> Environment {
    environment.clone().variable("PATH", "/usr/bin:/bin")
}

#[tokio::test]
async fn every_record_of_the_chain() {
    let records = records();
    let chains = records["default_chain"].as_array().unwrap();
    assert_eq!(chains.len(), 8);
    for record in chains {
        let id = record["id"].as_str().unwrap();
        let home = Home::new();
        home.write("token", "eyJ.tok\n");
        if record["cli_config_json"] == true {
            home.write(".aliyun/config.json", &records["chain_files"]["config.json"].to_string());
        }
        if record["credentials_ini"] == true {
            home.write(".alibabacloud/credentials.ini", records["chain_files"]["credentials.ini"].as_str().unwrap());
        }
        let (net, metadata) = (Net::well(), Server::metadata());
        let mut environment = nowhere().home(home.path()).transport(net.clone()).metadata_address(metadata.address);
        for (name, value) in record["env"].as_object().unwrap() {
            environment =
                environment.variable(name, value.as_str().unwrap().replace("$HOME", home.path().to_str().unwrap()));
        }
        let credentials = DefaultChain::in_environment(environment).provide().await.unwrap();
        let (access_key, _, token) = triple(&credentials);
        let found = json!({
            "access_key_id": access_key, "security_token": token, "type": "default",
            "provider_name": credentials.provider(),
        });
        assert_eq!(found, record["result"], "{id}");

        let recorded: Vec<_> = record["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|request| format!("{} {}", request[0].as_str().unwrap(), request[1].as_str().unwrap()))
            .collect();
        match id {
            // Better: by POST, see above.
            "chain/oidc_over_files" => assert_eq!((net.received().len(), recorded.len()), (1, 1)),
            // Better: one token serves both questions.
            "chain/imds_over_uri" => {
                assert_eq!(recorded.len(), 4);
                let path = "GET /latest/meta-data/ram/security-credentials/";
                let role = format!("{path}discovered-role");
                assert_eq!(metadata.log(), ["PUT /latest/api/token", path, &role]);
            }
            _ => assert_eq!(metadata.log(), recorded, "{id}"),
        }
    }
}
