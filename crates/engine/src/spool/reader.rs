//! Reading a file straight from its server, so that reading on costs no further question.
//!
//! A read somewhere asks for a part. Reading on from there asks for all the rest at once, and takes
//! it as it arrives: the connection itself reads ahead, and reading elsewhere drops the rest. Reads
//! that overtake each other, as a kernel's read-ahead does, find what they skipped in a window.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::store::{Body, ObjectStore, Version};
use crate::{Fault, FaultKind, RemotePath};

/// How long what a server said about the end of a file is believed.
const FRESH: Duration = Duration::from_secs(1);

/// What a first read brings, at the start of a file and elsewhere.
const HEAD: u64 = 1024 * 1024;
const PART: u64 = 256 * 1024;

/// How far a read may be ahead of what has arrived; what lies between is kept.
const AHEAD: u64 = 2 * 1024 * 1024;

/// How much of what was read is kept for reads that come late.
const WINDOW: u64 = 2 * 1024 * 1024;

/// How many places of a file are read on from at once.
const RUNS: usize = 3;

/// The places of a file that are being read on from.
pub(super) struct Reader<B> {
    runs: Vec<Run<B>>,
}

/// A stretch of a file, read so far and going on.
struct Run<B> {
    start: u64,
    end: u64,
    window: VecDeque<Bytes>,
    body: Option<B>,
    /// Where the body ends, if that is known.
    upto: Option<u64>,
    /// Where the file ended, and when that was said.
    total: Option<u64>,
    asked: Instant,
    /// When something was received last.
    used: Instant,
}

/// How often one read asks; twice is normal.
const MOST_QUESTIONS: usize = 8;

/// What came of a read.
pub(super) enum Outcome {
    Bytes(Bytes),
    /// The server sends only whole objects, and another part was wanted.
    WholeOnly,
}

impl<B: Body> Reader<B> {
    pub(super) fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.runs.clear();
    }

    /// Reads up to `len` bytes; fewer only at the end of the file.
    ///
    /// `version` is the state of the file that is read, and changes where the server has another.
    pub(super) async fn read<O: ObjectStore<Body = B>>(
        &mut self,
        store: &O,
        path: &RemotePath,
        version: &mut Version,
        moved: &AtomicU64,
        offset: u64,
        len: u64,
    ) -> Result<Outcome, Fault> {
        let wanted = offset.saturating_add(len);
        let mut breaks = 0;
        for _ in 0..MOST_QUESTIONS {
            let known = self.runs.iter().position(|run| run.reaches(offset));
            let at = match known {
                Some(at) => at,
                None => match self.begin(store, path, version, offset, len).await? {
                    Some(at) => at,
                    None => return Ok(Outcome::WholeOnly),
                },
            };
            // The latest in use is the last; the first goes when there are too many.
            let run = self.runs.remove(at);
            self.runs.push(run);
            let Some(run) = self.runs.last_mut() else { continue };
            match run.advance(wanted, offset, moved).await {
                Ok(()) => {}
                Err(fault) if fault.kind == FaultKind::Lost && breaks < 1 => breaks += 1,
                Err(fault) => {
                    self.runs.pop();
                    return Err(fault);
                }
            }
            if run.end >= wanted || run.is_at_end() {
                return Ok(Outcome::Bytes(run.take(offset, wanted)));
            }
            self.go_on(store, path, version).await?;
        }
        Err(Fault::new(FaultKind::Nonsense, "the server sends other parts than asked for"))
    }

    /// Asks for a part and begins a run with it; `None` if the server sends only whole objects.
    async fn begin<O: ObjectStore<Body = B>>(
        &mut self,
        store: &O,
        path: &RemotePath,
        version: &mut Version,
        offset: u64,
        len: u64,
    ) -> Result<Option<usize>, Fault> {
        let least = if offset == 0 { HEAD } else { PART };
        let end = offset.saturating_add(len.max(least));
        let reading = store.read(path, offset, Some(end)).await?;
        let mut run = Run::at(offset);
        if let Some(reading) = reading {
            if reading.start != offset {
                return Ok(None);
            }
            self.meet(version, reading.version);
            run.continue_with(reading.body, reading.end, reading.total);
        }
        if self.runs.len() == RUNS {
            self.runs.remove(0);
        }
        self.runs.push(run);
        Ok(Some(self.runs.len() - 1))
    }

    /// Asks for all the rest after the run that was used last.
    async fn go_on<O: ObjectStore<Body = B>>(
        &mut self,
        store: &O,
        path: &RemotePath,
        version: &mut Version,
    ) -> Result<(), Fault> {
        let Some(from) = self.runs.last().map(|run| run.end) else { return Ok(()) };
        let reading = store.read(path, from, None).await?;
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        match reading {
            None => run.ended(),
            Some(reading) if reading.start == from && version.same(&reading.version) => {
                run.continue_with(reading.body, reading.end, reading.total);
            }
            // Another state of the file: what was read before does not belong to it.
            Some(reading) => self.meet(version, reading.version),
        }
        Ok(())
    }

    /// Takes in which state of the file the server has.
    fn meet(&mut self, version: &mut Version, found: Version) {
        if !version.same(&found) {
            self.runs.clear();
        }
        if *version != found {
            *version = found;
        }
    }
}

