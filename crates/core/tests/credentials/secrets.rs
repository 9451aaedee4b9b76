//! S1, S2, S8, S9, S52: nothing secret in what people read.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Config,
    credentials::{
        AssumeRoleProvider, CachedProvider, CliConfigProvider, Credentials, DefaultChain, EcsRoleProvider, Environment,
        EnvironmentProvider, IniFileProvider, OidcRoleProvider, ProcessProvider, ProvideCredentials, Secret,
        UriProvider,
    },
};
use serde_json::json;

use crate::{
    double::{Home, Net, Reply, nowhere},
    log,
};

const CANARY: &str = "c4n4ry-S3cr3t/+=";

/// The canary as it is and as the network writes it.
fn assert_clean(text: &str) {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let hex: String = CANARY.bytes().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    });
    let percent = percent_encoding::utf8_percent_encode(CANARY, percent_encoding::NON_ALPHANUMERIC).to_string();
    let base64 = BASE64_STANDARD.encode(CANARY);
    for form in [CANARY, "c4n4ry", &hex, &percent, base64.trim_end_matches('=')] {
        assert!(!text.contains(form), "{form} in {text}");
    }
}

/// One of every provider, full of secrets.
fn providers(home: &Home, environment: &Environment) -> Vec<Box<dyn ProvideCredentials>> {
    let profiles = [
        json!({"mode": "AK", "access_key_secret": CANARY}),
        json!({"mode": "RamRoleArn", "access_key_id": "a", "access_key_secret": CANARY, "sts_token": CANARY,
               "ram_role_arn": "r", "policy": CANARY, "external_id": CANARY}),
        json!({"mode": "CloudSSO", "access_token": CANARY, "cloud_sso_access_token_expire": 4_102_444_800_i64,
               "cloud_sso_sign_in_url": "https://signin-cn-shanghai.alibabacloudsso.com/x",
               "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac"}),
        json!({"mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": CANARY,
               "oauth_refresh_token": CANARY}),
        json!({"mode": "External", "process_command": format!("echo {CANARY}")}),
        json!({"mode": "CredentialsURI", "credentials_uri": format!("https://example.com/{CANARY}?{CANARY}")}),
        json!({"mode": CANARY.len(), "private_key": CANARY}),
    ];
    let mut all: Vec<Box<dyn ProvideCredentials>> = Vec::new();
    for (number, mut profile) in profiles.into_iter().enumerate() {
        profile["name"] = json!("p");
        let path =
            home.write(&format!("config{number}.json"), &json!({"current": "p", "profiles": [profile]}).to_string());
        all.push(Box::new(CliConfigProvider::new().path(path).environment(environment)));
    }
    let broken = home.write("broken.json", &format!("{{\"access_key_secret\":\"{CANARY}\""));
    all.push(Box::new(CliConfigProvider::new().path(broken).environment(environment)));
    let ini = home.write("ini", &format!("[default]\ntype = x\naccess_key_secret = {CANARY}\n{CANARY}\n"));
    all.push(Box::new(IniFileProvider::new().path(ini).environment(environment)));
    let token = home.write("token", CANARY);
    all.push(Box::new(OidcRoleProvider::new("r", "p", token).policy(CANARY).environment(environment)));
    let source = Credentials::sts("id", CANARY, CANARY);
    all.push(Box::new(
        AssumeRoleProvider::new(source.clone(), "r").policy(CANARY).external_id(CANARY).environment(environment),
    ));
    all.push(Box::new(CachedProvider::new(source.clone())));
    all.push(Box::new(source.expiring_at(SystemTime::now() + Duration::from_secs(60))));
    all.push(Box::new(Credentials::bearer(CANARY)));
    all.push(Box::new(EnvironmentProvider::new().environment(environment)));
    all.push(Box::new(EcsRoleProvider::new().environment(environment)));
    all.push(Box::new(UriProvider::new(format!("https://example.com/{CANARY}?{CANARY}")).environment(environment)));
    all.push(Box::new(UriProvider::new(format!("http://example.com/{CANARY}")).environment(environment)));
    all.push(Box::new(ProcessProvider::new(format!("echo {CANARY}")).environment(environment)));
    all.push(Box::new(DefaultChain::in_environment(environment.clone())));
    all
}

