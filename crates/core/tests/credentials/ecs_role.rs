//! The role of an ECS instance.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use alicloud_core::credentials::{EcsRoleProvider, Environment, ProvideCredentials};

use crate::double::{END, Received, Reply, Server, keys, metadata_keys, nowhere};

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

fn at(server: &Server) -> Environment {
    nowhere().metadata_address(server.address)
}

/// A metadata service that names a role and describes it.
fn serving(role: &'static str, keys: impl Into<String>) -> Server {
    let keys = keys.into();
    Server::new(move |request: &Received| match request.path() {
        "/latest/api/token" => Reply::ok("imds-token"),
        ROLES => Reply::ok(role),
        _ => Reply::ok(keys.clone()),
    })
}

#[tokio::test]
async fn the_role_is_found_and_asked_with_one_token() {
    let server = serving("web-server\n", metadata_keys(END));
    let credentials = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap();
    assert_eq!(credentials.provider(), "ecs_ram_role");
    assert_eq!(server.log(), ["PUT /latest/api/token", &format!("GET {ROLES}"), &format!("GET {ROLES}web-server")]);
    let received = server.received();
    assert_eq!(received[0].header("x-aliyun-ecs-metadata-token-ttl-seconds"), Some("21600"));
    for request in &received[1..] {
        assert_eq!(request.header("x-aliyun-ecs-metadata-token"), Some("imds-token"));
        assert_eq!(request.header("host"), Some(server.address.to_string().as_str()));
    }
}

/// In a process of its own, whose environment names a proxy for everything.
#[test]
fn s32_no_proxy_is_asked() {
    let proxy = Server::new(|_| Reply::ok("canary"));
    let server = serving("r", metadata_keys(END));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "ecs_role::behind_a_proxy", "--ignored"]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, format!("http://{}", proxy.address));
    }
    let output = child.env("ALICLOUD_TEST_METADATA", server.address.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(server.received().len(), 3);
    assert!(proxy.received().is_empty());
}

#[tokio::test]
#[ignore = "started by another test"]
async fn behind_a_proxy() {
    let Ok(address) = std::env::var("ALICLOUD_TEST_METADATA") else { return };
    let environment = Environment::process().metadata_address(address.parse().unwrap());
    EcsRoleProvider::new().environment(&environment).provide().await.unwrap();
}

