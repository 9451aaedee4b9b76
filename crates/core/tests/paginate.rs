//! Paging against a service that keeps a ledger: nothing twice, nothing missing, always an end.

#[allow(dead_code, unreachable_pub)]
mod common;
#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod things;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use alicloud_core::{
    Error, ErrorKind,
    error::PagingProblem,
    paginate::{Itemized, Items, Position},
};
use common::{Answer, Parameters, Random, config};
use things::{Client, Thing};

/// How the service under test pages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Token,
    /// Token under `Data`, with a flag, items wrapped.
    Marked,
    /// Whole numbers as tokens; 0 is the end.
    Cursor,
    Scroll,
    /// Tokens for those who ask for a size, numbers for others.
    Either,
    /// The same service, which gives tokens to nobody.
    EitherWithoutTokens,
    Numbered,
    /// Numbers from 0 inside an object, total as text.
    Nested,
    Untold,
    /// Cuts sizes silently.
    Capped,
    /// Gives the last page for numbers beyond it.
    Clamped,
    More,
    After,
    AfterUntold,
}

const STYLES: [Style; 14] = [
    Style::Token,
    Style::Marked,
    Style::Cursor,
    Style::Scroll,
    Style::Either,
    Style::EitherWithoutTokens,
    Style::Numbered,
    Style::Nested,
    Style::Untold,
    Style::Capped,
    Style::Clamped,
    Style::More,
    Style::After,
    Style::AfterUntold,
];

/// The service: a list of numbered things.
struct Gateway {
    style: Style,
    total: usize,
    /// The size when none is asked for.
    default: usize,
    /// The largest size.
    cap: usize,
}

