//! An answer to PROPFIND, read in a thread of its own while it arrives.

use std::io::{self, BufRead, Read};

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

use super::body::Arriving;
use super::error::DavError;
use super::multistatus::{Entry, parse};

/// Longest answer that is read.
const LONGEST: u64 = 1 << 30;

/// How many pieces wait to be read.
const WAITING: usize = 4;

/// Reads the entries, and tells how many resources the answer speaks of.
///
/// The thread ends with the answer, whichever way that ends.
pub(super) async fn read(mut answer: Arriving) -> Result<(Vec<Entry>, usize), DavError> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let reading =
        tokio::task::spawn_blocking(move || parse(Pieces { receiver, current: Bytes::new() }));
    let mut len = 0;
    while let Some(bytes) = answer.next().await? {
        len += bytes.len() as u64;
        if len > LONGEST {
            return Err(DavError::Nonsense("too long a list".into()));
        }
        if sender.send(bytes).await.is_err() {
            // Read to the end, or refused.
            break;
        }
    }
    drop(sender);
    reading.await.unwrap_or_else(|error| Err(DavError::Broken(error.to_string())))
}

struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    current: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.current.is_empty() {
            match self.receiver.blocking_recv() {
                Some(bytes) => self.current = bytes,
                None => break,
            }
        }
        Ok(&self.current)
    }

    fn consume(&mut self, count: usize) {
        self.current.advance(count);
    }
}
