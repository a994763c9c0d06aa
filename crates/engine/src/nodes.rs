//! The inode table: numbers for the kernel, names and paths for the server.
//!
//! A node lives while the kernel knows its number, while it is open, and while something below it
//! lives. Answers of the server come with the moment their question was asked; one that was asked
//! before something changed here is not believed: it would undo the change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::listing::Listing;
use crate::{Attributes, Kind, RemotePath};

/// The number of the root directory.
pub(crate) const ROOT: u64 = 1;

/// How long what the server said is believed.
pub(crate) const FRESH: Duration = Duration::from_secs(1);

/// The coarsest clock that servers tell times by.
const TICK: Duration = Duration::from_secs(2);

/// How long the kernel may keep content of which size and time say that it is the same: others can
/// change it and keep both.
const KEPT: Duration = Duration::from_secs(20);

/// A moment in the order of questions and changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

/// An open file, as far as the table needs to know it.
pub(crate) trait Local {
    /// Returns size and time of the last change where they are known better here than on the server.
    fn local(&self) -> Option<(u64, SystemTime)>;

    /// Takes in what the server says about the file now.
    fn saw(&self, _attributes: &Attributes) {}
}

struct Node<F> {
    parent: u64,
    name: Box<[u8]>,
    attributes: Attributes,
    /// When the server said so; `None` if that is in doubt.
    learned: Option<Instant>,
    /// When it was changed here; of a directory: when a name in it was.
    changed: Moment,
    lookups: u64,
    /// Its name is gone; only who has it open knows it still.
    gone: bool,
    file: Option<Arc<F>>,
    /// The content that the kernel's page cache holds, and since when at the most.
    cached: Option<((u64, SystemTime), Instant)>,
    listing: Option<Arc<Listing>>,
    children: HashMap<Box<[u8]>, u64>,
}

/// All nodes of a mount.
pub(crate) struct Nodes<F> {
    nodes: HashMap<u64, Node<F>>,
    next: u64,
    moment: u64,
    /// The last rename of anything.
    moved: Moment,
    ignores_case: bool,
}

impl<F: Local> Nodes<F> {
    pub(crate) fn new(ignores_case: bool) -> Self {
        let mut table = Self {
            nodes: HashMap::new(),
            next: ROOT + 1,
            moment: 0,
            moved: Moment(0),
            ignores_case,
        };
        let attributes = Attributes {
            kind: Kind::Directory,
            size: 0,
            modified: SystemTime::now(),
            accessed: None,
            mode: None,
            read_only: false,
            id: None,
        };
        let mut root = Node::new(ROOT, &[], attributes);
        (root.lookups, root.learned) = (1, None);
        table.nodes.insert(ROOT, root);
        table
    }

    /// Returns what a name is filed under: names that differ in case only may be one.
    fn key(&self, name: &[u8]) -> Box<[u8]> {
        match std::str::from_utf8(name) {
            Ok(text) if self.ignores_case => text.to_lowercase().into_bytes().into(),
            _ => name.into(),
        }
    }

    /// Returns this moment, to be kept with a question.
    pub(crate) fn moment(&self) -> Moment {
        Moment(self.moment)
    }

    fn tick(&mut self) -> Moment {
        self.moment += 1;
        Moment(self.moment)
    }

    /// Tells whether anything was renamed since.
    pub(crate) fn moved_since(&self, moment: Moment) -> bool {
        self.moved > moment
    }

    /// Returns the path of a node; `None` if its name is gone.
    pub(crate) fn path(&self, number: u64) -> Option<RemotePath> {
        let mut parts = Vec::new();
        let mut at = number;
        while at != ROOT {
            let node = self.nodes.get(&at).filter(|node| !node.gone)?;
            parts.push(&node.name);
            at = node.parent;
        }
        Some(parts.into_iter().rev().fold(RemotePath::root(), |path, part| path.join(part)))
    }

    /// Returns the path of a name in a directory.
    pub(crate) fn child_path(&self, parent: u64, name: &[u8]) -> Option<RemotePath> {
        Some(self.path(parent)?.join(name))
    }

    /// Tells whether a node is the other or below it.
    pub(crate) fn is_within(&self, number: u64, ancestor: u64) -> bool {
        let mut at = number;
        loop {
            if at == ancestor {
                return true;
            }
            match self.nodes.get(&at) {
                Some(node) if at != ROOT => at = node.parent,
                _ => return false,
            }
        }
    }

    /// Returns the number of a name, if it has one.
    pub(crate) fn find(&self, parent: u64, name: &[u8]) -> Option<u64> {
        let children = &self.nodes.get(&parent)?.children;
        if self.ignores_case {
            return children.get(&self.key(name)).copied();
        }
        children.get(name).copied()
    }

