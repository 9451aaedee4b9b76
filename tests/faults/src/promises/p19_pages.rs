//! Lists end, and lose nothing.

use std::collections::BTreeSet;

use alicloud_core::{
    Call, Client, Error, ErrorKind,
    error::Stage,
    paginate::{Itemized, Items},
};

use super::{Figure, Promise, paused};
use crate::{
    Act, Scripted,
    random::{Random, at},
    scripted::Seen,
    things::{self, ListByNumber, ListByOffset, ListByToken},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P19",
    title: "Paginators terminate, lose nothing",
    pass: "500 random lists x {token, number, offset} x faults: all items once; repeated, identical, empty and null tokens: an end or a typed error after <= 1 page",
    measure: |_| paused(measure()),
};

async fn measure() -> Figure {
    let (mut wrong, mut items) = (Vec::new(), 0);
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let total = random.below(60);
        let page = 1 + random.below(9);
        for style in ["token", "number", "offset"] {
            let service = Scripted::new(move |seen: &Seen| match at(seed, seen.index).below(10) {
                0 => Act::Fail(Stage::MaybeSent),
                1 => Act::refusal(503, "ServiceUnavailable"),
                2 => Act::refusal(429, "Throttling.User"),
                _ => answer(style, seen, total, page),
            });
            let mut retry = alicloud_core::RetryConfig::default().without_budget().with_max_attempts(12);
            retry.max_delay = std::time::Duration::from_secs(1);
            let client = things::client(&service.builder().retry(retry).build().unwrap());
            let found = match style {
                "token" => all::<ListByToken>(&client, page).await,
                "number" => all::<ListByNumber>(&client, page).await,
                _ => all::<ListByOffset>(&client, page).await,
            };
            let expected: Vec<_> = (0..total).map(|number| number.to_string()).collect();
            match found {
                Ok(names) if names == expected => items += names.len(),
                other => wrong.push(format!("{style}, seed {seed}: {other:?}")),
            }
        }
    }
    let ends = bad_tokens().await;
    Figure::new(
        wrong.is_empty() && ends.is_empty(),
        format!(
            "1,500 lists, {items} items, {} wrong {}; bad tokens {}",
            wrong.len(),
            wrong.first().cloned().unwrap_or_default(),
            if ends.is_empty() { "end".to_owned() } else { ends.join("; ") }
        ),
    )
}

async fn all<R: Itemized<Item = String> + Paged>(client: &Client, page: u64) -> Result<Vec<String>, Error> {
    let mut call = Call::<R>::new(client);
    call.request.set_size(i64::try_from(page).unwrap());
    let mut items = Items::new(call);
    let mut names = Vec::new();
    while let Some(item) = items.next().await {
        names.push(item?);
    }
    Ok(names)
}

/// A request whose page size can be set.
pub(crate) trait Paged {
    fn set_size(&mut self, size: i64);
}

fn answer(style: &str, seen: &Seen, total: u64, page: u64) -> Act {
    let parameter = |name: &str| seen.parameters.get(name).and_then(|text| text.parse::<u64>().ok());
    let from = match style {
        "token" => parameter("NextToken").unwrap_or(0),
        "number" => (parameter("PageNumber").unwrap_or(1) - 1) * page,
        _ => parameter("Offset").unwrap_or(0),
    };
    let to = (from + page).min(total);
    let names: Vec<_> = (from..to.max(from)).map(|number| format!("\"{number}\"")).collect();
    let next = if style == "token" && to < total { format!("\"{to}\"") } else { "null".to_owned() };
    Act::json(200, format!(r#"{{"Names": [{}], "NextToken": {next}, "TotalCount": {total}}}"#, names.join(",")))
}

/// Name, token of each page, and the most pages that may be read.
type Case = (&'static str, fn(u64) -> &'static str, u64);

/// Services that give tokens that lead nowhere.
async fn bad_tokens() -> Vec<String> {
    let mut wrong = Vec::new();
    let cases: [Case; 5] = [
        ("cycle", |index| if index % 2 == 0 { "\"A\"" } else { "\"B\"" }, 4),
        ("identical", |_| "\"A\"", 3),
        ("empty", |_| "\"\"", 1),
        ("null", |_| "null", 1),
        ("blank", |_| "\" \"", 2),
    ];
    for (name, token, most) in cases {
        let service = Scripted::new(move |seen: &Seen| {
            Act::json(200, format!(r#"{{"Names": ["{}"], "NextToken": {}}}"#, seen.index, token(seen.index)))
        });
        let client = things::client(&service.builder().build().unwrap());
        let outcome = all::<ListByToken>(&client, 1).await;
        let typed = match (&outcome, name) {
            (Ok(names), "empty" | "null") => names.len() == 1,
            (Ok(_), "blank") => true,
            (Err(error), _) => matches!(error.kind(), ErrorKind::Paging(_)),
            _ => false,
        };
        let distinct: BTreeSet<_> = outcome.iter().flatten().collect();
        if !typed || service.count() > most || outcome.as_ref().is_ok_and(|names| names.len() != distinct.len()) {
            wrong.push(format!("{name}: {} pages, {outcome:?}", service.count()));
        }
    }
    wrong
}
