//! Roles assumed through STS.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{AssumeRoleProvider, CachedProvider, Credentials, Environment, OidcRoleProvider, ProvideCredentials},
    runtime::Clock,
};

use crate::double::{END, Home, Net, Received, Reply, Server, VirtualClock, date, keys, nowhere, soon, triple};

fn key() -> Credentials {
    Credentials::access_key("id", "secret")
}

fn role(environment: &Environment) -> AssumeRoleProvider {
    AssumeRoleProvider::new(key(), "acs:ram::1:role/r").environment(environment)
}

#[tokio::test]
async fn every_parameter_is_sent() {
    let net = Net::well();
    let provider = role(&nowhere().transport(net.clone()))
        .session_name("s-1")
        .duration(Duration::from_secs(900))
        .policy(r#"{"Statement": [{"Effect": "Allow"}]}"#)
        .external_id("42");
    let credentials = provider.provide().await.unwrap();
    assert_eq!(credentials.provider(), "ram_role_arn/static_ak");
    let form = net.received()[0].form();
    let expected = [
        ("DurationSeconds", "900"),
        ("ExternalId", "42"),
        // Blanks and all: the vendor's Python SDK signs them wrongly.
        ("Policy", r#"{"Statement": [{"Effect": "Allow"}]}"#),
        ("RoleArn", "acs:ram::1:role/r"),
        ("RoleSessionName", "s-1"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(net.received()[0].header("x-acs-credentials-provider"), Some("static_ak"));
}

#[tokio::test]
async fn the_host_follows_region_and_network() {
    let vpc = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";
    type Row<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, bool, &'a str);
    let table: [Row<'_>; 7] = [
        (&[], None, false, "https://sts.aliyuncs.com"),
        (&[], Some("cn-beijing"), false, "https://sts.cn-beijing.aliyuncs.com"),
        (&[], Some("cn-beijing"), true, "https://sts-vpc.cn-beijing.aliyuncs.com"),
        (&[("ALIBABA_CLOUD_STS_REGION", "eu-west-1")], None, false, "https://sts.eu-west-1.aliyuncs.com"),
        (
            &[("ALIBABA_CLOUD_STS_REGION", "eu-west-1"), (vpc, "true")],
            None,
            false,
            "https://sts-vpc.eu-west-1.aliyuncs.com",
        ),
        (
            &[("ALIBABA_CLOUD_REGION_ID", "us-east-1"), (vpc, "true")],
            None,
            false,
            "https://sts-vpc.us-east-1.aliyuncs.com",
        ),
        (&[("ALIBABA_CLOUD_REGION_ID", "us-east-1")], None, false, "https://sts.aliyuncs.com"),
    ];
    for (variables, region, in_vpc, origin) in table {
        let net = Net::well();
        let mut environment = nowhere().transport(net.clone());
        for (name, value) in variables {
            environment = environment.variable(*name, *value);
        }
        let mut provider = role(&environment);
        if let Some(region) = region {
            provider = provider.region(region);
        }
        if in_vpc {
            provider = provider.vpc();
        }
        provider.provide().await.unwrap();
        assert_eq!(net.received()[0].origin, origin);
    }
    // Never the public host in place of the one inside the VPC.
    let net = Net::well();
    let error = role(&nowhere().transport(net.clone())).vpc().provide().await.unwrap_err();
    assert!(error.message.contains("needs a region"), "{error}");
    assert!(net.received().is_empty());
}

#[tokio::test]
async fn s16_a_region_is_a_label() {
    for region in ["x@evil.com:443/#", "a.b", "cn-hangzhou\n", "CN", "-a", "a-", "。", "ａ", "a/b", &"x".repeat(64)] {
        let net = Net::well();
        let provider = role(&nowhere().transport(net.clone())).region(region);
        let error = provider.provide().await.unwrap_err();
        assert!(error.message.contains("is no host label") || error.message.contains("longer than 63"), "{error}");
        assert!(net.received().is_empty());
    }
}

#[tokio::test]
async fn s10_sts_is_asked_over_https_or_on_this_machine() {
    let server = Server::new(|_| Reply::ok(format!(r#"{{"Credentials":{}}}"#, keys(END))));
    // Over the real transport.
    let environment = Environment::empty();
    let credentials = role(&environment).endpoint(format!("http://{}", server.address)).provide().await.unwrap();
    assert_eq!(triple(&credentials).0, "STS.ak");
    let error = role(&environment).endpoint("http://sts.example.com").provide().await.unwrap_err();
    assert!(error.message.contains("plain HTTP"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_granted_is_not_asked_for() {
    let net = Net::well();
    let environment = nowhere().transport(net.clone());
    for seconds in [0, 899, 43_201, u64::MAX] {
        let error = role(&environment).duration(Duration::from_secs(seconds)).provide().await.unwrap_err();
        assert!(error.message.contains("choose 900 to 43200 s"), "{error}");
    }
    for name in ["x", "with blank", "é é", &"x".repeat(65)] {
        let error = role(&environment).session_name(name).provide().await.unwrap_err();
        assert!(error.message.contains("session name"), "{error}");
    }
    let error = AssumeRoleProvider::new(key(), "").environment(&environment).provide().await.unwrap_err();
    assert!(error.message.contains("ARN is empty"), "{error}");
    let error = AssumeRoleProvider::new(Credentials::anonymous(), "r").environment(&environment).provide().await;
    assert!(error.unwrap_err().message.contains("anonymously"));
    assert!(net.received().is_empty());
}

#[tokio::test]
async fn s52_nobody_gets_longer_than_was_asked_for() {
    let provider = role(&nowhere().transport(Net::new(|_| Reply::ok(format!(r#"{{"Credentials":{}}}"#, keys(END))))));
    let credentials = provider.duration(Duration::from_secs(1_800)).provide().await.unwrap();
    let left = credentials.expires_at().unwrap().duration_since(SystemTime::now()).unwrap();
    assert!(left <= Duration::from_secs(1_800), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn p13_a_wrong_clock_does_not_spoil_the_end() {
    for days in [-3_i64, 0, 3] {
        let clock = VirtualClock::new();
        // The service's time is right, ours is off.
        let real = if days < 0 {
            clock.now() + Duration::from_secs(days.unsigned_abs() * 86_400)
        } else {
            clock.now() - Duration::from_secs(days.unsigned_abs() * 86_400)
        };
        let net = Net::new(move |_| {
            let header = jiff::Timestamp::try_from(real).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            Reply::Answer(200, vec![("date", header)], format!(r#"{{"Credentials":{}}}"#, keys(&date(real, 3600))))
        });
        let environment = nowhere().transport(net.clone()).clock(clock);
        let provider = CachedProvider::new(role(&environment)).clock(clock);
        for _ in 0..10 {
            let credentials = provider.provide().await.unwrap();
            let left = credentials.expires_at().unwrap().duration_since(clock.now()).unwrap();
            assert!((3599..=3601).contains(&left.as_secs()), "{days} days: {left:?}");
        }
        assert_eq!(net.received().len(), 1, "{days} days");
    }
}

#[tokio::test]
async fn roles_are_assumed_one_with_another_and_each_is_kept() {
    let net = Net::new(|request: &Received| {
        let role = request.form()["RoleArn"].clone();
        let keys = keys(&soon(3600)).replace("STS.ak", &role);
        Reply::ok(format!(r#"{{"Credentials":{keys}}}"#))
    });
    let environment = nowhere().transport(net.clone());
    let first = AssumeRoleProvider::new(key(), "one").environment(&environment);
    let second = AssumeRoleProvider::new(first, "two").environment(&environment);
    for _ in 0..3 {
        let credentials = second.provide().await.unwrap();
        assert_eq!(triple(&credentials).0, "two");
        assert_eq!(credentials.provider(), "ram_role_arn/ram_role_arn/static_ak");
    }
    let roles: Vec<_> = net.received().iter().map(|request| request.form()["RoleArn"].clone()).collect();
    // The role in between is kept; the one that is asked for is asked for.
    assert_eq!(roles, ["one", "two", "two", "two"]);
    let proof = net.received()[1].header("authorization").unwrap().to_owned();
    assert!(proof.contains("Credential=one,"), "{proof}");
}

#[tokio::test]
async fn refusals_say_why_and_print_nothing() {
    for (status, answer, part) in [
        (
            403,
            r#"{"Code":"NoPermission","Message":"not allowed","RequestId":"R-1"}"#,
            "403 NoPermission: not allowed; request id R-1",
        ),
        // What was signed comes back with a refused signature.
        (
            400,
            r#"{"Code":"SignatureDoesNotMatch","Message":"canary","RequestId":"R-1"}"#,
            "400 SignatureDoesNotMatch; request id R-1",
        ),
        (400, r#"{"Code":"AuthenticationFail.OIDCToken.Invalid","Message":"canary"}"#, "OIDCToken.Invalid"),
        (403, "<html>canary</html>", "STS answered 403"),
        (200, r#"{"Credentials":{"AccessKeyId":"canary","AccessKeySecret":"canary"}}"#, "lacks SecurityToken"),
        (200, "{}", "lacks AccessKeyId"),
    ] {
        let net = Net::new(move |_| Reply::status(status, answer));
        let error = role(&nowhere().transport(net.clone())).provide().await.unwrap_err();
        assert!(error.message.contains(part), "{answer}: {error}");
        assert!(!error.message.contains("canary") && !error.not_configured, "{error}");
        assert_eq!(net.received().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_in_trouble_is_asked_four_times() {
    for reply in [Reply::status(503, ""), Reply::status(500, ""), Reply::Refuse] {
        let net = Net::new(move |_| reply.clone());
        role(&nowhere().transport(net.clone())).provide().await.unwrap_err();
        assert_eq!(net.received().len(), 4);
        let nonces: std::collections::BTreeSet<_> =
            net.received().iter().map(|request| request.header("x-acs-signature-nonce").unwrap().to_owned()).collect();
        assert_eq!(nonces.len(), 4);
    }
}

#[tokio::test]
async fn the_token_file_is_read_every_time() {
    let home = Home::new();
    let net = Net::well();
    let path = home.write("token", "one\n");
    // As Kubernetes mounts it: readable by all, behind a link.
    #[cfg(unix)]
    let path = {
        crate::double::mode(&path, 0o644);
        std::os::unix::fs::symlink(&path, home.path().join("link")).unwrap();
        home.path().join("link")
    };
    let provider = OidcRoleProvider::new("acs:ram::1:role/r", "acs:ram::1:oidc-provider/p", path)
        .environment(&home.environment().transport(net.clone()).variable("ALIBABA_CLOUD_ROLE_SESSION_NAME", "pod"));
    assert_eq!(provider.provide().await.unwrap().provider(), "oidc_role_arn");
    fs::write(home.path().join("token"), "two").unwrap();
    provider.provide().await.unwrap();
    fs::write(home.path().join("token"), " \n").unwrap();
    assert!(provider.provide().await.unwrap_err().message.contains("is empty"));
    let received = net.received();
    let tokens: Vec<_> = received.iter().map(|request| request.form()["OIDCToken"].clone()).collect();
    assert_eq!(tokens, ["one", "two"]);
    assert_eq!(received[0].form()["RoleSessionName"], "pod");
    // S56: unsigned, whatever else is configured.
    for request in &received {
        assert!(request.header("authorization").is_none() && !request.query().contains_key("Signature"));
        assert_eq!(request.query()["Action"], "AssumeRoleWithOIDC");
    }
}

static SESSIONS: AtomicU64 = AtomicU64::new(0);

#[tokio::test]
async fn sessions_without_a_name_get_one_that_is_allowed() {
    let net = Net::new(|request: &Received| {
        let name = &request.form()["RoleSessionName"];
        assert!(name.len() > 8 && name.starts_with("alicloud-"), "{name}");
        SESSIONS.fetch_add(1, Ordering::SeqCst);
        Reply::ok(format!(r#"{{"Credentials":{}}}"#, keys(&soon(3600))))
    });
    role(&nowhere().transport(net)).provide().await.unwrap();
    assert_eq!(SESSIONS.load(Ordering::SeqCst), 1);
}
