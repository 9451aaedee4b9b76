//! What the transport does with certificates, redirects, proxies, floods, and HTTP/2.

use std::{net::SocketAddr, time::Duration};

use alicloud_core::{
    Config, Error, ErrorKind, RetryConfig,
    config::ConfigBuilder,
    error::Stage,
    transport::{Proxies, TransportConfig},
};
use alicloud_faults::{
    Fault, FaultServer,
    h2_server::{H2Fault, H2Server},
    proxy::Proxy,
    server::{config, refusing},
    things,
    tls::{Authority, Flaw},
};

fn trusting(authority: &Authority) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport.extra_roots = vec![authority.pem()];
    transport
}

fn once(builder: ConfigBuilder) -> Config {
    builder.retry(RetryConfig::off()).attempt_timeout(Duration::from_secs(5)).build().unwrap()
}

fn stage(error: &Error) -> Option<Stage> {
    match error.kind() {
        ErrorKind::Transport(error) => Some(error.stage),
        ErrorKind::Decode(error) => error.failure.as_ref().map(|failure| failure.stage),
        ErrorKind::OutcomeUnknown(kind) => match &**kind {
            ErrorKind::Transport(error) => Some(error.stage),
            _ => None,
        },
        _ => None,
    }
}

#[tokio::test]
async fn a_certificate_of_an_added_authority_is_trusted() {
    let authority = Authority::new();
    let server = FaultServer::start_tls(&authority.issue(Flaw::None), |_| Fault::None).await.unwrap();
    let client = things::client(&once(server.builder().transport_config(trusting(&authority))));
    things::describe(&client, "x").send().await.unwrap();
    // Without the authority it is not.
    let error = things::describe(&things::client(&once(server.builder())), "x").send().await.unwrap_err();
    assert_eq!(stage(&error), Some(Stage::Certificate), "{error}");
    assert_eq!(server.ledger().requests(), 1);
}

/// P1: what is said after the request was read says nothing about what became of it.
#[tokio::test]
async fn an_alert_after_the_request_is_a_lost_answer() {
    let authority = Authority::new();
    let server = FaultServer::start_tls(&authority.issue(Flaw::None), |_| Fault::AlertAfterExecuting).await.unwrap();
    let config = server.builder().transport_config(trusting(&authority)).build().unwrap();
    let error = things::create(&things::client(&config), "x").send().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.attempts() == 1, "{error}");
    assert_eq!(stage(&error), Some(Stage::MaybeSent), "{error}");
    assert!(error.to_string().contains("lert"), "no alert came: {error}");
    assert_eq!(server.ledger().effects("x"), 1);
    // What can be repeated is.
    let error = things::describe(&things::client(&config), "x").send().await.unwrap_err();
    assert_eq!(error.attempts(), 4, "{error}");
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let authority = Authority::new();
    let identity = authority.issue(Flaw::None).for_clients_of(&authority);
    let server = FaultServer::start_tls(&identity, |_| Fault::None).await.unwrap();
    let mut transport = trusting(&authority);
    let error =
        things::describe(&things::client(&once(server.builder().transport_config(transport.clone()))), "x").send();
    error.await.unwrap_err();
    transport.client_certificate = Some(authority.issue(Flaw::ForClients).pem());
    let client = things::client(&once(server.builder().transport_config(transport.clone())));
    things::describe(&client, "x").send().await.unwrap();
    // A key of another certificate.
    transport.client_certificate =
        Some((authority.issue(Flaw::ForClients).pem().0, authority.issue(Flaw::ForClients).pem().1));
    let client = things::client(&server.builder().transport_config(transport).build().unwrap());
    let error = things::describe(&client, "x").send().await.unwrap_err();
    assert_eq!((stage(&error), error.attempts()), (Some(Stage::Impossible), 1), "{error}");
}

#[tokio::test]
async fn there_is_no_way_from_tls_to_plain_text() {
    // A server that speaks plain HTTP where TLS is expected.
    let server = FaultServer::start(|_| Fault::None).await.unwrap();
    let endpoint = server.endpoint().replace("http://", "https://");
    let builder = config(&endpoint).connect_timeout(Duration::from_millis(300));
    let error = things::create(&things::client(&once(builder)), "x").send().await.unwrap_err();
    assert_eq!(stage(&error), Some(Stage::NotSent), "{error}");
    assert_eq!(server.ledger().requests(), 0);
}

