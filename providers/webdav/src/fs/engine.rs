//! What the operations do, apart from how the kernel asks for them.
//!
//! The table of nodes is never locked while the server or an open file is waited for.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use fuser::Errno;

use super::errno::errno;
use super::file::{Held, OpenFile};
use super::nodes::{Attributes, Nodes, ROOT};
use crate::dav::{Client, DavError, Entry, Op};
use crate::remote::Remote;

/// A directory as it was when it was opened.
pub(super) type Listing = Arc<Vec<Entry>>;

/// A mounted collection.
pub struct Engine {
    client: Client,
    nodes: Mutex<Nodes>,
    limit: Duration,
    unsaved: Option<PathBuf>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the file system of a collection; `limit` bounds each operation, `unsaved` is where
    /// content goes that the server would not take to the end.
    pub fn new(client: Client, remote: &Remote, limit: Duration, unsaved: Option<PathBuf>) -> Self {
        Self { client, nodes: Mutex::new(Nodes::new(remote.wire_path())), limit, unsaved }
    }

    pub(super) fn nodes(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn op(&self) -> Op {
        Op::new(self.limit)
    }

    fn path(&self, number: u64) -> Result<String, Errno> {
        self.nodes().path(number).ok_or(Errno::ESTALE)
    }

    fn path_of(&self, parent: u64, name: &[u8]) -> Result<String, Errno> {
        self.nodes().path_of(parent, name).ok_or(Errno::ENOENT)
    }

    /// Looks a name up and counts the reference.
    pub(super) fn lookup(&self, parent: u64, name: &[u8]) -> Result<(u64, Attributes), Errno> {
        let path = {
            let mut nodes = self.nodes();
            if let Some(number) = nodes.find(parent, name)
                && let Some(attributes) = nodes.believed(number)
            {
                nodes.count(number);
                return Ok((number, attributes));
            }
            nodes.path_of(parent, name).ok_or(Errno::ENOENT)?
        };
        let entry = self.client.stat(&self.op(), &path);
        let mut nodes = self.nodes();
        let entry = entry.map_err(|error| {
            if error == DavError::Status(404) {
                nodes.lose_name(parent, name);
            }
            errno(&error)
        })?;
        let number = nodes.learn(parent, name, Attributes::of(&entry));
        nodes.count(number);
        Ok((number, nodes.attributes(number).ok_or(Errno::EIO)?))
    }

    /// Returns what is known of a node, asking where that is too old.
    ///
    /// Never of the root: `df` and whoever looks for mounts asks for that, and must not wait.
    pub(super) fn attributes(&self, number: u64) -> Result<Attributes, Errno> {
        let path = {
            let nodes = self.nodes();
            let known = if number == ROOT { nodes.attributes(ROOT) } else { None };
            if let Some(attributes) = known.or_else(|| nodes.believed(number)) {
                return Ok(attributes);
            }
            nodes.path(number).ok_or(Errno::ESTALE)?
        };
        let entry = self.client.stat(&self.op(), &path).map_err(|error| errno(&error))?;
        let mut nodes = self.nodes();
        nodes.learn_again(number, Attributes::of(&entry));
        nodes.attributes(number).ok_or(Errno::ESTALE)
    }

    /// Lists a directory.
    pub(super) fn list(&self, number: u64) -> Result<Listing, Errno> {
        let path = self.path(number)? + "/";
        let entries = self.client.list(&self.op(), &path).map_err(|error| errno(&error))?;
        Ok(Arc::new(entries))
    }

    /// Makes a file and opens it.
    pub(super) fn create(
        &self,
        parent: u64,
        name: &[u8],
        exclusive: bool,
    ) -> Result<(u64, Attributes), Errno> {
        let (op, path) = (self.op(), self.path_of(parent, name)?);
        let empty = super::spool::create().map_err(super::errno::local)?;
        match self.client.put(&op, &path, &empty, 0, true) {
            Ok(()) => {}
            Err(DavError::Status(412)) if !exclusive => {
                let (number, attributes) = self.lookup(parent, name)?;
                self.open(number, false)?;
                return Ok((number, attributes));
            }
            Err(error) => return Err(errno(&error)),
        }
        let fresh = Attributes { directory: false, size: 0, modified: SystemTime::now() };
        let (number, file) = {
            let mut nodes = self.nodes();
            let number = nodes.learn(parent, name, fresh);
            nodes.count(number);
            (number, nodes.open(number).ok_or(Errno::EIO)?)
        };
        if let Err(error) = file.start_empty(false) {
            self.nodes().close(number);
            return Err(error);
        }
        Ok((number, fresh))
    }

    /// Opens a file; `truncate` replaces its content.
    pub(super) fn open(&self, number: u64, truncate: bool) -> Result<(), Errno> {
        let file = self.nodes().open(number).ok_or(Errno::ESTALE)?;
        if truncate && let Err(error) = file.start_empty(true) {
            self.nodes().close(number);
            return Err(error);
        }
        Ok(())
    }

    fn opened(&self, number: u64) -> Result<(Arc<OpenFile>, Option<String>), Errno> {
        let nodes = self.nodes();
        Ok((nodes.file(number).ok_or(Errno::EBADF)?, nodes.path(number)))
    }

    pub(super) fn read(&self, number: u64, offset: u64, size: u64) -> Result<Vec<u8>, Errno> {
        let (file, path) = self.opened(number)?;
        file.read(&self.client, &self.op(), path.as_deref(), offset, size)
    }

    /// Writes at an offset, or without one at the end.
    pub(super) fn write(&self, number: u64, offset: Option<u64>, data: &[u8]) -> Result<(), Errno> {
        let (file, path) = self.opened(number)?;
        file.write(&self.client, &self.op(), path.as_deref(), offset, data)
    }

    /// Stores what was written; a file without name has nowhere to be stored.
    pub(super) fn flush(&self, number: u64) -> Result<(), Errno> {
        let (file, _) = self.opened(number)?;
        file.store(&self.client, &self.op(), || self.destination(number))
    }

    /// Returns where a file is to be stored: nowhere if it was removed here, and `ESTALE` if the
    /// server lost its name or a directory above it.
    fn destination(&self, number: u64) -> Result<Option<String>, Errno> {
        let nodes = self.nodes();
        match nodes.path(number) {
            None if !nodes.removed(number) => Err(Errno::ESTALE),
            path => Ok(path),
        }
    }

    /// Closes a handle. What is still unsaved is offered once more, and kept if refused again.
    pub(super) fn release(&self, number: u64) {
        if self.nodes().file(number).is_some_and(|file| file.unsaved()) {
            let _ = self.flush(number);
        }
        self.nodes().close(number);
    }

    /// Cuts or extends a file; without a handle the server has the result before this returns.
    pub(super) fn truncate(&self, number: u64, len: u64, handle: bool) -> Result<(), Errno> {
        let op = self.op();
        let path = self.nodes().path(number);
        let file = self.nodes().open(number).ok_or(Errno::ESTALE)?;
        let older = file.unsaved();
        let mut result = file.truncate(&self.client, &op, path.as_deref(), len);
        if result.is_ok() && !handle {
            result = file.store(&self.client, &op, || self.destination(number));
        }
        let alone = file.handles() == 1 && !older;
        drop(file);
        let mut nodes = self.nodes();
        nodes.close(number);
        if result.is_err() && alone {
            // It was refused and nobody writes: the file is as the server has it.
            nodes.abandon(number);
        }
        result
    }

    pub(super) fn set_modified(&self, number: u64, time: SystemTime) {
        if let Some(file) = self.nodes().file(number) {
            file.set_modified(time);
        }
    }

    /// Makes a directory.
    pub(super) fn make_directory(
        &self,
        parent: u64,
        name: &[u8],
    ) -> Result<(u64, Attributes), Errno> {
        let path = self.path_of(parent, name)? + "/";
        match self.client.make_collection(&self.op(), &path) {
            Ok(()) => {}
            Err(DavError::Status(405)) => return Err(Errno::EEXIST),
            Err(error) => return Err(errno(&error)),
        }
        let attributes = Attributes { directory: true, size: 0, modified: SystemTime::now() };
        let mut nodes = self.nodes();
        nodes.doubt(parent);
        let number = nodes.learn(parent, name, attributes);
        nodes.count(number);
        Ok((number, attributes))
    }

    /// Removes a file; who has it open keeps it.
    pub(super) fn unlink(&self, parent: u64, name: &[u8]) -> Result<(), Errno> {
        let path = self.path_of(parent, name)?;
        // Held to the end: what was being stored would bring the name back.
        let file = self.file_of(parent, name).map(|(_, file)| file);
        let mut held = file.as_ref().map(|file| file.hold());
        let op = self.op();
        self.keep_open_content(&op, held.as_mut(), &path)?;
        self.client.delete(&op, &path).map_err(|error| errno(&error))?;
        let mut nodes = self.nodes();
        nodes.remove_name(parent, name);
        nodes.doubt(parent);
        Ok(())
    }

    /// Fetches an open file whose name is about to go.
    fn keep_open_content(
        &self,
        op: &Op,
        file: Option<&mut Held<'_>>,
        path: &str,
    ) -> Result<(), Errno> {
        match file {
            Some(file) if file.handles() > 0 => file.fetch(&self.client, op, path),
            _ => Ok(()),
        }
    }

    /// Returns the open file of a name, with its number.
    fn file_of(&self, parent: u64, name: &[u8]) -> Option<(u64, Arc<OpenFile>)> {
        let nodes = self.nodes();
        let number = nodes.find(parent, name)?;
        Some((number, nodes.file(number)?))
    }

    /// Removes an empty directory. DELETE would take all that is in it, so it is looked at first.
    pub(super) fn remove_directory(&self, parent: u64, name: &[u8]) -> Result<(), Errno> {
        let (op, path) = (self.op(), self.path_of(parent, name)? + "/");
        self.must_be_empty(&op, &path)?;
        self.client.delete(&op, &path).map_err(|error| errno(&error))?;
        let mut nodes = self.nodes();
        nodes.remove_name(parent, name);
        nodes.doubt(parent);
        Ok(())
    }

    fn must_be_empty(&self, op: &Op, path: &str) -> Result<(), Errno> {
        let empty = self.client.is_empty(op, path).map_err(|error| errno(&error))?;
        if empty { Ok(()) } else { Err(Errno::ENOTEMPTY) }
    }

    /// Renames, over an existing file or empty directory unless `keep` says otherwise.
    pub(super) fn rename(
        &self,
        from: (u64, &[u8]),
        to: (u64, &[u8]),
        keep: bool,
    ) -> Result<(), Errno> {
        let mut op = self.op();
        let (mut source, mut target) = (self.path_of(from.0, from.1)?, self.path_of(to.0, to.1)?);
        if source == target {
            return Ok(());
        }
        let (number, known) = {
            let nodes = self.nodes();
            let number = nodes.find(from.0, from.1);
            (number, number.and_then(|number| nodes.attributes(number)))
        };
        let directory = match known {
            Some(attributes) => attributes.directory,
            None => self.client.stat(&op, &source).map_err(|error| errno(&error))?.collection,
        };
        // Held to the end: what was being stored would go to the old name, or over the new one. In
        // the order of numbers, so that two renames do not wait for each other.
        let mut files: Vec<_> = [from, to]
            .into_iter()
            .filter_map(|(parent, name)| self.file_of(parent, name))
            .collect();
        files.sort_by_key(|(number, _)| *number);
        let mut held: Vec<_> = files.iter().map(|(number, file)| (*number, file.hold())).collect();
        if !held.is_empty() {
            op = self.op();
        }
        if directory {
            (source, target) = (source + "/", target + "/");
            match self.client.stat(&op, &target) {
                Ok(_) if keep => return Err(Errno::EEXIST),
                Ok(entry) if !entry.collection => return Err(Errno::ENOTDIR),
                Ok(_) => self.must_be_empty(&op, &target)?,
                Err(DavError::Status(404)) => {}
                Err(error) => return Err(errno(&error)),
            }
        } else {
            let replaced = held.iter_mut().find(|(held, _)| Some(*held) != number);
            self.keep_open_content(&op, replaced.map(|(_, file)| file), &target)?;
        }
        self.client.rename(&op, &source, &target, !keep).map_err(|error| errno(&error))?;
        let mut nodes = self.nodes();
        nodes.rename(from, to);
        for changed in [from.0, to.0].into_iter().chain(number) {
            nodes.doubt(changed);
        }
        Ok(())
    }

    /// Offers the server everything it does not have, until the time is up; true if nothing is
    /// left.
    pub fn store_all(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        // Not in the loop's head: the table would stay locked to its end.
        let unsaved = self.nodes().unsaved();
        for number in unsaved {
            let Ok((file, _)) = self.opened(number) else { continue };
            let op = Op::new(deadline.saturating_duration_since(Instant::now()).min(self.limit));
            let _ = file.store(&self.client, &op, || self.destination(number));
            let mut nodes = self.nodes();
            // Looked at under the lock: somebody may have written and closed it meanwhile.
            if !file.unsaved() {
                nodes.abandon(number);
            }
        }
        self.nodes().unsaved().is_empty()
    }

    /// Saves what the server would not take where its user finds it.
    pub fn rescue_all(&self) {
        let unsaved = self.nodes().unsaved();
        for number in unsaved {
            let (file, name) = {
                let nodes = self.nodes();
                (nodes.file(number), nodes.name(number))
            };
            if let (Some(file), Some(dir)) = (file, &self.unsaved) {
                file.rescue(dir, &name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_testkit::{Options, WebDavServer};

    const LONG: Duration = Duration::from_secs(60);

    struct Bench {
        server: WebDavServer,
        dir: tempfile::TempDir,
        engine: Engine,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let directory = Some(dir.path().to_path_buf());
            let server = WebDavServer::start(Options { directory, ..Options::default() }).unwrap();
            let remote = Remote::parse_str(&server.url()).unwrap();
            let engine = Engine::new(Client::new(&remote, None), &remote, LONG, None);
            Self { server, dir, engine }
        }

        fn stored(&self, name: &str) -> Option<String> {
            std::fs::read_to_string(self.dir.path().join(name)).ok()
        }
    }

    #[test]
    fn what_has_nowhere_to_go_is_not_called_stored() {
        let bench = Bench::new();
        let (directory, _) = bench.engine.make_directory(ROOT, b"d").unwrap();
        let (file, _) = bench.engine.create(directory, b"f", true).unwrap();
        bench.engine.write(file, Some(0), b"words").unwrap();
        // Another client takes the directory away, and somebody looks.
        std::fs::remove_dir_all(bench.dir.path().join("d")).unwrap();
        bench.engine.nodes().doubt(directory);
        assert!(bench.engine.lookup(ROOT, b"d").is_err());
        assert!(bench.engine.flush(file).is_err());
        bench.engine.release(file);
        assert!(!bench.engine.store_all(LONG), "it is still held");
    }

    #[test]
    fn an_unlinked_file_has_nothing_to_store() {
        let bench = Bench::new();
        let (file, _) = bench.engine.create(ROOT, b"f", true).unwrap();
        bench.engine.write(file, Some(0), b"words").unwrap();
        bench.engine.unlink(ROOT, b"f").unwrap();
        assert!(bench.engine.flush(file).is_ok());
        bench.engine.release(file);
        assert!(bench.engine.store_all(LONG));
    }

    #[test]
    fn a_truncation_that_is_refused_drops_nothing_older() {
        let bench = Bench::new();
        let (file, _) = bench.engine.create(ROOT, b"f", true).unwrap();
        bench.engine.write(file, Some(0), b"words").unwrap();
        bench.server.faults().refuse_put(Some(507));
        assert!(bench.engine.flush(file).is_err());
        bench.engine.release(file);
        assert!(bench.engine.truncate(file, 100, false).is_err());
        bench.server.faults().refuse_put(None);
        assert!(bench.engine.store_all(LONG));
        assert!(bench.stored("f").unwrap().starts_with("words"));
    }

    #[test]
    fn a_deleted_file_without_handles_holds_nothing() {
        let bench = Bench::new();
        let (file, _) = bench.engine.create(ROOT, b"f", true).unwrap();
        bench.engine.write(file, Some(0), b"words").unwrap();
        bench.server.faults().refuse_put(Some(507));
        bench.engine.release(file);
        bench.engine.unlink(ROOT, b"f").unwrap();
        bench.engine.nodes().forget(file, 1);
        assert!(bench.engine.nodes().attributes(file).is_none());
    }

    /// A server takes its time for each request; a rename or a deletion comes meanwhile.
    #[test]
    fn a_name_that_changes_during_a_transfer() {
        let bench = Bench::new();
        let engine = &bench.engine;
        for round in 0..10 {
            let (file, _) = engine.create(ROOT, b"f", true).unwrap();
            let (other, _) = engine.create(ROOT, b"x", true).unwrap();
            for (file, content) in [(file, b"words"), (other, b"wrong")] {
                engine.write(file, Some(0), content).unwrap();
            }
            bench.server.faults().delay(Duration::from_millis(20));
            std::thread::scope(|scope| {
                for file in [file, other] {
                    scope.spawn(move || engine.flush(file).unwrap());
                }
                std::thread::sleep(Duration::from_millis(5) * (round % 3));
                engine.rename((ROOT, b"f"), (ROOT, b"g"), false).unwrap();
                engine.unlink(ROOT, b"x").unwrap();
            });
            bench.server.faults().delay(Duration::ZERO);
            assert_eq!(bench.stored("g").as_deref(), Some("words"));
            assert_eq!((bench.stored("f"), bench.stored("x")), (None, None));
            engine.release(file);
            engine.release(other);
            engine.unlink(ROOT, b"g").unwrap();
        }
    }
}