    /// Takes in what the server said about a name, and returns its number; `None` if names in that
    /// directory have changed since it was asked.
    pub(crate) fn learn(
        &mut self,
        parent: u64,
        name: &[u8],
        attributes: Attributes,
        asked: Moment,
    ) -> Option<u64> {
        if self.nodes.get(&parent)?.changed > asked {
            return None;
        }
        if let Some(number) = self.find(parent, name) {
            let node = self.nodes.get(&number)?;
            if same_file(&node.attributes, &attributes) {
                self.refresh(number, attributes, asked);
                return Some(number);
            }
            self.lose(number);
        }
        let number = self.next;
        self.next += 1;
        let key = self.key(name);
        self.nodes.insert(number, Node::new(parent, name, attributes));
        self.nodes.get_mut(&parent)?.children.insert(key, number);
        Some(number)
    }

    /// Takes in what the server said about a node, unless it changed since the server was asked;
    /// tells whether it did.
    pub(crate) fn refresh(&mut self, number: u64, attributes: Attributes, asked: Moment) -> bool {
        let Some(node) = self.nodes.get_mut(&number) else { return false };
        // `changed` of a directory is about names in it.
        let directory = attributes.kind == Kind::Directory;
        let believed =
            node.attributes.kind == attributes.kind && (directory || node.changed <= asked);
        if believed {
            node.attributes = attributes;
            node.learned = Some(Instant::now());
            if let Some(file) = &node.file {
                file.saw(&attributes);
            }
        }
        believed
    }

    /// Says that a node, or a name in it, was changed here: earlier answers count no more.
    pub(crate) fn change(&mut self, number: u64) {
        let moment = self.tick();
        let Some(node) = self.nodes.get_mut(&number) else { return };
        (node.changed, node.learned, node.listing) = (moment, None, None);
        // What it is stands in its directory's listing too.
        let parent = node.parent;
        if let Some(parent) = self.nodes.get_mut(&parent) {
            parent.listing = None;
        }
    }

    /// Changes what is known of a node to what an operation made of it.
    pub(crate) fn amend(&mut self, number: u64, amend: impl FnOnce(&mut Attributes)) {
        self.change(number);
        if let Some(node) = self.nodes.get_mut(&number) {
            amend(&mut node.attributes);
        }
    }

    /// Returns what is known of a node, and for how long it may be believed.
    pub(crate) fn known(&self, number: u64) -> Option<(Attributes, Duration)> {
        let node = self.nodes.get(&number)?;
        let mut attributes = node.attributes;
        if let Some((size, modified)) = node.file.as_ref().and_then(|file| file.local()) {
            (attributes.size, attributes.modified) = (size, modified);
            return Some((attributes, FRESH));
        }
        let age = node.learned.map_or(FRESH, |learned| learned.elapsed());
        Some((attributes, FRESH.saturating_sub(age)))
    }

    /// Returns what is known of a node, if it can be believed without asking.
    pub(crate) fn believed(&self, number: u64) -> Option<(Attributes, Duration)> {
        self.known(number).filter(|(_, validity)| !validity.is_zero())
    }

    /// Keeps a listing of a directory, unless names in it have changed since it was asked for.
    pub(crate) fn keep_listing(&mut self, number: u64, listing: &Arc<Listing>) {
        if let Some(node) = self.nodes.get_mut(&number)
            && node.changed <= listing.asked
        {
            node.listing = Some(Arc::clone(listing));
        }
    }

    /// Returns a listing that can be believed.
    pub(crate) fn listing(&mut self, number: u64) -> Option<Arc<Listing>> {
        let node = self.nodes.get_mut(&number)?;
        node.listing.take_if(|listing| listing.age() >= FRESH);
        node.listing.clone()
    }

    /// Lets go of listings that nobody may believe any more.
    pub(crate) fn drop_stale_listings(&mut self) {
        for node in self.nodes.values_mut() {
            node.listing.take_if(|listing| listing.age() >= FRESH);
        }
    }

    /// Tells whether names in a directory have changed since.
    pub(crate) fn changed_since(&self, number: u64, moment: Moment) -> bool {
        self.nodes.get(&number).is_none_or(|node| node.changed > moment)
    }

