//! Pages that go round in a circle: what a paginator must not follow for ever.

use alicloud_spec::Operation;
use serde_json::{Map, Value};

use crate::reply::{Body, Reply};

/// Where requests say which page they want, and answers which comes next.
const TOKENS: [&str; 9] =
    ["NextToken", "nextToken", "next_token", "NextPageToken", "Marker", "marker", "NextMarker", "PageToken", "Cursor"];
const NUMBERS: [&str; 6] = ["PageNumber", "pageNumber", "page_number", "PageNum", "CurrentPage", "Page"];
const TOTALS: [&str; 6] = ["TotalCount", "totalCount", "total_count", "Total", "total", "TotalRecordCount"];
const MORE: [&str; 6] = ["IsTruncated", "isTruncated", "Truncated", "HasNext", "hasNext", "HasMore"];
const PREFIX: &str = "page-";

/// A circle of pages, at the page that a request asks for.
#[derive(Debug)]
pub(crate) struct Circle<'a> {
    operation: &'a Operation,
    /// The page after the one that is asked for.
    next: u64,
}

impl<'a> Circle<'a> {
    /// Reads which page a request asks for, and lets it ask for one that exists.
    pub(crate) fn enter(length: u64, operation: &'a Operation, parameters: &mut Map<String, Value>) -> Self {
        let pagination = operation.pagination.as_ref();
        let length = length.max(1);
        let mut at = 0;
        let named = |own: Option<&String>, usual: &[&str]| -> Vec<String> {
            own.map_or_else(|| usual.iter().map(|name| (*name).to_owned()).collect(), |own| vec![own.clone()])
        };
        for name in named(pagination.and_then(|known| known.token.as_ref()), &TOKENS) {
            let number = |token: &Value| token.as_str()?.strip_prefix(PREFIX)?.parse::<u64>().ok();
            if let Some(number) = parameters.get(&name).and_then(number) {
                // Services that keep state know nothing of these tokens.
                parameters.remove(&name);
                at = number;
            }
        }
        for name in named(pagination.and_then(|known| known.page.as_ref()), &NUMBERS) {
            if let Some(number) = parameters.get_mut(&name)
                && let Some(page) = number.as_u64()
            {
                *number = (page.saturating_sub(1) % length + 1).into();
            }
        }
        Self { operation, next: at % length + 1 }
    }

    /// Makes the answer point to the next page of the circle.
    pub(crate) fn close(&self, mut reply: Reply) -> Reply {
        let known = self.operation.pagination.as_ref();
        if let Body::Document(document) = &mut reply.body {
            let last = |path: &String| path.split('.').next_back().unwrap_or(path).to_owned();
            let token = Value::from(format!("{PREFIX}{}", self.next));
            for (own, usual, value) in [
                (known.and_then(|known| known.next.as_ref()), TOKENS.as_slice(), token),
                (known.and_then(|known| known.total.as_ref()), &TOTALS, 1_000_000.into()),
                (known.and_then(|known| known.more.as_ref()), &MORE, true.into()),
            ] {
                let own = own.map(last);
                let is_it = |name: &str| own.as_deref().map_or_else(|| usual.contains(&name), |own| own == name);
                let declared = || self.operation.response.fields.iter().find(|field| is_it(&field.name));
                if !point(document, &is_it, &value, 2)
                    && let (Some(field), Value::Object(members)) = (declared(), &mut *document)
                {
                    members.insert(field.name.clone(), value);
                }
            }
        }
        reply
    }
}

/// Sets the members that have such a name, down to the depth at which services put them; whether there are any.
fn point(document: &mut Value, is_it: &dyn Fn(&str) -> bool, value: &Value, depth: u32) -> bool {
    let Value::Object(members) = document else { return false };
    let mut found = false;
    for (name, member) in members {
        if is_it(name) && !member.is_object() && !member.is_array() {
            // Some services write their totals as text.
            *member = if member.is_string() && !value.is_string() { value.to_string().into() } else { value.clone() };
            found = true;
        } else if depth > 0 {
            found |= point(member, is_it, value, depth - 1);
        }
    }
    found
}
