//! Sources in a client: what they take over from it, and what they cannot do to it.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Client, Config, Model, SignedRequest,
    config::CallOptions,
    credentials::{
        AssumeRoleProvider, BoxFuture, CachedProvider, CliConfigProvider, Credentials, DefaultChain, Environment,
        IniFileProvider, OidcRoleProvider, ProvideCredentials, UriProvider,
    },
    endpoint::Endpoints,
    error::CredentialsError,
    http::Method,
    model::{Schema, Value},
    operation::{Operation, Protocol, Service},
    runtime::Clock,
};

use crate::double::{END, Home, Net, Reply, keys, triple};

static SERVICE: Service = Service {
    product: "things",
    code: "Things",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "things",
        global: None,
        location_service_code: None,
        regions: &[("cn-beijing", "things.cn-beijing.aliyuncs.com")],
        vpc_regions: &[],
    },
};
static LIST_THINGS: Operation = Operation::rpc("ListThings", Method::POST).read();

#[derive(Default)]
struct Nothing;

impl Model for Nothing {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Nothing", &[]);
        SCHEMA
    }
    fn field(&self, _: usize) -> &dyn Value {
        unreachable!()
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        unreachable!()
    }
}

/// A request as a client would send it.
pub(crate) async fn prepare(config: &Config) -> Result<SignedRequest, alicloud_core::Error> {
    Client::new(config, &SERVICE).prepare(&LIST_THINGS, &Nothing, &CallOptions::default()).await
}

/// STS and a URL with keys.
fn service() -> Net {
    Net::new(|request| {
        let keys = keys(END);
        Reply::ok(if request.origin.contains("sts.") { format!(r#"{{"Credentials":{keys}}}"#) } else { keys })
    })
}

/// A time of day that stands still.
#[derive(Debug)]
struct Standing;

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645)
    }
}

#[tokio::test]
async fn sources_take_over_the_ways_of_their_client() {
    let home = Home::new();
    let token = home.write("token", "t");
    let key = r#""access_key_id": "a", "access_key_secret": "s""#;
    let config = format!(
        r#"{{"current": "p", "profiles": [{{"name": "p", "mode": "RamRoleArn", {key}, "ram_role_arn": "r"}}]}}"#
    );
    let config = home.write("config.json", &config);
    let ini = "[default]\ntype = ram_role_arn\naccess_key_id = a\naccess_key_secret = s\nrole_arn = r\n";
    let ini = home.write("ini", ini);
    let role = || AssumeRoleProvider::new(Credentials::access_key("a", "s"), "r");
    let uri = || UriProvider::new("https://keys.example.com/");
    type Case = (&'static str, Arc<dyn ProvideCredentials>, usize);
    let cases: [Case; 8] = [
        ("role", Arc::new(role()), 1),
        ("role of a role", Arc::new(AssumeRoleProvider::new(role(), "r2")), 2),
        ("role of a URL", Arc::new(AssumeRoleProvider::new(uri(), "r2")), 2),
        ("OIDC", Arc::new(OidcRoleProvider::new("r", "p", token)), 1),
        ("config.json", Arc::new(CliConfigProvider::new().path(config)), 1),
        ("ini", Arc::new(IniFileProvider::new().path(ini)), 1),
        ("URL", Arc::new(uri()), 1),
        ("kept", Arc::new(CachedProvider::new(uri())), 1),
    ];
    for (name, source, requests) in cases {
        let net = service();
        let config = |net: &Net| {
            let config = Config::builder().region("cn-beijing").transport(net.clone()).clock(Standing);
            config.credentials(source.clone()).build().unwrap()
        };
        prepare(&config(&net)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(net.received().len(), requests, "{name}");
        for request in net.received() {
            let date = request.header("x-acs-date");
            assert!(date.is_none_or(|date| date == "2024-01-02T03:04:05Z"), "{name}: {date:?}");
        }
        // The first client decides.
        let other = service();
        prepare(&config(&other)).await.unwrap();
        assert_eq!(other.received().len(), 0, "{name}");
    }
}

#[tokio::test]
async fn an_environment_of_its_own_is_kept() {
    let (own, of_client) = (service(), service());
    let environment = Environment::empty().transport(own.clone());
    let uri = UriProvider::new("https://keys.example.com/");
    // The source has none of its own: it works as the role does.
    let role = AssumeRoleProvider::new(uri, "r").environment(&environment);
    let config = Config::builder().region("cn-beijing").transport(of_client.clone()).credentials(role);
    prepare(&config.build().unwrap()).await.unwrap();
    assert_eq!((own.received().len(), of_client.received().len()), (2, 0));
}

const CHILD: &str = "CREDENTIALS_TEST_CHAIN";

/// In a process of its own: the chain reads the variables of the process.
#[test]
fn a_chain_takes_over_the_ways_of_its_client() {
    let home = Home::new();
    let token = home.write("token", "t");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "client::chain_in_a_client", "--nocapture", "--include-ignored"]);
    child.env_clear().env(CHILD, "1").env("HOME", "/nonexistent").env("ALIBABA_CLOUD_ROLE_ARN", "r");
    child.env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p").env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token);
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
#[ignore = "started by another test"]
async fn chain_in_a_client() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let net = service();
    let config = Config::builder().region("cn-beijing").transport(net.clone()).credentials(DefaultChain::new());
    prepare(&config.build().unwrap()).await.unwrap();
    assert_eq!(net.received().len(), 1);
}

