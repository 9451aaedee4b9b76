//! How an operation pages: by what its spec says, else by the spellings of its parameters and members.

mod access;
mod items;
mod members;
mod spellings;

use alicloud_spec::{Operation, Pagination, Spec};

pub use self::items::NO_LIST;
use self::{
    items::Items,
    members::{Holds, Member, members, pick},
};
use super::words;
use crate::model::{self, Type};

/// What is known of an operation's paging.
#[derive(Clone, Debug, PartialEq)]
pub enum Paging {
    /// It does not page.
    None,
    /// It looks as if it pages, but nobody could say where the next page is or when the list ends.
    Unclear(String),
    /// It pages.
    Pages {
        /// How, in the terms of the spec.
        how: Box<Pagination>,
        /// Why the items of a page cannot be told.
        without_items: Option<String>,
    },
}

/// Gives the operations that page what their paginators need.
pub(crate) fn give_pages(spec: &Spec, operations: &mut [model::Operation], shared: &[Type]) {
    for lowered in operations {
        let Some(operation) = spec.operations.get(&lowered.api_name) else { continue };
        if let Paging::Pages { how, .. } = paging(spec, &lowered.api_name, operation) {
            let items = how.items.as_deref().and_then(|path| access::items(lowered, shared, path));
            lowered.pages = Some(model::Pages { how: *how, items });
        }
    }
}

/// How an operation pages.
pub fn paging(spec: &Spec, name: &str, operation: &Operation) -> Paging {
    let declared = operation.pagination.clone().unwrap_or_default();
    if declared.none || operation.skip.is_some() {
        return Paging::None;
    }
    let request = members(spec, &operation.parameters);
    let response = members(spec, &operation.response.fields);
    let has_cursor = declared.page.is_some() || declared.offset.is_some() || declared.token.is_some();
    let cursor = if has_cursor { Ok(declared.clone()) } else { cursor(name, &request, &response) };
    let mut how = match cursor {
        Ok(cursor) if cursor == Pagination::default() => return Paging::None,
        Ok(cursor) => cursor,
        Err(reason) => return Paging::Unclear(reason),
    };

    let items = match &declared.items {
        Some(path) if path.is_empty() => Items::None("no list of the answer is the page".to_owned()),
        Some(path) => Items::At(path.clone()),
        None => items::find(spec, name, &response),
    };
    let items_path = match &items {
        Items::At(path) => Some(path.clone()),
        Items::None(_) => None,
    };
    let near = |words: &[&str], holds: Holds| near_items(&response, items_path.as_deref(), words, holds);
    how.total = declared.total.or_else(|| near(spellings::TOTAL, Holds::Number));
    how.more = declared.more.or_else(|| near(spellings::MORE, Holds::Flag));
    how.next = declared.next.or(how.next);
    how.size = declared.size.or(how.size);
    how.first = declared.first.or(how.first);
    how.ask = declared.ask.or(how.ask);
    how.scroll |= declared.scroll;
    how.items = items_path;

    let without_items = match items {
        Items::At(_) => None,
        Items::None(reason) => Some(reason),
    };
    if without_items.is_some() && how.token.is_none() {
        // Pages are then counted by their size.
        how.ask = how.ask.or_else(|| Some(ask(&request, Some(how.size.as_deref()?))));
    }
    if let Some(reason) = &without_items
        && how.token.is_none()
        && how.more.is_none()
        && (how.total.is_none() || how.size.is_none())
    {
        return Paging::Unclear(format!("{reason}, so that its end cannot be told"));
    }
    Paging::Pages { how: Box::new(how), without_items }
}

