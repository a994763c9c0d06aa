//! The inode table: numbers for the kernel, names and paths for the server.
//!
//! A node lives while the kernel knows its number, or while it holds data that the server does not
//! have yet.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::file::OpenFile;
use crate::dav::Entry;
use crate::remote::encode_into;

/// The number of the root directory.
pub(super) const ROOT: u64 = 1;

/// How long what the server said about a file is believed.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) directory: bool,
    pub(super) size: u64,
    pub(super) modified: SystemTime,
}

impl Attributes {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            directory: entry.collection,
            size: if entry.collection { 0 } else { entry.size },
            modified: entry.modified.unwrap_or(SystemTime::UNIX_EPOCH),
        }
    }
}

struct Node {
    parent: u64,
    name: Vec<u8>,
    attributes: Attributes,
    learned: Option<Instant>,
    lookups: u64,
    /// Its name was removed; only open files know it still.
    gone: bool,
    /// The server took the name, nobody here: what is unsaved was not given up.
    lost: bool,
    file: Option<Arc<OpenFile>>,
}

/// All nodes that the kernel knows.
pub(super) struct Nodes {
    nodes: HashMap<u64, Node>,
    names: HashMap<(u64, Vec<u8>), u64>,
    next: u64,
    /// The path of the mounted collection.
    base: String,
}

impl Nodes {
    pub(super) fn new(base: String) -> Self {
        let attributes = Attributes { directory: true, size: 0, modified: SystemTime::UNIX_EPOCH };
        let root = Node {
            parent: ROOT,
            name: Vec::new(),
            attributes,
            learned: None,
            lookups: 1,
            gone: false,
            lost: false,
            file: None,
        };
        Self { nodes: HashMap::from([(ROOT, root)]), names: HashMap::new(), next: ROOT + 1, base }
    }

    /// Returns the path of a node on the server; `None` if its name is gone.
    pub(super) fn path(&self, number: u64) -> Option<String> {
        let mut parts = Vec::new();
        let mut at = number;
        while at != ROOT {
            let node = self.nodes.get(&at).filter(|node| !node.gone)?;
            parts.push(node.name.as_slice());
            at = node.parent;
        }
        let mut path = self.base.clone();
        for part in parts.into_iter().rev() {
            path.push('/');
            encode_into(&mut path, part);
        }
        Some(path)
    }

    /// Returns the path of a name in a directory.
    pub(super) fn path_of(&self, parent: u64, name: &[u8]) -> Option<String> {
        let mut path = self.path(parent)?;
        path.push('/');
        encode_into(&mut path, name);
        Some(path)
    }

    /// Returns the number of a name, if it has one.
    pub(super) fn find(&self, parent: u64, name: &[u8]) -> Option<u64> {
        self.names.get(&(parent, name.to_vec())).copied()
    }

    /// Takes in what the server said about a name, and returns its number.
    pub(super) fn learn(&mut self, parent: u64, name: &[u8], attributes: Attributes) -> u64 {
        if let Some(number) = self.find(parent, name) {
            match self.nodes.get_mut(&number) {
                Some(node) if node.attributes.directory == attributes.directory => {
                    node.attributes = attributes;
                    node.learned = Some(Instant::now());
                    return number;
                }
                // A file where a directory was, or the reverse: another thing by the same name.
                _ => self.lose_name(parent, name),
            }
        }
        let number = self.next;
        self.next += 1;
        let node = Node {
            parent,
            name: name.to_vec(),
            attributes,
            learned: Some(Instant::now()),
            lookups: 0,
            gone: false,
            lost: false,
            file: None,
        };
        self.nodes.insert(number, node);
        self.names.insert((parent, name.to_vec()), number);
        number
    }

