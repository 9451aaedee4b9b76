//! Services with a protocol of their own: headers, hosts, signatures, bodies and answers.

use std::{
    collections::BTreeMap,
    pin::Pin,
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Client, Config, Document, Interceptor, Model,
    bytes::Bytes,
    config::{CallOptions, ConfigBuilder},
    credentials::Credentials,
    endpoint::{EndpointRule, Endpoints, Network},
    error::{ConfigError, ErrorKind, TransportError},
    http::{self, Method},
    interceptor::Outgoing,
    model::{Field, Schema, Value},
    operation::{Operation, Protocol, Service},
    sign::SignatureVersion,
    transport::{Body, Transport},
};

const ENDPOINTS: Endpoints = Endpoints {
    rule: Some(EndpointRule::Patterns(&[
        (Network::Public, "{region}.log.aliyuncs.com"),
        (Network::Vpc, "{region}-intranet.log.aliyuncs.com"),
        (Network::Share, "{region}-share.log.aliyuncs.com"),
        (Network::Accelerate, "log-global.aliyuncs.com"),
    ])),
    prefix: "",
    global: None,
    location_service_code: None,
    regions: &[],
    vpc_regions: &[],
};

const fn service(protocol: Protocol) -> Service {
    Service { product: "made-up", code: "MadeUp", version: "2024-01-01", protocol, endpoints: ENDPOINTS }
}

static LOG: Service = service(Protocol::Sls);
static STORAGE: Service = service(Protocol::Oss);
static DRIVE: Service = service(Protocol::Pds);

static PUT: Operation = Operation::roa("Put", Method::POST, "/stores/{store}?type=log");
static GET: Operation = Operation::roa("Get", Method::GET, "/stores/{store}").read();
static TRACK: Operation = Operation::roa("Track", Method::POST, "/stores/{store}/track").anonymous();
static PUT_OBJECT: Operation = Operation::roa("PutObject", Method::PUT, "/{+store}?lifecycle");
static LIST: Operation = Operation::roa("List", Method::POST, "/v2/list");

/// A struct and its schema, as codegen writes them.
macro_rules! model {
    ($name:ident { $($index:literal $field:ident: $type:ty = $schema:expr,)* }) => {
        #[derive(Clone, Default)]
        struct $name {
            $($field: Option<$type>,)*
        }
        impl Model for $name {
            fn schema(&self) -> &'static Schema {
                const SCHEMA: &Schema = &Schema::new(stringify!($name), &[$($schema),*]);
                SCHEMA
            }
            fn field(&self, index: usize) -> &dyn Value {
                match index { $($index => &self.$field,)* _ => &() }
            }
            fn field_mut(&mut self, index: usize) -> &mut dyn Value {
                match index { $($index => &mut self.$field,)* _ => unreachable!() }
            }
        }
    };
}

model!(Pair { 0 key: String = Field::new("Key").tag(1), 1 value: String = Field::new("Value").tag(2), });
model!(Item { 0 time: i64 = Field::new("Time").tag(1), 1 pairs: Vec<Pair> = Field::new("Pairs").tag(2), });
model!(Group { 0 items: Vec<Item> = Field::new("Items").tag(1), 1 topic: String = Field::new("Topic").tag(3), });
model!(Put {
    0 project: String = Field::host("project"),
    1 store: String = Field::path("store"),
    2 kind: String = Field::header("x-log-compresstype"),
    3 group: Group = Field::payload("group").protobuf(),
});
model!(Get {
    0 project: String = Field::host("project"),
    1 store: String = Field::path("store"),
    2 filter: String = Field::query("filter"),
});
model!(Object {
    0 bucket: String = Field::host("bucket"),
    1 key: String = Field::path("store"),
    2 meta: BTreeMap<String, String> = Field::header("x-oss-meta-*"),
    3 rule: Document = Field::payload("LifecycleConfiguration").xml(),
});
model!(Nothing { 0 limit: i64 = Field::new("limit"), });
model!(Answer { 0 group: Group = Field::payload("body"), });
model!(Named { 0 name: String = Field::new("name"), });

