//! A made-up service in the shape of a generated crate: one operation of every retry class.

use alicloud_core::{
    Call, Client, Config, Document, Error, Model, Response,
    endpoint::Endpoints,
    http::Method,
    model::{Field, Schema, Value},
    models,
    operation::{Operation, Protocol, Request, Service},
    paginate::{Itemized, Paginated, Pagination, by_offset, by_page, by_token},
};

/// The service.
pub static SERVICE: Service = Service {
    product: "things",
    code: "Things",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "things",
        global: None,
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

macro_rules! model {
    ($(#[$doc:meta])* $name:ident { $($index:literal $field:ident: $type:ty = $schema:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name {
            $(#[doc = concat!("`", stringify!($field), "`")] pub $field: Option<$type>,)*
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
        models!($name);
    };
}

model!(
    /// Parameters of the operation that reads.
    DescribeThing {
        0 name: String = Field::query("Name").required(),
        1 password: String = Field::form("Password").secret(),
        2 tags: Vec<String> = Field::query("Tag"),
    }
);
model!(
    /// Parameters of the operation that cannot be repeated.
    CreateThing {
        0 name: String = Field::form("Name").required(),
        1 password: String = Field::form("Password").secret(),
    }
);
model!(
    /// Parameters of the operation that can, by its client token.
    CreateThingSafely {
        0 name: String = Field::form("Name").required(),
        1 client_token: String = Field::query("ClientToken"),
    }
);
model!(
    /// What all of them answer.
    Thing {
        0 name: String = Field::new("Name"),
        1 count: i64 = Field::new("Count"),
        2 success: bool = Field::new("Success"),
        3 ids: Vec<String> = Field::new("Ids").wrapper("Id"),
        4 big: Document = Field::new("Big"),
        5 inner: Inner = Field::new("Inner"),
        6 ratio: f64 = Field::new("Ratio"),
        7 secret: String = Field::new("Secret").secret(),
    }
);
model!(
    /// An object inside the answer.
    Inner {
        0 name: String = Field::new("Name"),
        1 list: Vec<Inner> = Field::new("List"),
    }
);
model!(
    /// An answer that declares no `Success`.
    PlainThing {
        0 name: String = Field::new("Name"),
        1 code: String = Field::new("Code"),
    }
);
model!(
    /// Parameters of an operation whose answer declares no `Success`.
    DescribePlainThing {
        0 name: String = Field::query("Name"),
    }
);

model!(
    /// An answer with a map.
    MapThing {
        0 map: std::collections::BTreeMap<String, i64> = Field::new("Map"),
    }
);
model!(
    /// Parameters of an operation whose answer has a map.
    DescribeMap {
        0 name: String = Field::query("Name"),
    }
);
model!(
    /// Parameters of an operation that takes bearer tokens only.
    DescribeForBearer {
        0 name: String = Field::query("Name"),
    }
);

impl Request for DescribeMap {
    type Response = MapThing;
    const OPERATION: &'static Operation = &Operation::rpc("DescribeMap", Method::POST).read();
}

impl Request for DescribeForBearer {
    type Response = Thing;
    const OPERATION: &'static Operation = &Operation::rpc("DescribeForBearer", Method::POST).read().bearer();
}

impl Request for DescribePlainThing {
    type Response = PlainThing;
    const OPERATION: &'static Operation = &Operation::rpc("DescribePlainThing", Method::POST).read();
}

impl Request for DescribeThing {
    type Response = Thing;
    const OPERATION: &'static Operation = &Operation::rpc("DescribeThing", Method::POST).read();
}

impl Request for CreateThing {
    type Response = Thing;
    const OPERATION: &'static Operation = &Operation::rpc("CreateThing", Method::POST);
}

impl Request for CreateThingSafely {
    type Response = Thing;
    const OPERATION: &'static Operation = &Operation::rpc("CreateThingSafely", Method::POST).idempotent();
}

/// A client of the service.
pub fn client(config: &Config) -> Client {
    Client::new(config, &SERVICE)
}

/// The call that reads, ready to be sent.
pub fn describe(client: &Client, name: &str) -> Call<DescribeThing> {
    let mut call = Call::<DescribeThing>::new(client);
    call.request.name = Some(name.to_owned());
    call
}

/// The call that cannot be repeated, ready to be sent.
pub fn create(client: &Client, name: &str) -> Call<CreateThing> {
    let mut call = Call::<CreateThing>::new(client);
    call.request.name = Some(name.to_owned());
    call
}

/// The call that can, ready to be sent.
pub fn create_safely(client: &Client, name: &str) -> Call<CreateThingSafely> {
    let mut call = Call::<CreateThingSafely>::new(client);
    call.request.name = Some(name.to_owned());
    call
}

/// What all calls but one return.
pub type Outcome = Result<Response<Thing>, Error>;

model!(
    /// Parameters of an operation with a place of every kind.
    PutThing {
        0 name: String = Field::path("Name"),
        1 part: String = Field::path("Part"),
        2 filter: String = Field::query("Filter"),
        3 tags: Vec<String> = Field::query("Tag"),
        4 note: String = Field::header("x-note"),
        5 body: String = Field::new("Body"),
    }
);

impl Request for PutThing {
    type Response = Thing;
    const OPERATION: &'static Operation =
        &Operation::roa("PutThing", Method::PUT, "/things/{Name}/parts/{+Part}").idempotent();
}

model!(
    /// A page of names.
    NamesPage {
        0 names: Vec<String> = Field::new("Names"),
        1 next_token: String = Field::new("NextToken"),
        2 total_count: i64 = Field::new("TotalCount"),
    }
);

macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $pages:expr) => {
        model!(
            $(#[$doc])*
            $name {
                0 next_token: String = Field::query("NextToken"),
                1 page_number: i64 = Field::query("PageNumber"),
                2 offset: i64 = Field::query("Offset"),
                3 page_size: i64 = Field::query("PageSize"),
            }
        );
        impl Request for $name {
            type Response = NamesPage;
            const OPERATION: &'static Operation = &Operation::rpc("ListNames", Method::POST).read();
        }
        impl Paginated for $name {
            const PAGES: &'static Pagination = &$pages;
        }
        impl Itemized for $name {
            type Item = String;
            fn items(page: NamesPage) -> Vec<String> {
                page.names.unwrap_or_default()
            }
        }
        impl crate::promises::Paged for $name {
            fn set_size(&mut self, size: i64) {
                self.page_size = Some(size);
            }
        }
    };
}

list!(
    /// Pages by token.
    ListByToken, by_token("NextToken").next("NextToken").size("PageSize").items("Names"));
list!(
    /// Pages by number.
    ListByNumber, by_page("PageNumber").size("PageSize").total("TotalCount").items("Names"));
list!(
    /// Pages by offset.
    ListByOffset, by_offset("Offset").size("PageSize").total("TotalCount").items("Names"));
