//! The default chain beyond the records.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{DefaultChain, Environment, ProvideCredentials},
    runtime::Clock,
};

use crate::double::{END, Home, Net, Reply, Server, keys, nowhere, triple};

#[tokio::test]
async fn an_empty_machine_is_told_what_was_tried() {
    let home = Home::new();
    let error = DefaultChain::in_environment(home.environment()).provide().await.unwrap_err();
    assert!(error.not_configured);
    let mut rest = error.message.as_str();
    // In the order of the chain.
    for part in [
        "environment variables: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not both set",
        "OIDC role: ALIBABA_CLOUD_ROLE_ARN is not set",
        "CLI configuration: ",
        ".aliyun/config.json does not exist",
        "credentials file: ",
        ".alibabacloud/credentials does not exist",
        "ECS RAM role: no metadata service",
        "credentials URI: ALIBABA_CLOUD_CREDENTIALS_URI is not set",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not in {rest:?}"));
        rest = &rest[at..];
    }
}

#[tokio::test]
async fn a_source_that_is_configured_and_broken_ends_the_search() {
    let home = Home::new();
    home.write(
        ".aliyun/config.json",
        r#"{"current": "x", "profiles": [{"name": "x", "mode": "AK", "access_key_id": "a"}]}"#,
    );
    home.write(".alibabacloud/credentials", "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n");
    let error = DefaultChain::in_environment(home.environment()).provide().await.unwrap_err();
    assert!(!error.not_configured);
    assert!(error.message.contains("CLI configuration: profile \"x\" lacks access_key_secret"), "{error}");
}

