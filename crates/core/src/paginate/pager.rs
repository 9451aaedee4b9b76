//! What decides where a page begins and whether another one follows. It sees requests and answers through
//! their schema, so that it exists once for all operations.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{Pagination, position::Next};
use crate::{
    Document,
    error::{PagingError, PagingProblem},
    model::{Model, Parts, Value, View, find},
};

/// Empty pages in a row that are believed to lead somewhere.
const MAX_EMPTY_PAGES: u32 = 1000;
/// Tokens that are remembered one by one; longer rounds are found out by comparing at growing distances.
const REMEMBERED_TOKENS: usize = 1024;

/// The state of paging between two calls.
#[derive(Clone, Debug)]
pub(super) struct Pager {
    how: &'static Pagination,
    /// Where the next page begins; `None` when there is none.
    next: Option<Next>,
    /// Items before the next page.
    before: u64,
    /// The most items that a page had.
    longest: u64,
    /// Empty pages since the last one that had items.
    empty: u32,
    tokens: Tokens,
    /// Of the page before, where only that tells the end.
    fingerprint: Option<u64>,
}

/// What becomes of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is given out.
    Page,
    /// It is given out, and then the error.
    PageThen(PagingProblem),
    /// It is the page before once more, given for one that does not exist.
    Nothing,
}

impl Pager {
    pub(super) fn new(how: &'static Pagination) -> Self {
        Self {
            how,
            next: Some(Next::Start),
            before: 0,
            longest: 0,
            empty: 0,
            tokens: Tokens::default(),
            fingerprint: None,
        }
    }

    pub(super) fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    pub(super) fn resume(&mut self, next: Next) {
        self.next = Some(next);
    }

    /// Writes where the next page begins into the request. At the start, what the caller has set counts.
    pub(super) fn write(&mut self, request: &mut dyn Model) -> Result<(), PagingError> {
        let how = self.how;
        if let (Some(path), Some(size)) = (how.size, how.ask)
            && get(request, path).is_none()
        {
            set(request, path, size.into())?;
        }
        let integer = |path: &str, request: &dyn Model| number(get(request, path)?.as_str());
        let next = match self.next.take() {
            None | Some(Next::Start) => {
                let token = how.token.and_then(|path| get(request, path)).map(Next::Token);
                let page = how.page.and_then(|path| integer(path, request)).map(Next::Page);
                let offset = how.offset.and_then(|path| integer(path, request)).map(Next::Offset);
                token.or(page).or(offset).unwrap_or(match how {
                    Pagination { token: Some(_), .. } => Next::Start,
                    Pagination { page: Some(_), first, .. } => Next::Page(*first),
                    _ => Next::Offset(0),
                })
            }
            Some(next) => next,
        };
        let (path, value) = match &next {
            Next::Start => (None, Document::Null),
            Next::Page(number) => (how.page, (*number).into()),
            Next::Offset(items) => (how.offset, (*items).into()),
            Next::Token(token) => (how.token, token.as_str().into()),
        };
        if next != Next::Start {
            let path = path.ok_or_else(|| PagingError::at(PagingProblem::Position, &next.clone().into()))?;
            set(request, path, value)?;
        }
        // A page by number is not one by token.
        if let (Next::Token(_), Some(page)) = (&next, how.page) {
            set(request, page, Document::Null)?;
        }
        if self.before == 0 {
            // Too few is safe, too many would end the list early.
            let size = how.size.filter(|path| has_maximum(request, path)).and_then(|path| integer(path, request));
            let size = size.unwrap_or_default();
            self.before = match &next {
                Next::Offset(items) => u64::try_from(*items).unwrap_or_default(),
                Next::Page(page) => {
                    u64::try_from(page.saturating_sub(how.first).saturating_mul(size)).unwrap_or_default()
                }
                Next::Start | Next::Token(_) => 0,
            };
        }
        self.next = Some(next);
        Ok(())
    }

