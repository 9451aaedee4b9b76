//! Every public type that can be printed and may hold a secret is printed with one in it. Whoever adds a type
//! has to say which kind it is.

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod common;
#[allow(dead_code, unreachable_pub, unused_macros)]
mod things;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs,
    path::Path,
};

use alicloud_core::{
    Config, ConfigOverride, Model as _,
    credentials::*,
    error::CredentialsError,
    http::Method,
    sign::*,
    transport::{Body, Pem, Proxies, ReqwestTransport, TransportConfig},
};
use bytes::Bytes;
use common::Answer;

const CANARY: &str = "Canary/Secret+1=aa bb";

/// The types of the list below that hold a secret, and print.
fn printed() -> Vec<(&'static str, String)> {
    fn print(value: &impl Debug) -> String {
        format!("{value:?} {value:#?}")
    }
    let credentials =
        [Credentials::access_key("id", CANARY), Credentials::sts("id", CANARY, CANARY), Credentials::bearer(CANARY)];
    let sts = || Credentials::sts("id", CANARY, CANARY);
    let environment = Environment::empty()
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARY)
        .variable("ALIBABA_CLOUD_SECURITY_TOKEN", CANARY);
    let proxies = Proxies::all("http://user:CanaryProxy@127.0.0.1:9").unwrap();
    let mut transport = TransportConfig::default();
    transport.proxies = proxies.clone();
    transport.client_certificate = Some((Pem::new(CANARY), Pem::new(CANARY)));
    let builder = || {
        common::config(|_| Answer::ok("{}"))
            .credentials(sts())
            .header("x-note", CANARY)
            .query("Note", CANARY)
            .proxies(proxies.clone())
    };
    let config: Config = builder().build().unwrap();
    let client = alicloud_core::Client::new(&config, &things::SERVICE);
    let overrides = ConfigOverride::new().credentials(sts()).header("x-note", CANARY).query("Note", CANARY);
    let mut call = alicloud_core::Call::<secret::Request>::new(&client);
    call.request.password = Some(CANARY.to_owned());
    call.config_override(overrides.clone());
    // The first version has its proof in the URL, the others in headers.
    let signed = [SignatureVersion::V1, SignatureVersion::Acs3].map(|version| {
        let mut call = call.clone();
        call.config_override(overrides.clone().signature(version).endpoint("things.example.com"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let signed = runtime.block_on(call.prepare()).unwrap();
        assert!(format!("{:?}", signed.uri()).contains("Canary%2F"), "the service gets it");
        print(&signed)
    });

    let pairs = [("SecurityToken".to_owned(), CANARY.to_owned())];
    let headers = BTreeMap::from([("x-acs-security-token".to_owned(), CANARY.to_owned())]);
    let (method, path, query, headers) = (&Method::POST, "/", &pairs[..], &headers);
    let acs3 = Acs3 { algorithm: Acs3Algorithm::HmacSha256, method, path, query, headers, payload_hash: "" };
    let model = secret::Request { password: Some(CANARY.to_owned()) };
    assert!(model.to_json().contains(CANARY), "the service gets it");
    vec![
        ("Acs3", print(&acs3)),
        ("OssV1", print(&OssV1 { method, bucket: None, path, query, headers, sub_resources: &[] })),
        ("OssV4", print(&OssV4 { method, bucket: None, path, query, headers, region: "r" })),
        ("RoaV1", print(&RoaV1 { method, path, query, headers })),
        ("RpcV1", print(&RpcV1 { method, parameters: query })),
        ("SlsV1", print(&SlsV1 { method, path, query, headers })),
        ("SlsV4", print(&SlsV4 { method, path, query, headers, region: "r" })),
        ("Credentials", credentials.iter().map(print).collect()),
        ("CredentialsKind", credentials.iter().map(|credentials| print(credentials.kind())).collect()),
        ("Secret", print(&Secret::new(CANARY))),
        ("AssumeRoleProvider", print(&AssumeRoleProvider::new(sts(), "r").policy(CANARY).external_id(CANARY))),
        ("CachedProvider", print(&CachedProvider::new(sts()))),
        ("CliConfigProvider", print(&CliConfigProvider::new().environment(&environment))),
        ("DefaultChain", print(&DefaultChain::in_environment(environment.clone()))),
        ("EcsRoleProvider", print(&EcsRoleProvider::new().environment(&environment))),
        ("Environment", print(&environment)),
        ("EnvironmentProvider", print(&EnvironmentProvider::new().environment(&environment))),
        ("IniFileProvider", print(&IniFileProvider::new().environment(&environment))),
        ("OidcRoleProvider", print(&OidcRoleProvider::new("r", "p", "t").policy(CANARY).environment(&environment))),
        ("ProcessProvider", print(&ProcessProvider::new(format!("echo {CANARY}")).environment(&environment))),
        ("UriProvider", print(&UriProvider::new(format!("https://example.com/{CANARY}?{CANARY}")))),
        ("Proxies", print(&proxies)),
        ("Pem", print(&Pem::new(CANARY))),
        ("TransportConfig", print(&transport)),
        ("ReqwestTransport", print(&ReqwestTransport::new(transport.clone()))),
        ("ByteStream", print(&alicloud_core::stream::ByteStream::from(CANARY))),
        ("Body", print(&Body::from(Bytes::from(CANARY)))),
        ("SignedRequest", signed.concat()),
        ("Config", print(&config)),
        ("ConfigBuilder", print(&builder())),
        ("ConfigOverride", print(&overrides)),
        ("Client", print(&client)),
        ("Call", print(&call)),
        ("CallOptions", print(&call)),
        ("CredentialsError", print(&CredentialsError { message: "m".to_owned(), not_configured: true })),
    ]
}

mod secret {
    use alicloud_core::{
        Model,
        http::Method,
        model::{Field, Schema, Value},
        operation::Operation,
    };

    #[derive(Clone, Default)]
    pub(crate) struct Request {
        pub(crate) password: Option<String>,
    }
    impl Model for Request {
        fn schema(&self) -> &'static Schema {
            const SCHEMA: &Schema = &Schema::new("Request", &[Field::query("Password").secret()]);
            SCHEMA
        }
        fn field(&self, _: usize) -> &dyn Value {
            &self.password
        }
        fn field_mut(&mut self, _: usize) -> &mut dyn Value {
            &mut self.password
        }
    }
    alicloud_core::models!(Request);
    impl alicloud_core::operation::Request for Request {
        type Response = Request;
        const OPERATION: &'static Operation = &Operation::rpc("SetPassword", Method::POST);
    }
}