/// The parameters that move from page to page; none when the operation does not page.
fn cursor(name: &str, request: &[Member<'_>], response: &[Member<'_>]) -> Result<Pagination, String> {
    let verb = words::split(name).into_iter().find(|word| word != "batch").unwrap_or_default();
    let acts = spellings::ACTING.contains(&verb.as_str());
    // Deeper objects hold what the operation is about.
    let request: Vec<_> = request.iter().filter(|member| member.depth <= 1).cloned().collect();
    let beside = |member: &Member<'_>, words: &[&str]| {
        let siblings: Vec<_> = request.iter().filter(|other| other.parent == member.parent).cloned().collect();
        pick(&siblings, words, Holds::Number).map(|member| member.path.clone())
    };
    let total = pick(response, spellings::TOTAL, Holds::Number);

    let mut missing = None;
    let mut token = None;
    for (word, next) in spellings::TOKENS {
        let Some(parameter) = pick(&request, &[word], Holds::Token) else { continue };
        match pick(response, next, Holds::Token) {
            Some(next) => {
                token = Some((parameter, next));
                break;
            }
            // A bare `token` is usually a proof of identity.
            None if *word == "token" => {}
            None => missing = missing.or(Some(parameter)),
        }
    }
    let page = pick(&request, spellings::PAGE, Holds::Number)
        .map(|page| (page, beside(page, spellings::PAGE_SIZE)))
        .filter(|(page, size)| size.is_some() || total.is_some() && !matches!(page.word.as_str(), "current" | "page"))
        .filter(|_| !acts);
    let offset = pick(&request, spellings::OFFSET, Holds::Number)
        .and_then(|offset| Some((offset, beside(offset, spellings::SIZE)?)))
        .filter(|_| !acts);

    let first = page.as_ref().and_then(|(page, _)| first_page(page));
    Ok(match (token, page, offset) {
        (Some((token, next)), page, _) => {
            let size = beside(token, spellings::SIZE);
            let page_size = page.as_ref().and_then(|(_, size)| size.clone());
            // Where both kinds have a size of their own, the one that is set chooses.
            let chooses = page_size.is_some() && size.is_some() && page_size != size;
            Pagination {
                token: Some(token.path.clone()),
                next: Some(next.path.clone()),
                scroll: spellings::SCROLLS.contains(&token.word.as_str()),
                ask: chooses.then(|| ask(&request, size.as_deref())),
                size,
                first,
                page: page.map(|(page, _)| page.path.clone()),
                ..Pagination::default()
            }
        }
        (None, Some((page, size)), _) => {
            Pagination { page: Some(page.path.clone()), size, first, ..Pagination::default() }
        }
        (None, None, Some((offset, size))) => {
            Pagination { offset: Some(offset.path.clone()), size: Some(size), ..Pagination::default() }
        }
        (None, None, None) => match missing {
            Some(parameter) if !acts => {
                return Err(format!("no member of the answer holds the next `{}`", parameter.path));
            }
            _ => Pagination::default(),
        },
    })
}

/// The number of the first page, when it is not 1: services that count from 0 say so by the default.
fn first_page(page: &Member<'_>) -> Option<i64> {
    match page.shape.default.as_ref()? {
        serde_json::Value::Number(number) => number.as_i64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .filter(|first| *first == 0)
}

/// A size that the service takes: its default, or 50 within the limits.
fn ask(request: &[Member<'_>], size: Option<&str>) -> i64 {
    let shape = size.and_then(|path| request.iter().find(|member| member.path == path)).map(|member| member.shape);
    let limit = |number: Option<&serde_json::Number>| number.and_then(serde_json::Number::as_i64);
    let Some(shape) = shape else { return 50 };
    let (minimum, maximum) = (limit(shape.minimum.as_ref()).unwrap_or(1), limit(shape.maximum.as_ref()).unwrap_or(50));
    let default =
        shape.default.as_ref().and_then(|default| default.as_i64().or_else(|| default.as_str()?.parse().ok()));
    default.filter(|size| *size > 0).unwrap_or(50).min(maximum.max(1)).max(minimum)
}

/// A member about the list: beside it, or in an object around it, or in an object beside one of these.
fn near_items(response: &[Member<'_>], items: Option<&str>, words: &[&str], holds: Holds) -> Option<String> {
    let Some(items) = items else {
        // Of several, each may be about a list of its own.
        let all: Vec<_> = response.iter().filter(|member| words.contains(&member.word.as_str())).cloned().collect();
        return pick(&all, words, holds).filter(|_| all.len() == 1).map(|member| member.path.clone());
    };
    let around = |member: &&Member<'_>| {
        let inside = |object: &str| object.is_empty() || items.starts_with(&format!("{object}."));
        let above = member.parent.rsplit_once('.').map_or("", |(above, _)| above);
        inside(&member.parent) || inside(above)
    };
    let near: Vec<_> = response.iter().filter(around).cloned().collect();
    pick(&near, words, holds).map(|member| member.path.clone())
}