    /// Reads from an answer whether and where another page follows.
    pub(super) fn read(&mut self, request: &dyn Model, page: &dyn Model) -> Outcome {
        let how = self.how;
        let current = self.next.take().unwrap_or_default();
        let count = how.items.map(|path| count(page, path));
        let more = how.more.and_then(|path| truth(get(page, path)?.as_str()));
        self.empty = if count == Some(0) { self.empty.saturating_add(1) } else { 0 };
        let seen = self.before.saturating_add(count.unwrap_or_default());
        // Some services give no total, or 0, beside items.
        let total = how.total.and_then(|path| number(get(page, path)?.as_str()));
        let total = total.and_then(|total| u64::try_from(total).ok()).filter(|total| *total > 0 || count == Some(0));

        let outcome = match &current {
            Next::Start | Next::Token(_) => self.after_token(&current, page, count, more, total, seen),
            Next::Page(_) | Next::Offset(_) => self.after_number(&current, request, page, count, more, total),
        };
        self.before = seen;
        self.longest = self.longest.max(count.unwrap_or_default());
        match outcome {
            Outcome::Page if self.next.is_some() && self.empty >= MAX_EMPTY_PAGES => {
                Outcome::PageThen(PagingProblem::EmptyPages)
            }
            outcome => outcome,
        }
    }

    fn after_token(
        &mut self,
        current: &Next,
        page: &dyn Model,
        count: Option<u64>,
        more: Option<bool>,
        total: Option<u64>,
        seen: u64,
    ) -> Outcome {
        if more == Some(false) {
            return Outcome::Page;
        }
        let Some(token) = self.how.next.and_then(|path| next_token(page, path)) else {
            let goes_on = more == Some(true) || total.is_some_and(|total| seen < total);
            return match (current, self.how.page) {
                (Next::Start, Some(_)) if goes_on && count != Some(0) => {
                    self.next = Some(Next::Page(self.how.first.saturating_add(1)));
                    Outcome::Page
                }
                _ if more == Some(true) => Outcome::PageThen(PagingProblem::MissingToken),
                _ => Outcome::Page,
            };
        };
        let same = matches!(current, Next::Token(current) if *current == token);
        if count == Some(0) && (same || self.how.scroll) {
            return Outcome::Page;
        }
        if let Next::Token(current) = current {
            self.tokens.remember(current);
        }
        let known = self.tokens.knows(&token);
        self.next = Some(Next::Token(token));
        if known && !self.how.scroll { Outcome::PageThen(PagingProblem::RepeatedToken) } else { Outcome::Page }
    }

    fn after_number(
        &mut self,
        current: &Next,
        request: &dyn Model,
        page: &dyn Model,
        count: Option<u64>,
        more: Option<bool>,
        total: Option<u64>,
    ) -> Outcome {
        let asked = self.how.size.and_then(|path| number(get(request, path)?.as_str())).filter(|size| *size > 0);
        let asked = asked.and_then(|size| u64::try_from(size).ok());
        // Where the items are not known, every page is taken to be as long as it was asked to be.
        let length = count.or(asked).unwrap_or_default();
        let seen = self.before.saturating_add(length);
        if count.is_none() {
            self.before = seen;
        }
        let ends = match (more, total) {
            (Some(more), _) => !more,
            (None, Some(total)) => seen >= total || length == 0,
            (None, None) => {
                let fingerprint = fingerprint(page, self.how.items);
                if self.fingerprint.replace(fingerprint) == Some(fingerprint) {
                    return Outcome::Nothing;
                }
                // A size beyond the documented maximum may have been cut.
                let trusted = asked.filter(|_| self.how.size.is_some_and(|path| has_maximum(request, path)));
                length == 0 || length < trusted.unwrap_or_default().max(self.longest)
            }
        };
        if !ends {
            self.next = Some(match current {
                Next::Offset(offset) => Next::Offset(offset.saturating_add_unsigned(length)),
                Next::Page(page) => Next::Page(page.saturating_add(1)),
                Next::Start | Next::Token(_) => return Outcome::Page,
            });
            // An offset that does not move would go round for ever.
            if length == 0 && matches!(current, Next::Offset(_)) {
                return Outcome::PageThen(PagingProblem::EmptyPages);
            }
        }
        Outcome::Page
    }
}

