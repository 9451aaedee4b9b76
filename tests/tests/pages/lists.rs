//! The gateway's lists: one table of things, cut into pages as each operation wants it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use alicloud_mock::{Call, StubReply};
use serde_json::{Map, Value, json};

/// Longest page, whatever is asked for.
const LONGEST: i64 = 10;
/// Length of a page when none is asked for.
const USUAL: i64 = 4;
/// What a token is made of besides the position.
const STIR: i64 = 7919;

/// The things that there are now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    set: Arc<Mutex<(i64, u64)>>,
    answered: Arc<AtomicU64>,
}

impl Table {
    /// Has so many things from now on; the seed decides over the service's habits.
    pub(crate) fn fill(&self, total: i64, seed: u64) {
        *self.set.lock().unwrap() = (total, seed);
    }

    /// Pages given so far.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// The page that a call asks for.
    pub(crate) fn page(&self, call: &Call) -> StubReply {
        self.answered.fetch_add(1, Ordering::SeqCst);
        let (total, seed) = *self.set.lock().unwrap();
        let style = call.operation.trim_start_matches("List").split("In").next().unwrap_or_default();
        let number = |name: &str| call.text(name).and_then(|text| text.parse::<i64>().ok());
        let size = ["PageSize", "MaxResults", "Limit", "MaxItems", "Size"].into_iter().find_map(number);
        let size = size.unwrap_or(USUAL).clamp(1, LONGEST);
        let token = ["NextToken", "Marker"].into_iter().find_map(|name| call.text(name));
        let mut again = false;
        let from = match style {
            "Number" => (number("PageNumber").unwrap_or(1) - 1) * size,
            "NumberUntold" => (number("CurrentPage").unwrap_or(1) - 1) * size,
            "Offset" => number("Offset").unwrap_or(0),
            "Cursor" => number("Cursor").unwrap_or(0),
            "Either" if token.is_none() && number("PageNumber").is_some() => {
                (number("PageNumber").unwrap_or(1) - 1) * size
            }
            _ => match token.filter(|token| !token.is_empty()).map(|token| position(&token)) {
                Some(Some((position, half))) => {
                    again = half;
                    position
                }
                Some(None) => return StubReply::error(400, "InvalidNextToken", "not one of ours"),
                None => 0,
            },
        };
        // Some services look through a part of their data per call, and may find less there, or nothing; an
        // empty page leads on by a token of its own.
        let sparse = matches!(style, "Token" | "Marker" | "Either" | "Cursor") && seed.is_multiple_of(3);
        let least = i64::from(again || matches!(style, "Either" | "Cursor"));
        let taken = if sparse { ((from * 31 + seed as i64) % (size + 1)).max(least) } else { size };
        let (to, half) = (from + taken, taken == 0);
        let to = to.min(total).max(from.min(total));
        let end = to >= total;
        let things: Vec<_> = (from.min(total)..to).map(|id| json!({"Id": id, "Name": format!("thing {id}")})).collect();
        let next = match end {
            false => token_of(to, half),
            // The end is told in one of three ways.
            true => [Value::Null, "".into(), Value::Null][(seed % 3) as usize].clone(),
        };
        let wrapped = json!({"Thing": things});
        let body = match style {
            "Number" => json!({"Data": {"Things": things, "TotalCount": total}}),
            "NumberUntold" => json!({"Things": things}),
            "Offset" => json!({"Result": {"Things": things, "Total": total.to_string()}}),
            "Cursor" => json!({"Things": things, "NextCursor": if end { 0 } else { to }, "HasMore": !end}),
            "Marker" => json!({"Things": wrapped, "Marker": next, "IsTruncated": !end}),
            "Token" => json!({"Things": wrapped, "NextToken": next, "TotalCount": total}),
            _ => json!({"Things": things, "NextToken": next, "TotalCount": total}),
        };
        StubReply::ok(without_nulls(body, seed))
    }
}

/// A token that nobody computes with. Two tokens lead to one place where a page was empty.
fn token_of(position: i64, half: bool) -> Value {
    format!("t/{:x}+{}=", position * STIR, u8::from(half)).into()
}

fn position(token: &str) -> Option<(i64, bool)> {
    let (digits, half) = token.strip_prefix("t/")?.split_once('+')?;
    Some((i64::from_str_radix(digits, 16).ok()? / STIR, half == "1="))
}

/// Half of the services leave out what is null.
fn without_nulls(body: Value, seed: u64) -> Value {
    match body {
        Value::Object(members) if seed.is_multiple_of(2) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        body => body,
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % limit
    }
}
