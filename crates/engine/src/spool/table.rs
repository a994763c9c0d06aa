//! Which files are open here, or hold what the server does not have, by their paths.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::node::Node;
use super::store::Body;
use crate::RemotePath;

type Nodes<B> = HashMap<RemotePath, Arc<Node<B>>>;

/// The files by their paths; each node is under its own path, or nowhere.
pub(super) struct Table<B> {
    nodes: Mutex<Nodes<B>>,
    last: AtomicU64,
}

impl<B> Default for Table<B> {
    fn default() -> Self {
        Self { nodes: Mutex::default(), last: AtomicU64::new(0) }
    }
}

impl<B: Body> Table<B> {
    fn nodes(&self) -> MutexGuard<'_, Nodes<B>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, path: &RemotePath) -> Option<Arc<Node<B>>> {
        self.nodes().get(path).cloned()
    }

    /// Returns the node of a path, made if there is none, with one more handle.
    pub(super) fn open(&self, path: &RemotePath) -> Arc<Node<B>> {
        let mut nodes = self.nodes();
        let node = nodes.entry(path.clone()).or_insert_with(|| {
            Arc::new(Node::new(self.last.fetch_add(1, Ordering::Relaxed), path.clone()))
        });
        node.handles.fetch_add(1, Ordering::AcqRel);
        Arc::clone(node)
    }

    /// Takes a handle off; true if it was the last, and something is to be stored still.
    pub(super) fn close(&self, node: &Arc<Node<B>>) -> bool {
        let mut nodes = self.nodes();
        let last = node.handles.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && !node.unsaved() {
            drop_node(&mut nodes, node);
        }
        last && node.unsaved()
    }

    /// Lets go of a node that nobody needs any more.
    pub(super) fn sweep(&self, node: &Arc<Node<B>>) {
        let mut nodes = self.nodes();
        if node.handles.load(Ordering::Acquire) == 0 && !node.unsaved() {
            drop_node(&mut nodes, node);
        }
    }

    /// Takes the name of a node away; who has it open keeps it.
    pub(super) fn remove(&self, path: &RemotePath) {
        if let Some(node) = self.nodes().remove(path) {
            node.set_path(None);
        }
    }

    /// Moves names: that of a file, or all below a directory.
    pub(super) fn rename(&self, from: &RemotePath, to: &RemotePath) {
        let mut nodes = self.nodes();
        if let Some(replaced) = nodes.remove(to) {
            replaced.set_path(None);
        }
        let moved: Vec<_> =
            nodes.keys().filter_map(|old| Some((old.clone(), old.moved(from, to)?))).collect();
        for (old, new) in moved {
            if let Some(node) = nodes.remove(&old) {
                node.set_path(Some(new.clone()));
                nodes.insert(new, node);
            }
        }
    }

    /// Returns the nodes of a path and of all below it.
    pub(super) fn at_or_below(&self, path: &RemotePath) -> Vec<Arc<Node<B>>> {
        let nodes = self.nodes();
        let inside = nodes.iter().filter(|(own, _)| own.moved(path, path).is_some());
        inside.map(|(_, node)| Arc::clone(node)).collect()
    }

    pub(super) fn all(&self) -> Vec<Arc<Node<B>>> {
        self.nodes().values().cloned().collect()
    }
}

fn drop_node<B: Body>(nodes: &mut Nodes<B>, node: &Arc<Node<B>>) {
    if let Some(path) = node.path()
        && nodes.get(&path).is_some_and(|known| Arc::ptr_eq(known, node))
    {
        nodes.remove(&path);
    }
}
