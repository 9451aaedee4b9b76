//! Lists that come in pages.
//!
//! An operation that pages has two methods besides `send`: `pages()` and `items()`. Both are streams that
//! fetch a page when they are asked for it and not before, so that a slow reader slows the fetching and a
//! dropped stream fetches nothing more. Which parameter takes the page and where the answer holds the next
//! one is data ([`Pagination`]); there is one paginator for page numbers, offsets and tokens in all their
//! spellings.
//!
//! ```no_run
//! # mod things { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/things/mod.rs")); }
//! # use things::Client;
//! # use alicloud_core::Error;
//! # async fn example(client: Client) -> Result<(), Error> {
//! let mut things = client.list_things().items();
//! while let Some(thing) = things.next().await {
//!     println!("{:?}", thing?.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # All at once
//! [`Items::collect_all`] reads into a vector, up to a limit that you choose. Streams are
//! [`futures_core::Stream`]s, so the adapters of the `futures` crate work, too.
//!
//! # Where it goes on
//! [`Pages::position`] and [`Items::position`] say where the next page begins, and what [`Position`]
//! prints it also reads: store it, and [`Pages::resume`] or [`Items::resume`] goes on there.
//!
//! ```no_run
//! # mod things { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/things/mod.rs")); }
//! # use things::Client;
//! # use alicloud_core::Error;
//! # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
//! let stored = "token:AAAAAdDWBF2".parse()?;
//! let mut things = client.list_things().items().resume(stored);
//! let first = things.next().await.transpose()?;
//! let later = things.position().map(|position| position.to_string());
//! # Ok(())
//! # }
//! ```
//!
//! # Faster
//! [`Pages::look_ahead`] fetches the next page while you work on this one.
//!
//! # When it ends
//! - Tokens: when the service gives none, an empty one or `null`, or says that nothing follows. A token
//!   that comes again would go round for ever: that is an error, after the page that brought it.
//! - Page numbers and offsets: when the total is reached, or the service says that nothing follows. Where
//!   it says neither, at the first page that is shorter than the others, or than the size that was asked
//!   for if that is within the documented maximum; otherwise at the first empty page, or at a page that
//!   says the same as the one before it.
//! - After an error: a failed call is the last thing that the stream gives. The position is still that of
//!   the page that failed.

mod pager;
mod position;
mod stream;

pub use self::{
    position::{Position, PositionError},
    stream::{Items, Pages},
};
use crate::operation::Request;

/// How an operation pages. Request parameters and members of answers are paths of API names, joined by
/// dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pagination {
    /// Parameter that takes the page number.
    pub page: Option<&'static str>,
    /// Number of the first page.
    pub first: i64,
    /// Parameter that takes the number of items to skip.
    pub offset: Option<&'static str>,
    /// Parameter that takes the token of a page.
    pub token: Option<&'static str>,
    /// Parameter that takes the size of pages.
    pub size: Option<&'static str>,
    /// Size to ask for when the caller does not: for services that give tokens only then.
    pub ask: Option<i64>,
    /// Member that holds the token of the next page.
    pub next: Option<&'static str>,
    /// Member that says whether more follows.
    pub more: Option<&'static str>,
    /// Member that holds the number of all items.
    pub total: Option<&'static str>,
    /// Member that holds the items of the page.
    pub items: Option<&'static str>,
    /// The token stays the same from page to page; an empty page ends it.
    pub scroll: bool,
}

impl Pagination {
    const NONE: Self = Self {
        page: None,
        first: 1,
        offset: None,
        token: None,
        size: None,
        ask: None,
        next: None,
        more: None,
        total: None,
        items: None,
        scroll: false,
    };

    /// Where an answer holds the token of the next page.
    pub const fn next(mut self, path: &'static str) -> Self {
        self.next = Some(path);
        self
    }

    /// Pages have numbers, too: for services that give no token to some callers.
    pub const fn or_pages(mut self, parameter: &'static str) -> Self {
        self.page = Some(parameter);
        self
    }

    /// Number of the first page.
    pub const fn first(mut self, number: i64) -> Self {
        self.first = number;
        self
    }

    /// Parameter that takes the size of pages.
    pub const fn size(mut self, parameter: &'static str) -> Self {
        self.size = Some(parameter);
        self
    }

    /// Size to ask for when the caller does not.
    pub const fn ask(mut self, size: i64) -> Self {
        self.ask = Some(size);
        self
    }

    /// Where an answer says whether more follows.
    pub const fn more(mut self, path: &'static str) -> Self {
        self.more = Some(path);
        self
    }

    /// Where an answer holds the number of all items.
    pub const fn total(mut self, path: &'static str) -> Self {
        self.total = Some(path);
        self
    }

    /// Where an answer holds its items.
    pub const fn items(mut self, path: &'static str) -> Self {
        self.items = Some(path);
        self
    }

    /// The token stays the same from page to page.
    pub const fn scroll(mut self) -> Self {
        self.scroll = true;
        self
    }
}

/// Pages have numbers, from 1.
pub const fn by_page(parameter: &'static str) -> Pagination {
    Pagination { page: Some(parameter), ..Pagination::NONE }
}

/// Pages begin after a number of items.
pub const fn by_offset(parameter: &'static str) -> Pagination {
    Pagination { offset: Some(parameter), ..Pagination::NONE }
}

/// Pages have tokens.
pub const fn by_token(parameter: &'static str) -> Pagination {
    Pagination { token: Some(parameter), ..Pagination::NONE }
}

/// A request whose answer comes in pages.
pub trait Paginated: Request {
    /// How it pages.
    const PAGES: &'static Pagination;
}

/// A request whose pages hold one list.
pub trait Itemized: Paginated {
    /// An element of the list.
    type Item: Send + 'static;

    /// Takes the list out of a page.
    fn items(page: Self::Response) -> Vec<Self::Item>;
}

/// The methods of a fluent call whose operation pages.
#[macro_export]
macro_rules! paginated {
    ($call:ident, $request:ident) => {
        impl $call {
            /// The answers page by page, each fetched when it is asked for.
            #[inline]
            #[must_use]
            pub fn pages(self) -> $crate::paginate::Pages<$request> {
                $crate::paginate::Pages::new(self.call)
            }
        }
    };
    ($call:ident, $request:ident, items) => {
        $crate::paginated!($call, $request);

        impl $call {
            /// The items of all pages, each page fetched when it is asked for.
            #[inline]
            #[must_use]
            pub fn items(self) -> $crate::paginate::Items<$request> {
                $crate::paginate::Items::new(self.call)
            }
        }
    };
}
