//! Lists of the gateway, read through generated paginators: every style, with its parameters in query, form
//! and JSON body, through resets, throttling and broken answers. What is read is what the gateway has, each
//! item once; and what a gateway says of next pages that lead nowhere ends with an error.

#[path = "pages/lists.rs"]
mod lists;

use std::{collections::BTreeSet, time::Duration};

use alicloud_core::{
    Config, Error, ErrorKind, RetryConfig,
    config::ConfigBuilder,
    credentials::Credentials,
    paginate::{Itemized, Items, Paginated, Position},
};
use alicloud_mock::{Fault, MockGateway, When};
use alicloud_pages::{Client, types::Thing};
use lists::{Random, Table};

/// Sets of data that every list is read with.
const SETS: u64 = 500;

fn gateway(table: &Table) -> MockGateway {
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/specs/pages/2026-01-01.json");
    let spec = alicloud_spec::Spec::load(spec).unwrap();
    let operations: Vec<_> = spec.operations.keys().cloned().collect();
    let gateway = MockGateway::builder().product(spec).seed(7).remember(0).in_process().unwrap();
    for operation in operations {
        let table = table.clone();
        gateway.on(&operation).reply_with(move |call| table.page(call));
    }
    gateway
}

fn config(gateway: &MockGateway) -> ConfigBuilder {
    let (id, secret) = gateway.credentials();
    let mut retry = RetryConfig::default().without_budget().with_max_attempts(12);
    retry.max_delay = Duration::from_secs(1);
    Config::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::access_key(id, secret))
        .timeout(Duration::from_secs(3600))
        .retry(retry)
}

fn in_process(gateway: &MockGateway) -> Client {
    Client::new(&config(gateway).transport(gateway.transport()).build().unwrap())
}

/// Reads ids, in one of the ways in which people read lists.
async fn ids<R>(list: impl Fn() -> Items<R>, random: &mut Random) -> Result<Vec<i64>, Error>
where
    R: Paginated + Itemized<Item = Thing>,
{
    let id = |thing: Thing| thing.id.expect("an id");
    let mut found = Vec::new();
    let mut items = list();
    match random.below(4) {
        // All at once.
        0 => return Ok(items.collect_all(usize::MAX).await?.into_iter().map(id).collect()),
        // The next page comes meanwhile.
        1 => items = items.look_ahead(),
        // A while, and then on from a position that was printed.
        2 => {
            for _ in 0..random.below(15) {
                match items.next().await {
                    Some(item) => found.push(id(item?)),
                    None => break,
                }
            }
            let Some(position) = items.position() else { return Ok(found) };
            let position: Position = position.to_string().parse().expect("a position");
            items = list().resume(position);
        }
        // One by one.
        _ => {}
    }
    while let Some(item) = items.next().await {
        found.push(id(item?));
    }
    Ok(found)
}

/// Calls a macro for every list of the crate and the parameter that sets the length of its pages.
macro_rules! for_all_lists {
    ($do:ident) => {
        $do!(
            list_number_in_query page_size number, list_number_in_form page_size number,
            list_number_in_body page_size number, list_number_untold_in_query page_size text,
            list_number_untold_in_form page_size text, list_number_untold_in_body page_size text,
            list_offset_in_query limit number, list_offset_in_form limit number, list_offset_in_body limit number,
            list_either_in_query max_results number, list_either_in_form max_results number,
            list_either_in_body max_results number, list_token_in_query max_results number,
            list_token_in_form max_results number, list_token_in_body max_results number,
            list_marker_in_query max_items number, list_marker_in_form max_items number,
            list_marker_in_body max_items number, list_cursor_in_query size number, list_cursor_in_form size number,
            list_cursor_in_body size number
        )
    };
}

fn number(size: i64) -> i64 {
    size
}

fn text(size: i64) -> String {
    size.to_string()
}

/// Reads every list of a set once, and says which were read wrongly.
macro_rules! read_all {
    ($client:ident, $random:ident, $size:ident, $wrong:ident, $expected:ident: $($list:ident $length:ident $kind:ident),*) => {
        $(
            let list = || match $size {
                Some(size) => $client.$list().$length($kind(size)).items(),
                None => $client.$list().items(),
            };
            match ids(list, &mut $random).await {
                Ok(found) if found == $expected => {}
                Ok(found) => $wrong.push(format!("{}: {found:?} of {}", stringify!($list), $expected.len())),
                Err(error) => $wrong.push(format!("{}: {error}", stringify!($list))),
            }
        )*
    };
}

