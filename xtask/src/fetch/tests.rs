//! Against a service on loopback.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use alicloud_spec::Spec;

use super::{Limits, Request, checked_base, fetch};
use crate::import::Options;

const LIST: &str =
    r#"[{"code": "Toy", "name": "Toys", "defaultVersion": "2024-01-01", "versions": ["2020-01-01", "2024-01-01"]}]"#;
const DOCS: &str = r#"{"info": {"style": "RPC", "product": "Toy", "version": "2024-01-01"}, "endpoints": [],
    "apis": {"GetThing": {"title": "x", "methods": ["get"], "security": [{"AK": []}], "parameters": []}}}"#;

/// Answers `answers` connections, each by its path, and remembers the paths.
fn serve(answer: fn(&str) -> Vec<u8>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let base = format!("http://{}", listener.local_addr().expect("it is bound"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let paths = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming().take(4) {
            let mut stream = stream.expect("the client connects");
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.extend_from_slice(&byte);
            }
            let head = String::from_utf8_lossy(&head);
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let reply = answer(&path);
            paths.lock().expect("nobody panicked").push(path);
            let _ = stream.write_all(&reply);
        }
    });
    (base, seen)
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

fn good(path: &str) -> Vec<u8> {
    if path.starts_with("/meta/v1/products.json") { ok(LIST) } else { ok(DOCS) }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("alicloud-fetch-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn request(base: &str, product: &str, version: Option<&str>, into: PathBuf) -> Request {
    Request {
        base: base.to_owned(),
        product: product.to_owned(),
        version: version.map(str::to_owned),
        into,
        options: Options::default(),
    }
}

const SHORT: Limits = Limits { time: Duration::from_secs(20), bytes: 1 << 20 };

#[test]
fn a_product_is_downloaded_and_imported() {
    let (base, seen) = serve(good);
    let into = folder("good");
    fetch(request(&base, "toy", None, into.clone()), SHORT).expect("the service answers");
    assert_eq!(
        *seen.lock().expect("nobody panicked"),
        ["/meta/v1/products.json?language=EN_US", "/meta/v1/products/Toy/versions/2024-01-01/api-docs.json"]
    );
    let spec = Spec::load(into.join("toy/2024-01-01.json")).expect("the spec is there");
    assert_eq!((spec.title.as_str(), spec.operations.len()), ("Toys", 1));
    std::fs::remove_dir_all(into).expect("it can be removed");
}

#[test]
fn what_goes_wrong_is_said() {
    let moved = |_: &str| b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec();
    let endless = |_: &str| [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), vec![b' '; 2 << 20]].concat();
    let cut = |_: &str| b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[".to_vec();
    let html = |_: &str| ok("<html>");
    let traversal = |path: &str| match path.starts_with("/meta/v1/products.json") {
        true => ok(r#"[{"code": "../toy", "versions": ["1"]}]"#),
        false => ok(DOCS),
    };
    type Case = (fn(&str) -> Vec<u8>, &'static str, Option<&'static str>, &'static str);
    let cases: [Case; 7] = [
        (moved, "Toy", None, "answers 302"),
        (endless, "Toy", None, "longer than"),
        (cut, "Toy", None, "products.json"),
        (html, "Toy", None, "no JSON"),
        (traversal, "../toy", None, "is no name"),
        (good, "Tov", None, "is `Toy` meant?"),
        (good, "Toy", Some("2024-01-02"), "is `2024-01-01` meant?"),
    ];
    for (answer, product, version, expected) in cases {
        let (base, _) = serve(answer);
        let failure = fetch(request(&base, product, version, folder("bad")), SHORT).expect_err(expected);
        assert!(failure.to_string().contains(expected), "{failure}");
    }
}

#[test]
fn a_silent_service_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let base = format!("http://{}", listener.local_addr().expect("it is bound"));
    let limits = Limits { time: Duration::from_millis(200), ..SHORT };
    let failure = fetch(request(&base, "Toy", None, folder("silent")), limits).expect_err("nobody answers");
    assert!(failure.to_string().contains("no complete answer within"), "{failure}");
}

#[test]
fn downloads_are_protected() {
    for base in ["https://api.aliyun.com/", "http://127.0.0.1:8080", "http://localhost/mirror", "http://[::1]:1"] {
        assert!(checked_base(base).is_ok(), "{base}");
    }
    for base in ["http://api.aliyun.com", "http://localhost.example.com", "ftp://127.0.0.1", "api.aliyun.com"] {
        assert!(checked_base(base).is_err(), "{base}");
    }
}
