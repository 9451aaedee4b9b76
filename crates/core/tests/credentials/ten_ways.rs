//! The guide's ten machines: one program, unchanged, finds its credentials on each.

use alicloud_core::credentials::{DefaultChain, Environment, ProvideCredentials};

use crate::double::{Home, Net, Reply, Server, keys, soon};

/// All that a program says.
async fn program(environment: Environment) -> String {
    DefaultChain::in_environment(environment).provide().await.unwrap().provider().to_owned()
}

#[tokio::test]
async fn one_program_ten_machines() {
    let sidecar = Server::new(|_| Reply::ok(keys(&soon(3600))));
    let metadata = Server::metadata();
    let uri = format!("http://{}/keys", sidecar.address);
    let id = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id");
    let secret = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
    let config = ".aliyun/config.json";
    let profiles = |current: &str, more: &str| {
        let key = r#"{"name": "default", "mode": "AK", "access_key_id": "a", "access_key_secret": "s"}"#;
        format!(r#"{{"current": "{current}", "profiles": [{key}{more}]}}"#)
    };
    let role = r#",{"name": "p", "mode": "ChainableRamRoleArn", "source_profile": "default", "ram_role_arn": "r"}"#;
    let sign_in = r#",{"name": "p", "mode": "CloudSSO", "access_token": "t", "cloud_sso_account_id": "1",
        "cloud_sso_access_config": "c", "cloud_sso_access_token_expire": 4102444800,
        "cloud_sso_sign_in_url": "https://signin-cn-shanghai.alibabacloudsso.com/start/login"}"#;
    let command = r#",{"name": "p", "mode": "External", "process_command": "cat $HOME/keys.json"}"#;
    let ini = "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n";
    let pod = [
        ("ALIBABA_CLOUD_ROLE_ARN", "r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "$HOME/token"),
    ];

    type Machine<'a> = (&'a str, Vec<(&'a str, &'a str)>, Option<(&'a str, String)>, bool);
    let machines: [Machine<'_>; 10] = [
        ("env", vec![id, secret], None, false),
        ("env", vec![id, secret, ("ALIBABA_CLOUD_SECURITY_TOKEN", "t")], None, false),
        ("oidc_role_arn", pod.to_vec(), None, false),
        ("cli_profile/static_ak", vec![], Some((config, profiles("default", ""))), false),
        ("cli_profile/ram_role_arn/static_ak", vec![], Some((config, profiles("p", role))), false),
        ("cli_profile/cloud_sso", vec![], Some((config, profiles("p", sign_in))), false),
        ("cli_profile/external", vec![], Some((config, profiles("p", command))), false),
        ("profile/static_ak", vec![], Some((".alibabacloud/credentials", ini.to_owned())), false),
        ("ecs_ram_role", vec![], None, true),
        ("credential_uri", vec![("ALIBABA_CLOUD_CREDENTIALS_URI", &uri)], None, false),
    ];
    for (provider, variables, file, is_ecs) in machines {
        let home = Home::new();
        home.write("token", "t");
        home.write("keys.json", r#"{"access_key_id":"a","access_key_secret":"s"}"#);
        if let Some((name, text)) = file {
            home.write(name, &text);
        }
        let mut environment = home.environment().transport(Net::well()).variable("PATH", "/usr/bin:/bin");
        for (name, value) in variables {
            environment = environment.variable(name, value.replace("$HOME", home.path().to_str().unwrap()));
        }
        if is_ecs {
            environment = environment.metadata_address(metadata.address);
        }
        assert_eq!(program(environment).await, format!("default/{provider}"));
    }
}