    /// Counts one more reference of the kernel.
    pub(crate) fn count(&mut self, number: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.lookups += 1;
        }
    }

    /// Counts references of the kernel down.
    pub(crate) fn forget(&mut self, number: u64, count: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.lookups = node.lookups.saturating_sub(count);
        }
        self.sweep(number);
    }

    /// Removes a node that nobody needs, and those above it that only it needed.
    pub(crate) fn sweep(&mut self, number: u64) {
        let mut at = number;
        while let Some(node) = self.nodes.get(&at) {
            let needed = node.lookups > 0 || node.file.is_some() || !node.children.is_empty();
            if at == ROOT || needed {
                return;
            }
            let Some(node) = self.nodes.remove(&at) else { return };
            if !node.gone {
                self.unfile(node.parent, &node.name, at);
            }
            at = node.parent;
        }
    }

    fn unfile(&mut self, parent: u64, name: &[u8], number: u64) {
        let key = self.key(name);
        if let Some(parent) = self.nodes.get_mut(&parent)
            && parent.children.get(&key) == Some(&number)
        {
            parent.children.remove(&key);
        }
    }

    /// Takes a name away that was removed here; who has it open goes on without it.
    pub(crate) fn remove_name(&mut self, parent: u64, name: &[u8]) {
        self.change(parent);
        if let Some(number) = self.find(parent, name) {
            self.lose(number);
        }
    }

    /// Takes away the name of a node that the server does not know by it any more.
    pub(crate) fn lose(&mut self, number: u64) {
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone) else { return };
        node.gone = true;
        let (parent, name) = (node.parent, node.name.clone());
        self.unfile(parent, &name, number);
        self.sweep(number);
        self.sweep(parent);
    }

    /// Moves a name, over what is there.
    pub(crate) fn rename(&mut self, from: (u64, &[u8]), to: (u64, &[u8])) {
        self.change(from.0);
        self.change(to.0);
        self.moved = Moment(self.moment);
        let moving = self.find(from.0, from.1);
        if let Some(replaced) = self.find(to.0, to.1)
            && Some(replaced) != moving
        {
            self.lose(replaced);
        }
        let Some(number) = moving else { return };
        self.unfile(from.0, from.1, number);
        let key = self.key(to.1);
        if let Some(node) = self.nodes.get_mut(&number) {
            (node.parent, node.name) = (to.0, to.1.into());
        }
        if let Some(parent) = self.nodes.get_mut(&to.0) {
            parent.children.insert(key, number);
        }
        self.sweep(from.0);
    }

    /// Returns the open file of a node.
    pub(crate) fn file(&self, number: u64) -> Option<Arc<F>> {
        self.nodes.get(&number)?.file.clone()
    }

    /// Returns the open file of a node, made if there is none.
    pub(crate) fn file_or(&mut self, number: u64, make: impl FnOnce() -> F) -> Option<Arc<F>> {
        let node = self.nodes.get_mut(&number)?;
        Some(Arc::clone(node.file.get_or_insert_with(|| Arc::new(make()))))
    }

    /// Takes the open file of a node away.
    pub(crate) fn take_file(&mut self, number: u64) -> Option<Arc<F>> {
        let file = self.nodes.get_mut(&number)?.file.take();
        self.sweep(number);
        file
    }

    /// Returns all open files with their numbers.
    pub(crate) fn files(&self) -> Vec<(u64, Arc<F>)> {
        let open = |(&number, node): (&u64, &Node<F>)| Some((number, node.file.clone()?));
        self.nodes.iter().filter_map(open).collect()
    }

    /// Tells whether the kernel's page cache holds this content already, from not long before
    /// `now`, and notes that it will.
    pub(crate) fn caches(&mut self, number: u64, content: (u64, SystemTime), now: Instant) -> bool {
        let Some(node) = self.nodes.get_mut(&number) else { return false };
        let since = node.cached.filter(|(cached, since)| *cached == content && now < *since + KEPT);
        // One more change within a tick of the server's clock would show in nothing.
        let settled = content.1.elapsed().is_ok_and(|age| age > TICK);
        // What is kept gets no younger: only fetching shows what the server has.
        node.cached = settled.then_some((content, since.map_or(now, |(_, since)| since)));
        since.is_some()
    }

    /// Returns the parent of a node.
    pub(crate) fn parent(&self, number: u64) -> u64 {
        self.nodes.get(&number).map_or(ROOT, |node| node.parent)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl<F> Node<F> {
    fn new(parent: u64, name: &[u8], attributes: Attributes) -> Self {
        Self {
            parent,
            name: name.into(),
            attributes,
            learned: Some(Instant::now()),
            changed: Moment(0),
            lookups: 0,
            gone: false,
            file: None,
            cached: None,
            listing: None,
            children: HashMap::new(),
        }
    }
}

/// Tells whether both can be states of one file; another one may have taken its name.
fn same_file(known: &Attributes, told: &Attributes) -> bool {
    let ids_differ = matches!((known.id, told.id), (Some(a), Some(b)) if a != b);
    known.kind == told.kind && !ids_differ
}

#[cfg(test)]
#[path = "nodes_tests.rs"]
mod tests;
