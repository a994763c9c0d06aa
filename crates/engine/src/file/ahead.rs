//! Reading ahead: what a program that reads straight on will ask for next.
//!
//! A few streams a file, each with a window that grows while it is followed. Nothing here waits or
//! does I/O: the caller fetches what [`Ahead::read`] names and hands it in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

/// How many readers of one file are told apart.
const STREAMS: usize = 3;

/// How long what was fetched for a reader that does not come is kept.
const KEPT: Duration = Duration::from_secs(10);

/// How much more is asked for at the end of a file, to know that it ends there.
const BEYOND: u64 = 4096;

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes in one read from the server.
    pub(super) block: usize,
    /// Most bytes ahead of a reader.
    pub(super) window: usize,
}

/// What was fetched ahead of the readers of one file.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    streams: Vec<Stream>,
    clock: u64,
    last: u64,
}

#[derive(Debug)]
struct Stream {
    blocks: VecDeque<Block>,
    /// Where its reader goes on.
    next: u64,
    /// Up to where it was fetched.
    fetched: u64,
    window: usize,
    used: u64,
}

#[derive(Debug)]
struct Block {
    number: u64,
    offset: u64,
    len: usize,
    data: Option<(Bytes, Instant)>,
    /// How much of it was handed out.
    taken: usize,
}

/// Something to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fetch {
    number: u64,
    pub(super) offset: u64,
    pub(super) len: usize,
}

/// Where the content is that somebody asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Here.
    Here(Bytes),
    /// Under way.
    Coming,
    /// On the server only.
    Elsewhere,
}

impl Block {
    fn end(&self) -> u64 {
        self.offset + self.len as u64
    }

    fn stale(&self) -> bool {
        self.data.as_ref().is_some_and(|(_, when)| when.elapsed() >= KEPT)
    }
}

impl Ahead {
    /// Looks for a range of a file that ends at `end`, and says what to fetch for what comes next.
    pub(super) fn read(
        &mut self,
        offset: u64,
        len: usize,
        end: u64,
        limits: Limits,
        fetch: &mut Vec<Fetch>,
    ) -> Found {
        self.clock += 1;
        let asked = offset.saturating_add(len as u64);
        let Some(at) = self.stream(offset) else {
            self.begin(offset, asked);
            // Who begins at the start reads on, mostly.
            if offset > 0 || asked >= end {
                return Found::Elsewhere;
            }
            return self.read(offset, len, end, limits, fetch);
        };
        let stream = &mut self.streams[at];
        stream.used = self.clock;
        stream.next = stream.next.max(asked);
        stream.window = (stream.window * 2).clamp(limits.block * 2, limits.window);
        if stream.fetched < offset {
            stream.blocks.clear();
            stream.fetched = offset;
        }
        let target = asked.saturating_add(stream.window as u64).min(end);
        let block = limits.block as u64;
        while stream.fetched < target {
            let whole = block - stream.fetched % block;
            let beyond = stream.fetched >= asked;
            // Ahead of what is asked for, whole blocks only: their reader is not there yet.
            if beyond && stream.fetched + whole > target && target < end {
                break;
            }
            // A little more than there should be: the server says where the file ends.
            let len = whole.min((end - stream.fetched).saturating_add(BEYOND));
            self.last += 1;
            let len = usize::try_from(len).unwrap_or(limits.block);
            let made = Fetch { number: self.last, offset: stream.fetched, len };
            fetch.push(made);
            stream.blocks.push_back(Block {
                number: self.last,
                offset: made.offset,
                len,
                data: None,
                taken: 0,
            });
            stream.fetched += len as u64;
        }
        self.look(offset, len)
    }

