//! Paging takes the memory of a page, however many there are. Alone in its program, so that nothing else
//! moves the numbers.
#![cfg(target_os = "linux")]

#[allow(dead_code, unreachable_pub)]
mod common;
#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod things;

use common::{Answer, config};
use things::Client;

/// Bytes of memory that the program has in use.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").expect("the kernel's numbers");
    let pages: usize = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("resident pages");
    pages * 4096
}

#[tokio::test]
async fn a_million_items_take_the_memory_of_a_page() {
    let config = config(|parameters| {
        let start: usize = parameters.get("NextToken").map_or(0, |token| token.parse().expect("our token"));
        let things: Vec<_> = (start..start + 100).map(|id| format!(r#"{{"Id":{id}}}"#)).collect();
        let next = if start + 100 < 1_000_000 { (start + 100).to_string() } else { String::new() };
        Answer::ok(format!(r#"{{"NextToken":"{next}","Things":[{}]}}"#, things.join(",")))
    });
    let client = Client::new(&config.build().expect("a configuration"));
    let mut items = client.list_things().items();
    let (mut count, mut sum, mut warm) = (0_u64, 0_u64, 0);
    while let Some(item) = items.next().await {
        count += 1;
        sum += item.expect("no error").id.expect("an id") as u64;
        if count == 200_000 {
            warm = resident();
        }
    }
    assert_eq!((count, sum), (1_000_000, 999_999 * 500_000));
    let grown = resident().saturating_sub(warm);
    assert!(grown < 256 * 1024, "{grown} bytes more after 800,000 items");
}