    /// Takes in what the server said about a node.
    pub(super) fn learn_again(&mut self, number: u64, attributes: Attributes) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.attributes = attributes;
            node.learned = Some(Instant::now());
        }
    }

    /// Forgets how fresh the knowledge of a node is.
    pub(super) fn doubt(&mut self, number: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.learned = None;
        }
    }

    /// Returns what is known of a node: the spool knows better than the server.
    pub(super) fn attributes(&self, number: u64) -> Option<Attributes> {
        let node = self.nodes.get(&number)?;
        let local = node.file.as_ref().and_then(|file| file.local_attributes());
        let (size, modified) = local.unwrap_or((node.attributes.size, node.attributes.modified));
        Some(Attributes { size, modified, ..node.attributes })
    }

    /// Returns what is known of a node if that can be believed without asking.
    pub(super) fn believed(&self, number: u64) -> Option<Attributes> {
        let node = self.nodes.get(&number)?;
        let local = node.file.as_ref().is_some_and(|file| file.local_attributes().is_some());
        let fresh = node.learned.is_some_and(|learned| learned.elapsed() < FRESH);
        let known = local || fresh || node.gone;
        if known { self.attributes(number) } else { None }
    }

    /// Counts one more reference of the kernel.
    pub(super) fn count(&mut self, number: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.lookups += 1;
        }
    }

    /// Counts references of the kernel down.
    pub(super) fn forget(&mut self, number: u64, count: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.lookups = node.lookups.saturating_sub(count);
        }
        self.sweep(number);
    }

    /// Removes a node that nobody needs any more.
    fn sweep(&mut self, number: u64) {
        let unneeded = |node: &Node| node.lookups == 0 && node.file.is_none() && number != ROOT;
        if self.nodes.get(&number).is_some_and(unneeded)
            && let Some(node) = self.nodes.remove(&number)
            && !node.gone
        {
            self.names.remove(&(node.parent, node.name));
        }
    }

    /// Takes a name away; open files go on without it.
    pub(super) fn remove_name(&mut self, parent: u64, name: &[u8]) {
        if let Some(number) = self.names.remove(&(parent, name.to_vec())) {
            if let Some(node) = self.nodes.get_mut(&number) {
                node.gone = true;
                // What nobody has open goes with its name, stored or not.
                node.file.take_if(|file| file.handles() == 0);
            }
            self.sweep(number);
        }
    }

    /// Takes away a name that the server has no longer; what is unsaved is kept.
    pub(super) fn lose_name(&mut self, parent: u64, name: &[u8]) {
        if let Some(number) = self.names.remove(&(parent, name.to_vec())) {
            if let Some(node) = self.nodes.get_mut(&number) {
                (node.gone, node.lost) = (true, true);
            }
            self.sweep(number);
        }
    }

    /// Tells whether the name of a node was removed here, so that nothing needs to be stored.
    pub(super) fn removed(&self, number: u64) -> bool {
        self.nodes.get(&number).is_some_and(|node| node.gone && !node.lost)
    }

    /// Moves a name, over what is there.
    pub(super) fn rename(&mut self, from: (u64, &[u8]), to: (u64, &[u8])) {
        if from == to {
            return;
        }
        self.remove_name(to.0, to.1);
        if let Some(number) = self.names.remove(&(from.0, from.1.to_vec())) {
            if let Some(node) = self.nodes.get_mut(&number) {
                node.parent = to.0;
                node.name = to.1.to_vec();
            }
            self.names.insert((to.0, to.1.to_vec()), number);
        }
    }

    /// Returns the open file of a node.
    pub(super) fn file(&self, number: u64) -> Option<Arc<OpenFile>> {
        self.nodes.get(&number)?.file.clone()
    }

    /// Returns the open file of a node, made if there is none, with one more handle.
    pub(super) fn open(&mut self, number: u64) -> Option<Arc<OpenFile>> {
        let node = self.nodes.get_mut(&number)?;
        let size = node.attributes.size;
        let file = node.file.get_or_insert_with(|| Arc::new(OpenFile::new(size)));
        file.add_handle();
        Some(Arc::clone(file))
    }

    /// Takes one handle off an open file, and lets go of a file that nobody needs.
    pub(super) fn close(&mut self, number: u64) {
        if let Some(node) = self.nodes.get_mut(&number)
            && let Some(file) = &node.file
        {
            let last = file.remove_handle() == 0;
            if last && (node.gone && !node.lost || !file.unsaved()) {
                node.file = None;
                node.learned = None;
            }
        }
        self.sweep(number);
    }

    /// Lets go of an open file without handles, whatever it holds.
    pub(super) fn abandon(&mut self, number: u64) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.file.take_if(|file| file.handles() == 0);
            node.learned = None;
        }
        self.sweep(number);
    }

    /// Returns the numbers of files that hold data which the server does not have.
    pub(super) fn unsaved(&self) -> Vec<u64> {
        let unsaved = |node: &Node| node.file.as_ref().is_some_and(|file| file.unsaved());
        let wanted = |node: &Node| (!node.gone || node.lost) && unsaved(node);
        let found = self.nodes.iter().filter(|(_, node)| wanted(node));
        found.map(|(&number, _)| number).collect()
    }

    /// Returns the parent of a node.
    pub(super) fn parent(&self, number: u64) -> u64 {
        self.nodes.get(&number).map_or(ROOT, |node| node.parent)
    }

    /// Returns the name of a node for people.
    pub(super) fn name(&self, number: u64) -> String {
        let name = self.nodes.get(&number).map(|node| node.name.as_slice());
        String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Attributes =
        Attributes { directory: false, size: 3, modified: SystemTime::UNIX_EPOCH };
    const DIRECTORY: Attributes = Attributes { directory: true, ..FILE };

    #[test]
    fn paths_follow_renames() {
        let mut nodes = Nodes::new("/base".into());
        let directory = nodes.learn(ROOT, b"a b", DIRECTORY);
        let file = nodes.learn(directory, "ü%".as_bytes(), FILE);
        assert_eq!(nodes.path(file).as_deref(), Some("/base/a%20b/%C3%BC%25"));
        nodes.rename((ROOT, b"a b"), (ROOT, b"c"));
        assert_eq!(nodes.path(file).as_deref(), Some("/base/c/%C3%BC%25"));
        assert_eq!(nodes.find(ROOT, b"a b"), None);
        nodes.rename((ROOT, b"c"), (ROOT, b"c"));
        assert_eq!(nodes.find(ROOT, b"c"), Some(directory));
    }

    #[test]
    fn nodes_live_as_long_as_they_are_needed() {
        let mut nodes = Nodes::new(String::new());
        let file = nodes.learn(ROOT, b"f", FILE);
        nodes.count(file);
        let open = nodes.open(file).unwrap();
        nodes.remove_name(ROOT, b"f");
        assert_eq!(nodes.path(file), None);
        nodes.forget(file, 1);
        assert!(nodes.attributes(file).is_some(), "it is still open");
        nodes.close(file);
        assert_eq!(open.handles(), 0);
        assert_eq!(nodes.attributes(file), None);
        let other = nodes.learn(ROOT, b"f", DIRECTORY);
        assert_ne!(file, other);
    }

    #[test]
    fn another_kind_is_another_node() {
        let mut nodes = Nodes::new(String::new());
        let file = nodes.learn(ROOT, b"f", FILE);
        assert_eq!(nodes.learn(ROOT, b"f", FILE), file);
        assert_ne!(nodes.learn(ROOT, b"f", DIRECTORY), file);
    }
}