async fn read_set(client: &Client, table: &Table, set: u64) -> Vec<String> {
    let mut random = Random::new(set);
    let total = random.below(45) as i64;
    table.fill(total, set);
    let size = (random.below(4) > 0).then(|| 1 + random.below(10) as i64);
    let expected: Vec<_> = (0..total).collect();
    let mut wrong = Vec::new();
    macro_rules! every {
        ($($list:ident $length:ident $kind:ident),*) => {
            read_all!(client, random, size, wrong, expected: $($list $length $kind),*)
        };
    }
    for_all_lists!(every);
    wrong.into_iter().map(|wrong| format!("set {set}: {wrong}")).collect()
}

#[tokio::test(start_paused = true)]
async fn every_item_is_read_once_whatever_goes_wrong() {
    let table = Table::default();
    let gateway = gateway(&table);
    for fault in [
        Fault::ResetBeforeRead,
        Fault::ResetBeforeExecute,
        Fault::ResetAfterExecute,
        Fault::CutReply { after: 250 },
        Fault::Throttle { retry_after: Some(1000) },
        Fault::Throttle { retry_after: None },
        Fault::Html502,
        Fault::error(503, "ServiceUnavailable", "later"),
        Fault::error(500, "InternalError", "again"),
        Fault::SliceReply,
    ] {
        gateway.fault(When::always().probability(0.02), fault);
    }
    let client = in_process(&gateway);
    let mut wrong = Vec::new();
    for set in 0..SETS {
        wrong.extend(read_set(&client, &table, set).await);
    }
    println!("{SETS} sets, 21 lists each: {} requests, {} wrong", gateway.served(), wrong.len());
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    // The faults were there: more was asked than there are pages.
    assert!(gateway.served() > table.answered() + table.answered() / 20);
}

/// The same through sockets.
#[tokio::test]
async fn lists_are_read_over_http() {
    let table = Table::default();
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/specs/pages/2026-01-01.json");
    let spec = alicloud_spec::Spec::load(spec).unwrap();
    let operations: Vec<_> = spec.operations.keys().cloned().collect();
    let gateway = MockGateway::builder().product(spec).start().await.unwrap();
    for operation in operations {
        let table = table.clone();
        gateway.on(&operation).reply_with(move |call| table.page(call));
    }
    for fault in [Fault::ResetBeforeExecute, Fault::ResetAfterExecute, Fault::CutReply { after: 250 }, Fault::Html502] {
        gateway.fault(When::always().probability(0.01), fault);
    }
    let config = config(&gateway).endpoint(gateway.endpoint()).allow_insecure_http();
    let client = Client::new(&config.build().unwrap());
    let mut wrong = Vec::new();
    for set in 0..10 {
        wrong.extend(read_set(&client, &table, set).await);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Tokens that lead back: an error of paging after one page more than there are at most, nothing twice.
#[tokio::test(start_paused = true)]
async fn pages_that_go_round_end_with_an_error() {
    let table = Table::default();
    table.fill(1, 1);
    macro_rules! each {
        ($($list:ident),*) => { $(
            for length in [1_u64, 2, 3, 7] {
                let gateway = gateway(&table);
                let client = in_process(&gateway);
                gateway.fault(When::always(), Fault::PageCycle { length });
                let before = table.answered();
                let mut pages = client.$list().pages();
                let (mut read, mut error) = (0, None);
                while let Some(page) = pages.next().await {
                    match page {
                        Ok(_) => read += 1,
                        Err(problem) => error = Some(problem),
                    }
                }
                let error = error.unwrap_or_else(|| panic!("{} ended well", stringify!($list)));
                assert!(matches!(error.kind(), ErrorKind::Paging(_)), "{}: {error}", stringify!($list));
                assert!(error.to_string().contains("page-1"), "it says where: {error}");
                let asked = table.answered() - before;
                assert!(read == asked && asked <= length + 1, "{}: {asked} pages of {length}", stringify!($list));
            }
        )* };
    }
    each!(
        list_token_in_query,
        list_token_in_form,
        list_token_in_body,
        list_either_in_query,
        list_either_in_form,
        list_either_in_body,
        list_marker_in_query,
        list_marker_in_form,
        list_marker_in_body
    );
}

/// A list that is not read to its end costs no more than what was read of it.
#[tokio::test(start_paused = true)]
async fn pages_are_fetched_when_they_are_asked_for() {
    let table = Table::default();
    let gateway = gateway(&table);
    let client = in_process(&gateway);
    table.fill(1000, 3);
    let mut items = client.list_number_in_query().page_size(10).items();
    assert_eq!(gateway.served(), 0);
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        seen.insert(items.next().await.unwrap().unwrap().id);
    }
    assert_eq!((seen.len(), gateway.served()), (20, 2));
    assert_eq!(client.list_number_in_form().page_size(10).items().collect_all(25).await.unwrap().len(), 25);
    assert_eq!(gateway.served(), 2 + 3);
}