    /// Looks for a range again that was coming.
    pub(super) fn look(&mut self, offset: u64, len: usize) -> Found {
        let Some(at) = self.stream(offset) else { return Found::Elsewhere };
        let stream = &mut self.streams[at];
        let end = offset.saturating_add(len as u64);
        let mut parts = Vec::new();
        let mut at = offset;
        for block in &stream.blocks {
            if block.end() <= at || at >= end {
                continue;
            }
            if block.offset > at {
                return Found::Elsewhere;
            }
            let Some((data, _)) = &block.data else { return Found::Coming };
            let from = usize::try_from(at - block.offset).unwrap_or(usize::MAX).min(data.len());
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
            let upto = data.len().min(from.saturating_add(wanted));
            parts.push(data.slice(from..upto));
            at = block.offset + upto as u64;
            if data.len() < block.len {
                // The file ends here.
                at = end;
            }
        }
        if at < end {
            return Found::Elsewhere;
        }
        for block in &mut stream.blocks {
            let (from, upto) = (block.offset.max(offset), block.end().min(end));
            block.taken += usize::try_from(upto.saturating_sub(from)).unwrap_or(0);
        }
        while stream.blocks.front().is_some_and(|block| block.taken >= block.len) {
            stream.blocks.pop_front();
        }
        if parts.len() == 1 {
            return Found::Here(parts.remove(0));
        }
        let mut whole = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
        parts.iter().for_each(|part| whole.extend_from_slice(part));
        Found::Here(whole.freeze())
    }

    /// Takes in what was fetched; `None` if that failed.
    pub(super) fn arrived(&mut self, fetch: Fetch, data: Option<Bytes>) {
        for stream in &mut self.streams {
            let found = stream.blocks.iter().position(|block| block.number == fetch.number);
            let Some(at) = found else { continue };
            match data {
                Some(data) => stream.blocks[at].data = Some((data, Instant::now())),
                None => {
                    // Whoever waits for it asks the server, and is told what is wrong.
                    stream.blocks.truncate(at);
                    stream.fetched = fetch.offset;
                    stream.window = 0;
                }
            }
            return;
        }
    }

    /// Forgets everything: the file has changed.
    pub(super) fn clear(&mut self) {
        self.streams.clear();
    }

    /// Forgets what lies in a range that is written, and where the file ended before.
    pub(super) fn drop_range(&mut self, offset: u64, end: u64) {
        self.streams.retain(|stream| {
            stream.blocks.iter().all(|block| {
                let whole = block.data.as_ref().is_some_and(|(data, _)| data.len() == block.len);
                whole && (block.offset >= end || offset >= block.end())
            })
        });
    }

    /// Returns the stream that an offset belongs to.
    fn stream(&mut self, offset: u64) -> Option<usize> {
        for stream in &mut self.streams {
            if stream.blocks.iter().any(Block::stale) {
                stream.blocks.clear();
                stream.fetched = 0;
            }
        }
        self.streams.iter().position(|stream| {
            let first = stream.blocks.front().map_or(stream.next, |block| block.offset);
            offset == stream.next || (first <= offset && offset < stream.fetched)
        })
    }