fn group() -> Group {
    let pair = Pair { key: Some("level".into()), value: Some("info".into()) };
    let item = Item { time: Some(1_704_164_645), pairs: Some(vec![pair; 20]) };
    Group { items: Some(vec![item; 3]), topic: Some("t".into()) }
}

/// The group as protocol buffers have it.
fn written() -> Vec<u8> {
    fn part(key: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let length = if length < 128 { vec![length as u8] } else { vec![length as u8 | 0x80, (length >> 7) as u8] };
        [&[key], &length[..], content].concat()
    }
    let pair = [part(0x0a, b"level"), part(0x12, b"info")].concat();
    let time = [0x08, 0xa5, 0xfa, 0xcd, 0xac, 0x06];
    let item = [&time[..], &part(0x12, &pair).repeat(20)].concat();
    [part(0x0a, &item).repeat(3), part(0x1a, b"t")].concat()
}

fn put(kind: Option<&str>) -> Put {
    Put {
        project: Some("my-project".into()),
        store: Some("my-store".into()),
        kind: kind.map(str::to_owned),
        group: Some(group()),
    }
}

fn get() -> Get {
    Get { project: Some("p".into()), store: Some("a b/c".into()), filter: Some("x y*".into()) }
}

/// 2024-01-02T03:04:05Z
fn config() -> ConfigBuilder {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645);
    Config::builder().region("cn-hangzhou").credentials(Credentials::access_key("testid", "testsecret")).clock(time)
}

async fn prepare(
    config: ConfigBuilder,
    service: &'static Service,
    operation: &'static Operation,
    request: &dyn Model,
) -> Result<http::Request<Bytes>, alicloud_core::Error> {
    let client = Client::new(&config.build().unwrap(), service);
    Ok(client.prepare(operation, request, &CallOptions::default()).await?.into_inner())
}

fn header<'a>(request: &'a http::Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn logs_travel_as_protocol_buffers_compressed_or_not() {
    let plain = prepare(config(), &LOG, &PUT, &put(None)).await.unwrap();
    assert_eq!(plain.uri(), "https://my-project.cn-hangzhou.log.aliyuncs.com/stores/my-store?type=log");
    assert_eq!(plain.body(), &written());
    let size = written().len().to_string();
    for (name, value) in [
        ("host", Some("my-project.cn-hangzhou.log.aliyuncs.com")),
        ("content-type", Some("application/x-protobuf")),
        ("x-log-apiversion", Some("0.6.0")),
        ("x-log-bodyrawsize", Some(size.as_str())),
        ("x-log-signaturemethod", Some("hmac-sha256")),
        ("date", Some("Tue, 02 Jan 2024 03:04:05 GMT")),
        ("accept", Some("application/json")),
        ("x-acs-action", None),
        ("x-acs-version", None),
        ("x-acs-date", None),
    ] {
        assert_eq!(header(&plain, name), value, "{name}");
    }
    assert!(header(&plain, "authorization").unwrap().starts_with("LOG testid:"));

    let packed = prepare(config(), &LOG, &PUT, &put(Some("lz4"))).await.unwrap();
    assert!(packed.body().len() < written().len() / 2);
    assert_eq!(header(&packed, "x-log-bodyrawsize"), Some(size.as_str()));
    assert_eq!(lz4_flex::block::decompress(packed.body(), written().len()).unwrap(), written());
    assert_ne!(header(&packed, "content-md5"), header(&plain, "content-md5"));

    let error = prepare(config(), &LOG, &PUT, &put(Some("zstd"))).await.unwrap_err();
    assert!(error.to_string().contains("x-log-compresstype") && error.to_string().contains("lz4"), "{error}");
}

