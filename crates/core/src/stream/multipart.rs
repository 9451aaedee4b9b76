//! A form with a file, as browsers send it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;

use super::{ByteStream, source::Pieces};

/// A form of texts and one file, with a boundary that occurs in none of them. `size` is that of the file.
pub(crate) fn form(
    boundary: &str,
    texts: &[(&str, &str)],
    file_name: &str,
    file: &ByteStream,
    size: u64,
) -> ByteStream {
    let mut head = String::new();
    for (name, text) in texts {
        head.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"));
    }
    let file_name = file_name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    head.push_str(&format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n"
    ));
    let (head, foot) = (Bytes::from(head), Bytes::from(format!("\r\n--{boundary}--\r\n")));
    let around = u64::try_from(head.len().saturating_add(foot.len())).unwrap_or_default();
    let before = u64::try_from(head.len()).unwrap_or_default();
    let listener = file.listener();

    let parts = {
        let file = file.clone();
        move || Parts { head: head.clone(), file: Some(file.open()), foot: foot.clone() }
    };
    let form = if file.is_replayable() { ByteStream::replayable(parts) } else { ByteStream::once(parts()) };
    let form = form.size(size.saturating_add(around));
    match listener {
        // Who sends a file wants to know about the file.
        Some(listener) => form.on_progress(move |progress| {
            listener.tell(progress.transferred.saturating_sub(before).min(size), Some(size));
        }),
        None => form,
    }
}

struct Parts {
    head: Bytes,
    file: Option<Pieces>,
    foot: Bytes,
}

impl Stream for Parts {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let this = &mut *self;
        if !this.head.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut this.head))));
        }
        if let Some(file) = &mut this.file {
            if let Some(piece) = ready!(file.as_mut().poll_next(context)) {
                return Poll::Ready(Some(piece));
            }
            this.file = None;
        }
        let foot = std::mem::take(&mut this.foot);
        Poll::Ready((!foot.is_empty()).then_some(Ok(foot)))
    }
}
