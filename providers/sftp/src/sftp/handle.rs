//! Open files and directories of a server.

use std::sync::Arc;

use bytes::Bytes;
use mpr_engine::Fault;

use super::{Session, kind};

/// An open file or directory. It is closed when it is dropped, also if nobody ever saw it
/// because the call that opened it was given up.
#[derive(Debug)]
pub(crate) struct RemoteHandle {
    session: Arc<Session>,
    bytes: Bytes,
    closed: bool,
}

impl RemoteHandle {
    pub(crate) fn new(session: Arc<Session>, bytes: Bytes) -> Self {
        Self { session, bytes, closed: false }
    }

    /// Returns the session that it lives in.
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Returns the server's word for it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Closes it and waits until that is done.
    pub(crate) async fn close(mut self) -> Result<(), Fault> {
        let pending = self.session.send(kind::CLOSE, |packet| {
            packet.text(&self.bytes);
        });
        // Given up before the request is out, it is still closed by being dropped.
        let pending = pending.await?;
        self.closed = true;
        pending.await.map(|_| ())
    }
}

impl Drop for RemoteHandle {
    fn drop(&mut self) {
        if !self.closed {
            self.session.close_unheard(&self.bytes);
        }
    }
}
