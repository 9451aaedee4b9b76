//! Client and gateway agree on every signature, whatever the parameters hold. They share no code: the
//! gateway reads the raw bytes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use alicloud_core::{
    Config, Document, ErrorKind,
    credentials::Credentials,
    model::{Field, Model, Schema, Value},
    operation::{Operation, Protocol, Request, Service},
    sign::SignatureVersion,
};
use alicloud_mock::{MockGateway, StubReply};
use alicloud_spec::Spec;
use proptest::prelude::*;
use tokio::runtime::Runtime;

/// Text that breaks careless encoders, and any other.
fn hostile() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        " ",
        "+",
        "*",
        "~",
        "%",
        "%20",
        "%2e%2e",
        "/",
        "//",
        "\\",
        ".",
        "..",
        "?",
        "#",
        "&",
        "=",
        ";",
        ":",
        "@",
        "'",
        "\"",
        "<>",
        "é",
        "值",
        "😀",
        "\u{3002}",
        "\u{feff}",
        "a b",
        "a\tb",
        "a\r\nb",
        "\u{0}",
        "\u{7f}",
        "{\"a\": [1]}",
        "${x}",
        "a,b",
    ]);
    let known = prop::collection::vec(known, 1..4).prop_map(|pieces| pieces.concat());
    prop_oneof![known, any::<String>(), "[ -~]{0,40}"]
}

const SPEC: &str = r#"{
  "product": "hostile", "code": "Hostile", "version": "2020-01-01", "title": "Hostile", "style": "rpc",
  "operations": {
    "Rpc": {
      "method": "POST", "access": "read",
      "parameters": [
        {"name": "Q", "in": "query", "type": "string"},
        {"name": "F", "in": "form", "type": "string"},
        {"name": "L", "in": "query", "type": "list", "style": "flat", "of": {"type": "string"}},
        {"name": "J", "in": "form", "type": "map", "style": "json", "of": {"type": "string"}}
      ],
      "response": {"fields": [{"name": "RequestId", "type": "string"}]}
    },
    "Roa": {
      "method": "PUT", "style": "roa", "path": "/things/{P}/parts", "access": "read",
      "parameters": [
        {"name": "P", "in": "path", "type": "string", "required": true},
        {"name": "Q", "in": "query", "type": "string"},
        {"name": "H", "in": "header", "type": "string"},
        {"name": "B", "in": "body", "type": "string"}
      ],
      "response": {"fields": [{"name": "RequestId", "type": "string"}]}
    }
  }
}"#;

static SERVICE: Service = Service {
    product: "hostile",
    code: "Hostile",
    version: "2020-01-01",
    protocol: Protocol::Standard,
    endpoints: alicloud_core::endpoint::Endpoints {
        rule: None,
        prefix: "hostile",
        global: None,
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

/// A model whose fields all hold data.
macro_rules! request {
    ($name:ident, $operation:expr, [$($field:expr),*]) => {
        #[derive(Clone, Default)]
        struct $name([Option<Document>; 4]);

        impl Model for $name {
            fn schema(&self) -> &'static Schema {
                const SCHEMA: &Schema = &Schema::new(stringify!($name), &[$($field),*]);
                SCHEMA
            }
            fn field(&self, index: usize) -> &dyn Value {
                &self.0[index]
            }
            fn field_mut(&mut self, index: usize) -> &mut dyn Value {
                &mut self.0[index]
            }
        }

        impl Request for $name {
            type Response = Empty;
            const OPERATION: &'static Operation = &$operation;
        }
    };
}

#[derive(Default)]
struct Empty;

impl Model for Empty {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("Empty", &[]);
        SCHEMA
    }
}

use alicloud_core::http::Method;
request!(
    Rpc,
    Operation::rpc("Rpc", Method::POST).read(),
    [Field::query("Q"), Field::form("F"), Field::query("L"), Field::form("J").json()]
);
request!(
    Roa,
    Operation::roa("Roa", Method::PUT, "/things/{P}/parts").read(),
    [Field::path("P"), Field::query("Q"), Field::header("H"), Field::new("B")]
);

/// The parameters of the last call of each operation, as the gateway read them.
type LastCalls = Arc<Mutex<BTreeMap<String, serde_json::Map<String, serde_json::Value>>>>;

