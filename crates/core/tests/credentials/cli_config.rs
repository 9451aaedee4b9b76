//! The command line tool's file beyond the records.

use alicloud_core::credentials::{CachedProvider, CliConfigProvider, CredentialsKind, Environment, ProvideCredentials};
use serde_json::{Value, json};

use crate::double::{Home, Net, Received, Reply, Server, keys, soon, triple};

fn write(home: &Home, profiles: Value) {
    home.write(".aliyun/config.json", &json!({"current": "p", "profiles": profiles}).to_string());
}

async fn ask(environment: &Environment) -> Result<alicloud_core::credentials::Credentials, String> {
    CliConfigProvider::new().environment(environment).provide().await.map_err(|error| error.message)
}

#[tokio::test]
async fn every_mode_gives_credentials() {
    let server = Server::new(|_| Reply::ok(keys(&soon(3600))));
    let metadata = Server::metadata();
    let uri = format!("http://{}/", server.address);
    let role = json!({"ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "sess"});
    for (mode, members, provider) in [
        ("AK", json!({"access_key_id": "a", "access_key_secret": "s"}), "static_ak"),
        ("StsToken", json!({"access_key_id": "a", "access_key_secret": "s", "sts_token": "t"}), "static_sts"),
        ("BearerToken", json!({"bearer_token": "b"}), "bearer"),
        (
            "RamRoleArn",
            json!({"access_key_id": "a", "access_key_secret": "s", "expired_seconds": 900}),
            "ram_role_arn/static_ak",
        ),
        (
            "RamRoleArn",
            json!({"access_key_id": "a", "access_key_secret": "s", "sts_token": "t"}),
            "ram_role_arn/static_sts",
        ),
        ("EcsRamRole", json!({}), "ecs_ram_role"),
        ("RamRoleArnWithRoleName", json!({"ram_role_name": "r"}), "ram_role_arn/ecs_ram_role"),
        ("ChainableRamRoleArn", json!({"source_profile": "source"}), "ram_role_arn/static_ak"),
        ("OIDC", json!({"oidc_provider_arn": "p", "oidc_token_file": "$HOME/token"}), "oidc_role_arn"),
        ("CredentialsURI", json!({"credentials_uri": uri}), "credential_uri"),
        ("External", json!({"process_command": "cat $HOME/keys.json"}), "external"),
        (
            "CloudSSO",
            json!({
                "cloud_sso_sign_in_url": "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
                "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac", "access_token": "acc",
                "cloud_sso_access_token_expire": 4_102_444_800_i64,
            }),
            "cloud_sso",
        ),
        ("OAuth", json!({"oauth_site_type": "INTL", "oauth_access_token": "acc"}), "oauth"),
        // The tool itself does not mind the case.
        ("ststoken", json!({"access_key_id": "a", "access_key_secret": "s", "sts_token": "t"}), "static_sts"),
    ] {
        let home = Home::new();
        home.write("token", "t");
        home.write("keys.json", r#"{"access_key_id":"a","access_key_secret":"s"}"#);
        let mut profile = json!({"name": "p", "mode": mode});
        for from in [&members, &role] {
            profile.as_object_mut().unwrap().extend(from.as_object().unwrap().clone());
        }
        write(
            &home,
            json!([{"name": "source", "mode": "AK", "access_key_id": "a", "access_key_secret": "s"}, profile]),
        );
        let environment = home
            .environment()
            .transport(Net::well())
            .metadata_address(metadata.address)
            .variable("PATH", "/usr/bin:/bin");
        let credentials = ask(&environment).await.unwrap_or_else(|error| panic!("{mode}: {error}"));
        assert_eq!(credentials.provider(), format!("cli_profile/{provider}"), "{mode}");
        assert_eq!(matches!(credentials.kind(), CredentialsKind::Bearer(_)), mode == "BearerToken");
    }
}

#[tokio::test]
async fn an_end_that_a_sign_in_has_left_behind_says_nothing_about_a_key() {
    for (mode, end, is_kept) in
        [("StsToken", 1_600_000_000_i64, false), ("StsToken", 4_070_908_800, true), ("RamRoleArn", 1_600_000_000, true)]
    {
        let home = Home::new();
        write(
            &home,
            json!([{"name": "p", "mode": mode, "access_key_id": "a", "access_key_secret": "s", "sts_token": "t",
                    "sts_expiration": end, "ram_role_arn": "r"}]),
        );
        // As a configuration keeps it: an end in the past would be refused there.
        let environment = home.environment().transport(Net::well());
        let provider = CachedProvider::new(CliConfigProvider::new().environment(&environment));
        let credentials = provider.provide().await.unwrap();
        assert_eq!(credentials.expires_at().is_some(), is_kept, "{mode} {end}");
    }
}

#[tokio::test]
async fn modes_that_are_not_supported_are_named() {
    for mode in ["RsaKeyPair", "Magic", "Anonymous"] {
        let home = Home::new();
        write(&home, json!([{"name": "p", "mode": mode, "private_key": "canary"}]));
        let error = ask(&home.environment()).await.unwrap_err();
        assert!(error.contains(&format!("the mode {mode:?}, which is not supported; use AK")), "{error}");
        assert!(!error.contains("canary"));
    }
}

#[tokio::test]
async fn missing_members_are_named() {
    for (profile, part) in [
        (json!({"mode": "AK", "access_key_id": "a"}), "lacks access_key_secret"),
        (json!({"mode": "StsToken", "access_key_id": "a", "access_key_secret": "canary"}), "lacks sts_token"),
        (json!({"mode": "RamRoleArn", "access_key_id": "a", "access_key_secret": "canary"}), "lacks ram_role_arn"),
        (json!({"mode": "ChainableRamRoleArn", "ram_role_arn": "r"}), "lacks source_profile"),
        (json!({"mode": "OIDC", "ram_role_arn": "r"}), "lacks oidc_provider_arn"),
        (json!({"mode": "External"}), "lacks process_command"),
        (json!({"mode": "CredentialsURI"}), "lacks credentials_uri"),
        (json!({"mode": "CloudSSO"}), "lacks cloud_sso_sign_in_url"),
        (json!({"mode": "OAuth"}), "neither CN nor INTL"),
        (json!({"mode": "OAuth", "oauth_site_type": "CN"}), "holds no token"),
        (json!({"mode": "BearerToken"}), "lacks bearer_token"),
        (json!({"mode": 5}), "has no mode"),
    ] {
        let home = Home::new();
        let mut profile = profile;
        profile["name"] = json!("p");
        write(&home, json!([profile]));
        let error = ask(&home.environment()).await.unwrap_err();
        assert!(error.contains(part), "{profile}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn chains_of_roles_end() {
    let link = |name: &str, source: &str| json!({"name": name, "mode": "ChainableRamRoleArn", "source_profile": source, "ram_role_arn": name});
    let home = Home::new();
    write(&home, json!([link("p", "q"), link("q", "p")]));
    let error = ask(&home.environment()).await.unwrap_err();
    assert!(error.contains("profile \"p\" is its own source, by way of p, q"), "{error}");

    write(&home, json!([link("p", "p")]));
    assert!(ask(&home.environment()).await.unwrap_err().contains("is its own source"));

    write(&home, json!([link("p", "gone")]));
    assert!(ask(&home.environment()).await.unwrap_err().contains("names the source \"gone\", which is not there"));

    let mut long: Vec<_> = (0..20).map(|number| link(&format!("p{number}"), &format!("p{}", number + 1))).collect();
    long.push(link("p", "p0"));
    write(&home, json!(long));
    assert!(ask(&home.environment()).await.unwrap_err().contains("a chain of more than 8 roles"));

    let key = json!({"name": "key", "mode": "AK", "access_key_id": "a", "access_key_secret": "s"});
    write(&home, json!([link("p", "q"), link("q", "r"), link("r", "key"), key]));
    let net = Net::well();
    let credentials = ask(&home.environment().transport(net.clone())).await.unwrap();
    assert_eq!(credentials.provider(), "cli_profile/ram_role_arn/ram_role_arn/ram_role_arn/static_ak");
    let roles: Vec<_> = net.received().iter().map(|request| request.form()["RoleArn"].clone()).collect();
    assert_eq!(roles, ["r", "q", "p"]);
}

#[tokio::test]
async fn profiles_are_chosen_in_code_then_by_variable_then_by_the_file() {
    let profile = |name: &str| json!({"name": name, "mode": "AK", "access_key_id": name, "access_key_secret": "s"});
    let home = Home::new();
    write(&home, json!([profile("p"), profile("q"), profile("r")]));
    let environment = home.environment();
    let id = |result: Result<_, _>| triple(&result.unwrap()).0;
    assert_eq!(id(ask(&environment).await), "p");
    let environment = environment.variable("ALIBABA_CLOUD_PROFILE", "q");
    assert_eq!(id(ask(&environment).await), "q");
    let provider = CliConfigProvider::new().environment(&environment);
    assert_eq!(triple(&provider.clone().profile("r").provide().await.unwrap()).0, "r");
    let error = provider.profile("gone").provide().await.unwrap_err();
    assert!(error.message.contains("has no profile \"gone\"") && !error.not_configured, "{error}");
    // The variable may be meant for the other file.
    let environment = environment.variable("ALIBABA_CLOUD_PROFILE", "gone");
    assert!(CliConfigProvider::new().environment(&environment).provide().await.unwrap_err().not_configured);
    let other = home.write("other.json", &json!({"current": "o", "profiles": [profile("o")]}).to_string());
    let environment = home.environment().variable("ALIBABA_CLOUD_CONFIG_FILE", other.to_str().unwrap());
    assert_eq!(id(ask(&environment).await), "o");
    let environment = environment.variable("ALIBABA_CLOUD_CONFIG_FILE", "/nonexistent");
    assert!(!CliConfigProvider::new().environment(&environment).provide().await.unwrap_err().not_configured);
}

#[tokio::test]
async fn files_of_any_shape_are_errors() {
    for text in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"current":"p"}"#,
        r#"{"current":"p","profiles":{}}"#,
        r#"{"current":"p","profiles":[1,null,"x"]}"#,
        r#"{"current":5,"profiles":[]}"#,
    ] {
        let home = Home::new();
        home.write(".aliyun/config.json", text);
        ask(&home.environment()).await.unwrap_err();
    }
    let home = Home::new();
    home.write(".aliyun/config.json", &"[".repeat(100_000));
    assert!(ask(&home.environment()).await.unwrap_err().contains("is not a JSON object"));
}

#[tokio::test]
async fn s37_the_access_token_goes_to_the_vendor_only() {
    for url in [
        "http://signin.alibabacloudsso.com/",
        "https://evil.com/",
        "https://evilaliyun.com/",
        "https://aliyun.com.evil.com/",
        "https://aliyun.com@evil.com/",
        "https://evil.com#.aliyun.com/",
        "https://signin.aliyun.com:8443/",
        "https://127.0.0.1/",
        "ftp://aliyun.com/",
        "aliyun.com",
    ] {
        let home = Home::new();
        let net = Net::well();
        write(
            &home,
            json!([{
                "name": "p", "mode": "CloudSSO", "cloud_sso_sign_in_url": url, "cloud_sso_account_id": "1",
                "cloud_sso_access_config": "ac", "access_token": "canary", "cloud_sso_access_token_expire": 4_102_444_800_i64,
            }]),
        );
        let error = ask(&home.environment().transport(net.clone())).await.unwrap_err();
        assert!(error.contains("cloud_sso_sign_in_url") && !error.contains("canary"), "{url}: {error}");
        assert!(net.received().is_empty());
    }
}

#[tokio::test]
async fn a_sign_in_is_used_as_long_as_it_lasts() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let profile = |mode: &str, keys_end: u64| {
        json!({
            "name": "p", "mode": mode, "access_key_id": "kept", "access_key_secret": "s", "sts_token": "t",
            "sts_expiration": keys_end, "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac",
            "access_token": "acc", "cloud_sso_access_token_expire": now + 3600, "oauth_site_type": "CN",
            "cloud_sso_sign_in_url": "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
            "oauth_access_token": "acc", "oauth_access_token_expire": now + 3600,
        })
    };
    for mode in ["CloudSSO", "OAuth"] {
        let home = Home::new();
        // Keys in the file that last.
        write(&home, json!([profile(mode, now + 3000)]));
        let net = Net::well();
        let credentials = ask(&home.environment().transport(net.clone())).await.unwrap();
        assert_eq!((triple(&credentials).0.as_str(), net.received().len()), ("kept", 0));
        // Keys that end soon are replaced.
        write(&home, json!([profile(mode, now + 300)]));
        let credentials = ask(&home.environment().transport(net.clone())).await.unwrap();
        assert_eq!((triple(&credentials).0.as_str(), net.received().len()), ("STS.ak", 1));
        let [received] = &net.received()[..] else { panic!() };
        assert_eq!(received.header("authorization"), Some("Bearer acc"));
        if mode == "CloudSSO" {
            assert_eq!(received.body, r#"{"AccessConfigurationId":"ac","AccountId":"1"}"#);
        }
        // Better old keys that work than none.
        write(&home, json!([profile(mode, now + 300)]));
        let net = Net::new(|_| Reply::status(403, "canary"));
        let credentials = ask(&home.environment().transport(net)).await.unwrap();
        assert_eq!(triple(&credentials).0, "kept");
        write(&home, json!([profile(mode, now - 1)]));
        let net = Net::new(|_| Reply::status(403, r#"{"error":"invalid_grant","token":"canary"}"#));
        let error = ask(&home.environment().transport(net)).await.unwrap_err();
        assert!(error.contains("answered 403 invalid_grant") && !error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn tokens_of_a_sign_in_are_renewed_in_the_vendors_way() {
    let home = Home::new();
    write(
        &home,
        json!([{
            "name": "p", "mode": "OAuth", "oauth_site_type": "INTL", "oauth_access_token": "old",
            "oauth_access_token_expire": 1, "oauth_refresh_token": "ref",
        }]),
    );
    let net = Net::well();
    ask(&home.environment().transport(net.clone())).await.unwrap();
    let received = net.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].origin, "https://oauth.alibabacloud.com");
    assert_eq!(received[0].target, "/v1/token");
    let form = received[0].form();
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["refresh_token"], "ref");
    assert_eq!(form["client_id"], "4103531455503354461");
    assert!(form["Timestamp"].ends_with('Z'));
    assert_eq!(received[1].target, "/v1/exchange");
    assert_eq!(received[1].header("authorization"), Some("Bearer acc2"));
}

#[tokio::test]
async fn a_refresh_token_is_never_used_twice() {
    let home = Home::new();
    write(
        &home,
        json!([{
            "name": "p", "mode": "OAuth", "oauth_site_type": "CN", "oauth_refresh_token": "ref",
        }]),
    );
    // The tokens are renewed, then the exchange fails: what was renewed must not be lost.
    let net = Net::new(|request: &Received| match request.path() {
        "/v1/token" if request.form()["refresh_token"] == "ref" => {
            Reply::ok(r#"{"access_token":"acc2","refresh_token":"ref2","expires_in":10800}"#)
        }
        "/v1/token" => Reply::status(400, ""),
        _ => Reply::status(403, ""),
    });
    ask(&home.environment().transport(net.clone())).await.unwrap_err();
    let net = Net::well();
    ask(&home.environment().transport(net.clone())).await.unwrap();
    assert_eq!(net.received().len(), 1, "{:?}", net.received());
    assert_eq!(net.received()[0].header("authorization"), Some("Bearer acc2"));
}