#[tokio::test(start_paused = true)]
async fn s1_s8_s52_the_canary_sings_nowhere() {
    log::capture();
    let answers = [
        Reply::ok(format!(r#"{{"AccessKeySecret":"{CANARY}","Credentials":{{"AccessKeySecret":"{CANARY}"}}}}"#)),
        Reply::ok(format!(r#"{{"access_token":"{CANARY}","accessKeySecret":"{CANARY}"}}"#)),
        Reply::status(400, format!(r#"{{"Code":"SignatureDoesNotMatch","Message":"{CANARY}","x":"{CANARY}"}}"#)),
        Reply::status(403, format!(r#"{{"error":"{CANARY}","error_description":"{CANARY}"}}"#)),
        Reply::status(302, CANARY),
        Reply::ok(CANARY),
        Reply::ok(""),
        Reply::Refuse,
    ];
    for answer in answers {
        let home = Home::new();
        let net = Net::new(move |_| answer.clone());
        let environment = nowhere()
            .transport(net)
            .home(home.path())
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARY)
            .variable("ALIBABA_CLOUD_SECURITY_TOKEN", CANARY)
            .variable("ALIBABA_CLOUD_CREDENTIALS_URI", format!("http://example.com/{CANARY}"))
            .variable("PATH", "/usr/bin:/bin");
        assert_clean(&format!("{environment:?} {environment:#?}"));
        for provider in providers(&home, &environment) {
            assert_clean(&format!("{provider:?} {provider:#?}"));
            match provider.provide().await {
                Ok(credentials) => {
                    assert_clean(&format!("{credentials:?} {credentials:#?} {:?}", credentials.kind()));
                }
                Err(error) => assert_clean(&format!("{error} {error:?} {error:#?}")),
            }
        }
    }
    let secret = Credentials::access_key("id", CANARY);
    let config = Config::builder().region("cn-hangzhou").credentials(secret);
    assert_clean(&format!("{config:?} {:#?}", config.clone().build().unwrap()));
    let captured = log::lines_with("").join("\n");
    assert!(captured.contains("message="), "nothing was captured");
    assert_clean(&captured);
}

#[test]
fn s2_secrets_compare_and_print_as_secrets() {
    let secret = Secret::new(CANARY);
    assert_eq!(secret, Secret::new(CANARY));
    assert_ne!(secret, Secret::new("other"));
    assert_ne!(secret, Secret::new(format!("{CANARY}x")));
    assert_eq!(format!("{secret:?} {secret:#?}"), "** **");
    assert_eq!(secret.expose(), CANARY);
}

#[tokio::test]
async fn s9_names_from_outside_cannot_write_into_the_log() {
    let home = Home::new();
    let name = "x\n\u{1b}[2J";
    home.write(
        ".aliyun/config.json",
        &json!({"current": name, "profiles": [{"name": name, "mode": name}]}).to_string(),
    );
    let error = CliConfigProvider::new().environment(&home.environment()).provide().await.unwrap_err();
    assert!(!error.message.contains('\n') && !error.message.contains('\u{1b}'), "{error:?}");
    home.write("ini", &format!("[default]\ntype = {}\n", "x\u{1b}[2J"));
    let provider = IniFileProvider::new().path(home.path().join("ini")).environment(&home.environment());
    let error = provider.provide().await.unwrap_err();
    assert!(!error.message.contains('\u{1b}'), "{error:?}");
    let provider = IniFileProvider::new().path(home.path().join("ini")).profile(name).environment(&home.environment());
    let error = provider.provide().await.unwrap_err();
    assert!(!error.message.contains('\u{1b}') && !error.message.contains('\n'), "{error:?}");
}