#[tokio::test]
async fn s14_redirections_are_not_followed() {
    let elsewhere = Server::new(|_| Reply::ok("role"));
    let location = format!("http://{}/", elsewhere.address);
    let server = Server::new(move |_| Reply::Answer(307, vec![("location", location.clone())], String::new()));
    let error = EcsRoleProvider::new().allow_v1().environment(&at(&server)).provide().await.unwrap_err();
    assert!(error.message.contains("a redirection"), "{error}");
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn s33_the_first_version_is_asked_only_when_allowed() {
    for status in [403, 404, 405, 500] {
        let start = || {
            Server::new(move |request: &Received| match request.path() {
                "/latest/api/token" => Reply::status(status, "canary"),
                ROLES => Reply::ok("r"),
                _ => Reply::ok(metadata_keys(END)),
            })
        };
        let server = start();
        let error = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap_err();
        assert!(error.message.contains(&format!("answered {status}")), "{error}");
        assert!(!error.message.contains("canary") && !error.not_configured);
        assert!(server.log().iter().all(|line| line.starts_with("PUT")));

        let server = start();
        EcsRoleProvider::new().allow_v1().environment(&at(&server)).provide().await.unwrap();
        let server = start();
        let environment = at(&server).variable("ALIBABA_CLOUD_IMDSV1_DISABLED", "false");
        EcsRoleProvider::new().environment(&environment).provide().await.unwrap();
        let server = start();
        let environment = at(&server).variable("ALIBABA_CLOUD_IMDSV1_DISABLED", "true");
        EcsRoleProvider::new().environment(&environment).provide().await.unwrap_err();
    }
}

#[tokio::test]
async fn s32_s33_a_silent_service_costs_seconds_and_is_an_error() {
    let silent = Server::new(|_| Reply::Hang);
    let start = Instant::now();
    let error = EcsRoleProvider::new().environment(&at(&silent)).provide().await.unwrap_err();
    assert!(error.message.contains("gave no token") && !error.not_configured, "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(silent.received().len(), 1);
}

#[tokio::test]
async fn elsewhere_there_is_no_metadata_service() {
    let error = EcsRoleProvider::new().environment(&nowhere()).provide().await.unwrap_err();
    assert!(error.not_configured, "{error}");
    // Who names a role expects one.
    let error = EcsRoleProvider::new().role_name("r").environment(&nowhere()).provide().await.unwrap_err();
    assert!(!error.not_configured && error.message.contains("not reachable"), "{error}");
}

#[tokio::test]
async fn a_service_that_was_there_is_expected_to_be_there() {
    let count = AtomicU64::new(0);
    let server = Server::new(move |request: &Received| match (request.path(), count.fetch_add(1, Ordering::SeqCst)) {
        (_, 3..) => Reply::Refuse,
        ("/latest/api/token", _) => Reply::ok("t"),
        (ROLES, _) => Reply::ok("r"),
        _ => Reply::ok(metadata_keys(END)),
    });
    let provider = EcsRoleProvider::new().environment(&at(&server));
    provider.provide().await.unwrap();
    let error = provider.provide().await.unwrap_err();
    assert!(!error.not_configured, "{error}");
    assert_eq!(server.received().len(), 3 + 4);
}

#[tokio::test]
async fn an_instance_without_role_has_no_credentials() {
    let server = Server::new(|request: &Received| match request.path() {
        "/latest/api/token" => Reply::ok("t"),
        _ => Reply::status(404, "<html>"),
    });
    let error = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap_err();
    assert!(error.not_configured && error.message.contains("no RAM role is attached"), "{error}");
}

#[tokio::test]
async fn s34_roles_are_validated() {
    for role in ["", "a/b", "../x", "..", "a b", "a?b", "a%2fb", "é", "x\u{0}", "<html>"] {
        let server = serving(Box::leak(role.to_owned().into_boxed_str()), metadata_keys(END));
        let error = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap_err();
        assert!(error.message.contains("the name of the instance's role"), "{role:?}: {error}");
        assert_eq!(server.received().len(), 2, "{role:?}");
        if !role.is_empty() {
            let server = serving("other", metadata_keys(END));
            let provider = EcsRoleProvider::new().role_name(role).environment(&at(&server));
            assert!(provider.provide().await.is_err(), "{role:?}");
        }
    }
    let long = "x".repeat(65);
    let server = serving("other", metadata_keys(END));
    EcsRoleProvider::new().role_name(long).environment(&at(&server)).provide().await.unwrap_err();
}

#[tokio::test]
async fn s4_s34_answers_are_validated_and_never_printed() {
    let canary = r#""AccessKeyId":"canary","AccessKeySecret":"canary","SecurityToken":"canary""#;
    for (answer, part) in [
        (format!("{{{canary}}}"), "does not say Success"),
        (format!(r#"{{"Code":"Failed",{canary}}}"#), "does not say Success"),
        (format!(r#"{{"Code":"Success",{canary}}}"#), "lacks Expiration"),
        (format!(r#"{{"Code":"Success",{canary},"Expiration":"canary"}}"#), "is no date"),
        (r#"{"Code":"Success","AccessKeySecret":"canary"}"#.to_owned(), "lacks AccessKeyId"),
        ("canary".to_owned(), "not JSON"),
        (keys(END), "does not say Success"),
    ] {
        let server = serving("r", answer.clone());
        let error = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap_err();
        assert!(error.message.contains(part), "{answer}: {error}");
        assert!(!error.message.contains("canary"), "{error}");
    }
    for token in ["", "two words", "line\nbreak", "é"] {
        let server = Server::new(move |_| Reply::ok(token));
        let error = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap_err();
        assert!(error.message.contains("gave no token"), "{error}");
    }
}

#[tokio::test]
async fn s35_the_date_of_the_metadata_service_changes_nothing() {
    let skewed = vec![("date", "Tue, 02 Jan 2001 03:04:05 GMT".to_owned())];
    let server = Server::new(move |request: &Received| match request.path() {
        "/latest/api/token" => Reply::Answer(200, skewed.clone(), "t".to_owned()),
        ROLES => Reply::Answer(200, skewed.clone(), "r".to_owned()),
        _ => Reply::Answer(200, skewed.clone(), metadata_keys(END)),
    });
    let credentials = EcsRoleProvider::new().environment(&at(&server)).provide().await.unwrap();
    let end = credentials.expires_at().unwrap().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(end.as_secs(), 4_070_908_800);
}

#[tokio::test]
async fn metadata_can_be_switched_off() {
    let server = serving("r", metadata_keys(END));
    let environment = at(&server).variable("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE");
    let error = EcsRoleProvider::new().environment(&environment).provide().await.unwrap_err();
    assert!(error.not_configured);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_service_that_hangs_up_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = std::thread::spawn(move || listener.incoming().take(4).count());
    let environment = nowhere().metadata_address(address);
    EcsRoleProvider::new().role_name("r").environment(&environment).provide().await.unwrap_err();
    assert_eq!(count.join().unwrap(), 4);
}
