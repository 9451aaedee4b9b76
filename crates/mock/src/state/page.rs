//! Lists in pages: by number, or by an opaque token that expires.

use serde_json::Value;

use super::Now;
use crate::error::ServiceError;
use crate::stub::Call;

const LARGEST: usize = 100;
const USUAL: usize = 10;
/// How long a token is good, in milliseconds.
const LIFETIME: i64 = 60 * 60 * 1000;

/// A page of a list, and what the caller may ask for next.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) number: usize,
    pub(super) size: usize,
    pub(super) total: usize,
    /// Empty on the last page, and when pages go by number.
    pub(super) next: String,
}

/// How an API writes its parameters of pages: by number, size, and by token, size.
const NAMES: [[&str; 4]; 2] =
    [["PageNumber", "PageSize", "NextToken", "MaxResults"], ["page_number", "page_size", "next_token", "max_results"]];

/// Cuts the page that the call asks for; by number, unless it speaks of tokens.
pub(super) fn cut<T>(all: Vec<T>, call: &Call, now: Now) -> Result<Page<T>, ServiceError> {
    let [number, size, token, most] = names(call);
    if call.parameters.contains_key(token) || call.parameters.contains_key(most) {
        return cut_by_token(all, call, now);
    }
    let (total, size) = (all.len(), length(call, size)?);
    let wanted = call.parameters.get(number).and_then(Value::as_i64).unwrap_or(1);
    let wanted = usize::try_from(wanted).ok().filter(|wanted| *wanted > 0);
    let wanted = wanted.ok_or_else(|| ServiceError::invalid(number, "pages are numbered from 1"))?;
    let items = all.into_iter().skip((wanted - 1).saturating_mul(size)).take(size).collect();
    Ok(Page { items, number: wanted, size, total, next: String::new() })
}

/// Cuts the page behind the token of the call.
pub(super) fn cut_by_token<T>(all: Vec<T>, call: &Call, now: Now) -> Result<Page<T>, ServiceError> {
    let [.., token, most] = names(call);
    let (total, size) = (all.len(), length(call, most)?);
    let token = call.text(token).filter(|token| !token.is_empty());
    let start = token.map_or(Ok(0), |token| read(&token, now))?;
    let end = start.saturating_add(size);
    let next = if end < total { write(end, now) } else { String::new() };
    Ok(Page { items: all.into_iter().skip(start).take(size).collect(), number: 1, size, total, next })
}

fn names(call: &Call) -> [&'static str; 4] {
    let [usual, other] = NAMES;
    if other.iter().any(|name| call.parameters.contains_key(*name)) { other } else { usual }
}

fn length(call: &Call, name: &str) -> Result<usize, ServiceError> {
    let size = call.parameters.get(name).and_then(Value::as_i64);
    size.map_or(Ok(USUAL), |size| match usize::try_from(size) {
        Ok(size @ 1..=LARGEST) => Ok(size),
        _ => Err(ServiceError::invalid(name, format!("a page has 1 to {LARGEST} elements"))),
    })
}

/// Position and expiry, stirred enough that nobody computes with them.
fn write(position: usize, now: Now) -> String {
    let (position, expires) = (position as u64, (now.millis + LIFETIME) as u64);
    format!("{:016x}{:016x}", (position ^ expires).rotate_left(19), expires.rotate_left(37))
}

fn read(token: &str, now: Now) -> Result<usize, ServiceError> {
    let halves = token.get(..16).zip(token.get(16..));
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    let halves = halves.and_then(|(position, expires)| number(position).zip(number(expires)));
    let (position, expires) =
        halves
            .map(|(position, expires)| (position.rotate_right(19), expires.rotate_right(37)))
            .ok_or_else(|| ServiceError::new(400, "InvalidNextToken", "The token of the page is not one of ours."))?;
    if expires < now.millis as u64 {
        return Err(ServiceError::new(400, "InvalidNextToken.Expired", "The token of the page has expired."));
    }
    usize::try_from(position ^ expires)
        .map_err(|_| ServiceError::new(400, "InvalidNextToken", "The token of the page is not one of ours."))
}