#[tokio::test]
async fn the_log_service_by_network_signature_and_credentials() {
    for (network, host) in [
        (Network::Public, "p.cn-hangzhou.log.aliyuncs.com"),
        (Network::Vpc, "p.cn-hangzhou-intranet.log.aliyuncs.com"),
        (Network::Share, "p.cn-hangzhou-share.log.aliyuncs.com"),
        (Network::Accelerate, "p.log-global.aliyuncs.com"),
    ] {
        let request = prepare(config().network(network), &LOG, &GET, &get()).await.unwrap();
        assert_eq!(request.uri().host(), Some(host));
        assert_eq!(request.uri().path_and_query().unwrap(), "/stores/a%20b%2Fc?filter=x%20y%2A");
        // The recorded requests have both although there is no body.
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        assert_eq!(header(&request, "content-md5"), Some(""));
    }
    // On this machine there is one name: the header says which project is meant.
    let local = config().endpoint("http://127.0.0.1:1").allow_insecure_http();
    let request = prepare(local, &LOG, &GET, &get()).await.unwrap();
    assert_eq!(request.uri().authority().unwrap(), "127.0.0.1:1");
    assert_eq!(header(&request, "host"), Some("p.127.0.0.1:1"));

    let request = prepare(config().signature(SignatureVersion::V4), &LOG, &GET, &get()).await.unwrap();
    assert_eq!(header(&request, "x-log-date"), Some("20240102T030405Z"));
    assert_eq!((header(&request, "date"), header(&request, "content-md5")), (None, None));
    let scope = "SLS4-HMAC-SHA256 Credential=testid/20240102/cn-hangzhou/sls/aliyun_v4_request,Signature=";
    assert!(header(&request, "authorization").unwrap().starts_with(scope));

    let nowhere = Config::builder()
        .endpoint("cn-hangzhou.log.aliyuncs.com")
        .credentials(Credentials::access_key("testid", "testsecret"))
        .signature(SignatureVersion::V4);
    let error = prepare(nowhere, &LOG, &GET, &get()).await.unwrap_err();
    assert!(error.to_string().contains("region"), "{error}");

    let temporary = config().credentials(Credentials::sts("STS.id", "secret", "token"));
    let request = prepare(temporary, &LOG, &GET, &get()).await.unwrap();
    assert_eq!(header(&request, "x-acs-security-token"), Some("token"));
    assert_eq!(header(&request, "x-acs-accesskey-id"), None);

    let request = prepare(config(), &LOG, &TRACK, &get()).await.unwrap();
    assert_eq!((header(&request, "authorization"), header(&request, "x-log-signaturemethod")), (None, None));
    assert_eq!(header(&request, "x-log-apiversion"), Some("0.6.0"));

    let error = prepare(config().credentials(Credentials::bearer("b")), &LOG, &GET, &get()).await.unwrap_err();
    assert!(error.to_string().contains("access keys"), "{error}");
}

