//! Pages and items as streams: the thin typed shell around the pager.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::Stream;
use tokio::{runtime::Handle, task::JoinHandle};

use super::{
    Itemized, Paginated, Position,
    pager::{Outcome, Pager},
};
use crate::{
    Call, Error, Response,
    error::{ErrorKind, PagingError},
};

type Page<R> = Result<Response<<R as crate::operation::Request>::Response>, Error>;

/// The pages of a list, as a stream. [The module](super) explains paging.
#[must_use = "nothing is fetched until the stream is read"]
pub struct Pages<R: Paginated> {
    call: Call<R>,
    pager: Pager,
    /// The page that is on its way.
    fetch: Option<Pin<Box<dyn Future<Output = Page<R>> + Send>>>,
    /// What is given after the page that has just been given.
    error: Option<Error>,
    done: bool,
    look_ahead: bool,
    /// Where the page that was given last began.
    last: Position,
}

/// Nothing in it is pinned but what is boxed.
impl<R: Paginated> Unpin for Pages<R> {}

impl<R: Paginated> Pages<R> {
    #[doc(hidden)]
    pub fn new(call: Call<R>) -> Self {
        let pager = Pager::new(R::PAGES);
        Self { call, pager, fetch: None, error: None, done: false, look_ahead: false, last: Position::start() }
    }

    /// Begins at a position instead of where the request begins.
    pub fn resume(mut self, position: Position) -> Self {
        self.pager.resume(position.next);
        self
    }

    /// Fetches the next page while this one is in use, one page ahead at most. It takes a tokio runtime;
    /// without one, pages are fetched when they are asked for.
    pub fn look_ahead(mut self) -> Self {
        self.look_ahead = true;
        self
    }

    /// Where the page after the one given last begins, also after that page failed; `None` at the end.
    pub fn position(&self) -> Option<Position> {
        self.pager.next().cloned().map(Position::from)
    }

    /// The next page. The future can be dropped at any time; what it had begun goes on with the next one.
    pub async fn next(&mut self) -> Option<Page<R>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn start(&mut self) -> Result<(), Error> {
        match self.pager.write(&mut self.call.request) {
            Ok(()) => self.fetch = Some(Box::pin(self.call.clone().send())),
            Err(error) => return Err(self.call.error(ErrorKind::Paging(error))),
        }
        Ok(())
    }

    /// Lets the page after this one come while this one is in use.
    fn start_ahead(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.start().is_ok()
            && let Some(fetch) = self.fetch.take()
        {
            self.fetch = Some(Box::pin(Ahead(runtime.spawn(fetch), self.call.clone())));
        }
    }
}

impl<R: Paginated> Stream for Pages<R> {
    type Item = Page<R>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Page<R>>> {
        let this = &mut *self;
        if let Some(error) = this.error.take() {
            this.done = true;
            return Poll::Ready(Some(Err(error)));
        }
        if this.done || this.pager.next().is_none() {
            return Poll::Ready(None);
        }
        if this.fetch.is_none()
            && let Err(error) = this.start()
        {
            this.done = true;
            return Poll::Ready(Some(Err(error)));
        }
        let Some(fetch) = this.fetch.as_mut() else { return Poll::Ready(None) };
        let result = ready!(fetch.as_mut().poll(context));
        this.fetch = None;
        let page = match result {
            Ok(page) => page,
            Err(error) => {
                this.done = true;
                return Poll::Ready(Some(Err(error)));
            }
        };
        this.last = this.position().unwrap_or_default();
        match this.pager.read(&this.call.request, &*page) {
            Outcome::Page if this.look_ahead && this.pager.next().is_some() => this.start_ahead(),
            Outcome::Page => {}
            Outcome::PageThen(problem) => {
                let place = this.position().unwrap_or_else(|| this.last.clone());
                this.error = Some(this.call.error(ErrorKind::Paging(PagingError::at(problem, &place))));
            }
            Outcome::Nothing => return Poll::Ready(None),
        }
        Poll::Ready(Some(Ok(page)))
    }
}

/// A call in a task of its own, which ends when nobody waits for it any more.
struct Ahead<R: Paginated>(JoinHandle<Page<R>>, Call<R>);

impl<R: Paginated> Unpin for Ahead<R> {}

impl<R: Paginated> Future for Ahead<R> {
    type Output = Page<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Page<R>> {
        let result = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(result.unwrap_or_else(|_| {
            Err(self.1.error(ErrorKind::Config(crate::error::ConfigError {
                message: "the tokio runtime that fetched the next page was shut down".to_owned(),
            })))
        }))
    }
}

impl<R: Paginated> Drop for Ahead<R> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The items of all pages, as a stream. [The module](super) explains paging.
#[must_use = "nothing is fetched until the stream is read"]
pub struct Items<R: Itemized> {
    pages: Pages<R>,
    /// What is left of the page that was fetched last.
    page: vec::IntoIter<R::Item>,
    /// Items of that page that are done.
    done: usize,
    /// Items that a resumed list has done before.
    skip: usize,
}

impl<R: Itemized> Unpin for Items<R> {}

impl<R: Itemized> Items<R> {
    #[doc(hidden)]
    pub fn new(call: Call<R>) -> Self {
        Self { pages: Pages::new(call), page: Vec::new().into_iter(), done: 0, skip: 0 }
    }

    /// Begins at a position instead of where the request begins.
    pub fn resume(mut self, position: Position) -> Self {
        self.skip = position.skip;
        self.pages = self.pages.resume(position);
        self
    }

    /// Fetches the next page while the items of this one are in use; see [`Pages::look_ahead`].
    pub fn look_ahead(mut self) -> Self {
        self.pages = self.pages.look_ahead();
        self
    }

    /// Where the item after the one given last is, also after its page failed; `None` at the end.
    ///
    /// Positions inside a page count items, so that they hold as long as the page does not change.
    pub fn position(&self) -> Option<Position> {
        if self.page.len() > 0 {
            Some(self.pages.last.clone().skip(self.done))
        } else {
            self.pages.position().map(|position| position.skip(self.skip))
        }
    }

    /// The next item. The future can be dropped at any time; what it had begun goes on with the next one.
    pub async fn next(&mut self) -> Option<Result<R::Item, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next item like [`next`](Self::next), `None` at the end. This can be sent blocking, too.
    ///
    /// # Errors
    /// The page that holds it cannot be fetched.
    pub async fn try_next(&mut self) -> Result<Option<R::Item>, Error> {
        self.next().await.transpose()
    }

    /// Reads items into a vector: all there are, or the first `limit` if there are more.
    ///
    /// # Errors
    /// A page cannot be fetched; the items before it are lost. Use [`next`](Self::next) to keep them.
    pub async fn collect_all(mut self, limit: usize) -> Result<Vec<R::Item>, Error> {
        let mut items = Vec::new();
        while items.len() < limit {
            match self.next().await {
                Some(item) => items.push(item?),
                None => break,
            }
        }
        Ok(items)
    }
}

impl<R: Itemized> Stream for Items<R> {
    type Item = Result<R::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(item) = this.page.next() {
                this.done = this.done.saturating_add(1);
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut this.pages).poll_next(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(page)) => {
                    this.page = R::items(page.into_inner()).into_iter();
                    this.done = std::mem::take(&mut this.skip).min(this.page.len());
                    if let Some(last) = this.done.checked_sub(1) {
                        this.page.nth(last);
                    }
                }
            }
        }
    }
}