/// Names, numbers and choices.
const PLAIN: &[&str] = &[
    "Acs3Algorithm",
    "Auth",
    "BodyLimits",
    "CallInfo",
    "CallStyle",
    "Condition",
    "EndpointRule",
    "Endpoints",
    "Field",
    "FileAccess",
    "Limits",
    "LocalError",
    "Network",
    "NoEntropy",
    "Operation",
    "Pagination",
    "Place",
    "PositionError",
    "Protocol",
    "Region",
    "Regions",
    "ResponseBody",
    "RetryClass",
    "RetryConfig",
    "RetryMode",
    "Rule",
    "Schema",
    "Service",
    "SignatureVersion",
    "Stage",
    "StallProtection",
    "Style",
    "SystemClock",
    "SystemEntropy",
    "TimeoutError",
    "Timeouts",
    "Verdict",
    "View",
    "Waiter",
];
/// What the service has said, or where in a list one is. Errors and what hooks see are measured with everything
/// that can go wrong by `cargo xtask faults P23`.
const ANSWERS: &[&str] = &[
    "AttemptReport",
    "BodyError",
    "CallReport",
    "ConfigError",
    "DecodeError",
    "Download",
    "Error",
    "ErrorKind",
    "Event",
    "Events",
    "InvalidInput",
    "Outgoing",
    "PagingError",
    "PagingProblem",
    "ParseError",
    "Position",
    "Progress",
    "Response",
    "ResponseMeta",
    "ServiceError",
    "State",
    "TransportError",
    "WaitError",
    "WaitProblem",
];
/// Data as such: it does not know what it is, and prints all of it.
const DATA: &[&str] = &["Document"];
/// Cannot be printed.
const SILENT: &[&str] = &["Across", "Items", "Pages", "Parts", "Wait"];

#[test]
fn every_public_type_keeps_secrets() {
    let printed = printed();
    for (name, text) in &printed {
        for leak in [CANARY, &CANARY[..10], "Canary%2F", "aa bb", "CanaryProxy", "Signature="] {
            assert!(!text.contains(leak), "{name}: {text}");
        }
    }
    let mut known: BTreeSet<&str> = printed.iter().map(|(name, _)| *name).collect();
    known.extend([PLAIN, ANSWERS, DATA, SILENT].into_iter().flatten());
    let mut found = BTreeSet::new();
    types(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 80, "{found:?}");
    let unknown: Vec<_> = found.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "may they hold a secret? {unknown:?}");
}

/// Names of the public structs and enums in a folder.
fn types(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            types(&path, found);
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
            let name = rest.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
            found.extend(name.map(str::to_owned));
        }
    }
}
