//! The generator calls an operation idempotent for its client token; the runtime must then send one.

use std::sync::{Arc, Mutex};

use alicloud_codegen::retry_class;
use alicloud_core::{
    Client, Config,
    bytes::Bytes,
    config::CallOptions,
    credentials::Credentials,
    error::{Stage, TransportError},
    http,
    operation::{Operation, RetryClass},
    transport::{Body, Transport},
};
use alicloud_tests::dynamic;

/// A network that keeps what is sent and loses every answer.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + '_>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body: Bytes = body.collect(1 << 20).await?;
            self.0.lock().unwrap().push(format!("{} {:?} {body:?}", head.uri, head.headers));
            Err(TransportError { message: "reset".to_owned(), stage: Stage::MaybeSent, source: None })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_that_is_idempotent_by_its_token_sends_one() {
    let recorder = Recorder::default();
    let config = Config::builder()
        .endpoint("https://example.com")
        .credentials(Credentials::access_key("id", "secret"))
        .transport(recorder.clone())
        .retry(alicloud_core::RetryConfig::default().without_budget())
        .build()
        .unwrap();
    let mut tried = 0;
    for spec in dynamic::all().values() {
        let client = Client::new(&config, dynamic::service(spec));
        let declared = spec.operations.iter().filter(|(name, operation)| {
            operation.skip.is_none()
                && operation.class.is_none()
                && retry_class(name, operation) == alicloud_spec::RetryClass::Idempotent
        });
        for (name, _) in declared {
            let dynamic::Called { operation, request, mut response } = dynamic::operation(spec, name);
            // What else is required plays no part here.
            let request = request.only(|field| {
                let name = field.name.to_lowercase();
                name.contains("client") && name.contains("token")
            });
            let operation: &'static Operation = Box::leak(Box::new(Operation {
                class: RetryClass::Idempotent,
                method: operation.method.clone(),
                path: "/",
                ..*operation
            }));
            let error = client.execute(operation, &request, &mut response, &CallOptions::default()).await.unwrap_err();
            let token = error.client_token().unwrap_or_else(|| panic!("{} {name}: {error}", spec.product));
            let sent = std::mem::take(&mut *recorder.0.lock().unwrap());
            assert_eq!(sent.len(), 4, "{} {name}: {error}", spec.product);
            assert!(sent.iter().all(|sent| sent.contains(token)), "{} {name}: {sent:?}", spec.product);
            tried += 1;
        }
    }
    assert!(tried > 800, "{tried}");
}