    fn begin(&mut self, offset: u64, asked: u64) {
        if self.streams.len() >= STREAMS {
            let oldest = (0..self.streams.len()).min_by_key(|&at| self.streams[at].used);
            oldest.map(|at| self.streams.swap_remove(at));
        }
        let next = if offset == 0 { 0 } else { asked };
        self.streams.push(Stream {
            blocks: VecDeque::new(),
            next,
            fetched: 0,
            window: 0,
            used: self.clock,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { block: 10, window: 40 };

    fn content(offset: u64, len: usize, end: u64) -> Bytes {
        let upto = (offset + len as u64).min(end);
        (offset.min(end)..upto).map(|at| at as u8).collect()
    }

    #[test]
    fn a_reader_from_the_start_finds_what_it_reads() {
        let (mut ahead, mut fetch, end) = (Ahead::default(), Vec::new(), 95);
        let mut at = 0;
        let mut fetched = 0;
        while at < end {
            let mut found = ahead.read(at, 7, end, LIMITS, &mut fetch);
            for fetch in fetch.drain(..) {
                fetched += fetch.len;
                ahead.arrived(fetch, Some(content(fetch.offset, fetch.len, end)));
            }
            if found == Found::Coming {
                found = ahead.look(at, 7);
            }
            assert_eq!(found, Found::Here(content(at, 7, end)), "at {at}");
            at += 7;
        }
        assert_eq!(fetched, 100, "each block once, the last as far as the server has it");
    }

    #[test]
    fn random_reads_fetch_nothing_more() {
        let (mut ahead, mut fetch) = (Ahead::default(), Vec::new());
        for at in [500, 30, 700, 100, 900, 250] {
            assert_eq!(ahead.read(at, 10, 1000, LIMITS, &mut fetch), Found::Elsewhere);
        }
        assert_eq!(fetch, []);
        assert_eq!(ahead.read(260, 10, 1000, LIMITS, &mut fetch), Found::Coming);
        assert_eq!(fetch[0].offset, 260);
        assert!(fetch.len() > 1, "two in a row are a stream");
    }

    #[test]
    fn what_failed_or_changed_is_asked_for_again() {
        let (mut ahead, mut fetch) = (Ahead::default(), Vec::new());
        assert_eq!(ahead.read(0, 10, 1000, LIMITS, &mut fetch), Found::Coming);
        ahead.arrived(fetch[0], None);
        assert_eq!(ahead.look(0, 10), Found::Elsewhere);
        let mut ahead = Ahead::default();
        fetch.clear();
        assert_eq!(ahead.read(0, 10, 1000, LIMITS, &mut fetch), Found::Coming);
        ahead.drop_range(5, 6);
        ahead.arrived(fetch[0], Some(content(0, 10, 1000)));
        assert_eq!(ahead.look(0, 10), Found::Elsewhere, "it was written meanwhile");
    }

    /// A file of 95 bytes was read and becomes longer beyond what was fetched.
    #[test]
    fn an_end_that_moved_is_no_end() {
        let (mut ahead, mut fetch) = (Ahead::default(), Vec::new());
        ahead.read(0, 50, 95, LIMITS, &mut fetch);
        for fetch in fetch.drain(..) {
            ahead.arrived(fetch, Some(content(fetch.offset, fetch.len, 95)));
        }
        ahead.read(50, 20, 95, LIMITS, &mut fetch);
        for fetch in fetch.drain(..) {
            ahead.arrived(fetch, Some(content(fetch.offset, fetch.len, 95)));
        }
        assert_eq!(ahead.look(50, 80), Found::Here(content(50, 45, 95)), "it ends there");
        ahead.read(70, 10, 95, LIMITS, &mut fetch);
        ahead.drop_range(120, 150);
        assert_eq!(ahead.look(50, 80), Found::Elsewhere, "something was written further on");
    }

    #[test]
    fn what_was_not_fetched_is_not_the_end() {
        let (mut ahead, mut fetch) = (Ahead::default(), Vec::new());
        ahead.read(0, 10, 20, LIMITS, &mut fetch);
        for fetch in fetch.drain(..) {
            ahead.arrived(fetch, Some(content(fetch.offset, fetch.len, 1000)));
        }
        assert_eq!(ahead.look(0, 40), Found::Elsewhere);
        assert_eq!(ahead.look(0, 20), Found::Here(content(0, 20, 1000)));
    }

    #[test]
    fn two_readers_do_not_disturb_each_other() {
        let (mut ahead, mut fetch) = (Ahead::default(), Vec::new());
        let mut hits = 0;
        for step in 0..20_u64 {
            for start in [0, 5000] {
                let at = start + step * 10;
                let found = ahead.read(at, 10, 10_000, LIMITS, &mut fetch);
                hits += usize::from(matches!(found, Found::Here(_)));
                for fetch in fetch.drain(..) {
                    ahead.arrived(fetch, Some(content(fetch.offset, fetch.len, 10_000)));
                }
                if found == Found::Coming {
                    assert_eq!(ahead.look(at, 10), Found::Here(content(at, 10, 10_000)));
                }
            }
        }
        assert!(hits > 30, "{hits}");
    }
}
