//! Files that an operation wants to find at a URL: each is announced to the open platform, uploaded to the
//! object storage that it names, and put in the parameters.

use tokio::time::Instant;

use super::Client;
use crate::{
    Error,
    config::CallOptions,
    endpoint::{Endpoints, check_label, is_known, is_loopback},
    error::{ConfigError, ErrorKind, InvalidInput, LocalError},
    model::{Field, Model, Schema, Value},
    models,
    operation::{Operation, Protocol, Service},
    params, runtime,
    stream::{ByteStream, multipart},
};

const fn nowhere(prefix: &'static str) -> Endpoints {
    Endpoints { rule: None, prefix, global: None, location_service_code: None, regions: &[], vpc_regions: &[] }
}

static OPEN_PLATFORM: Service = Service {
    product: "openplatform",
    code: "OpenPlatform",
    version: "2019-12-19",
    protocol: Protocol::Standard,
    endpoints: nowhere("openplatform"),
};

static AUTHORIZE: Operation = Operation::rpc("AuthorizeFileUpload", http::Method::GET).read();

static OBJECT_STORAGE: Service =
    Service { product: "oss", code: "Oss", version: "2019-05-17", protocol: Protocol::Oss, endpoints: nowhere("oss") };

/// The form is signed, the request is not. To upload the same bytes to the same place twice has no second effect.
static POST_OBJECT: Operation = Operation::roa("PostObject", http::Method::POST, "/").idempotent().anonymous();

/// A model whose fields are all text.
macro_rules! texts {
    ($name:ident, $count:literal, [$($field:expr),* $(,)?]) => {
        #[derive(Clone, Default)]
        struct $name([Option<String>; $count]);

        impl Model for $name {
            fn schema(&self) -> &'static Schema {
                const SCHEMA: &Schema = &Schema::new(stringify!($name), &[$($field),*]);
                SCHEMA
            }
            fn field(&self, index: usize) -> &dyn Value {
                self.0.get(index).map_or(&(), |field| field)
            }
            fn field_mut(&mut self, index: usize) -> &mut dyn Value {
                match self.0.get_mut(index) {
                    Some(field) => field,
                    // Never asked for. Leaking a zero-sized value costs nothing.
                    None => Box::leak(Box::new(())),
                }
            }
        }

        models!($name);
    };
}

texts!(AuthorizeFileUploadRequest, 2, [Field::query("Product"), Field::query("RegionId")]);

texts!(
    AuthorizeFileUploadResponse,
    7,
    [
        Field::new("AccessKeyId"),
        Field::new("Bucket"),
        Field::new("EncodedPolicy").secret(),
        Field::new("Endpoint"),
        Field::new("ObjectKey"),
        Field::new("Signature").secret(),
        Field::new("SecurityToken").secret(),
    ]
);

impl AuthorizeFileUploadResponse {
    fn text(&self, name: &str) -> &str {
        let mut fields = self.schema().fields.iter().zip(&self.0);
        let found = fields.find(|(field, _)| field.name == name);
        found.and_then(|(_, value)| value.as_deref()).unwrap_or_default()
    }
}

texts!(PostObjectRequest, 1, [Field::header("Content-Type")]);

#[derive(Clone, Default)]
struct PostObjectResponse;

impl Model for PostObjectResponse {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("PostObjectResponse", &[]);
        SCHEMA
    }
}

models!(PostObjectResponse);

impl Client {
    /// Uploads the files of a call and says in its parameters where they are.
    pub(crate) async fn upload_files(
        &self,
        operation: &'static Operation,
        request: &mut dyn Model,
        options: &mut CallOptions,
    ) -> Result<(), Error> {
        let files = std::mem::take(&mut options.files);
        if files.is_empty() {
            return Ok(());
        }
        // What else is wrong with the call is said before anything is sent.
        let given = |field: &Field| files.iter().any(|(parameter, _)| parameter.name == field.name);
        params::check(request, given).map_err(|error| self.error(operation, ErrorKind::InvalidInput(error)))?;
        // What is not limited as a whole is limited step by step.
        let total = options.timeout.or(self.settings().timeouts.total);
        let deadline = total.map(|total| runtime::later(Instant::now(), total));
        for (parameter, source) in &files {
            let url = self.upload_file(operation, source, options, deadline).await?;
            let set = parameter.set(request, url);
            set.map_err(|error| self.error(operation, ErrorKind::InvalidInput(error)))?;
            options.timeout = left(deadline);
        }
        Ok(())
    }

