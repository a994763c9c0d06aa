//! Writing behind: what programs wrote and the server does not have yet, in order.
//!
//! Neighbouring writes become one; several are under way at once, but never two that overlap, and
//! none that overlaps an earlier one that waits. Nothing here waits or does I/O.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most bytes in one write to the server.
    pub(super) chunk: usize,
    /// Most writes under way.
    pub(super) in_flight: usize,
    /// Most bytes that are kept here.
    pub(super) buffered: usize,
}

/// What the server does not have yet of one file.
#[derive(Debug, Default)]
pub(super) struct Behind {
    waiting: VecDeque<Chunk>,
    flying: Vec<Flight>,
    buffered: usize,
    last: u64,
    /// How many wait until everything is stored.
    pub(super) urgent: usize,
}

#[derive(Debug)]
struct Chunk {
    offset: u64,
    data: BytesMut,
}

/// A write that is under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    number: u64,
    pub(super) offset: u64,
    pub(super) data: Bytes,
}

impl Chunk {
    fn end(&self) -> u64 {
        self.offset + self.data.len() as u64
    }
}

impl Flight {
    fn overlaps(&self, offset: u64, end: u64) -> bool {
        self.offset < end && offset < self.offset + self.data.len() as u64
    }
}

impl Behind {
    /// Tells whether there is room for so much more.
    pub(super) fn has_room(&self, len: usize, limits: Limits) -> bool {
        self.buffered == 0 || self.buffered + len <= limits.buffered
    }

    /// Tells whether the server has everything.
    pub(super) fn is_empty(&self) -> bool {
        self.buffered == 0
    }

    /// Tells whether any of a range is not on the server.
    pub(super) fn overlaps(&self, offset: u64, end: u64) -> bool {
        let waits = self.waiting.iter().any(|chunk| chunk.offset < end && offset < chunk.end());
        waits || self.flying.iter().any(|flight| flight.overlaps(offset, end))
    }

    /// Takes in what a program wrote.
    pub(super) fn push(&mut self, offset: u64, mut data: &[u8], limits: Limits) {
        self.buffered += data.len();
        let mut at = offset;
        let mut goes_on = self
            .flying
            .last()
            .is_some_and(|flight| flight.offset + flight.data.len() as u64 == offset);
        if let Some(last) = self.waiting.back_mut()
            && last.end() == at
        {
            goes_on = true;
            let part = data.len().min(limits.chunk.saturating_sub(last.data.len()));
            last.data.extend_from_slice(&data[..part]);
            data = &data[part..];
            at += part as u64;
        }
        while !data.is_empty() {
            let part = data.len().min(limits.chunk);
            // Who writes straight on goes on doing so.
            let mut chunk = BytesMut::with_capacity(if goes_on { limits.chunk } else { part });
            chunk.extend_from_slice(&data[..part]);
            self.waiting.push_back(Chunk { offset: at, data: chunk });
            data = &data[part..];
            at += part as u64;
        }
    }

    /// Returns the next write that can be sent now.
    pub(super) fn next(&mut self, limits: Limits) -> Option<Flight> {
        if self.flying.len() >= limits.in_flight {
            return None;
        }
        let first = self.waiting.front()?;
        let may_grow = self.waiting.len() == 1 && first.data.len() < limits.chunk;
        if may_grow && self.urgent == 0 && !self.flying.is_empty() {
            return None;
        }
        if self.flying.iter().any(|flight| flight.overlaps(first.offset, first.end())) {
            return None;
        }
        let chunk = self.waiting.pop_front()?;
        self.last += 1;
        let flight = Flight { number: self.last, offset: chunk.offset, data: chunk.data.freeze() };
        self.flying.push(flight.clone());
        Some(flight)
    }

    /// Takes note that a write has ended.
    pub(super) fn landed(&mut self, flight: &Flight) {
        if let Some(at) = self.flying.iter().position(|other| other.number == flight.number) {
            self.flying.swap_remove(at);
            self.buffered -= flight.data.len();
        }
    }

    /// Gives up what waits: an earlier write failed, and its writer is told.
    pub(super) fn give_up(&mut self) {
        let lost: usize = self.waiting.drain(..).map(|chunk| chunk.data.len()).sum();
        self.buffered -= lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { chunk: 8, in_flight: 3, buffered: 32 };

    #[test]
    fn neighbours_become_one_while_one_is_under_way() {
        let mut behind = Behind::default();
        behind.push(0, b"ab", LIMITS);
        let first = behind.next(LIMITS).unwrap();
        assert_eq!((first.offset, &first.data[..]), (0, &b"ab"[..]));
        for (at, byte) in (2..10).zip(b"cdefghij".chunks(1)) {
            behind.push(at, byte, LIMITS);
        }
        let second = behind.next(LIMITS).unwrap();
        assert_eq!((second.offset, &second.data[..]), (2, &b"cdefghij"[..]));
        behind.push(10, b"k", LIMITS);
        assert!(behind.next(LIMITS).is_none(), "more may come");
        behind.urgent = 1;
        assert_eq!(behind.next(LIMITS).unwrap().offset, 10);
        assert!(behind.next(LIMITS).is_none());
        behind.landed(&first);
        behind.landed(&second);
        assert!(!behind.is_empty());
    }

    #[test]
    fn what_overlaps_keeps_its_order() {
        let mut behind = Behind::default();
        behind.push(0, b"aaaa", LIMITS);
        let first = behind.next(LIMITS).unwrap();
        behind.push(2, b"bbbb", LIMITS);
        behind.push(20, b"cccccccc", LIMITS);
        behind.urgent = 1;
        assert!(behind.next(LIMITS).is_none(), "it overlaps, and nothing overtakes it");
        assert!(behind.overlaps(5, 6) && behind.overlaps(0, 1) && !behind.overlaps(6, 20));
        behind.landed(&first);
        assert_eq!(behind.next(LIMITS).unwrap().offset, 2);
        assert_eq!(behind.next(LIMITS).unwrap().offset, 20);
    }

    #[test]
    fn what_is_kept_is_bounded_and_counted() {
        let mut behind = Behind::default();
        assert!(behind.has_room(1000, LIMITS), "one write always goes");
        behind.push(0, &[1; 30], LIMITS);
        assert!(behind.has_room(2, LIMITS) && !behind.has_room(3, LIMITS));
        let flight = behind.next(LIMITS).unwrap();
        behind.give_up();
        assert!(!behind.is_empty());
        behind.landed(&flight);
        behind.landed(&flight);
        assert!(behind.is_empty());
    }

    /// Whatever the order of landing, the server ends up with what was written last.
    #[test]
    fn any_landing_order_gives_the_same_content() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let (mut model, mut server) = (vec![0_u8; 64], vec![0_u8; 64]);
            let mut behind = Behind { urgent: random(2) as usize, ..Behind::default() };
            let mut flying: Vec<Flight> = Vec::new();
            let mut steps = 40;
            while steps > 0 || !behind.is_empty() {
                if steps > 0 && random(2) == 0 {
                    let (at, len) = (random(48), 1 + random(12) as usize);
                    let data = vec![1 + random(250) as u8; len];
                    model[at as usize..][..len].copy_from_slice(&data);
                    behind.push(at, &data, LIMITS);
                    steps -= 1;
                }
                flying.extend(behind.next(LIMITS));
                if !flying.is_empty() && random(2) == 0 {
                    let flight = flying.swap_remove(random(flying.len() as u64) as usize);
                    server[flight.offset as usize..][..flight.data.len()]
                        .copy_from_slice(&flight.data);
                    behind.landed(&flight);
                }
            }
            assert_eq!(model, server);
        }
    }
}
