//! The fluent call: parameters, options of this one call, and the way into the runtime.

use std::{pin::Pin, time::Duration};

use crate::{
    Client, Error, Response, SignedRequest,
    config::{CallOptions, ConfigOverride},
    operation::Request,
    retry::RetryConfig,
    stream::{ByteStream, Download, Events, FileParameter},
};

/// What is on its way; await it. Boxed here, once, so that no generated crate has futures of its own to
/// compile.
pub type Sending<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// A call of one operation that has not been sent yet.
///
/// Generated types wrap it and add a setter for every parameter.
#[derive(Clone, Debug)]
pub struct Call<R> {
    client: Client,
    /// The parameters.
    pub request: R,
    options: CallOptions,
}

// What boxes a future is never inlined: else the compiler inlines and optimizes it in every operation of every
// generated crate, called or not, which is half of the cost of a release build.
impl<R: Request> Call<R> {
    /// A call without parameters.
    #[inline]
    pub fn new(client: &Client) -> Self {
        Self { client: client.clone(), request: R::default(), options: CallOptions::default() }
    }

    /// Limits the whole call: credentials, all attempts and the waits between them.
    #[inline]
    pub fn timeout(&mut self, timeout: Duration) {
        self.options.timeout = Some(timeout);
    }

    /// Uses other retry settings.
    #[inline]
    pub fn retry(&mut self, retry: RetryConfig) {
        self.options.retry = Some(retry);
    }

    /// Uses other settings.
    #[inline]
    pub fn config_override(&mut self, overrides: ConfigOverride) {
        self.options.overrides = overrides;
    }

    /// Declares that repeating the call has no second effect.
    #[inline]
    pub fn assume_idempotent(&mut self) {
        self.options.assume_idempotent = true;
    }

    /// Sends a stream as the body.
    #[inline]
    pub fn body_stream(&mut self, body: ByteStream) {
        self.options.body = Some(body);
    }

    /// Uploads a file before the call; the parameter says where it is.
    #[inline]
    pub fn file(&mut self, parameter: &'static str, file: ByteStream) {
        self.options.files.push((FileParameter { name: parameter, member: None }, file));
    }

    /// Uploads a file before the call; a member of an element of a list says where it is.
    #[inline]
    pub fn file_of(&mut self, parameter: &'static str, element: usize, member: &'static str, file: ByteStream) {
        self.options.files.push((FileParameter { name: parameter, member: Some((element, member)) }, file));
    }

    /// Sends the call and reads the answer.
    ///
    /// # Errors
    /// See [`Error`].
    #[inline(never)]
    pub fn send(mut self) -> Sending<Response<R::Response>> {
        Box::pin(async move {
            let mut output = R::Response::default();
            self.client.upload_files(R::OPERATION, &mut self.request, &mut self.options).await?;
            let meta = self.client.execute(R::OPERATION, &self.request, &mut output, &self.options).await?;
            Ok(Response::new(output, meta))
        })
    }

    /// Sends the call and gives the events of the answer as they arrive.
    ///
    /// # Errors
    /// See [`Error`].
    #[inline(never)]
    pub fn events(mut self) -> Sending<Events<R::Response>> {
        Box::pin(async move {
            self.client.upload_files(R::OPERATION, &mut self.request, &mut self.options).await?;
            Ok(Events::new(self.client.open(R::OPERATION, &self.request, &self.options).await?))
        })
    }

    /// Sends the call and gives the bytes of the answer as they arrive.
    ///
    /// # Errors
    /// See [`Error`].
    #[inline(never)]
    pub fn download(mut self) -> Sending<Download<R::Response>> {
        Box::pin(async move {
            self.client.upload_files(R::OPERATION, &mut self.request, &mut self.options).await?;
            Download::new(self.client.open(R::OPERATION, &self.request, &self.options).await?)
        })
    }

    /// An error of this call.
    pub(crate) fn error(&self, kind: crate::error::ErrorKind) -> Error {
        self.client.error(R::OPERATION, kind)
    }

    /// Signs the call without sending it.
    ///
    /// # Errors
    /// See [`Error`]; nothing is sent but what the credentials need.
    #[inline(never)]
    pub fn prepare(self) -> Sending<SignedRequest> {
        Box::pin(async move { self.client.prepare(R::OPERATION, &self.request, &self.options).await })
    }
}

/// What every fluent call can do besides setting parameters.
#[macro_export]
macro_rules! operation {
    ($call:ident, $request:ident) => {
        impl $call {
            #[inline]
            pub(crate) fn new(client: &$crate::Client) -> Self {
                Self { call: $crate::Call::new(client) }
            }

            /// Replaces all parameters.
            #[inline]
            #[must_use]
            pub fn request(mut self, request: $request) -> Self {
                self.call.request = request;
                self
            }

            /// Limits the whole call: credentials, all attempts and the waits between them.
            #[inline]
            #[must_use]
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.call.timeout(timeout);
                self
            }

            /// Uses other retry settings for this call.
            #[inline]
            #[must_use]
            pub fn retry(mut self, retry: $crate::RetryConfig) -> Self {
                self.call.retry(retry);
                self
            }

            /// Uses other settings for this call.
            #[inline]
            #[must_use]
            pub fn config_override(mut self, overrides: $crate::ConfigOverride) -> Self {
                self.call.config_override(overrides);
                self
            }

            /// Declares that repeating this call has no second effect, so that it may be retried.
            #[inline]
            #[must_use]
            pub fn assume_idempotent(mut self) -> Self {
                self.call.assume_idempotent();
                self
            }

            /// Sends the call and reads the answer.
            ///
            /// # Errors
            /// What went wrong, where, and what to do: see [`Error`]($crate::Error).
            #[inline]
            pub fn send(self) -> $crate::Sending<$crate::Response<<$request as $crate::operation::Request>::Response>> {
                self.call.send()
            }

            /// Signs the call without sending it.
            ///
            /// # Errors
            /// See [`Error`]($crate::Error).
            #[inline]
            pub fn prepare(self) -> $crate::Sending<$crate::SignedRequest> {
                self.call.prepare()
            }
        }

        impl ::std::future::IntoFuture for $call {
            type Output = ::std::result::Result<
                $crate::Response<<$request as $crate::operation::Request>::Response>,
                $crate::Error,
            >;
            type IntoFuture = $crate::Sending<$crate::Response<<$request as $crate::operation::Request>::Response>>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.send()
            }
        }
    };
}