impl<B: Body> Run<B> {
    fn at(offset: u64) -> Self {
        Self {
            start: offset,
            end: offset,
            window: VecDeque::new(),
            body: None,
            upto: None,
            total: Some(offset),
            asked: Instant::now(),
            used: Instant::now(),
        }
    }

    fn continue_with(&mut self, body: B, upto: Option<u64>, total: Option<u64>) {
        (self.body, self.upto, self.total) = (Some(body), upto, total);
        (self.asked, self.used) = (Instant::now(), Instant::now());
    }

    /// The server said that nothing comes after this.
    fn ended(&mut self) {
        (self.body, self.total, self.asked) = (None, Some(self.end), Instant::now());
    }

    /// Tells whether a read at an offset is a part of this, or goes on from it.
    fn reaches(&self, offset: u64) -> bool {
        let ahead = if self.body.is_some() { AHEAD } else { 0 };
        let on = offset >= self.end && offset <= self.end + ahead;
        // What was read some time ago may be another by now, as may be the end.
        on || (self.start..self.end).contains(&offset) && self.used.elapsed() < FRESH
    }

    fn is_at_end(&self) -> bool {
        let last = self.total.is_none_or(|total| self.end >= total);
        self.body.is_none() && last && self.asked.elapsed() < FRESH
    }

    /// Receives until so much is there, or the body ends.
    async fn advance(&mut self, upto: u64, needed: u64, moved: &AtomicU64) -> Result<(), Fault> {
        while self.end < upto {
            let Some(body) = &mut self.body else { return Ok(()) };
            match body.chunk().await {
                Ok(Some(bytes)) => {
                    moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    self.end += bytes.len() as u64;
                    self.window.push_back(bytes);
                    self.used = Instant::now();
                    self.trim(needed);
                }
                Ok(None) => {
                    self.body = None;
                    if self.upto.is_some_and(|upto| self.end < upto) {
                        return Err(Fault::new(FaultKind::Lost, "a part of the answer is missing"));
                    }
                    if self.total.is_none() {
                        self.total = self.upto.is_none().then_some(self.end);
                    }
                }
                Err(fault) => {
                    self.body = None;
                    // Whatever the end is, this was not it.
                    self.total.get_or_insert(u64::MAX);
                    return Err(fault);
                }
            }
        }
        // Known to be complete without another look: the connection is free for others.
        if self.upto == Some(self.end) {
            self.body = None;
        }
        Ok(())
    }

    /// Drops what nobody will come back for.
    fn trim(&mut self, needed: u64) {
        while let Some(first) = self.window.front() {
            let after = self.start + first.len() as u64;
            if self.end - self.start <= WINDOW || after > needed {
                break;
            }
            self.start = after;
            self.window.pop_front();
        }
    }

    /// Returns the bytes of a range, as far as they are there.
    fn take(&self, from: u64, upto: u64) -> Bytes {
        let (from, upto) = (from.min(self.end), upto.min(self.end));
        let mut parts = Vec::new();
        let mut start = self.start;
        for chunk in &self.window {
            let end = start + chunk.len() as u64;
            let (low, high) = (from.max(start), upto.min(end));
            if low < high {
                let place = |at: u64| usize::try_from(at - start).unwrap_or(chunk.len());
                parts.push(chunk.slice(place(low)..place(high)));
            }
            start = end;
        }
        if let [only] = parts.as_slice() {
            return only.clone();
        }
        let mut bytes = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
        for part in parts {
            bytes.extend_from_slice(&part);
        }
        bytes.freeze()
    }
}
