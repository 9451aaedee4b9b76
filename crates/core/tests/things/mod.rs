// A made-up service of lists, in the shape of a generated crate. Tests and examples in docs include it.

use alicloud_core::{
    Call, Config, Model,
    endpoint::Endpoints,
    http::Method,
    model::{Field, Limits, Schema, Value},
    operation::{Operation, Protocol, Request, Service},
    paginate::{Itemized, Paginated, Pagination, by_offset, by_page, by_token},
    wait::{Wait, Waiter, all, any, failure, refused, retry, success},
};

pub static SERVICE: Service = Service {
    product: "things",
    code: "Things",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "things",
        global: Some("things.example.com"),
        location_service_code: None,
        regions: &[
            ("cn-beijing", "things.cn-beijing.example.com"),
            ("cn-hangzhou", "things.cn-hangzhou.example.com"),
            ("us-east-1", "things.us-east-1.example.com"),
        ],
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

/// A struct and its schema, as codegen writes them.
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

model!(Thing {
    0 id: i64 = Field::new("Id"),
    1 name: String = Field::new("Name"),
    2 state: String = Field::new("State"),
});

model!(Data {
    0 next: String = Field::new("Next"),
    1 things: Vec<Thing> = Field::new("Things").wrapper("Thing"),
    2 total: String = Field::new("Total"),
});

model!(ThingsPage {
    0 request_id: String = Field::new("RequestId"),
    1 next_token: String = Field::new("NextToken"),
    2 total_count: i64 = Field::new("TotalCount"),
    3 has_more: bool = Field::new("HasMore"),
    4 things: Vec<Thing> = Field::new("Things"),
    5 data: Data = Field::new("Data"),
    6 cursor: i64 = Field::new("Cursor"),
});

model!(Paging {
    0 number: i64 = Field::new("Number"),
    1 filter: String = Field::new("Filter"),
});

const AT_MOST_100: &Limits = &Limits { minimum: None, maximum: Some(100.0), length: None, items: None };

/// Requests that differ in how they page.
macro_rules! list {
    ($method:ident $call:ident $request:ident, $operation:expr, $place:ident, $take:expr, $pages:expr) => {
        model!($request {
            0 next_token: String = Field::$place("NextToken"),
            1 page_number: i64 = Field::$place("PageNumber"),
            2 skip: i64 = Field::$place("Skip"),
            3 page_size: i64 = Field::$place("PageSize"),
            4 limit: i64 = Field::$place("Limit").limits(AT_MOST_100),
            5 paging: Paging = Field::$place("Paging").json(),
            6 cursor: i64 = Field::$place("Cursor"),
            7 region_id: String = Field::$place("RegionId"),
        });

        impl Request for $request {
            type Response = ThingsPage;
            const OPERATION: &'static Operation = $operation;
        }

        impl Paginated for $request {
            const PAGES: &'static Pagination = &$pages;
        }

        impl Itemized for $request {
            type Item = Thing;
            fn items(page: ThingsPage) -> Vec<Thing> {
                let take: fn(ThingsPage) -> Option<Vec<Thing>> = $take;
                take(page).unwrap_or_default()
            }
        }

        #[derive(Clone, Debug)]
        pub struct $call {
            call: Call<$request>,
        }

        alicloud_core::operation!($call, $request);
        alicloud_core::paginated!($call, $request, items);

        impl $call {
            pub fn page_size(mut self, size: i64) -> Self {
                self.call.request.page_size = Some(size);
                self
            }
            pub fn region_id(mut self, region: impl Into<String>) -> Self {
                self.call.request.region_id = Some(region.into());
                self
            }
            pub fn limit(mut self, limit: i64) -> Self {
                self.call.request.limit = Some(limit);
                self
            }
        }

        impl Client {
            pub fn $method(&self) -> $call {
                $call::new(&self.core)
            }
        }
    };
}

const RPC: Operation = Operation::rpc("ListThings", Method::POST).read();
const ROA: Operation = Operation::roa("ListThings", Method::POST, "/things").read();

list!(list_things ListThings ListThingsRequest, &RPC, query, |page| page.things,
    by_token("NextToken").next("NextToken").size("Limit").items("Things"));
list!(list_marked ListMarked ListMarkedRequest, &RPC, form, |page| page.data?.things,
    by_token("NextToken").next("Data.Next").size("Limit").more("HasMore").items("Data.Things"));
list!(list_by_cursor ListByCursor ListByCursorRequest, &ROA, new, |page| page.things,
    by_token("Cursor").next("Cursor").size("Limit").items("Things"));
list!(list_scrolled ListScrolled ListScrolledRequest, &RPC, query, |page| page.things,
    by_token("NextToken").next("NextToken").items("Things").scroll());
list!(list_either ListEither ListEitherRequest, &RPC, query, |page| page.things,
    by_token("NextToken").next("NextToken").or_pages("PageNumber").size("Limit").ask(10).total("TotalCount").items("Things"));
list!(list_numbered ListNumbered ListNumberedRequest, &RPC, query, |page| page.things,
    by_page("PageNumber").size("PageSize").total("TotalCount").items("Things"));
list!(list_nested ListNested ListNestedRequest, &ROA, new, |page| page.data?.things,
    by_page("Paging.Number").first(0).size("PageSize").total("Data.Total").items("Data.Things"));
list!(list_untold ListUntold ListUntoldRequest, &RPC, form, |page| page.things,
    by_page("PageNumber").size("Limit").items("Things"));
list!(list_capped ListCapped ListCappedRequest, &RPC, form, |page| page.things,
    by_page("PageNumber").size("PageSize").items("Things"));
list!(list_more ListMore ListMoreRequest, &RPC, query, |page| page.things,
    by_page("PageNumber").size("PageSize").more("HasMore").items("Things"));
list!(list_after ListAfter ListAfterRequest, &ROA, query, |page| page.things,
    by_offset("Skip").size("Limit").total("TotalCount").items("Things"));
list!(list_after_untold ListAfterUntold ListAfterUntoldRequest, &ROA, new, |page| page.things,
    by_offset("Skip").size("Limit").items("Things"));

model!(Part {
    0 state: String = Field::new("State"),
});

model!(DescribeThingRequest {
    0 id: i64 = Field::query("Id").required(),
});

model!(DescribeThingResponse {
    0 name: String = Field::new("Name"),
    1 state: String = Field::new("State"),
    2 parts: std::collections::BTreeMap<String, Part> = Field::new("Parts"),
    3 copies: Vec<Part> = Field::new("Copies").wrapper("Copy"),
});

impl Request for DescribeThingRequest {
    type Response = DescribeThingResponse;
    const OPERATION: &'static Operation = &Operation::rpc("DescribeThing", Method::GET).read();
}

/// The thing is ready and all its parts are; a broken one fails at once.
const THING_READY: &Waiter = &Waiter {
    name: "ThingReady",
    delay: 10,
    limit: 600,
    requires: &[],
    preset: &[],
    rules: &[
        failure(&[any("State", &["broken", "lost"])]),
        failure(&[any("Parts.*.State", &["broken"])]),
        retry(&[refused("Thing.Moving")]),
        failure(&[refused("Thing.Gone")]),
        success(&[any("State", &["ready"]), all("Parts.*.State", &["ready", "idle"]).or_empty()]),
    ],
};

/// The thing is gone.
const THING_DELETED: &Waiter = &Waiter {
    name: "ThingDeleted",
    delay: 1,
    limit: 60,
    requires: &[],
    preset: &[],
    rules: &[success(&[refused("Thing.NotFound")]), success(&[all("Copies.*.State", &["deleted"])])],
};

macro_rules! wait {
    ($method:ident $wait:ident, $waiter:ident) => {
        pub struct $wait {
            wait: Wait<DescribeThingRequest>,
        }

        alicloud_core::waiter!($wait, DescribeThingRequest, $waiter);

        impl $wait {
            pub fn id(mut self, id: i64) -> Self {
                self.wait.call.request.id = Some(id);
                self
            }
        }

        impl Client {
            pub fn $method(&self) -> $wait {
                $wait::new(&self.core)
            }
        }
    };
}

wait!(wait_until_thing_ready WaitUntilThingReady, THING_READY);
wait!(wait_until_thing_deleted WaitUntilThingDeleted, THING_DELETED);
