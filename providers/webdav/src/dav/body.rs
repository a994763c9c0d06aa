//! What requests and answers carry.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use mpr_engine::Fault;
use mpr_engine::spool::Source;

use super::connection::{Connection, Pool};
use super::error::{DavError, LocalFailure};

/// What a request carries.
pub(super) struct Outgoing {
    content: Content,
    /// Set once all of it was handed over.
    sent: Arc<AtomicBool>,
}

enum Content {
    Text(Option<Bytes>),
    Source { source: Source, left: Option<u64> },
}

impl Outgoing {
    pub(super) fn text(text: Bytes, sent: Arc<AtomicBool>) -> Self {
        sent.store(text.is_empty(), Ordering::Release);
        Self { content: Content::Text(Some(text).filter(|text| !text.is_empty())), sent }
    }

    pub(super) fn source(source: Source, len: Option<u64>, sent: Arc<AtomicBool>) -> Self {
        sent.store(len == Some(0), Ordering::Release);
        Self { content: Content::Source { source, left: len }, sent }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = LocalFailure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, LocalFailure>>> {
        let polled = match &mut self.content {
            Content::Text(text) => Poll::Ready(text.take().map(Ok)),
            Content::Source { left: Some(0), .. } => Poll::Ready(None),
            Content::Source { source, left } => {
                let polled = source.poll_chunk(cx);
                if let (Poll::Ready(Some(Ok(bytes))), Some(left)) = (&polled, left) {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                polled
            }
        };
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(bytes))) => {
                if self.is_end_stream() {
                    self.sent.store(true, Ordering::Release);
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(Err(error))) => {
                Poll::Ready(Some(Err(LocalFailure(error.raw_os_error().unwrap_or(5)))))
            }
            Poll::Ready(None) => {
                self.sent.store(true, Ordering::Release);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Text(None) | Content::Source { left: Some(0), .. })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Content::Source { left: Some(left), .. } => SizeHint::with_exact(*left),
            Content::Source { left: None, .. } => SizeHint::default(),
        }
    }
}

/// What an answer carries, with the connection that it comes over; that is given back at the end,
/// and closed if the answer is dropped before.
pub struct Arriving {
    incoming: Incoming,
    connection: Option<Connection>,
    pool: Arc<Pool>,
    /// The request was sent to its end.
    reusable: bool,
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arriving").finish_non_exhaustive()
    }
}

impl Arriving {
    /// Takes an answer in; a connection is `reusable` if the request was sent to its end.
    pub(super) fn new(
        incoming: Incoming,
        connection: Connection,
        pool: Arc<Pool>,
        reusable: bool,
    ) -> Self {
        let mut arriving = Self { incoming, connection: Some(connection), pool, reusable };
        arriving.end_if_ended();
        arriving
    }

    fn end_if_ended(&mut self) {
        if self.incoming.is_end_stream() {
            self.end();
        }
    }

    fn end(&mut self) {
        if let Some(connection) = self.connection.take()
            && self.reusable
        {
            self.pool.give_back(connection);
        }
    }

    /// Returns the next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, DavError> {
        loop {
            let frame =
                std::future::poll_fn(|cx| Pin::new(&mut self.incoming).poll_frame(cx)).await;
            match frame {
                None => {
                    self.end();
                    return Ok(None);
                }
                Some(frame) => {
                    let data = frame?.into_data();
                    self.end_if_ended();
                    // Trailers say nothing that is of use here.
                    if let Ok(bytes) = data {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Reads a short rest, so that the connection can be used again.
    pub(super) async fn finish(mut self) -> Result<(), DavError> {
        const SHORT: usize = 64 * 1024;
        let mut read = 0;
        while let Some(bytes) = self.next().await? {
            read += bytes.len();
            if read > SHORT {
                break;
            }
        }
        Ok(())
    }
}

impl mpr_engine::spool::Body for Arriving {
    async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        Ok(self.next().await?)
    }
}