#[tokio::test]
async fn a_profile_that_was_never_filled_in_is_not_configured() {
    let home = Home::new();
    let profile = r#"{"name": "x", "mode": "AK", "access_key_id": "", "access_key_secret": ""}"#;
    home.write(".aliyun/config.json", &format!(r#"{{"current": "x", "profiles": [{profile}]}}"#));
    home.write(".alibabacloud/credentials", "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n");
    let credentials = DefaultChain::in_environment(home.environment()).provide().await.unwrap();
    assert_eq!(credentials.provider(), "default/profile/static_ak");
}

/// Files that describe a source which does not work: each ends the search.
#[tokio::test]
async fn a_profile_that_does_not_work_ends_the_search() {
    let disabled = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let none = ("UNUSED", "");
    let no_role = Server::new(|request| match request.path() {
        "/latest/api/token" => Reply::ok("imds-token"),
        _ => Reply::status(404, ""),
    });
    let config = ".aliyun/config.json";
    let ini = ".alibabacloud/credentials";
    for (file, text, variable) in [
        (config, r#"{"name": "p", "mode": "EcsRamRole"}"#, none),
        (config, r#"{"name": "p", "mode": "EcsRamRole", "ram_role_name": "r"}"#, disabled),
        (config, r#"{"name": "p", "mode": "RamRoleArn", "ram_role_arn": "r"}"#, none),
        (config, r#"{"name": "p", "mode": "RamRoleArnWithRoleName", "ram_role_arn": "r"}"#, none),
        (
            config,
            r#"{"name": "p", "mode": "ChainableRamRoleArn", "ram_role_arn": "r", "source_profile": "q"},
               {"name": "q", "mode": "AK", "access_key_id": "", "access_key_secret": ""}"#,
            none,
        ),
        (
            config,
            r#"{"name": "p", "mode": "ChainableRamRoleArn", "ram_role_arn": "r", "source_profile": "q"},
               {"name": "q", "mode": "EcsRamRole"}"#,
            none,
        ),
        (ini, "[default]\ntype = ecs_ram_role\n", none),
        (ini, "[default]\ntype = ecs_ram_role\nrole_name = r\n", disabled),
    ] {
        // The service is away; then no role is attached.
        for metadata in ["127.0.0.1:1".parse().unwrap(), no_role.address] {
            let home = Home::new();
            let whole =
                if file == config { format!(r#"{{"current": "p", "profiles": [{text}]}}"#) } else { text.to_owned() };
            home.write(file, &whole);
            let sidecar = Server::new(|_| Reply::ok(keys(END)));
            let environment = home
                .environment()
                .metadata_address(metadata)
                .variable(variable.0, variable.1)
                .variable("ALIBABA_CLOUD_CREDENTIALS_URI", format!("http://{}/", sidecar.address));
            let error = DefaultChain::in_environment(environment).provide().await.expect_err(text);
            assert!(!error.not_configured, "{text}: {error}");
            assert_eq!(sidecar.received().len(), 0, "{text}");
        }
    }
}

/// The system's clock, and what a test adds to it.
#[derive(Clone, Debug, Default)]
struct Ahead(Arc<AtomicU64>);

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn an_outage_at_renewal_changes_nobodys_identity() {
    let home = Home::new();
    home.write(".aliyun/config.json", r#"{"current": "p", "profiles": [{"name": "p", "mode": "EcsRamRole"}]}"#);
    let clock = Ahead::default();
    let metadata = Server::metadata();
    let sidecar = Server::new(|_| Reply::ok(keys(END)));
    let environment = home
        .environment()
        .clock(clock.clone())
        .metadata_address(metadata.address)
        .variable("ALIBABA_CLOUD_CREDENTIALS_URI", format!("http://{}/", sidecar.address));
    let chain = DefaultChain::in_environment(environment);
    assert_eq!(chain.provide().await.unwrap().provider(), "default/cli_profile/ecs_ram_role");
    drop(metadata);
    clock.0.store(3601, Ordering::SeqCst);
    let error = chain.provide().await.unwrap_err();
    assert!(!error.not_configured && error.message.contains("profile \"p\""), "{error}");
    assert_eq!(sidecar.received().len(), 0);
}

#[tokio::test]
async fn a_profile_that_is_named_and_in_no_file_ends_the_search() {
    let sidecar = Server::new(|_| Reply::ok(keys(END)));
    let home = Home::new();
    let environment = home
        .environment()
        .variable("ALIBABA_CLOUD_PROFILE", "gone")
        .variable("ALIBABA_CLOUD_CREDENTIALS_URI", format!("http://{}/", sidecar.address));
    let ini = "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n";
    for (file, text) in [
        ("unused", ""),
        (".aliyun/config.json", r#"{"current": "x", "profiles": [{"name": "x", "mode": "AK"}]}"#),
        (".alibabacloud/credentials", ini),
    ] {
        home.write(file, text);
        let error = DefaultChain::in_environment(environment.clone()).provide().await.unwrap_err();
        assert!(!error.not_configured, "{error}");
        assert!(error.message.contains("ALIBABA_CLOUD_PROFILE names \"gone\""), "{error}");
    }
    assert_eq!(sidecar.received().len(), 0);
    // Either file may have it.
    home.write(".alibabacloud/credentials", &ini.replace("default", "gone"));
    let credentials = DefaultChain::in_environment(environment).provide().await.unwrap();
    assert_eq!(credentials.provider(), "default/profile/static_ak");
}

#[tokio::test]
async fn the_last_source_is_reached_without_metadata_service() {
    let server = Server::new(|_| Reply::ok(crate::double::keys(crate::double::END)));
    let environment =
        nowhere().variable("ALIBABA_CLOUD_CREDENTIALS_URI", format!("http://127.0.0.1:{}/", server.address.port()));
    let credentials = DefaultChain::in_environment(environment).provide().await.unwrap();
    assert_eq!(credentials.provider(), "default/credential_uri");
}

#[tokio::test(start_paused = true)]
async fn only_a_source_that_has_given_credentials_is_remembered() {
    let home = Home::new();
    let clock = crate::double::VirtualClock::new();
    let environment = home.environment().clock(clock).variable("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let chain = DefaultChain::in_environment(environment);
    chain.provide().await.unwrap_err();
    // The vendor's chain would keep to the last source that failed.
    home.write(".aliyun/config.json", r#"{"current": "x", "profiles": [{"name": "x", "mode": "AK", "access_key_id": "a", "access_key_secret": "s"}]}"#);
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    assert_eq!(chain.provide().await.unwrap().provider(), "default/cli_profile/static_ak");

    // Taken away, it is looked for elsewhere; meanwhile what is there is used.
    fs::remove_dir_all(home.path().join(".aliyun")).unwrap();
    home.write(".alibabacloud/credentials", "[default]\ntype = access_key\naccess_key_id = b\naccess_key_secret = s\n");
    tokio::time::advance(std::time::Duration::from_secs(20 * 60)).await;
    assert_eq!(triple(&chain.provide().await.unwrap()).0, "a");
    for _ in 0..1_000 {
        if triple(&chain.provide().await.unwrap()).0 == "b" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("the other source was not found");
}

#[tokio::test]
async fn nothing_is_touched_before_the_first_call() {
    let net = Net::new(|_| Reply::Hang);
    let home = Home::new();
    let environment = home
        .environment()
        .transport(net.clone())
        .variable("ALIBABA_CLOUD_ROLE_ARN", "r")
        .variable("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p")
        .variable("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/nonexistent");
    let chain = DefaultChain::in_environment(environment);
    assert!(net.received().is_empty());
    // Configured, and broken.
    let error = chain.provide().await.unwrap_err();
    assert!(error.message.starts_with("OIDC role: the OIDC token: /nonexistent"), "{error}");
    assert!(!error.not_configured, "{error}");
}

#[tokio::test]
async fn a_relative_home_directory_is_none() {
    // S40: files of the working directory never decide.
    let environment = Environment::empty().home("relative").variable("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let error = DefaultChain::in_environment(environment).provide().await.unwrap_err();
    assert!(error.message.contains("CLI configuration: there is no home directory"), "{error}");
}
