//! Where paging goes on.

use std::{fmt, str::FromStr};

/// Where the next page, or the next item in it, begins.
///
/// It prints as text that reads back:
///
/// ```
/// use alicloud_core::paginate::Position;
///
/// let position: Position = "page:3".parse()?;
/// assert_eq!(position, Position::page(3));
/// assert_eq!(Position::token("b2Zmc2V0").to_string(), "token:b2Zmc2V0");
/// # Ok::<(), alicloud_core::paginate::PositionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub(super) next: Next,
    /// Items of that page that are done.
    pub(super) skip: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// Where the request itself begins.
    #[default]
    Start,
    Page(i64),
    Offset(i64),
    Token(String),
}

impl Position {
    /// Where the request itself begins.
    pub fn start() -> Self {
        Self::default()
    }

    /// A page by its number.
    pub fn page(number: i64) -> Self {
        Next::Page(number).into()
    }

    /// The page after a number of items.
    pub fn offset(items: i64) -> Self {
        Next::Offset(items).into()
    }

    /// A page by its token.
    pub fn token(token: impl Into<String>) -> Self {
        Next::Token(token.into()).into()
    }

    pub(super) fn skip(mut self, items: usize) -> Self {
        self.skip = items;
        self
    }
}

impl From<Next> for Position {
    fn from(next: Next) -> Self {
        Self { next, skip: 0 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.skip > 0 {
            write!(f, "skip:{},", self.skip)?;
        }
        match &self.next {
            Next::Start => f.write_str("start"),
            Next::Page(number) => write!(f, "page:{number}"),
            Next::Offset(items) => write!(f, "offset:{items}"),
            Next::Token(token) => write!(f, "token:{token}"),
        }
    }
}

/// Text that is no [`Position`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionError;

impl fmt::Display for PositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a position: expected `start`, `page:3`, `offset:200` or `token:…`, as a position prints itself",
        )
    }
}

impl std::error::Error for PositionError {}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (skip, text) = match text.strip_prefix("skip:").and_then(|rest| rest.split_once(',')) {
            Some((skip, rest)) => (skip.parse().map_err(|_| PositionError)?, rest),
            None => (0, text),
        };
        let number = |text: &str| text.parse().map_err(|_| PositionError);
        let next = match text.split_once(':') {
            None if text == "start" => Next::Start,
            Some(("page", text)) => Next::Page(number(text)?),
            Some(("offset", text)) => Next::Offset(number(text)?),
            Some(("token", text)) if !text.is_empty() => Next::Token(text.to_owned()),
            _ => return Err(PositionError),
        };
        Ok(Self { next, skip })
    }
}
