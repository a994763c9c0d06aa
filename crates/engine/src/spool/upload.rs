//! What is sent to a server: a spool, whole, or while it is still being written.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::scratch;

/// How much is read from a spool at a time.
pub(super) const CHUNK: usize = 512 * 1024;

/// How many chunks wait to be sent.
const WAITING: usize = 1;

/// How much of what was written last is kept in memory for an upload that goes along.
const RECENT: usize = 2 * 1024 * 1024;

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
    Growing(watch::Receiver<Growth>, Arc<Recent>),
}

/// How far a file has been written that is sent meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Growth {
    written: u64,
    complete: bool,
}

/// The writer's end of an upload that goes along; the upload fails if it is dropped before the end.
#[derive(Debug)]
pub(super) struct Growing {
    growth: watch::Sender<Growth>,
    recent: Arc<Recent>,
}

impl Growing {
    /// Tells that the spool got these bytes at its end, which is here now.
    pub(super) fn append(&self, data: &Bytes, len: u64) {
        self.recent.push(data, len);
        self.growth.send_if_modified(|growth| {
            // Nobody is woken for less than a chunk.
            let more = len / CHUNK as u64 > growth.written / CHUNK as u64;
            growth.written = len;
            more
        });
    }

    /// Tells that nothing follows.
    pub(super) fn complete(&self, len: u64) {
        self.growth.send_replace(Growth { written: len, complete: true });
    }
}

/// The last bytes written, which need not be read back from the spool. A writer that is faster than
/// the server pushes the oldest out: the spool has them.
#[derive(Debug, Default)]
struct Recent(Mutex<Tail>);

#[derive(Debug, Default)]
struct Tail {
    pieces: VecDeque<Bytes>,
    held: usize,
    end: u64,
}

impl Recent {
    fn push(&self, data: &Bytes, end: u64) {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.pieces.push_back(data.clone());
        (tail.held, tail.end) = (tail.held + data.len(), end);
        while tail.held > RECENT {
            let Some(oldest) = tail.pieces.pop_front() else { break };
            tail.held -= oldest.len();
        }
    }

    /// Takes up to a chunk that begins there; nothing if it is no more.
    fn take(&self, offset: u64) -> VecDeque<Bytes> {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, mut len) = (VecDeque::new(), 0);
        while len < CHUNK {
            let start = tail.end - tail.held as u64;
            let wanted = offset + len as u64;
            if start > wanted {
                break;
            }
            let Some(mut piece) = tail.pieces.pop_front() else { break };
            tail.held -= piece.len();
            let skipped = usize::try_from(wanted - start).unwrap_or(usize::MAX);
            if skipped < piece.len() {
                let piece = piece.split_off(skipped);
                len += piece.len();
                taken.push_back(piece);
            }
        }
        taken
    }
}

impl Upload {
    /// Content of a known length.
    pub(super) fn whole(spool: Arc<File>, len: u64, moved: Arc<AtomicU64>) -> Self {
        Self { spool, extent: Extent::Whole(len), moved }
    }

    /// Content that is still being written, from its start to its end; so much is there already.
    pub(super) fn growing(
        spool: Arc<File>,
        written: u64,
        moved: Arc<AtomicU64>,
    ) -> (Growing, Self) {
        let (growth, growing) = watch::channel(Growth { written, complete: false });
        let recent = Arc::new(Recent::default());
        let extent = Extent::Growing(growing, Arc::clone(&recent));
        (Growing { growth, recent }, Self { spool, extent, moved })
    }

    /// Returns the length; `None` where nobody knows it yet.
    pub fn len(&self) -> Option<u64> {
        match self.extent {
            Extent::Whole(len) => Some(len),
            Extent::Growing(..) => None,
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
        Source { chunks, ready: VecDeque::new(), feeder, moved: Arc::clone(&self.moved) }
    }
}

/// An upload under way; dropping it ends the reading.
#[derive(Debug)]
pub struct Source {
    chunks: mpsc::Receiver<io::Result<VecDeque<Bytes>>>,
    ready: VecDeque<Bytes>,
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
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                self.moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                return Poll::Ready(Some(Ok(bytes)));
            }
            match std::task::ready!(self.chunks.poll_recv(cx)) {
                Some(Ok(pieces)) => self.ready = pieces,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Returns the next bytes, `None` at the end.
    pub async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await
    }
}

