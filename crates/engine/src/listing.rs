//! What a directory held when the server was asked.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::Entry;
use crate::nodes::Moment;

/// Longest name that the kernel takes in a listing.
const LONGEST_NAME: usize = 1024;

/// The entries of a directory at one moment.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) entries: Vec<Entry>,
    /// When the server was asked, in the order of changes.
    pub(crate) asked: Moment,
    told: Instant,
    index: OnceLock<HashMap<Box<[u8]>, usize>>,
}

impl Listing {
    /// Takes in what the server said, without names that no directory can hold and hidden ones.
    pub(crate) fn new(
        mut entries: Vec<Entry>,
        asked: Moment,
        hidden: impl Fn(&[u8]) -> bool,
    ) -> Self {
        let fits = |name: &[u8]| {
            !matches!(name, b"" | b"." | b"..")
                && name.len() <= LONGEST_NAME
                && !name.iter().any(|&byte| byte == b'/' || byte == 0)
        };
        entries.retain(|entry| fits(&entry.name) && !hidden(&entry.name));
        Self { entries, asked, told: Instant::now(), index: OnceLock::new() }
    }

    /// Tells how old the answer is.
    pub(crate) fn age(&self) -> Duration {
        self.told.elapsed()
    }

    /// Returns the entry of a name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&Entry> {
        let index = self.index.get_or_init(|| {
            let names = self.entries.iter().enumerate();
            names.map(|(at, entry)| (entry.name.as_slice().into(), at)).collect()
        });
        self.entries.get(*index.get(name)?)
    }
}