/// The tokens that have been used, in little memory.
#[derive(Clone, Debug, Default)]
struct Tokens {
    recent: VecDeque<u64>,
    /// Brent's method: a token is kept while twice as many as before go by, so that any round ends.
    kept: Option<u64>,
    steps: u64,
    limit: u64,
}

impl Tokens {
    fn remember(&mut self, token: &str) {
        let hash = hash(token);
        if self.recent.len() == REMEMBERED_TOKENS {
            self.recent.pop_front();
        }
        self.recent.push_back(hash);
        self.steps = self.steps.saturating_add(1);
        if self.steps > self.limit {
            self.kept = Some(hash);
            self.steps = 0;
            self.limit = self.limit.saturating_mul(2).max(1);
        }
    }

    fn knows(&self, token: &str) -> bool {
        let hash = hash(token);
        self.kept == Some(hash) || self.recent.contains(&hash)
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The items of a page, or all that it says.
fn fingerprint(page: &dyn Model, items: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut add = |value: &dyn Value| value.to_document(View::Wire).unwrap_or_default().to_string().hash(&mut hasher);
    match items {
        Some(path) => find(page, path).into_iter().for_each(&mut add),
        None => {
            for (index, field) in page.schema().fields.iter().enumerate() {
                if !field.name.eq_ignore_ascii_case("RequestId") {
                    add(page.field(index));
                }
            }
        }
    }
    hasher.finish()
}

/// The text of a scalar.
fn get(model: &dyn Model, path: &str) -> Option<String> {
    find(model, path).first()?.to_document(View::Wire)?.scalar().filter(|text| !text.is_empty())
}

/// The token of the next page. Numbers from 0 down say that there is none.
fn next_token(page: &dyn Model, path: &str) -> Option<String> {
    match find(page, path).first()?.to_document(View::Wire)? {
        Document::Number(digits) if !digits.parse::<f64>().is_ok_and(|number| number > 0.0) => None,
        Document::String(text) if matches!(text.trim(), "" | "null") => None,
        Document::Bool(_) => None,
        document => document.scalar(),
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn truth(text: &str) -> Option<bool> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        text if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

fn count(page: &dyn Model, path: &str) -> u64 {
    let lists = find(page, path);
    let lengths = lists.into_iter().map(|list| match list.parts() {
        Parts::List(elements) => elements.len(),
        Parts::Map(members) => members.len(),
        Parts::None | Parts::Model(_) => 0,
    });
    lengths.sum::<usize>() as u64
}

fn has_maximum(request: &dyn Model, path: &str) -> bool {
    let field = request.schema().fields.iter().find(|field| field.name == path);
    field.and_then(|field| field.limits).is_some_and(|limits| limits.maximum.is_some())
}

/// Sets a parameter, or a member of one.
fn set(request: &mut dyn Model, path: &str, value: Document) -> Result<(), PagingError> {
    let fields = request.schema().fields.iter().enumerate();
    let fits = |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let field = fields.filter(|(_, field)| fits(field.name)).max_by_key(|(_, field)| field.name.len());
    let Some((index, field)) = field else { return Err(PagingError::parameter(path)) };
    let rest = path.get(field.name.len()..).unwrap_or_default();
    let value = if rest.is_empty() {
        value
    } else {
        let mut object = request.field(index).to_document(View::Wire).unwrap_or_default();
        put(&mut object, rest.trim_start_matches('.'), value);
        object
    };
    request.field_mut(index).set(value).map_err(|_| PagingError::parameter(path))
}

fn put(object: &mut Document, path: &str, value: Document) {
    if !matches!(object, Document::Object(_)) {
        *object = Document::Object(Default::default());
    }
    let Document::Object(members) = object else { return };
    match path.split_once('.') {
        Some((name, rest)) => put(members.entry(name.to_owned()).or_default(), rest, value),
        None => drop(members.insert(path.to_owned(), value)),
    }
}