    /// Uploads one file; returns where it is.
    async fn upload_file(
        &self,
        operation: &'static Operation,
        source: &ByteStream,
        options: &CallOptions,
        deadline: Option<Instant>,
    ) -> Result<String, Error> {
        let size = match measure(source).await {
            Ok(Some(size)) => size,
            Ok(None) => {
                let message =
                    "a file is uploaded with its size: say it with .size(…), the stream can be read once only";
                let error = InvalidInput { parameter: String::new(), message: message.to_owned() };
                return Err(self.error(operation, ErrorKind::InvalidInput(error)));
            }
            Err(error) => {
                let error = LocalError::new("nothing was sent: a file cannot be read", error);
                return Err(self.error(operation, ErrorKind::Local(error)));
            }
        };
        let place = self.authorize(options, deadline).await?;
        let host = self.host_of(&place).map_err(|kind| self.error(operation, kind))?;
        let key = place.text("ObjectKey");
        let boundary = runtime::nonce(&*self.settings().entropy);
        let boundary = boundary.map_err(|error| self.error(operation, super::attempt::no_entropy(error)))?;
        let texts = [
            ("OSSAccessKeyId", "AccessKeyId"),
            ("policy", "EncodedPolicy"),
            ("Signature", "Signature"),
            ("key", "ObjectKey"),
            ("x-oss-security-token", "SecurityToken"),
        ];
        let texts = texts.iter().map(|(name, member)| (*name, place.text(member))).filter(|(_, text)| !text.is_empty());
        let texts: Vec<_> = texts.chain([("success_action_status", "201")]).collect();
        let form = multipart::form(&boundary, &texts, key, source, size);

        let request = PostObjectRequest([Some(format!("multipart/form-data; boundary={boundary}"))]);
        let scheme = if is_loopback(&host) && self.settings().allow_insecure_http { "http" } else { "https" };
        let mut upload = self.options_of_step(options, format!("{scheme}://{host}"), deadline);
        upload.body = Some(form);
        let storage = Client::new(self.config(), &OBJECT_STORAGE);
        let mut response = PostObjectResponse;
        // Boxed, because a call cannot hold itself.
        Box::pin(storage.execute(&POST_OBJECT, &request, &mut response, &upload)).await?;
        Ok(format!("http://{host}/{}", crate::wire::encode_segments(key)))
    }

    async fn authorize(
        &self,
        options: &CallOptions,
        deadline: Option<Instant>,
    ) -> Result<AuthorizeFileUploadResponse, Error> {
        let region = options.overrides.region.as_ref().or(self.settings().region.as_ref());
        let request = AuthorizeFileUploadRequest([Some(self.0.service.code.to_owned()), region.cloned()]);
        let mut step = self.options_of_step(options, self.settings().open_platform_endpoint.clone(), deadline);
        step.overrides.credentials = options.overrides.credentials.clone();
        let mut place = AuthorizeFileUploadResponse::default();
        let platform = Client::new(self.config(), &OPEN_PLATFORM);
        Box::pin(platform.execute(&AUTHORIZE, &request, &mut place, &step)).await?;
        Ok(place)
    }

    fn options_of_step(&self, options: &CallOptions, endpoint: String, deadline: Option<Instant>) -> CallOptions {
        let mut step = CallOptions { timeout: left(deadline), retry: options.retry.clone(), ..CallOptions::default() };
        step.overrides.endpoint = Some(endpoint);
        step.overrides.stall_protection = options.overrides.stall_protection;
        step
    }

    /// The host of the object storage. What comes over the network must not send files to anybody else.
    fn host_of(&self, place: &AuthorizeFileUploadResponse) -> Result<String, ErrorKind> {
        let (bucket, endpoint) = (place.text("Bucket"), place.text("Endpoint"));
        let refused = |message: String| Err(ErrorKind::Config(ConfigError { message }));
        let platform = self.settings().open_platform_endpoint.as_str();
        let platform = platform.split_once("://").map_or(platform, |(_, host)| host);
        // On this machine addresses have no names to put the bucket in front of.
        if is_loopback(endpoint) && is_loopback(platform) {
            return Ok(endpoint.to_owned());
        }
        let shown = crate::decode::printable(&format!("{bucket}.{endpoint}"));
        if check_label(bucket).is_err() || !is_known(&format!("{bucket}.{endpoint}")) {
            return refused(format!(
                "the open platform names {shown:?} to upload to, which is no host of Alibaba Cloud: nothing was uploaded"
            ));
        }
        Ok(format!("{bucket}.{endpoint}"))
    }
}

/// The time that is left.
fn left(deadline: Option<Instant>) -> Option<std::time::Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// How many bytes there are. What can be read twice is counted if need be.
async fn measure(source: &ByteStream) -> std::io::Result<Option<u64>> {
    match source.length().await? {
        Some(size) => Ok(Some(size)),
        None if source.is_replayable() => Ok(Some(source.count().await?)),
        None => Ok(None),
    }
}