#[tokio::test]
async fn plain_http_needs_to_be_allowed() {
    let build = |endpoint: &str| Config::builder().endpoint(endpoint).build();
    let error = build("http://things.example.com").unwrap_err();
    assert!(error.to_string().contains("allow_insecure_http"), "{error}");
    for endpoint in
        ["ftp://a.b", "http://", "https://a b", "https://user@a.b", "https://a.b/path", "a.b?x", "//a.b", "HTTP://a.b"]
    {
        assert!(build(endpoint).is_err(), "{endpoint}");
    }
}

#[tokio::test]
async fn redirects_are_never_followed() {
    let elsewhere = FaultServer::start(|_| Fault::None).await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/stolen", elsewhere.endpoint());
        let server = FaultServer::start(move |_| Fault::Redirect(status, to.clone())).await.unwrap();
        let config = server.builder().build().unwrap();
        let client = things::client(&config);
        for calls in 1..=2 {
            let error = things::describe(&client, "x").send().await.unwrap_err();
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
            assert_eq!((error.attempts(), server.requests()), (1, calls), "{status}");
        }
        // S15: the cookie that came with the first answer stays where it is.
        let headers = server.headers();
        assert!(headers.contains("host") && !headers.contains("cookie") && !headers.contains("referer"), "{headers:?}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn answers_without_end_stop_at_the_limits() {
    for fault in [Fault::EndlessBody, Fault::HeaderFlood] {
        let given = fault.clone();
        let server = FaultServer::start(move |_| given.clone()).await.unwrap();
        let before = resident();
        let error = things::describe(&things::client(&once(server.builder())), "x").send().await.unwrap_err();
        let ends = match &fault {
            Fault::EndlessBody => error.status().is_some() && stage(&error) == Some(Stage::TooLong),
            _ => matches!(error.kind(), ErrorKind::Transport(_)),
        };
        assert!(ends, "{fault:?}: {error}");
        let grown = resident().saturating_sub(before);
        // The limit of a body is 32 MiB. The other tests of this process grow meanwhile.
        assert!(grown < 128 << 20, "{fault:?}: {} MiB", grown >> 20);
    }
}

#[tokio::test]
async fn informational_answers_without_end_stop_at_the_attempt_limit() {
    let server = FaultServer::start(|_| Fault::InformationFlood).await.unwrap();
    let before = resident();
    let builder = server.builder().retry(RetryConfig::off()).attempt_timeout(Duration::from_millis(300));
    let error = things::describe(&things::client(&builder.build().unwrap()), "x").send().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout(_) | ErrorKind::Transport(_)), "{error}");
    assert!(resident().saturating_sub(before) < 16 << 20);
}

#[tokio::test]
async fn bodies_are_not_decompressed() {
    let server = FaultServer::start(|_| Fault::GzipBomb).await.unwrap();
    let error = things::describe(&things::client(&once(server.builder())), "x").send().await.unwrap_err();
    let ErrorKind::Decode(body) = error.kind() else { panic!("{error}") };
    assert!(body.body().len() < 100_000 && body.body().starts_with(&[0x1f, 0x8b]));
}

#[tokio::test]
async fn slices_are_put_together() {
    let server = FaultServer::start(|_| Fault::Slices).await.unwrap();
    let thing = things::describe(&things::client(&once(server.builder())), "in slices").send().await.unwrap();
    assert_eq!(thing.name.as_deref(), Some("in slices"));
}

