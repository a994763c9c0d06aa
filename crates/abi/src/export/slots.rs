//! Things that C holds by a number: a number that is wrong or stale finds nothing.
//!
//! Numbers are never 0 (NULL) or all ones (`INVALID_HANDLE_VALUE`), and are not used again soon.

use std::collections::BTreeMap;

/// A table of things by number.
pub(super) struct Slots<T> {
    last: usize,
    entries: BTreeMap<usize, T>,
}

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Self { last: 0, entries: BTreeMap::new() }
    }

    /// Keeps a thing and returns its number.
    pub(super) fn insert(&mut self, thing: T) -> usize {
        loop {
            self.last = self.last.wrapping_add(1);
            let free = self.last != 0 && self.last != usize::MAX;
            if free && !self.entries.contains_key(&self.last) {
                self.entries.insert(self.last, thing);
                return self.last;
            }
        }
    }

    /// Keeps a thing under the number that it had before.
    pub(super) fn put_back(&mut self, number: usize, thing: T) {
        self.entries.insert(number, thing);
    }

    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.entries.get(&number)
    }

    pub(super) fn remove(&mut self, number: usize) -> Option<T> {
        self.entries.remove(&number)
    }

    /// Takes out the oldest thing that `gone` is true of, if there are more than `most` things.
    pub(super) fn take_oldest_above(
        &mut self,
        most: usize,
        gone: impl Fn(&T) -> bool,
    ) -> Option<T> {
        if self.entries.len() <= most {
            return None;
        }
        let number =
            self.entries.iter().find(|(_, thing)| gone(thing)).map(|(&number, _)| number)?;
        self.entries.remove(&number)
    }

    /// Takes out every thing that `gone` is true of.
    pub(super) fn take(&mut self, mut gone: impl FnMut(&T) -> bool) -> Vec<T> {
        let numbers =
            self.entries.iter().filter(|(_, thing)| gone(thing)).map(|(&number, _)| number);
        let numbers: Vec<usize> = numbers.collect();
        numbers.iter().filter_map(|number| self.entries.remove(number)).collect()
    }
}