struct Scene {
    runtime: Runtime,
    last: LastCalls,
    gateway: MockGateway,
    clients: Vec<(&'static str, alicloud_core::Client)>,
}

/// One gateway, and clients with every kind of credentials and signature.
fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let spec = Spec::parse("hostile.json", SPEC).unwrap();
        let gateway = runtime.block_on(MockGateway::builder().product(spec).start()).unwrap();
        let last = LastCalls::default();
        for operation in ["Rpc", "Roa"] {
            let last = Arc::clone(&last);
            gateway.on(operation).reply_with(move |call| {
                last.lock().unwrap().insert(call.operation.clone(), call.parameters.clone());
                StubReply::ok(serde_json::json!({}))
            });
        }
        let hour = std::time::Duration::from_secs(3600);
        gateway.keys().add_temporary("STS.id", "sts+secret/", "to+ken/==", hour).unwrap();
        gateway.keys().add_bearer("bearer", Some(hour));
        let (id, secret) = gateway.credentials();
        let credentials = [
            ("access key", Credentials::access_key(id, secret)),
            ("temporary key", Credentials::sts("STS.id", "sts+secret/", "to+ken/==")),
            ("bearer token", Credentials::bearer("bearer")),
        ];
        let versions = [SignatureVersion::Acs3, SignatureVersion::V1];
        let clients = credentials.into_iter().flat_map(|(name, credentials)| {
            let endpoint = gateway.endpoint().to_owned();
            versions.map(move |version| {
                let config = Config::builder().endpoint(&endpoint).allow_insecure_http().signature(version);
                let config = config.credentials(credentials.clone()).build().unwrap();
                (name, alicloud_core::Client::new(&config, &SERVICE))
            })
        });
        let clients = clients.collect();
        Scene { runtime, last, gateway, clients }
    })
}

/// Sends the request with every client. Either nothing is sent, because a part cannot travel, or the
/// gateway accepts the signature and has read the same texts.
fn agree<R: Request>(request: R, expected: &[(&str, &Document)], may_refuse: bool) {
    let scene = scene();
    for (name, client) in &scene.clients {
        let mut call = alicloud_core::Call::<R>::new(client);
        call.request = request.clone();
        let served = scene.gateway.ledger().calls(R::OPERATION.name);
        match scene.runtime.block_on(call.send()) {
            Ok(_) => {
                let last = scene.last.lock().unwrap()[R::OPERATION.name].clone();
                for (parameter, sent) in expected {
                    let read = last.get(*parameter).and_then(|value| value.as_str()).unwrap_or_default();
                    // HTTP drops blanks around the value of a header.
                    let sent = sent.as_str().map(|text| if *parameter == "H" { text.trim() } else { text });
                    assert_eq!(Some(read), sent, "{name}: {parameter}");
                }
            }
            Err(error) if may_refuse && matches!(error.kind(), ErrorKind::InvalidInput(_)) => {
                assert_eq!(
                    scene.gateway.ledger().calls(R::OPERATION.name),
                    served,
                    "{name}: sent although refused: {error}"
                );
            }
            Err(error) => panic!("{name}: {error}\n{expected:?}"),
        }
    }
}

fn set(value: &Document) -> Option<Document> {
    Some(value.clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rpc(query in hostile(), form in hostile(), list in prop::collection::vec(hostile(), 0..4),
           map in prop::collection::btree_map(hostile(), hostile(), 0..3)) {
        let list: Document = list.into();
        let map = Document::object(map.into_iter().map(|(name, value)| (name, value.into())));
        let (query, form) = (Document::from(query), Document::from(form));
        agree(Rpc([set(&query), set(&form), set(&list), set(&map)]), &[("Q", &query), ("F", &form)], false);
    }

    #[test]
    fn roa(path in hostile(), query in hostile(), header in hostile(), body in hostile()) {
        let [path, query, header, body] = [path, query, header, body].map(Document::from);
        let expected = [("P", &path), ("Q", &query), ("H", &header), ("B", &body)];
        agree(Roa([set(&path), set(&query), set(&header), set(&body)]), &expected, true);
    }
}