#[tokio::test]
async fn a_wrong_length_is_a_lost_answer() {
    let server = FaultServer::start(|_| Fault::WrongLength).await.unwrap();
    let error = things::create(&things::client(&once(server.builder())), "x").send().await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_password_to_the_proxy_alone() {
    let authority = Authority::new();
    let server = FaultServer::start_tls(&authority.issue(Flaw::None), |_| Fault::None).await.unwrap();
    let proxy = Proxy::start(server.address()).await.unwrap();
    let proxies = Proxies::all(&format!("http://user:pass%40word@{}", proxy.address())).unwrap();
    let builder = config("localhost").transport_config(trusting(&authority)).proxies(proxies);
    things::describe(&things::client(&once(builder)), "x").send().await.unwrap();
    let seen = proxy.seen();
    assert!(seen.starts_with("CONNECT localhost:443 HTTP/1.1\r\n"), "{seen}");
    // user:pass@word
    assert!(seen.to_ascii_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnzqhdvcmq="), "{seen}");
    assert!(!seen.contains("x-acs-") && !seen.contains("DescribeThing"), "{seen}");
    let headers = server.headers();
    assert!(headers.contains("authorization") && !headers.contains("proxy-authorization"), "{headers:?}");
    assert_eq!(server.ledger().invalid_signatures(), Vec::<String>::new());
}

#[tokio::test]
async fn plain_http_and_socks_go_through_a_proxy_too() {
    let server = FaultServer::start(|_| Fault::None).await.unwrap();
    let proxy = Proxy::start(server.address()).await.unwrap();
    for scheme in ["http", "socks5h"] {
        let proxies = Proxies::all(&format!("{scheme}://user:pass@{}", proxy.address())).unwrap();
        let builder = config("http://things.invalid").proxies(proxies);
        things::describe(&things::client(&once(builder)), "x").send().await.unwrap();
    }
    let seen = proxy.seen();
    assert!(seen.contains("things.invalid"), "{seen}");
    assert_eq!(server.ledger().requests(), 2);
    let headers = server.headers();
    assert!(headers.contains("authorization") && !headers.contains("proxy-authorization"), "{headers:?}");
}

#[tokio::test]
async fn exceptions_keep_calls_off_the_proxy() {
    let server = FaultServer::start(|_| Fault::None).await.unwrap();
    let proxy = Proxy::start(server.address()).await.unwrap();
    let all = Proxies::all(&format!("http://{}", proxy.address())).unwrap();
    let builder = server.builder().proxies(all.clone().except("127.0.0.0/8"));
    things::describe(&things::client(&once(builder)), "x").send().await.unwrap();
    assert_eq!(proxy.seen(), "");
    // Without them the same call goes through it.
    things::describe(&things::client(&once(server.builder().proxies(all))), "x").send().await.unwrap();
    assert!(proxy.seen().contains(&server.address().to_string()), "{}", proxy.seen());
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_no_connection() {
    let proxies = Proxies::all(&format!("http://user:pass@{}", refusing().await.unwrap())).unwrap();
    let builder = config("https://things.example.com").proxies(proxies);
    let error = things::create(&things::client(&once(builder)), "x").send().await.unwrap_err();
    assert_eq!(stage(&error), Some(Stage::NotSent), "{error}");
}

fn http2(authority: &Authority) -> TransportConfig {
    let mut transport = trusting(authority);
    transport.http2 = true;
    transport
}

#[tokio::test]
async fn what_http2_promises_not_to_have_seen_is_sent_again() {
    let authority = Authority::new();
    for fault in [H2Fault::None, H2Fault::RefusedStream, H2Fault::GoAway] {
        let server = H2Server::start(authority.issue(Flaw::None), fault).await.unwrap();
        let config = config(&server.endpoint()).transport_config(http2(&authority)).build().unwrap();
        // Even a call that cannot be repeated.
        let thing = things::create(&things::client(&config), "x").send().await;
        let thing = thing.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(thing.request_id(), "R-H2");
    }
}

/// S31
#[tokio::test]
async fn floods_of_http2_are_cut() {
    let authority = Authority::new();
    for fault in [H2Fault::Flood, H2Fault::EndlessHead] {
        let server = H2Server::start(authority.issue(Flaw::None), fault).await.unwrap();
        let before = resident();
        let config = once(config(&server.endpoint()).transport_config(http2(&authority)));
        let error = things::describe(&things::client(&config), "x").send().await.unwrap_err();
        assert_eq!(stage(&error), Some(Stage::MaybeSent), "{fault:?}: {error}");
        let mut waits = 0;
        while !server.flooded().1 {
            assert!(waits < 1000, "{fault:?}: the connection stays open");
            tokio::time::sleep(Duration::from_millis(10)).await;
            waits += 1;
        }
        // What sockets hold on both sides is the greatest part of it.
        let (sent, _) = server.flooded();
        assert!((1..16 << 20).contains(&sent), "{fault:?}: {sent} bytes");
        let grown = resident().saturating_sub(before);
        assert!(grown < 16 << 20, "{fault:?}: {} MiB", grown >> 20);
    }
}

#[tokio::test]
async fn a_refused_connection_is_sent_again_and_then_reported() {
    let address: SocketAddr = refusing().await.unwrap();
    let mut retry = RetryConfig::default();
    retry.base_delay = Duration::from_millis(1);
    let config = config(&format!("http://{address}")).retry(retry).build().unwrap();
    let error = things::create(&things::client(&config), "x").send().await.unwrap_err();
    assert_eq!((stage(&error), error.attempts()), (Some(Stage::NotSent), 4), "{error}");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

/// Resident memory in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}