async fn feed(
    spool: Arc<File>,
    mut extent: Extent,
    sender: mpsc::Sender<io::Result<VecDeque<Bytes>>>,
) {
    let mut offset = 0;
    loop {
        let (upto, pieces) = match &mut extent {
            Extent::Whole(len) => (*len, VecDeque::new()),
            Extent::Growing(growth, recent) => {
                let chunk = CHUNK as u64;
                let enough =
                    |growth: &Growth| growth.complete || growth.written / chunk > offset / chunk;
                let grown = growth.wait_for(enough).await.map(|growth| growth.written).ok();
                match grown {
                    Some(written) => (written, recent.take(offset)),
                    None => {
                        // Nobody says how it ends: it has not.
                        let _ = sender.send(Err(io::ErrorKind::Interrupted.into())).await;
                        return;
                    }
                }
            }
        };
        let taken: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
        if taken > 0 {
            offset += taken;
            if sender.send(Ok(pieces)).await.is_err() {
                return;
            }
            continue;
        }
        if offset >= upto {
            return;
        }
        let len = usize::try_from(upto - offset).unwrap_or(CHUNK).min(CHUNK);
        let file = Arc::clone(&spool);
        let read = tokio::task::spawn_blocking(move || scratch::read(&file, offset, len)).await;
        let read = match read {
            Ok(Ok(bytes)) if bytes.len() == len => Ok(VecDeque::from([Bytes::from(bytes)])),
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
        let (grow, upload) = Upload::growing(Arc::clone(&spool), 0, Arc::default());
        assert_eq!(upload.len(), None);
        let mut source = upload.start();
        spool.write_all_at(&vec![1; CHUNK], 0).unwrap();
        grow.append(&vec![1; CHUNK].into(), CHUNK as u64);
        assert_eq!(source.chunk().await.unwrap().unwrap().len(), CHUNK);
        spool.write_all_at(b"end", CHUNK as u64).unwrap();
        grow.append(&Bytes::from_static(b"end"), CHUNK as u64 + 3);
        grow.complete(CHUNK as u64 + 3);
        assert_eq!(source.chunk().await.unwrap().unwrap(), "end");
        assert!(source.chunk().await.is_none());

        let (grow, upload) = Upload::growing(spool, 0, Arc::default());
        let mut cut = upload.start();
        drop(grow);
        assert!(cut.chunk().await.unwrap().is_err(), "it must not look complete");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_memory_keeps_no_more_comes_from_the_spool() {
        // Sizes that share no boundary with a chunk; more than memory keeps.
        for (piece, waits) in [(100_003, false), (CHUNK * 2 + 1, false), (100_003, true)] {
            let content: Vec<u8> = (0..RECENT * 2 + 5).map(|at| (at / 7) as u8).collect();
            let spool = Arc::new(tempfile::tempfile().unwrap());
            spool.write_all_at(&content[..7], 0).unwrap();
            let (grow, upload) = Upload::growing(Arc::clone(&spool), 7, Arc::default());
            let mut early = (!waits).then(|| upload.start());
            let mut len = 7;
            for part in content[7..].chunks(piece) {
                spool.write_all_at(part, len).unwrap();
                len += part.len() as u64;
                grow.append(&Bytes::copy_from_slice(part), len);
                assert!(grow.recent.0.lock().unwrap().held <= RECENT);
                tokio::task::yield_now().await;
            }
            grow.complete(len);
            let mut source = early.take().unwrap_or_else(|| upload.start());
            assert!(all(&mut source).await.unwrap() == content, "{piece} {waits}");
            // Again, when memory has been emptied.
            assert!(all(&mut upload.start()).await.unwrap() == content);
        }
    }
}
