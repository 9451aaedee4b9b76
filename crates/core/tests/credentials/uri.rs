//! Keys from a URL.

use alicloud_core::{
    credentials::{DefaultChain, Environment, ProvideCredentials, UriProvider},
    error::Stage,
};

use crate::double::{END, Home, Net, Reply, Server, keys, nowhere};

#[tokio::test]
async fn s36_https_or_this_machine_and_its_link() {
    let net = Net::new(|_| Reply::ok(keys(END)));
    let environment = nowhere().transport(net.clone());
    for refused in [
        "http://10.0.0.5/",
        "http://192.168.1.1/creds",
        "http://8.8.8.8/",
        "http://example.com/",
        "http://localhost.evil.com/",
        "http://127.0.0.1@evil.com/",
        "http://evil.com#@127.0.0.1/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:password@example.com/",
        "//127.0.0.1/",
        "",
        "not a url",
    ] {
        let error = UriProvider::new(refused).environment(&environment).provide().await.unwrap_err();
        assert!(error.message.starts_with("the credentials URI"), "{refused}: {error}");
        assert!(!error.message.contains("reachable"), "{refused} was tried: {error}");
        assert!(!error.message.contains("password"));
    }
    assert!(net.received().is_empty());
    let provider = UriProvider::new("https://keys.example.com/x?y=z").environment(&environment);
    assert_eq!(provider.provide().await.unwrap().provider(), "credential_uri");
    assert_eq!(net.received()[0].target, "/x?y=z");
}

#[tokio::test]
async fn s39_asking_a_url_can_be_forbidden() {
    let server = Server::new(|_| Reply::ok(keys(END)));
    let uri = format!("http://{}/", server.address);
    let profile = format!(r#"{{"name": "p", "mode": "CredentialsURI", "credentials_uri": "{uri}"}}"#);
    let home = Home::new();
    let environment = home.environment().variable("ALIBABA_CLOUD_CREDENTIALS_URI", &uri);
    let ask = |environment: Environment| DefaultChain::in_environment(environment);
    for by_profile in [false, true] {
        if by_profile {
            home.write(".aliyun/config.json", &format!(r#"{{"current": "p", "profiles": [{profile}]}}"#));
        }
        for value in ["1", "true"] {
            let environment = environment.clone().variable("ALIBABA_CLOUD_DISABLE_CREDENTIALS_URI", value);
            let error = ask(environment).provide().await.unwrap_err();
            assert!(error.message.contains("forbidden by ALIBABA_CLOUD_DISABLE_CREDENTIALS_URI"), "{error}");
            assert!(!error.not_configured, "{error}");
        }
        assert_eq!(server.received().len(), usize::from(by_profile));
        // Not forbidden, it is asked.
        ask(environment.clone()).provide().await.unwrap();
    }
}

#[tokio::test]
async fn s14_redirections_are_not_followed() {
    let elsewhere = Server::new(|_| Reply::ok(keys(END)));
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://{}/", elsewhere.address);
        let server = Server::new(move |_| Reply::Answer(status, vec![("location", location.clone())], String::new()));
        let uri = format!("http://{}/", server.address);
        let error = UriProvider::new(uri).environment(&nowhere()).provide().await.unwrap_err();
        assert!(error.message.contains("a redirection, which is never followed"), "{error}");
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn answers_that_lack_something_are_refused() {
    for (answer, part) in [
        (r#"{"AccessKeyId":"a","AccessKeySecret":"canary","SecurityToken":"canary"}"#, "lacks Expiration"),
        (
            r#"{"AccessKeyId":"a","AccessKeySecret":"canary","SecurityToken":"","Expiration":"x"}"#,
            "lacks SecurityToken",
        ),
        (
            r#"{"AccessKeyId":"a","AccessKeySecret":"canary","SecurityToken":"canary","Expiration":"soon"}"#,
            "is no date",
        ),
        (r#"{"AccessKeyId":{"a":1},"AccessKeySecret":"canary"}"#, "lacks AccessKeyId"),
        (r#"{"Code":200,"AccessKeySecret":"canary"}"#, "does not say Success"),
        (r#"{"AccessKeySecret":"canary""#, "not JSON"),
        ("[]", "lacks AccessKeyId"),
        ("", "not JSON"),
    ] {
        let net = Net::new(move |_| Reply::ok(answer));
        let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net));
        let error = provider.provide().await.unwrap_err();
        assert!(error.message.contains(part), "{answer}: {error}");
        // S4
        assert!(!error.message.contains("canary") && !format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn p12_dates_are_read_as_they_come() {
    for date in
        ["2099-01-01T08:00:00+08:00", "2099-01-01T00:00:00.000Z", "2099-01-01T00:00:00Z", "2099-01-01 00:00:00Z"]
    {
        let net = Net::new(move |_| Reply::ok(keys(date)));
        let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net));
        let end = provider.provide().await.unwrap().expires_at().unwrap();
        assert_eq!(end.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs(), 4_070_908_800, "{date}");
    }
}

#[tokio::test]
async fn s25_an_answer_without_end_is_cut() {
    let net = Net::new(|_| Reply::ok("x".repeat(1 << 20)));
    let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net));
    let error = provider.provide().await.unwrap_err();
    assert!(error.message.contains("longer than"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn p27_what_would_be_the_same_again_is_tried_once() {
    for (stage, times) in [
        (Stage::Certificate, 1),
        (Stage::Impossible, 1),
        (Stage::TooLong, 1),
        (Stage::NotSent, 4),
        (Stage::MaybeSent, 4),
    ] {
        let net = Net::new(move |_| Reply::Fail(stage));
        let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net.clone()));
        let error = provider.provide().await.unwrap_err();
        assert!(error.message.contains(&format!("{stage:?}")) && !error.not_configured, "{error}");
        assert_eq!(net.received().len(), times, "{stage:?}");
    }
    let net = Net::new(|_| Reply::ok("x".repeat(1 << 20)));
    let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net.clone()));
    provider.provide().await.unwrap_err();
    assert_eq!(net.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_is_asked_four_times() {
    for (reply, part) in [
        (Reply::status(503, "canary"), "answered 503"),
        (Reply::status(429, ""), "answered 429"),
        (Reply::Refuse, "not reachable"),
        (Reply::Hang, "no answer within 15s"),
    ] {
        let net = Net::new(move |_| reply.clone());
        let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net.clone()));
        let error = provider.provide().await.unwrap_err();
        assert!(error.message.contains(part) && !error.message.contains("canary"), "{error}");
        assert_eq!(net.received().len(), 4);
    }
    for status in [400, 401, 403, 404] {
        let net = Net::new(move |_| Reply::status(status, ""));
        let provider = UriProvider::new("https://keys.example.com/").environment(&nowhere().transport(net.clone()));
        provider.provide().await.unwrap_err();
        assert_eq!(net.received().len(), 1);
    }
}