#[tokio::test]
async fn objects_keep_their_slashes_and_rules_are_xml() {
    let rule = Document::parse(r#"{"Rule":[{"ID":"a&b"},{"ID":"c"}]}"#).unwrap();
    let object = Object {
        bucket: Some("my-bucket".into()),
        key: Some("a b/c.txt".into()),
        meta: Some(BTreeMap::from([("Author".to_owned(), "alice".to_owned())])),
        rule: Some(rule),
    };
    let request = prepare(config(), &STORAGE, &PUT_OBJECT, &object).await.unwrap();
    assert_eq!(request.uri().path(), "/a%20b/c.txt");
    assert_eq!(request.uri().host(), Some("my-bucket.cn-hangzhou.log.aliyuncs.com"));
    let rules = "<LifecycleConfiguration><Rule><ID>a&amp;b</ID></Rule><Rule><ID>c</ID></Rule></LifecycleConfiguration>";
    assert_eq!(request.body(), rules);
    for (name, value) in [
        ("content-type", Some("application/xml")),
        ("x-oss-meta-author", Some("alice")),
        ("x-oss-date", Some("20240102T030405Z")),
        ("x-oss-content-sha256", Some("UNSIGNED-PAYLOAD")),
        ("x-acs-action", None),
        ("accept", None),
    ] {
        assert_eq!(header(&request, name), value, "{name}");
    }
    assert!(header(&request, "authorization").unwrap().starts_with("OSS4-HMAC-SHA256 Credential=testid/20240102/"));

    let older = config().signature(SignatureVersion::V1).credentials(Credentials::sts("id", "secret", "token"));
    let request = prepare(older, &STORAGE, &PUT_OBJECT, &object).await.unwrap();
    assert!(header(&request, "authorization").unwrap().starts_with("OSS id:"));
    assert_eq!(header(&request, "x-oss-security-token"), Some("token"));
}

#[tokio::test]
async fn the_drive_takes_bearer_tokens_where_everybody_has_them() {
    let request = Nothing { limit: Some(1) };
    let bearer = config().credentials(Credentials::bearer("b"));
    let sent = prepare(bearer, &DRIVE, &LIST, &request).await.unwrap();
    assert_eq!(header(&sent, "authorization"), Some("Bearer b"));
    assert_eq!(header(&sent, "x-acs-bearer-token"), Some("b"));
    let sent = prepare(config(), &DRIVE, &LIST, &request).await.unwrap();
    assert!(header(&sent, "authorization").unwrap().starts_with("acs testid:"));
    assert_eq!(
        (header(&sent, "x-acs-action"), header(&sent, "x-acs-signature-method")),
        (Some("List"), Some("HMAC-SHA1"))
    );
}

/// S56
#[tokio::test]
async fn a_key_is_never_shown_to_an_operation_that_takes_bearer_tokens() {
    static OPERATIONS: [Operation; 2] =
        [Operation::rpc("GetToken", Method::POST).bearer(), Operation::roa("GetToken", Method::GET, "/token").bearer()];
    static COMMON: Service = service(Protocol::Standard);
    for (service, operation) in
        [(&COMMON, &OPERATIONS[0]), (&COMMON, &OPERATIONS[1]), (&DRIVE, &OPERATIONS[1]), (&LOG, &OPERATIONS[1])]
    {
        for credentials in [
            Credentials::access_key("testid", "testsecret"),
            Credentials::sts("testid", "testsecret", "token"),
            Credentials::anonymous(),
        ] {
            // Whatever the transport sees would be an error of another kind.
            let transport = Says(http::Response::new(Bytes::new()));
            let config = config().credentials(credentials).transport(transport);
            let client = Client::new(&config.build().unwrap(), service);
            let request = Nothing { limit: None };
            let options = CallOptions::default();
            let error = client.execute(operation, &request, &mut Nothing::default(), &options).await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Config(_)), "{error}");
            assert!(error.to_string().contains("Credentials::bearer"), "{error}");
        }
    }
    let bearer = config().credentials(Credentials::bearer("b"));
    let sent = prepare(bearer, &COMMON, &OPERATIONS[0], &Nothing { limit: None }).await.unwrap();
    assert_eq!((header(&sent, "x-acs-bearer-token"), header(&sent, "authorization")), (Some("b"), None));
}

/// S17: what a parameter puts into the host name cannot lead elsewhere.
#[tokio::test]
async fn parts_of_the_host_are_labels() {
    let long = "a".repeat(64);
    let bad = [
        "",
        "x@evil.com:443/#",
        "evil.com/",
        "a.b",
        "a..b",
        ".",
        "-a",
        "a-",
        "a_b",
        "A",
        "a b",
        " a",
        "a\n",
        "a\r\nHost: x",
        "a\0",
        "a\t",
        "a/",
        "a\\",
        "a#",
        "a?",
        "a:1",
        "a@",
        "a%2e",
        "%61",
        "[::1]",
        "ａ",
        "é",
        "a。b",
        "a\u{200b}",
        "ß",
        "xn--\u{e9}",
        &long,
    ];
    for label in bad {
        let get = Get { project: Some(label.to_owned()), ..get() };
        let object = Object { bucket: Some(label.to_owned()), key: Some("k".into()), ..Object::default() };
        for (parameter, prepared) in [
            ("project", prepare(config(), &LOG, &GET, &get).await),
            ("bucket", prepare(config(), &STORAGE, &PUT_OBJECT, &object).await),
        ] {
            let error = prepared.expect_err(label);
            let ErrorKind::InvalidInput(input) = error.kind() else { panic!("{label:?}: {error}") };
            assert_eq!(input.parameter, parameter);
            assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
        }
    }
    for label in ["a", "0", "a-b", "a--b", &long[..63]] {
        let get = Get { project: Some(label.to_owned()), ..get() };
        let request = prepare(config(), &LOG, &GET, &get).await.unwrap();
        assert_eq!(request.uri().host().unwrap(), format!("{label}.cn-hangzhou.log.aliyuncs.com"));
    }
}

