//! What is sent to a server: a spool, whole, or while it is still being written.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::scratch;

/// How much is read from a spool at a time.
pub(super) const CHUNK: usize = 512 * 1024;

/// How many chunks wait to be sent.
const WAITING: usize = 2;

/// Content to be stored. It can be sent as often as it takes.
#[derive(Clone, Debug)]
pub struct Upload {
    spool: Arc<File>,
    extent: Extent,
    moved: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
enum Extent {
    Whole(u64),
    Growing(watch::Receiver<Growth>),
}

/// How far a file has been written that is sent meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) written: u64,
    pub(super) complete: bool,
}

impl Upload {
    /// Content of a known length.
    pub(super) fn whole(spool: Arc<File>, len: u64, moved: Arc<AtomicU64>) -> Self {
        Self { spool, extent: Extent::Whole(len), moved }
    }

    /// Content that is still being written, from its start to its end.
    pub(super) fn growing(
        spool: Arc<File>,
        growth: watch::Receiver<Growth>,
        moved: Arc<AtomicU64>,
    ) -> Self {
        Self { spool, extent: Extent::Growing(growth), moved }
    }

    /// Returns the length; `None` where nobody knows it yet.
    pub fn len(&self) -> Option<u64> {
        match self.extent {
            Extent::Whole(len) => Some(len),
            Extent::Growing(_) => None,
        }
    }

    /// Tells whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Begins to read it, from its start.
    pub fn start(&self) -> Source {
        let (sender, chunks) = mpsc::channel(WAITING);
        let (spool, extent) = (Arc::clone(&self.spool), self.extent.clone());
        let feeder = tokio::spawn(feed(spool, extent, sender)).abort_handle();
        Source { chunks, feeder, moved: Arc::clone(&self.moved) }
    }
}

/// An upload under way; dropping it ends the reading.
#[derive(Debug)]
pub struct Source {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    feeder: AbortHandle,
    moved: Arc<AtomicU64>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.feeder.abort();
    }
}

impl Source {
    /// Returns the next bytes, `None` at the end. After an error the upload must not look complete.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let polled = self.chunks.poll_recv(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        polled
    }

    /// Returns the next bytes, `None` at the end.
    pub async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await
    }
}

async fn feed(spool: Arc<File>, mut extent: Extent, sender: mpsc::Sender<io::Result<Bytes>>) {
    let mut offset = 0;
    loop {
        let upto = match &mut extent {
            Extent::Whole(len) => *len,
            Extent::Growing(growth) => {
                let enough =
                    |growth: &Growth| growth.complete || growth.written >= offset + CHUNK as u64;
                let grown = growth.wait_for(enough).await.map(|growth| growth.written).ok();
                match grown {
                    Some(written) => written,
                    None => {
                        // Nobody says how it ends: it has not.
                        let _ = sender.send(Err(io::ErrorKind::Interrupted.into())).await;
                        return;
                    }
                }
            }
        };
        if offset >= upto {
            return;
        }
        let len = usize::try_from(upto - offset).unwrap_or(CHUNK).min(CHUNK);
        let file = Arc::clone(&spool);
        let read = tokio::task::spawn_blocking(move || scratch::read(&file, offset, len)).await;
        let read = match read {
            Ok(Ok(bytes)) if bytes.len() == len => Ok(Bytes::from(bytes)),
            Ok(Ok(_)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::Interrupted.into()),
        };
        offset += len as u64;
        if sender.send(read).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt as _;

    async fn all(source: &mut Source) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = source.chunk().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_whole_spool_is_sent_as_often_as_it_takes() {
        let content: Vec<u8> = (0..CHUNK * 3 + 5).map(|at| (at / 7) as u8).collect();
        let spool = Arc::new(tempfile::tempfile().unwrap());
        spool.write_all_at(&content, 0).unwrap();
        let moved = Arc::default();
        let upload = Upload::whole(Arc::clone(&spool), content.len() as u64, Arc::clone(&moved));
        for _ in 0..2 {
            assert!(all(&mut upload.start()).await.unwrap() == content);
        }
        assert_eq!(moved.load(Ordering::Relaxed), content.len() as u64 * 2);
        let short = Upload::whole(spool, content.len() as u64 + 1, moved);
        assert!(all(&mut short.start()).await.is_err(), "the end is missing");
    }

    #[tokio::test]
    async fn a_growing_spool_ends_when_it_is_complete_and_only_then() {
        let spool = Arc::new(tempfile::tempfile().unwrap());
        let (grow, growth) = watch::channel(Growth::default());
        let upload = Upload::growing(Arc::clone(&spool), growth, Arc::default());
        assert_eq!(upload.len(), None);
        let mut source = upload.start();
        spool.write_all_at(&vec![1; CHUNK], 0).unwrap();
        grow.send_replace(Growth { written: CHUNK as u64, complete: false });
        assert_eq!(source.chunk().await.unwrap().unwrap().len(), CHUNK);
        spool.write_all_at(b"end", CHUNK as u64).unwrap();
        grow.send_replace(Growth { written: CHUNK as u64 + 3, complete: true });
        assert_eq!(source.chunk().await.unwrap().unwrap(), "end");
        assert!(source.chunk().await.is_none());

        let (grow, growth) = watch::channel(Growth::default());
        let mut cut = Upload::growing(spool, growth, Arc::default()).start();
        drop(grow);
        assert!(cut.chunk().await.unwrap().is_err(), "it must not look complete");
    }
}