/// Panics when it is told that its keys were refused.
#[derive(Debug)]
struct Panicking;

impl ProvideCredentials for Panicking {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { Ok(Credentials::sts("id", "secret", "token")) })
    }
    fn invalidate(&self, _: &Credentials) {
        panic!("invalidate")
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn p28_a_panic_while_keys_are_forgotten_ends_nothing() {
    let asked = AtomicU64::new(0);
    let net = Net::new(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(403, r#"{"Code":"InvalidSecurityToken.Expired","Message":"m","RequestId":"R"}"#),
        _ => Reply::ok(r#"{"RequestId":"R"}"#),
    });
    let config = Config::builder().region("cn-beijing").transport(net.clone()).credentials(Panicking).build().unwrap();
    let client = Client::new(&config, &SERVICE);
    client.execute(&LIST_THINGS, &Nothing, &mut Nothing, &CallOptions::default()).await.unwrap();
    assert_eq!(net.received().len(), 2);
}

/// New keys every time.
#[derive(Debug, Default)]
struct Rotating(AtomicU64);

impl ProvideCredentials for Rotating {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            // Others rotate meanwhile.
            tokio::task::yield_now().await;
            Ok(Credentials::sts(format!("id{number}"), format!("secret{number}"), format!("token{number}")))
        })
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}

/// Computes the signature anew, with the secret that belongs to an id.
fn check_parts(request: &SignedRequest) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::{Digest as _, Sha256};
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    let authorization = header("authorization");
    let part = |name: &str| {
        let rest = authorization.split_once(&format!("{name}=")).unwrap().1;
        rest.split(',').next().unwrap().to_owned()
    };
    let id = part("Credential");
    let number = id.strip_prefix("id").unwrap();
    assert_eq!(header("x-acs-security-token"), format!("token{number}"));
    let signed = part("SignedHeaders");
    let lines: String = signed.split(';').map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    let uri = request.uri();
    let (method, path, query) = (request.method(), uri.path(), uri.query().unwrap_or_default());
    let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{signed}\n{}", header("x-acs-content-sha256"));
    let text = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical)));
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("secret{number}").as_bytes()).unwrap();
    mac.update(text.as_bytes());
    assert_eq!(part("Signature"), hex(&mac.finalize().into_bytes()), "{authorization}");
    id
}

/// `ALICLOUD_TEST_ROUNDS` multiplies the work.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s53_parts_of_credentials_are_never_mixed() {
    let rounds = std::env::var("ALICLOUD_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let config = Config::builder().region("cn-beijing").credentials(Rotating::default()).build().unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let config = config.clone();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for _ in 0..500 * rounds {
                    ids.push(check_parts(&prepare(&config).await.unwrap()));
                }
                ids
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.extend(task.await.unwrap());
    }
    assert_eq!(ids.len(), 4_000 * rounds, "every call has had keys of its own");
}

/// S40: what `HOME` and the working directory say about credentials and region, in a process of its own.
#[cfg(unix)]
#[test]
fn s40_files_of_the_working_directory_are_not_read() {
    let home = Home::new();
    let profile = r#"{"name":"p","mode":"External","process_command":"touch ran","region_id":"cn-beijing"}"#;
    for name in [".aliyun/config.json", "config.json", "aliyun.json"] {
        home.write(name, &format!(r#"{{"current":"p","profiles":[{profile}]}}"#));
    }
    home.write("credentials", "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n");
    let run = |directory: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "client::in_a_working_directory", "--nocapture", "--include-ignored"]);
        child.env_clear().env(CHILD, "1").env("HOME", directory).env("PATH", "/usr/bin:/bin");
        child.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true").current_dir(home.path());
        let text = String::from_utf8_lossy(&child.output().unwrap().stdout).into_owned();
        text.lines().find_map(|line| Some(line.split_once("RESULT ")?.1.to_owned())).unwrap_or(text)
    };
    for directory in ["/nonexistent", ".", "./"] {
        assert_eq!(run(directory), "nothing is configured, no region", "HOME={directory}");
        assert!(!home.path().join("ran").exists());
    }
    // As a home directory it counts.
    let found = run(home.path().to_str().unwrap());
    assert!(found.contains("the external command") && found.contains("things.cn-beijing"), "{found}");
    assert!(home.path().join("ran").exists());
}

#[tokio::test]
#[ignore = "started by another test"]
async fn in_a_working_directory() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let credentials = match DefaultChain::new().provide().await {
        Ok(credentials) => triple(&credentials).0,
        Err(error) if error.not_configured => "nothing is configured".to_owned(),
        Err(error) => error.message,
    };
    let config = Config::builder().credentials(Credentials::anonymous()).build().unwrap();
    let region = match prepare(&config).await {
        Ok(request) => request.uri().to_string(),
        Err(error) if error.to_string().contains("region") => "no region".to_owned(),
        Err(error) => error.to_string(),
    };
    println!("RESULT {credentials}, {region}");
}
