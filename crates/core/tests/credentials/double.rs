//! Doubles: a network in the process, a server on the loopback interface, a home directory, a clock.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use alicloud_core::{
    credentials::{BoxFuture, Credentials, CredentialsKind, Environment},
    error::{Stage, TransportError},
    runtime::{Clock, Entropy, NoEntropy},
    transport::{Body, Transport},
};
use bytes::Bytes;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Scheme and host as the client named them; empty on the loopback server.
    pub(crate) origin: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The fields of a form body.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        pairs(&self.body)
    }

    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        self.target.split_once('?').map(|(_, query)| pairs(query)).unwrap_or_default()
    }
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let decode =
        |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// What a double does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Never answers.
    Hang,
    /// Cannot be reached.
    Refuse,
    /// Fails at a stage, inside the process.
    Fail(Stage),
}

impl Reply {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }
}

type Handler = Box<dyn Fn(&Received) -> Reply + Send + Sync>;

struct Inner {
    handler: Handler,
    received: Mutex<Vec<Received>>,
}

impl Inner {
    fn take(&self, request: Received) -> Reply {
        let reply = (self.handler)(&request);
        self.received.lock().unwrap().push(request);
        reply
    }
}

/// The services that are reached over HTTPS, inside the process.
#[derive(Clone)]
pub(crate) struct Net(Arc<Inner>);

impl Net {
    pub(crate) fn new(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { handler: Box::new(handler), received: Mutex::default() }))
    }

    /// STS, OAuth and CloudSSO as they answer when all is well.
    pub(crate) fn well() -> Self {
        Self::new(|request| Reply::ok(vendor_answer(request)))
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.0.received.lock().unwrap().clone()
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}

impl Transport for Net {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let (head, body) = request.into_parts();
        let received = Received {
            method: head.method.to_string(),
            origin: format!("{}://{}", head.uri.scheme_str().unwrap(), head.uri.authority().unwrap()),
            target: head.uri.path_and_query().unwrap().to_string(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: String::from_utf8(body.as_bytes().unwrap().to_vec()).unwrap(),
        };
        let reply = self.0.take(received);
        Box::pin(async move {
            match reply {
                Reply::Answer(status, headers, body) => {
                    let mut response = http::Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(Bytes::from(body).into()).unwrap())
                }
                Reply::Hang => std::future::pending().await,
                Reply::Refuse => {
                    Err(TransportError { message: "refused".to_owned(), stage: Stage::NotSent, source: None })
                }
                Reply::Fail(stage) => Err(TransportError { message: format!("{stage:?}"), stage, source: None }),
            }
        })
    }
}

/// The end that the doubles give their keys when a test does not say otherwise.
pub(crate) const END: &str = "2099-01-01T00:00:00Z";

pub(crate) fn keys(end: &str) -> String {
    format!(r#"{{"AccessKeyId":"STS.ak","AccessKeySecret":"sk","SecurityToken":"tok","Expiration":"{end}"}}"#)
}

fn vendor_answer(request: &Received) -> String {
    let soon = soon(3600);
    let keys = keys(&soon);
    match request.path() {
        "/v1/exchange" => format!(
            r#"{{"requestId":"R","accessKeyId":"STS.ak","accessKeySecret":"sk","securityToken":"tok","expiration":"{soon}"}}"#
        ),
        "/v1/token" => {
            r#"{"access_token":"acc2","refresh_token":"ref2","expires_in":10800,"token_type":"Bearer"}"#.to_owned()
        }
        "/cloud-credentials" => format!(r#"{{"CloudCredential":{keys},"RequestId":"R"}}"#),
        _ => format!(r#"{{"RequestId":"R","Credentials":{keys}}}"#),
    }
}

/// A date some seconds from now.
pub(crate) fn soon(seconds: i64) -> String {
    date(SystemTime::now(), seconds)
}

pub(crate) fn date(from: SystemTime, seconds: i64) -> String {
    let time = jiff::Timestamp::try_from(from).unwrap() + jiff::SignedDuration::from_secs(seconds);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A server on the loopback interface.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn new(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner { handler: Box::new(handler), received: Mutex::default() });
        let stop = Arc::new(AtomicBool::new(false));
        let (shared, stopped) = (inner.clone(), stop.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = shared.clone();
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, inner, stop }
    }

    /// The metadata service as it answers when all is well.
    pub(crate) fn metadata() -> Self {
        Self::new(|request| match request.path() {
            "/latest/api/token" => Reply::ok("imds-token"),
            "/latest/meta-data/ram/security-credentials/" => Reply::ok("discovered-role"),
            _ => Reply::ok(metadata_keys(&soon(3600))),
        })
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// Method and path of every request.
    pub(crate) fn log(&self) -> Vec<String> {
        self.received().iter().map(|request| format!("{} {}", request.method, request.path())).collect()
    }
}

pub(crate) fn metadata_keys(end: &str) -> String {
    keys(end).replacen('{', r#"{"Code":"Success","LastUpdated":"2024-01-01T00:00:00Z","#, 1)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, inner: &Inner) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => body.extend_from_slice(&buffer[..count]),
        }
    }
    let received = Received {
        method: first.next().unwrap().to_owned(),
        origin: String::new(),
        target: first.next().unwrap().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    match inner.take(received) {
        Reply::Answer(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
        }
        // Until the client gives up.
        Reply::Hang => _ = stream.read(&mut buffer),
        Reply::Refuse | Reply::Fail(_) => {}
    }
}

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A home directory that is removed in the end.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let nanoseconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
        let path = std::env::temp_dir().join(format!("alicloud-test-{}-{number}-{nanoseconds}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a private file; `$HOME` in its text is this directory.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("$HOME", self.0.to_str().unwrap())).unwrap();
        #[cfg(unix)]
        mode(&path, 0o600);
        path
    }

    /// An environment with this home directory, where nothing is set and nobody is reached.
    pub(crate) fn environment(&self) -> Environment {
        nowhere().home(self.path())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
pub(crate) fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// An environment where nothing is set and nobody is reached.
pub(crate) fn nowhere() -> Environment {
    // Nobody listens at port 1.
    Environment::empty().metadata_address("127.0.0.1:1".parse().unwrap()).transport(Net::new(|_| Reply::Refuse))
}

/// The time of day as the paused clock of the runtime counts it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VirtualClock {
    start: tokio::time::Instant,
    /// The time of day at the start.
    pub(crate) epoch: SystemTime,
}

impl VirtualClock {
    pub(crate) fn new() -> Self {
        Self { start: tokio::time::Instant::now(), epoch: SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645) }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.epoch + self.start.elapsed()
    }
}

/// Random bytes that repeat with their seed.
#[derive(Debug)]
pub(crate) struct Seeded(Mutex<u64>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed.wrapping_mul(2) + 1))
    }

    pub(crate) fn below(&self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % limit
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        let mut state = self.0.lock().unwrap();
        for byte in buffer {
            // splitmix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb).to_be_bytes()[0];
        }
        Ok(())
    }
}

/// Id, secret and token of credentials.
pub(crate) fn triple(credentials: &Credentials) -> (String, String, Option<String>) {
    match credentials.kind() {
        CredentialsKind::AccessKey { id, secret, token } => {
            (id.clone(), secret.expose().to_owned(), token.as_ref().map(|token| token.expose().to_owned()))
        }
        other => panic!("{other:?} is no access key"),
    }
}