/// S23: a header that decides what the signature is cannot come from outside, so that it is never a weaker one.
#[tokio::test]
async fn nobody_chooses_another_signature_by_a_header() {
    #[derive(Debug)]
    struct Sets(&'static str);
    impl Interceptor for Sets {
        fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), ConfigError> {
            request.set_header(self.0, "hmac-sha1")
        }
    }
    for name in ["X-Log-SignatureMethod", "x-log-date", "x-oss-security-token", "proxy-authorization"] {
        assert!(config().header(name, "hmac-sha1").build().is_err(), "{name}");
        let error = prepare(config().interceptor(Sets(name)), &LOG, &GET, &get()).await.unwrap_err();
        assert!(error.to_string().contains("cannot be replaced"), "{name}: {error}");
    }
}

/// A transport that always answers the same.
#[derive(Clone, Debug)]
struct Says(http::Response<Bytes>);

impl Transport for Says {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + '_>> {
        let answer = self.0.clone();
        Box::pin(async move { Ok(answer.map(Body::from)) })
    }
}

async fn answered(
    status: u16,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    output: &mut dyn Model,
) -> Result<alicloud_core::ResponseMeta, alicloud_core::Error> {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let transport = Says(response.body(body.into()).unwrap());
    let client = Client::new(&config().transport(transport).build().unwrap(), &LOG);
    client.execute(&GET, &get(), output, &CallOptions::default()).await
}

#[tokio::test]
async fn answers_of_the_log_service() {
    let own = ("x-log-requestid", "R-1");
    let mut answer = Answer::default();
    let meta = answered(200, &[own, ("content-type", "application/x-protobuf")], written(), &mut answer).await.unwrap();
    assert_eq!(meta.request_id(), "R-1");
    assert_eq!(answer.group.unwrap().to_json(), group().to_json());

    let json = br#"{"name":"n"}"#.to_vec();
    let size = json.len().to_string();
    let packed =
        [own, ("content-type", "application/json"), ("x-log-compresstype", "lz4"), ("x-log-bodyrawsize", &size)];
    let mut answer = Named::default();
    answered(200, &packed, lz4_flex::block::compress(&json), &mut answer).await.unwrap();
    assert_eq!(answer.name.as_deref(), Some("n"));
    let bomb = [own, ("x-log-compresstype", "lz4"), ("x-log-bodyrawsize", "33554432")];
    let error = answered(200, &bomb, vec![0x1f; 100_000], &mut Named::default()).await.unwrap_err();
    assert!(error.to_string().contains("more than 200 times"), "{error}");
    let error = answered(200, &packed, b"\xff\xff".to_vec(), &mut Named::default()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
    assert_eq!(error.request_id(), Some("R-1"));

    let body = br#"{"errorCode":"LogStoreNotExist","errorMessage":"logstore a does not exist"}"#;
    let error = answered(404, &[own], body.to_vec(), &mut Named::default()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.request_id(), error.status().map(|status| status.as_u16())),
        (Some("LogStoreNotExist"), Some("R-1"), Some(404))
    );
    assert!(error.to_string().contains("logstore a does not exist"), "{error}");
}
