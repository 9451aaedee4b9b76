//! Streams: events and bytes that are not held in memory.
//!
//! Nothing is read before it is asked for, so that a slow reader slows the sender and a dropped stream
//! ends the transfer. All are [`futures_core::Stream`]s, so the adapters of the `futures` crate work;
//! `next()` and `try_next()` do without it.
//!
//! # Events
//! An operation that answers with server-sent events has the method `events()`:
//!
//! ```no_run
//! # mod studio { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/streaming/mod.rs")); }
//! # use studio::Client;
//! # async fn example(client: Client) -> Result<(), alicloud_core::Error> {
//! let mut events = client.write_script().prompt("a heist, on a raft").events().await?;
//! println!("request {}", events.request_id());
//! while let Some(event) = events.next().await {
//!     let event = event?;
//!     println!("{} {:?}: {:?}", event.name, event.id, event.data.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - A call that is refused fails at `events()`, and is retried there as any call is. Once a stream has
//!   begun it is not begun anew: [`Events::last_event_id`] says how far it came.
//! - An event that says `error`, reports `Success: false` where the operation declares it, or cannot be
//!   decoded, is an [`Error`](crate::Error) in the stream; what follows it can still be read. After a
//!   failure of the network, a stall, or an event longer than
//!   [`BodyLimits::success`](crate::config::BodyLimits) nothing follows.
//! - What is left at the end counts as an event even if no empty line follows; the word `[DONE]` is none.
//! - An answer that is one document instead of a stream is one event.
//! - `send()` waits for the end of the stream, within the limits of time of a call, and returns what the
//!   last event says. It fails if that one, or an event called `error` before it, is an error.
//!
//! # Downloads
//! An operation that answers with bytes has the method `download()`; `send()` reads them into memory, up
//! to the limit of an answer.
//!
//! ```no_run
//! # mod studio { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/streaming/mod.rs")); }
//! # use studio::Client;
//! # async fn example(client: Client) -> Result<(), alicloud_core::Error> {
//! let download = client.get_film().id("raft").download().await?;
//! println!("{:?}, {:?} bytes", download.etag, download.size());
//! let download = download.on_progress(|progress| println!("{}", progress.transferred));
//! download.write_to("raft.mp4").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Uploads
//! An operation whose body is bytes has a setter for a [`ByteStream`] besides the one for bytes. A file is
//! read twice, for the signature and to send it, and again if the call is repeated.
//!
//! ```no_run
//! # mod studio { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/streaming/mod.rs")); }
//! # use studio::Client;
//! # async fn example(client: Client) -> Result<(), alicloud_core::Error> {
//! use alicloud_core::stream::ByteStream;
//!
//! let film = ByteStream::from_path("raft.mp4")
//!     .on_progress(|progress| println!("{} of {:?}", progress.transferred, progress.total));
//! client.put_film().id("raft").body_stream(film).send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The limit of an attempt counts from the last byte that was sent, and the default limit of the whole
//! call does not hold; one that you set does.
//!
//! # Files that an operation wants to find at a URL
//! Some operations take the URL of a file. For a file that is not on the network there is a setter with
//! `_file` behind its name: it asks the open platform for a place, uploads the file to the vendor's object
//! storage, and makes the call with its URL.
//!
//! ```no_run
//! # mod studio { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/streaming/mod.rs")); }
//! # use studio::Client;
//! # async fn example(client: Client) -> Result<(), alicloud_core::Error> {
//! use alicloud_core::stream::ByteStream;
//!
//! client.tag_film().film_url_file(ByteStream::from_path("raft.mp4")).send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! An error says which of the three steps failed. Files go to hosts of the vendor only.
//!
//! # What stands still
//! A stream that brings less than a byte per second over 20 s is ended, events after 5 min of silence:
//! [`StallProtection`] says how that is counted and [`ConfigBuilder`](crate::config::ConfigBuilder) sets
//! it.

mod download;
mod events;
mod file;
mod incoming;
pub(crate) mod multipart;
mod parser;
mod progress;
mod source;
mod stall;
mod upload;

pub use self::{
    download::Download,
    events::{Event, Events},
    progress::Progress,
    source::ByteStream,
    stall::StallProtection,
};
pub(crate) use self::{
    events::{is_stream as is_event_stream, read_last},
    file::FileParameter,
    upload::start,
};

/// What a fluent call has besides, when its answer is a stream of events.
#[doc(hidden)]
#[macro_export]
macro_rules! events {
    ($call:ident, $request:ident) => {
        impl $call {
            /// Sends the call and gives the events of the answer as they arrive.
            ///
            /// # Errors
            /// What went wrong, where, and what to do: see [`Error`]($crate::Error).
            #[inline]
            pub fn events(
                self,
            ) -> $crate::Sending<$crate::stream::Events<<$request as $crate::operation::Request>::Response>> {
                self.call.events()
            }
        }
    };
}

/// What a fluent call has besides, when its answer is bytes.
#[doc(hidden)]
#[macro_export]
macro_rules! download {
    ($call:ident, $request:ident) => {
        impl $call {
            /// Sends the call and gives the bytes of the answer as they arrive.
            ///
            /// # Errors
            /// What went wrong, where, and what to do: see [`Error`]($crate::Error).
            #[inline]
            pub fn download(
                self,
            ) -> $crate::Sending<$crate::stream::Download<<$request as $crate::operation::Request>::Response>> {
                self.call.download()
            }
        }
    };
}
