// A made-up service of streams, in the shape of a generated crate. Tests and examples in docs include it.

use alicloud_core::{
    Call, Config, Model,
    bytes::Bytes,
    endpoint::Endpoints,
    http::Method,
    model::{Field, Schema, Value},
    operation::{Operation, Protocol, Request, Service},
    stream::ByteStream,
};

pub static SERVICE: Service = Service {
    product: "studio",
    code: "Studio",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "studio",
        global: Some("studio.example.com"),
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

#[derive(Clone, Debug)]
pub struct Client {
    core: alicloud_core::Client,
}

impl Client {
    pub fn new(config: &Config) -> Self {
        Self { core: alicloud_core::Client::new(config, &SERVICE) }
    }
}

/// An operation as codegen writes it: a call, a request, a response and their schemas.
macro_rules! operation {
    (
        $method:ident $call:ident $operation:expr,
        $request:ident { $($index:literal $field:ident: $type:ty = $schema:expr,)* },
        $response:ident { $($to:literal $member:ident: $kind:ty = $wire:expr,)* }
    ) => {
        model!($request { $($index $field: $type = $schema,)* });
        model!($response { $($to $member: $kind = $wire,)* });

        impl Request for $request {
            type Response = $response;
            const OPERATION: &'static Operation = &$operation;
        }

        #[derive(Clone, Debug)]
        pub struct $call {
            call: Call<$request>,
        }

        impl $call {
            $(pub fn $field(mut self, value: impl Into<$type>) -> Self {
                self.call.request.$field = Some(value.into());
                self
            })*
        }

        impl Client {
            pub fn $method(&self) -> $call {
                $call::new(&self.core)
            }
        }

        alicloud_core::operation!($call, $request);
    };
}

macro_rules! model {
    ($name:ident { $($index:literal $field:ident: $type:ty = $schema:expr,)* }) => {
        #[derive(Clone, Default)]
        pub struct $name {
            $(pub $field: Option<$type>,)*
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
        alicloud_core::models!($name);
    };
}

operation!(
    write_script WriteScript Operation::rpc("WriteScript", Method::POST).events(),
    WriteScriptRequest {
        0 prompt: String = Field::form("Prompt").required(),
        1 key: String = Field::form("Key").secret(),
    },
    WriteScriptResponse { 0 request_id: String = Field::new("RequestId"), 1 text: String = Field::new("Text"), }
);
alicloud_core::events!(WriteScript, WriteScriptRequest);

operation!(
    get_film GetFilm Operation::roa("GetFilm", Method::GET, "/films/{Id}").read().binary(),
    GetFilmRequest { 0 id: String = Field::path("Id"), },
    GetFilmResponse { 0 etag: String = Field::header("ETag"), 1 body: Bytes = Field::payload("body"), }
);
alicloud_core::download!(GetFilm, GetFilmRequest);

operation!(
    put_film PutFilm Operation::roa("PutFilm", Method::PUT, "/films/{Id}").idempotent(),
    PutFilmRequest { 0 id: String = Field::path("Id"), 1 body: Bytes = Field::payload("body").required(), },
    PutFilmResponse { 0 request_id: String = Field::new("RequestId"), }
);

impl PutFilm {
    pub fn body_stream(mut self, value: impl Into<ByteStream>) -> Self {
        self.call.body_stream(value.into());
        self
    }
}

operation!(
    tag_film TagFilm Operation::rpc("TagFilm", Method::POST),
    TagFilmRequest { 0 film_url: String = Field::form("FilmURL").required(), },
    TagFilmResponse { 0 request_id: String = Field::new("RequestId"), }
);

impl TagFilm {
    pub fn film_url_file(mut self, value: impl Into<ByteStream>) -> Self {
        self.call.file("FilmURL", value.into());
        self
    }
}