impl Gateway {
    fn answer(&self, parameters: &Parameters) -> Answer {
        let number = |name: &str| parameters.get(name).map(|text| text.parse::<usize>().expect("a number"));
        let asked = number("PageSize").or(number("Limit"));
        let size = asked.unwrap_or(self.default).min(self.cap);
        let token = parameters.get("NextToken").map(|token| token.trim_start_matches("t-").parse().expect("our token"));
        let mut start = match self.style {
            Style::Token | Style::Marked | Style::Scroll => token.unwrap_or(0),
            Style::Cursor => number("Cursor").unwrap_or(0),
            Style::Either if parameters.contains_key("Limit") => token.unwrap_or(0),
            Style::After | Style::AfterUntold => number("Skip").expect("an offset"),
            Style::Nested => number("Paging.Number").expect("a page") * size,
            _ => (number("PageNumber").unwrap_or(1) - 1) * size,
        };
        if self.style == Style::Clamped && start >= self.total {
            start = self.total.saturating_sub(1) / size * size;
        }
        let things: Vec<_> = (start..self.total.min(start + size)).collect();
        let end = start + things.len();
        let things: Vec<_> = things.iter().map(|id| format!(r#"{{"Id":{id},"Name":"thing {id}"}}"#)).collect();
        let things = format!("[{}]", things.join(","));
        let total = self.total;
        let next = if end < total { format!("t-{end}") } else { String::new() };
        Answer::ok(match self.style {
            Style::Token => format!(r#"{{"NextToken":"{next}","Things":{things}}}"#),
            // The token goes on after the end: the flag counts.
            Style::Marked => {
                format!(r#"{{"HasMore":"{}","Data":{{"Next":"t-{end}","Things":{{"Thing":{things}}}}}}}"#, end < total)
            }
            Style::Cursor => format!(r#"{{"Cursor":{},"Things":{things}}}"#, if end < total { end } else { 0 }),
            Style::Scroll => format!(r#"{{"NextToken":"t-{end}","Things":{things}}}"#),
            Style::Either if asked.is_some() => {
                format!(r#"{{"NextToken":"{next}","TotalCount":{total},"Things":{things}}}"#)
            }
            Style::Nested => format!(r#"{{"Data":{{"Total":"{total}","Things":{{"Thing":{things}}}}}}}"#),
            Style::Untold | Style::Capped | Style::Clamped | Style::AfterUntold => format!(r#"{{"Things":{things}}}"#),
            Style::More => format!(r#"{{"HasMore":{},"Things":{things}}}"#, end < total),
            _ => format!(r#"{{"NextToken":"","TotalCount":{total},"Things":{things}}}"#),
        })
    }
}

/// What a run asks for.
#[derive(Clone, Copy)]
struct Ask {
    size: Option<i64>,
    look_ahead: bool,
    /// Drop the future that waits for an item now and then.
    cancel: bool,
    /// Begin again at the printed position now and then.
    resume: bool,
}

/// Reads everything, resuming from the printed position after each failure.
async fn ids<R: Itemized<Item = Thing>>(
    items: impl Fn() -> Items<R>,
    ask: Ask,
    random: &mut Random,
) -> Result<Vec<i64>, Error> {
    let open = |position: Option<Position>| {
        let items = position.map_or_else(&items, |position| items().resume(position));
        if ask.look_ahead { items.look_ahead() } else { items }
    };
    let mut ids = Vec::new();
    let mut stream = open(None);
    loop {
        let next = if ask.cancel && random.chance(30) {
            // Polled once and dropped.
            let polled = tokio::time::timeout(std::time::Duration::ZERO, stream.next()).await;
            let Ok(next) = polled else { continue };
            next
        } else {
            stream.next().await
        };
        match next {
            None => return Ok(ids),
            Some(Ok(thing)) => ids.push(thing.id.expect("an id")),
            Some(Err(error)) if matches!(error.kind(), ErrorKind::Paging(_)) => return Err(error),
            Some(Err(_)) => {
                assert!(stream.next().await.is_none(), "nothing comes after an error");
                let printed = stream.position().expect("a position").to_string();
                stream = open(Some(printed.parse().expect("what is printed")));
            }
        }
        if ask.resume && random.chance(3) {
            let printed = stream.position();
            let Some(printed) = printed else { continue };
            stream = open(Some(printed.to_string().parse().expect("what is printed")));
        }
    }
}

async fn read(client: &Client, style: Style, ask: Ask, random: &mut Random) -> Result<Vec<i64>, Error> {
    macro_rules! items {
        ($method:ident, $size:ident) => {
            ids(
                || {
                    match ask.size {
                        Some(size) => client.$method().$size(size),
                        None => client.$method(),
                    }
                    .items()
                },
                ask,
                random,
            )
            .await
        };
    }
    match style {
        Style::Token => items!(list_things, limit),
        Style::Marked => items!(list_marked, limit),
        Style::Cursor => items!(list_by_cursor, limit),
        Style::Scroll => items!(list_scrolled, limit),
        Style::Either | Style::EitherWithoutTokens => items!(list_either, limit),
        Style::Numbered => items!(list_numbered, page_size),
        Style::Nested => items!(list_nested, page_size),
        Style::Untold | Style::Clamped => items!(list_untold, limit),
        Style::Capped => items!(list_capped, page_size),
        Style::More => items!(list_more, page_size),
        Style::After => items!(list_after, limit),
        Style::AfterUntold => items!(list_after_untold, limit),
    }
}

#[tokio::test(start_paused = true)]
async fn items_are_those_of_the_ledger_whatever_happens_on_the_way() {
    for (seed, style) in (0..500).flat_map(|seed| STYLES.map(|style| (seed, style))) {
        let mut random = Random(seed * 1000 + style as u64);
        let cap = 1 + random.below(20) as usize;
        // The size that is asked for where it makes the service give tokens is one that it takes.
        let cap = if style == Style::EitherWithoutTokens { cap.max(10) } else { cap };
        let gateway =
            Gateway { style, total: random.below(80) as usize, default: 1 + random.below(cap as u64) as usize, cap };
        // A documented maximum is kept by the service; only where there is none may it cut.
        let largest =
            if matches!(style, Style::Untold | Style::Clamped | Style::AfterUntold | Style::EitherWithoutTokens) {
                cap
            } else {
                30
            };
        let ask = Ask {
            size: random.chance(70).then(|| 1 + random.below(largest as u64) as i64),
            look_ahead: random.chance(30),
            cancel: random.chance(30),
            // Only who has read the last page can tell that it is given again.
            resume: style != Style::Clamped,
        };
        // A cut size moves pages that are found by number; such a service gives its total or counts itself.
        let ask = match style {
            Style::Numbered | Style::Nested | Style::More => {
                Ask { size: ask.size.map(|size| size.min(cap as i64)), ..ask }
            }
            _ => ask,
        };
        let faults = Mutex::new(Random(seed));
        let rate = if ask.resume { [0, 0, 10, 30][random.below(4) as usize] } else { 0 };
        let total = gateway.total;
        let client = Client::new(
            &config(move |parameters| {
                let mut faults = faults.lock().expect("a lock");
                if !faults.chance(rate) {
                    return gateway.answer(parameters);
                }
                match faults.below(4) {
                    0 => Answer::refused(503, "ServiceUnavailable"),
                    1 => Answer::refused(400, "Throttling.User"),
                    2 => Answer::refused(403, "Forbidden.RAM"),
                    _ => Answer::Lost,
                }
            })
            .build()
            .expect("a configuration"),
        );
        let ids = read(&client, style, ask, &mut random).await;
        let ids = ids.unwrap_or_else(|error| panic!("seed {seed}, {style:?}: {error}"));
        let expected: Vec<_> = (0..total as i64).collect();
        assert_eq!(ids, expected, "seed {seed}, {style:?}, size {:?}", ask.size);
    }
}

/// A service that answers with what it is told, one answer after the other, the last one for ever.
fn scripted(answers: &'static [&'static str]) -> (Client, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let config = config(move |_| {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        Answer::ok(answers[call.min(answers.len() - 1)])
    });
    (Client::new(&config.build().expect("a configuration")), calls)
}

/// Reads tokens to the end; returns how many items came, the error at the end, and the calls made.
async fn end_of(answers: &'static [&'static str]) -> (usize, Option<PagingProblem>, usize) {
    let (client, calls) = scripted(answers);
    let mut items = client.list_things().items();
    let mut count = 0;
    let mut problem = None;
    while let Some(item) = items.next().await {
        match item.map_err(|error| match error.kind() {
            ErrorKind::Paging(error) => error.problem,
            other => panic!("{other}"),
        }) {
            Ok(_) => count += 1,
            Err(found) => problem = Some(found),
        }
    }
    (count, problem, calls.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn tokens_that_lead_nowhere_end_the_list() {
    const A: &str = r#"{"NextToken":"a","Things":[{"Id":1}]}"#;
    const B: &str = r#"{"NextToken":"b","Things":[{"Id":2}]}"#;
    const C: &str = r#"{"NextToken":"c","Things":[{"Id":3}]}"#;
    let repeated = Some(PagingProblem::RepeatedToken);
    let table: [(&'static [&'static str], _); 9] = [
        // Identical: known after the page that repeats it.
        (&[A, A, A], (2, repeated, 2)),
        // Cycles of two and three.
        (&[A, B, A, B, A], (3, repeated, 3)),
        (&[A, B, C, A, B, C], (4, repeated, 4)),
        (&[A, B, C, B, C, B], (4, repeated, 4)),
        // Ends.
        (&[A, r#"{"NextToken":"","Things":[{"Id":2}]}"#], (2, None, 2)),
        (&[A, r#"{"NextToken":null,"Things":[{"Id":2}]}"#], (2, None, 2)),
        (&[A, r#"{"NextToken":"null","Things":[{"Id":2}]}"#], (2, None, 2)),
        (&[A, r#"{"Things":[{"Id":2}]}"#], (2, None, 2)),
        // The token of an empty page, once more: there is nothing behind it.
        (&[A, r#"{"NextToken":"a","Things":[]}"#], (1, None, 2)),
    ];
    for (index, (answers, expected)) in table.into_iter().enumerate() {
        assert_eq!(end_of(answers).await, expected, "row {index}");
    }
}

#[tokio::test(start_paused = true)]
async fn empty_pages_with_new_tokens_do_not_go_on_for_ever() {
    let call = AtomicUsize::new(0);
    let config = config(move |_| Answer::ok(format!(r#"{{"NextToken":"{}"}}"#, call.fetch_add(1, Ordering::SeqCst))));
    let client = Client::new(&config.build().expect("a configuration"));
    let error = client.list_things().items().next().await.expect("an end").expect_err("an error");
    assert!(matches!(error.kind(), ErrorKind::Paging(error) if error.problem == PagingProblem::EmptyPages), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_round_longer_than_what_is_remembered_ends_too() {
    const ROUND: usize = 3000;
    let call = AtomicUsize::new(0);
    let config = config(move |_| {
        let token = call.fetch_add(1, Ordering::SeqCst) % ROUND;
        Answer::ok(format!(r#"{{"NextToken":"t{token}","Things":[{{"Id":1}}]}}"#))
    });
    let client = Client::new(&config.build().expect("a configuration"));
    let mut pages = client.list_things().pages();
    let mut count = 0;
    let error = loop {
        match pages.next().await.expect("an error before the end") {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("never end"), "{error}");
    assert!(count <= 4 * ROUND, "{count} pages");
}

#[tokio::test(start_paused = true)]
async fn more_without_a_token_is_an_error_and_not_an_end() {
    let (client, _) = scripted(&[r#"{"HasMore":true,"Data":{"Things":[{"Id":1}]}}"#]);
    let mut items = client.list_marked().items();
    assert!(items.next().await.expect("an item").is_ok());
    let error = items.next().await.expect("an error").expect_err("an error");
    assert!(
        matches!(error.kind(), ErrorKind::Paging(error) if error.problem == PagingProblem::MissingToken),
        "{error}"
    );
    assert_eq!(error.operation(), "things:ListThings");
    assert!(items.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_fetched_before_it_is_asked_for() {
    let gateway = Gateway { style: Style::Token, total: 100, default: 10, cap: 10 };
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let config = config(move |parameters| {
        counter.fetch_add(1, Ordering::SeqCst);
        gateway.answer(parameters)
    });
    let client = Client::new(&config.build().expect("a configuration"));
    let made = || calls.load(Ordering::SeqCst);

    let mut items = client.list_things().items();
    assert_eq!(made(), 0);
    for _ in 0..10 {
        items.next().await.expect("an item").expect("no error");
    }
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(made(), 1, "a page at a time");

    let mut pages = client.list_things().pages().look_ahead();
    pages.next().await.expect("a page").expect("no error");
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(made(), 3, "one page ahead and no more");
    drop(pages);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(made(), 3);
}

#[tokio::test(start_paused = true)]
async fn collecting_stops_at_the_limit() {
    let gateway = Gateway { style: Style::Numbered, total: 100, default: 10, cap: 10 };
    let client = Client::new(&config(move |parameters| gateway.answer(parameters)).build().expect("a configuration"));
    assert_eq!(client.list_numbered().items().collect_all(25).await.expect("items").len(), 25);
    assert_eq!(client.list_numbered().items().collect_all(usize::MAX).await.expect("items").len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_list_begins_where_the_caller_says() {
    let gateway = Gateway { style: Style::Numbered, total: 25, default: 10, cap: 10 };
    let client = Client::new(&config(move |parameters| gateway.answer(parameters)).build().expect("a configuration"));
    let all = client.list_numbered().items().resume(Position::page(3)).collect_all(100).await.expect("items");
    assert_eq!(all.iter().filter_map(|thing| thing.id).collect::<Vec<_>>(), [20, 21, 22, 23, 24]);
    let error =
        client.list_numbered().items().resume(Position::token("x")).next().await.expect("one").expect_err("error");
    assert!(error.to_string().ends_with("does not page by token:x"), "{error}");
}

#[test]
fn positions_print_as_they_are_read() {
    for text in ["start", "page:3", "page:-1", "offset:0", "token:a,b:c", "skip:7,page:2", "skip:1,token:skip:1,start"]
    {
        assert_eq!(text.parse::<Position>().expect(text).to_string(), text);
    }
    for text in ["", "page", "page:x", "token:", "skip:1", "skip:x,start", "Start"] {
        assert!(text.parse::<Position>().is_err(), "{text}");
    }
}
